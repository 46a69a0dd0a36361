#include "protocol/blocking/discover.h"

#include <stddef.h>

#include "protocol/blocking/quiet.h"

struct discovery {
	struct plug_search search; /* first: a callback of the search finds all of it */
	enum plug_error error;
};

static void on_closed(struct plug_search *search)
{
	(void)search;
}

static void on_end(struct plug_search *search, enum plug_error error)
{
	struct discovery *discovery = (struct discovery *)search;

	discovery->error = error;
	plug_search_close(search, on_closed);
}

enum plug_error plug_discover(const struct plug_search_settings *settings,
	const struct plug_search_calls *calls, void *data)
{
	const struct plug_search_calls own = { calls->on_found, calls->on_problem, on_end };
	struct discovery discovery;
	struct plug_quiet quiet;
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0) {
		return PLUG_ESYSTEM;
	}
	plug_search_init(&discovery.search, &loop);
	discovery.search.data = data;
	plug_quiet_begin(&quiet);
	discovery.error = plug_search_start(&discovery.search, settings, &own);
	if (discovery.error != PLUG_OK) {
		plug_search_close(&discovery.search, on_closed);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	plug_quiet_end(&quiet);
	uv_loop_close(&loop);
	return discovery.error;
}
