/* finder.h - finds devices that have no address, or are not where they were.
 *
 *     finder_seek -> plan.h -> a search by UDP (protocol/io/discover.h) -> a claim: this MAC is
 * there
 *     -> prober.h asks there by TCP -> the MAC is right -> device_move, and the address is
 * remembered
 *
 * One search looks for all that are missing; while nobody is, nothing is sent. What else a search
 * brings to light is told (news.h). */
#ifndef PLUG_BRIDGE_SEARCH_FINDER_H
#define PLUG_BRIDGE_SEARCH_FINDER_H

#include <stdbool.h>

#include "bridge/device.h"
#include "bridge/text.h"
#include "protocol/io/discover.h"

struct bridge;
struct finder;

struct finder *finder_new(struct bridge *bridge);

/* The device is missing, or not any more. */
void finder_seek(struct finder *finder, struct device *device);
void finder_forget(struct finder *finder, struct device *device);

/* The configuration is new, and with it the list of devices. */
void finder_refresh(struct finder *finder);

/* Somebody wants to see everything that answers. on_end is called exactly once; problem says in
 * words what kept the search from being sent, NULL for nothing. Both from the loop, never from
 * within finder_survey. */
struct finder_survey {
	void (*on_found)(void *arg, const struct plug_found *found);
	void (*on_end)(void *arg, const char *problem);
	void *arg;
};

/* Borrows survey until on_end. False, and no call, while another is under way or when the
 * configuration wants no search. */
bool finder_survey(struct finder *finder, const struct finder_survey *survey);
bool finder_is_enabled(const struct finder *finder);

/* The configured device that an answer comes from, NULL for none; only inside the two callbacks. */
const struct device *finder_owner(const struct finder *finder, const struct plug_found *found);

/* Members of the health document; none for NULL. */
void finder_put_health(const struct finder *finder, struct text *text);

/* Ends everything, a survey too, and frees the finder on a later turn of the loop. The devices must
 * be closed. NULL is allowed. */
void finder_close(struct finder *finder);

#endif
