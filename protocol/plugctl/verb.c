#include "protocol/plugctl/verb.h"

#include <string.h>

#include "protocol/plugctl/terminal/words.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct verb *const verbs[] = {
	&verb_discover,
	&verb_info,
	&verb_state,
	&verb_on,
	&verb_off,
	&verb_toggle,
	&verb_brightness,
	&verb_light,
	&verb_dimmer,
	&verb_blink,
	&verb_led,
	&verb_alias,
	&verb_icon,
	&verb_location,
	&verb_energy,
	&verb_usage,
	&verb_watch,
	&verb_time,
	&verb_schedule,
	&verb_countdown,
	&verb_away,
	&verb_wifi,
	&verb_cloud,
	&verb_firmware,
	&verb_check,
	&verb_calibration,
	&verb_identity,
	&verb_testmode,
	&verb_replace,
	&verb_reboot,
	&verb_reset,
	&verb_raw,
	&verb_encode,
	&verb_decode,
};
enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

const struct verb *verb_at(size_t index)
{
	return index < VERB_COUNT ? verbs[index] : NULL;
}

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i]->name, name) == 0) {
			return verbs[i];
		}
	}
	return NULL;
}

/* What other programs call it; put between quotes by whoever prints it. */
static const char *const synonyms[][2] = { { "devices", "discover" }, { "find", "discover" },
	{ "list", "discover" }, { "rename", "alias" }, { "scan", "discover" },
	{ "search", "discover" }, { "status", "state" }, { "switch", "on', 'off' or 'toggle" } };

const char *verb_nearest(const char *wrong)
{
	const char *names[VERB_COUNT];

	for (size_t i = 0; i < VERB_COUNT; i++) {
		names[i] = verbs[i]->name;
	}
	for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++) {
		if (strcmp(synonyms[i][0], wrong) == 0) {
			return synonyms[i][1];
		}
	}
	return words_nearest(wrong, names, VERB_COUNT);
}
