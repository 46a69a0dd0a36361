/* The methods there are, module by module. */
#include "tests/sim/methods/handlers.h"

#include <assert.h>

#define RULES(module, needs, kind)                                                                 \
	{ module, "get_rules", needs, true, sim_get_rules, kind },                                 \
		{ module, "add_rule", needs, true, sim_add_rule, kind },                           \
		{ module, "edit_rule", needs, true, sim_edit_rule, kind },                         \
		{ module, "delete_rule", needs, true, sim_delete_rule, kind },                     \
	{                                                                                          \
		module, "delete_all_rules", needs, true, sim_delete_all_rules, kind                \
	}

#define SCHEDULE(module, needs, kind)                                                              \
	RULES(module, needs, kind),                                                                \
	{                                                                                          \
		module, "set_overall_enable", needs, true, sim_set_overall_enable, kind            \
	}

#define USAGE(module, needs)                                                                       \
	{ module, "get_next_action", needs, true, sim_get_next_action, SIM_SCHEDULE },             \
		{ module, "get_daystat", needs, true, sim_get_usage_days, 0 },                     \
		{ module, "get_monthstat", needs, true, sim_get_usage_months, 0 },                 \
	{                                                                                          \
		module, "erase_runtime_stat", needs, true, sim_erase_runtime_stat, 0               \
	}

#define METER(module, needs)                                                                       \
	{ module, "get_realtime", needs, true, sim_get_realtime, 0 },                              \
		{ module, "get_daystat", needs, true, sim_get_daystat, 0 },                        \
		{ module, "get_monthstat", needs, true, sim_get_monthstat, 0 },                    \
	{                                                                                          \
		module, "erase_emeter_stat", needs, true, sim_erase_emeter_stat, 0                 \
	}

#define CLOCK(module, needs)                                                                       \
	{ module, "get_time", needs, false, sim_get_time, 0 },                                     \
		{ module, "get_timezone", needs, false, sim_get_timezone, 0 },                     \
		{ module, "set_time", needs, false, sim_set_time, 0 },                             \
	{                                                                                          \
		module, "set_timezone", needs, false, sim_set_timezone, 0                          \
	}

#define CLOUD(module, needs)                                                                       \
	{ module, "get_info", needs, false, sim_get_cloud_info, 0 },                               \
		{ module, "bind", needs, false, sim_bind, 0 },                                     \
		{ module, "unbind", needs, false, sim_unbind, 0 },                                 \
		{ module, "set_server_url", needs, false, sim_set_server_url, 0 },                 \
	{                                                                                          \
		module, "get_intl_fw_list", needs, false, sim_get_fw_list, 0                       \
	}

#define STATION(module, needs, scan)                                                               \
	{ module, "get_stainfo", needs, false, sim_get_stainfo, 0 },                               \
		{ module, "get_scaninfo", needs, false, scan, 0 },                                 \
	{                                                                                          \
		module, "set_stainfo", needs, false, sim_set_stainfo, 0                            \
	}

#define LAMP "smartlife.iot.smartbulb.lightingservice"
#define LIGHT_STRIP "smartlife.iot.lightStrip"
#define DIMMER "smartlife.iot.dimmer"
#define COMMON "smartlife.iot.common."

enum { METERED_PLUG = SIM_IS_PLUG | SIM_CAN_METER };

const struct sim_method sim_methods[] = {
	{ "system", "get_sysinfo", 0, false, sim_get_sysinfo, 0 },
	{ "system", "set_relay_state", SIM_CAN_SWITCH, true, sim_set_relay_state, 0 },
	{ "system", "set_dev_alias", SIM_IS_PLUG, true, sim_set_dev_alias, 0 },
	{ "system", "set_led_off", SIM_IS_PLUG, false, sim_set_led_off, 0 },
	{ "system", "set_dev_location", SIM_IS_PLUG, false, sim_set_dev_location, 0 },
	{ "system", "get_dev_icon", SIM_IS_PLUG, false, sim_get_dev_icon, 0 },
	{ "system", "set_dev_icon", SIM_IS_PLUG, false, sim_set_dev_icon, 0 },
	{ "system", "reboot", 0, false, sim_reboot, 0 },
	{ "system", "reset", 0, false, sim_reset, 0 },
	{ "system", "download_firmware", 0, false, sim_download_firmware, 0 },
	{ "system", "get_download_state", 0, false, sim_get_download_state, 0 },
	{ "system", "flash_firmware", 0, false, sim_flash_firmware, 0 },
	{ "system", "set_mac_addr", SIM_IS_PLUG, false, sim_set_mac_addr, 0 },
	{ "system", "set_device_id", SIM_IS_PLUG, false, sim_set_device_id, 0 },
	{ "system", "set_hw_id", SIM_IS_PLUG, false, sim_set_hw_id, 0 },
	{ "system", "test_check_uboot", SIM_IS_PLUG, false, sim_test_check_uboot, 0 },
	{ "system", "set_test_mode", SIM_IS_PLUG, false, sim_set_test_mode, 0 },
	{ "system", "check_new_config", SIM_IS_PLUG, false, sim_check_new_config, 0 },
	METER("emeter", METERED_PLUG),
	{ "emeter", "get_vgain_igain", METERED_PLUG, true, sim_get_vgain_igain, 0 },
	{ "emeter", "set_vgain_igain", METERED_PLUG, true, sim_set_vgain_igain, 0 },
	{ "emeter", "start_calibration", METERED_PLUG, true, sim_start_calibration, 0 },
	CLOCK("time", SIM_IS_PLUG),
	SCHEDULE("schedule", SIM_IS_PLUG, SIM_SCHEDULE),
	USAGE("schedule", SIM_IS_PLUG),
	SCHEDULE("anti_theft", SIM_IS_PLUG, SIM_AWAY),
	RULES("count_down", 0, SIM_COUNTDOWN),
	STATION("netif", SIM_IS_PLUG, sim_get_scaninfo),
	CLOUD("cnCloud", SIM_IS_PLUG),
	{ DIMMER, "set_brightness", SIM_CAN_DIM, false, sim_set_brightness, 0 },
	{ DIMMER, "set_switch_state", SIM_CAN_DIM, false, sim_set_relay_state, 0 },
	{ DIMMER, "set_dimmer_transition", SIM_CAN_DIM, false, sim_set_dimmer_transition, 0 },
	{ DIMMER, "get_dimmer_parameters", SIM_CAN_DIM, false, sim_get_dimmer_parameters, 0 },
	{ DIMMER, "set_fade_on_time", SIM_CAN_DIM, false, sim_set_fade_on_time, 0 },
	{ DIMMER, "set_fade_off_time", SIM_CAN_DIM, false, sim_set_fade_off_time, 0 },
	{ DIMMER, "set_gentle_on_time", SIM_CAN_DIM, false, sim_set_gentle_on_time, 0 },
	{ DIMMER, "set_gentle_off_time", SIM_CAN_DIM, false, sim_set_gentle_off_time, 0 },
	{ DIMMER, "set_button_ramp_rate", SIM_CAN_DIM, false, sim_set_button_ramp_rate, 0 },
	{ DIMMER, "calibrate_brightness", SIM_CAN_DIM, false, sim_calibrate_brightness, 0 },
	{ DIMMER, "get_default_behavior", SIM_CAN_DIM, false, sim_get_default_behavior, 0 },
	{ DIMMER, "set_double_click_action", SIM_CAN_DIM, false, sim_set_double_click_action, 0 },
	{ DIMMER, "set_long_press_action", SIM_CAN_DIM, false, sim_set_long_press_action, 0 },
	{ LAMP, "get_light_state", SIM_IS_LAMP, false, sim_get_light_state, 0 },
	{ LAMP, "transition_light_state", SIM_IS_LAMP, false, sim_set_light_state, 0 },
	{ LAMP, "get_light_details", SIM_IS_LAMP, false, sim_get_light_details, 0 },
	{ LIGHT_STRIP, "get_light_state", SIM_IS_LIGHT_STRIP, false, sim_get_light_state, 0 },
	{ LIGHT_STRIP, "set_light_state", SIM_IS_LIGHT_STRIP, false, sim_set_light_state, 0 },
	{ LIGHT_STRIP, "get_light_details", SIM_IS_LIGHT_STRIP, false, sim_get_light_details, 0 },
	{ COMMON "system", "set_dev_alias", SIM_IS_BULB, false, sim_set_dev_alias, 0 },
	METER(COMMON "emeter", SIM_IS_BULB),
	CLOCK(COMMON "timesetting", SIM_IS_BULB),
	SCHEDULE(COMMON "schedule", SIM_IS_BULB, SIM_SCHEDULE),
	USAGE(COMMON "schedule", SIM_IS_BULB),
	SCHEDULE(COMMON "anti_theft", SIM_IS_BULB, SIM_AWAY),
	STATION(COMMON "softaponboarding", SIM_IS_BULB, sim_get_full_scaninfo),
	CLOUD(COMMON "cloud", SIM_IS_BULB),
};

enum { METHOD_COUNT = sizeof sim_methods / sizeof sim_methods[0] };

static_assert((size_t)METHOD_COUNT <= (size_t)SIM_METHODS_MAX,
	"each method needs a counter in struct sim_device");

const size_t sim_method_count = METHOD_COUNT;
