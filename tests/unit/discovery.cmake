plug_unit_test(crc32_test plug_protocol)
plug_unit_test(discovery_test plug_protocol)
plug_unit_test(discover_parts_test plug_io)
foreach(test discover_test discover_life_test)
	plug_unit_test(${test} plug_io)
	target_sources(${test} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/discover_rig.c)
endforeach()
# It reads the key in a probe, and refuses what the libraries below would have given.
target_link_libraries(discover_test PRIVATE OpenSSL::Crypto)
target_link_options(discover_test PRIVATE -Wl,--wrap=uv_udp_set_broadcast
	-Wl,--wrap=uv_queue_work,--wrap=RAND_bytes,--wrap=uv_udp_try_send)
