/* handlers.h - what the rows of the method table run; each file has the methods of some modules.
 * All are sim_handler: they write members of the answer to call->out and return SIM_OK, or return
 * an err_code; what they wrote is dropped then. */
#ifndef SIM_METHODS_HANDLERS_H
#define SIM_METHODS_HANDLERS_H

#include "tests/sim/methods/method.h"

/* sysinfo.c */
int sim_get_sysinfo(struct sim_call *call);

/* system.c */
int sim_set_relay_state(struct sim_call *call);
int sim_set_dev_alias(struct sim_call *call);
int sim_set_led_off(struct sim_call *call);
int sim_reboot(struct sim_call *call);
int sim_reset(struct sim_call *call);

/* emeter.c */
int sim_get_realtime(struct sim_call *call);
int sim_get_daystat(struct sim_call *call);
int sim_get_monthstat(struct sim_call *call);
int sim_erase_emeter_stat(struct sim_call *call);
int sim_get_vgain_igain(struct sim_call *call);

/* clock.c */
int sim_get_time(struct sim_call *call);
int sim_get_timezone(struct sim_call *call);
int sim_set_time(struct sim_call *call);
int sim_set_timezone(struct sim_call *call);

/* schedule.c: schedule, away mode and countdown alike */
int sim_get_rules(struct sim_call *call);
int sim_add_rule(struct sim_call *call);
int sim_edit_rule(struct sim_call *call);
int sim_delete_rule(struct sim_call *call);
int sim_delete_all_rules(struct sim_call *call);
int sim_set_overall_enable(struct sim_call *call);
int sim_get_next_action(struct sim_call *call);

/* network.c */
int sim_get_stainfo(struct sim_call *call);
int sim_get_scaninfo(struct sim_call *call);
int sim_get_cloud_info(struct sim_call *call);

/* light.c: dimmers and bulbs */
int sim_set_brightness(struct sim_call *call);
int sim_set_dimmer_transition(struct sim_call *call);
int sim_get_dimmer_parameters(struct sim_call *call);
int sim_get_light_state(struct sim_call *call);
int sim_transition_light_state(struct sim_call *call);
int sim_get_light_details(struct sim_call *call);

/* Adds "on_off":... and what belongs to it, without brackets. */
void sim_add_light_state(const struct sim_device *device, struct sim_text *out);

#endif
