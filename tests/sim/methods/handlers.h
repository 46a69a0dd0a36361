/* handlers.h - what the rows of the method table run; each file has the methods of some modules.
 * All are sim_handler: they write members of the answer to call->out and return SIM_OK, or return
 * an err_code; what they wrote is dropped then. */
#ifndef SIM_METHODS_HANDLERS_H
#define SIM_METHODS_HANDLERS_H

#include "tests/sim/methods/method.h"

/* sysinfo.c */
sim_handler sim_get_sysinfo;

/* system.c */
sim_handler sim_set_relay_state, sim_set_dev_alias, sim_set_led_off, sim_set_dev_location;
sim_handler sim_get_dev_icon, sim_set_dev_icon, sim_reboot, sim_reset;

/* firmware.c */
sim_handler sim_download_firmware, sim_get_download_state, sim_flash_firmware;

/* factory.c: what is meant for the factory, and shuts out whoever uses it without knowing */
sim_handler sim_set_mac_addr, sim_set_device_id, sim_set_hw_id;
sim_handler sim_test_check_uboot, sim_set_test_mode, sim_check_new_config;
sim_handler sim_get_vgain_igain, sim_set_vgain_igain, sim_start_calibration;

/* emeter.c */
sim_handler sim_get_realtime, sim_get_daystat, sim_get_monthstat, sim_erase_emeter_stat;

/* usage.c */
sim_handler sim_get_usage_days, sim_get_usage_months, sim_erase_runtime_stat;

/* clock.c */
sim_handler sim_get_time, sim_get_timezone, sim_set_time, sim_set_timezone;

/* schedule.c: schedule, away mode and countdown alike */
sim_handler sim_get_rules, sim_add_rule, sim_edit_rule, sim_delete_rule, sim_delete_all_rules;
sim_handler sim_set_overall_enable, sim_get_next_action;

/* network.c; get_full_scaninfo: the way bulbs have it */
sim_handler sim_get_stainfo, sim_get_scaninfo, sim_get_full_scaninfo, sim_set_stainfo;

/* cloud.c */
sim_handler sim_get_cloud_info, sim_bind, sim_unbind, sim_set_server_url, sim_get_fw_list;

/* light.c: dimmers and bulbs */
sim_handler sim_set_brightness, sim_set_dimmer_transition, sim_get_dimmer_parameters;
sim_handler sim_set_fade_on_time, sim_set_fade_off_time, sim_set_gentle_on_time;
sim_handler sim_set_gentle_off_time, sim_set_button_ramp_rate, sim_calibrate_brightness;
sim_handler sim_get_default_behavior, sim_set_double_click_action, sim_set_long_press_action;
sim_handler sim_get_light_state, sim_set_light_state, sim_get_light_details;

/* Adds what an outlet will do next by itself, without brackets; time_key is what firmware calls the
 * second of the day there. */
void sim_add_next_action(struct sim_call *call, size_t outlet, const char *time_key);

/* One number of the arguments, from 0 to max; false when it is not there. */
bool sim_read_int(struct sim_call *call, const char *key, int64_t max, int32_t *value);

/* Adds "<list>":[{"year","month","day",...}] for the year and month of the arguments, or for the
 * months of the year, with what add tells of each; it returns -1 for nothing, else a number. */
typedef int64_t sim_day_value(struct sim_call *call, int32_t day);
typedef void sim_add_value(struct sim_call *call, int64_t value);

struct sim_statistics {
	sim_day_value *of_day;
	sim_add_value *add;
};

int sim_add_days(struct sim_call *call, const struct sim_statistics *statistics);
int sim_add_months(struct sim_call *call, const struct sim_statistics *statistics);

#endif
