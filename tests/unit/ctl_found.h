/* ctl_found.h - what a search may have found, for tests of what is made of it. */
#ifndef PLUG_TESTS_CTL_FOUND_H
#define PLUG_TESTS_CTL_FOUND_H

#include "protocol/plugctl/find/search.h"

enum { FOUND_MAX = 8 };

/* A list (found_begin) that is filled with devices at 192.0.2.1 and following, of the MACs
 * 50:C7:BF:00:00:01 and following, confirmed unless the test changes that. */
struct found {
	struct search_list list;
	struct search_device *items[FOUND_MAX];
	struct search_device devices[FOUND_MAX];
};

void found_begin(struct found *found);
struct search_device *found_plug(struct found *found, const char *alias);
struct search_device *found_strip(
	struct found *found, const char *alias, const char *const *outlets);

/* One that answered by another protocol. */
struct search_device *found_foreign(struct found *found, enum plug_dialect dialect);

#endif
