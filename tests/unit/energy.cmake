foreach(test energy_calendar_test energy_days_test energy_file_test energy_ledger_test
	energy_meter_test)
	plug_unit_test(${test} plug_energy)
endforeach()
plug_unit_test(energy_week_test plug_energy)
target_sources(energy_week_test PRIVATE energy_world.c)
