plug_unit_test(cause_test plug_core)
plug_unit_test(history_test plug_core)
plug_unit_test(log_test plug_core)
plug_unit_test(mem_test plug_core)
plug_unit_test(order_test plug_core)
plug_unit_test(outlet_test plug_core)
plug_unit_test(result_test plug_core)
plug_unit_test(text_test plug_core)

# Compiled in, not linked: what they are made of must not need a broker.
plug_unit_test(topics_test plug_core)
target_sources(topics_test PRIVATE ${CMAKE_SOURCE_DIR}/bridge/mqtt/topics.c)
plug_unit_test(homeassistant_test plug_core)
target_sources(homeassistant_test PRIVATE ${CMAKE_SOURCE_DIR}/bridge/mqtt/homeassistant.c
	${CMAKE_SOURCE_DIR}/bridge/mqtt/topics.c)
plug_unit_test(command_test plug_core)
target_sources(command_test PRIVATE ${CMAKE_SOURCE_DIR}/bridge/mqtt/command.c)
plug_unit_test(search_parts_test plug_search)
plug_unit_test(time_test plug_device)
target_sources(time_test PRIVATE ${CMAKE_SOURCE_DIR}/bridge/time/hostclock.c)
plug_unit_test(store_test plug_core PkgConfig::UV)
target_sources(store_test PRIVATE
	${CMAKE_SOURCE_DIR}/bridge/statefile.c
	${CMAKE_SOURCE_DIR}/bridge/store.c)
plug_unit_test(record_test plug_core PkgConfig::UV)
target_sources(record_test PRIVATE
	${CMAKE_SOURCE_DIR}/bridge/homeassistant/record.c
	${CMAKE_SOURCE_DIR}/bridge/statefile.c
	${CMAKE_SOURCE_DIR}/bridge/store.c)
foreach(test publisher_test publisher_flow_test)
	plug_unit_test(${test} plug_core PkgConfig::UV)
	target_sources(${test} PRIVATE
		${CMAKE_CURRENT_LIST_DIR}/mqtt_sink.c
		${CMAKE_CURRENT_LIST_DIR}/publisher_rig.c
		${CMAKE_SOURCE_DIR}/bridge/mqtt/flight.c
		${CMAKE_SOURCE_DIR}/bridge/mqtt/message.c
		${CMAKE_SOURCE_DIR}/bridge/mqtt/publisher.c
		${CMAKE_SOURCE_DIR}/bridge/mqtt/topics.c)
endforeach()

# A plug on the same loop.
add_library(fake_plug STATIC fake_plug.c)
target_link_libraries(fake_plug PUBLIC plug_core PkgConfig::UV cmocka)

plug_unit_test(exchange_test fake_plug plug_io)
target_sources(exchange_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/exchange_rig.c)
# It watches what exchange.c asks of the libraries below, and cuts writes short.
target_link_options(exchange_test PRIVATE
	-Wl,--wrap=uv_tcp_nodelay,--wrap=uv_try_write,--wrap=realloc)
plug_unit_test(exchange_life_test fake_plug plug_io)
target_sources(exchange_life_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/exchange_rig.c)
foreach(test device_test device_clock_test device_known_test device_lost_test device_move_test device_order_test device_strip_test)
	plug_unit_test(${test} fake_plug plug_device)
	target_sources(${test} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/device_rig.c)
endforeach()
plug_unit_test(prober_test fake_plug plug_search)
