/* discover.h - finds devices by UDP and returns when the search is over: io/discover.h for a
 * program without a loop. */
#ifndef PLUG_PROTOCOL_BLOCKING_DISCOVER_H
#define PLUG_PROTOCOL_BLOCKING_DISCOVER_H

#include "protocol/error.h"
#include "protocol/io/discover.h"

/* Searches as plug_search_start does, on a loop of its own, and blocks for settings->window_ms at
 * most, after which a key that is being made for newer firmwares may still take a moment.
 *   calls    on_found and on_problem are called from within; on_end is not, and may be NULL
 *   data     what the callbacks find as search->data
 * A callback may end the search with plug_search_cancel, and call the devices that it was told of.
 * Returns what on_end would have been told, or the errors of plug_search_start; PLUG_ESYSTEM when
 * there is no loop to be had. PLUG_OK does not mean that any device answered. */
enum plug_error plug_discover(const struct plug_search_settings *settings,
	const struct plug_search_calls *calls, void *data);

#endif
