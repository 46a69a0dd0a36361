/* verbs.h - the rows that the files of the verbs give to the table; for verb.c only. */
#ifndef PLUG_PLUGCTL_VERBS_H
#define PLUG_PLUGCTL_VERBS_H

#include "protocol/plugctl/verb.h"

extern const struct verb verb_discover, verb_info, verb_state, verb_on, verb_off, verb_toggle,
	verb_brightness, verb_blink, verb_led, verb_alias, verb_location, verb_energy, verb_usage,
	verb_watch, verb_time, verb_schedule, verb_countdown, verb_away, verb_wifi, verb_cloud,
	verb_replace, verb_reboot, verb_reset, verb_raw, verb_encode, verb_decode, verb_light,
	verb_dimmer, verb_icon, verb_firmware, verb_check, verb_calibration, verb_identity,
	verb_testmode;

#endif
