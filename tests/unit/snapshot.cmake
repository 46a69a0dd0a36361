plug_unit_test(restore_test plug_protocol)
plug_unit_test(snapshot_test plug_protocol)

plug_unit_test(config_edit_test plug_config)
target_sources(config_edit_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/config_files.c)
