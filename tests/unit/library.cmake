plug_unit_test(blocking_test fake_plug plug_blocking)
target_sources(blocking_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/blocking_rig.c)
# It keeps the library from seeing that a connection has ended.
target_link_options(blocking_test PRIVATE -Wl,--wrap=recv)
