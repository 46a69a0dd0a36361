#include "protocol/plugctl/verb.h"

#include <string.h>

#include "protocol/plugctl/verbs.h"
#include "protocol/plugctl/words.h"

static const struct verb *const verbs[] = {
	&verb_info,
	&verb_state,
	&verb_on,
	&verb_off,
	&verb_toggle,
	&verb_brightness,
	&verb_blink,
	&verb_led,
	&verb_alias,
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

const char *verb_nearest(const char *wrong)
{
	const char *names[VERB_COUNT];

	for (size_t i = 0; i < VERB_COUNT; i++) {
		names[i] = verbs[i]->name;
	}
	return words_nearest(wrong, names, VERB_COUNT);
}
