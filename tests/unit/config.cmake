foreach(test problems text values secrets scale example damage)
	plug_unit_test(config_${test}_test plug_config)
	target_sources(config_${test}_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/config_files.c)
	target_compile_definitions(config_${test}_test PRIVATE
		CONFIG_EXAMPLE="${CMAKE_CURRENT_LIST_DIR}/../../deploy/plugbridge.cfg.example")
endforeach()
plug_unit_test(config_forms_test plug_config)

# It parses the example by itself.
target_link_libraries(config_example_test PRIVATE PkgConfig::LIBCONFIG)
