#include "bridge/search/finder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "bridge/bridge.h"
#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/search/harvest.h"
#include "bridge/search/news.h"
#include "bridge/search/plan.h"
#include "bridge/search/prober.h"

enum {
	/* Half of the rounds: who has been away for long may be found by the next search. */
	GENTLE_QUIET_MS = 400,
	/* Answers taken, beside two for each device. */
	ANSWERS_BESIDE = 1000,
	/* The devices named in health; the counts tell of the rest. */
	NAMED_MAX = 50,
	OPEN_HANDLES = 2,
};

TAILQ_HEAD(sought, device);

struct finder {
	struct bridge *bridge;
	struct plug_search search;
	uv_timer_t timer;
	struct search_plan plan;
	struct prober *prober;
	struct sought sought;
	size_t sought_count;
	struct harvest harvest;
	const struct finder_survey *survey; /* NULL for none */
	char *problem;	  /* what kept probes from being sent, last; NULL for nothing */
	bool had_problem; /* the search that runs */
	char *liar;	  /* the last address of which somebody was told what is not so */
	uint64_t searches, moves, disbelieved;
	int open_handles;
};

static void schedule(struct finder *finder);

static uint64_t now_ms(const struct finder *finder)
{
	return uv_now(&finder->bridge->loop);
}

bool finder_is_enabled(const struct finder *finder)
{
	return finder->bridge->config->discovery.broadcast_count > 0;
}

/* Where a missing device may be. */

/* At its own address it is told to try again at once: it may have been switched on just now. */
static void look(void *arg, struct device *device, const char *address)
{
	struct finder *finder = arg;

	if (strcmp(address, device->address) == 0) {
		device_hurry(device);
	} else {
		(void)prober_add(finder->prober, device, address);
	}
}

/* Whether what answered over TCP is the device. Until its MAC is known its alias decides, which
 * another device of ours may have, too. */
static bool is_device(
	const struct finder *finder, const struct device *device, const struct plug_sysinfo *info)
{
	if (!info->has_mac || device->has_mac) {
		return info->has_mac && memcmp(info->mac, device->mac, PLUG_MAC_BYTES) == 0;
	}
	return device->alias && strcmp(info->alias, device->alias) == 0 &&
	       !bridge_find_mac(finder->bridge, info->mac);
}

static void on_probed(
	void *arg, struct device *device, const char *address, const struct plug_sysinfo *info)
{
	struct finder *finder = arg;
	struct bridge *bridge = finder->bridge;

	if (!info) {
		return;
	}
	if (!is_device(finder, device, info)) {
		finder->disbelieved++;
		if (mem_replace(&finder->liar, address)) {
			log_warn("%s: %s claims to be it and is not", device->name, address);
		}
		return;
	}
	finder->moves++;
	device_pin(device, info->mac);
	news_moved(bridge, device, address);
	prober_forget(finder->prober, device);
	device_move(device, address);
	bridge_store_address(bridge, device);
	publisher_pump(bridge->publisher);
}

/* The search itself. */

const struct device *finder_owner(const struct finder *finder, const struct plug_found *found)
{
	return harvest_owner(&finder->harvest, found);
}

static void on_found(struct plug_search *search, const struct plug_found *found)
{
	struct finder *finder = search->data;

	if (finder->survey) {
		finder->survey->on_found(finder->survey->arg, found);
	}
	harvest_take(&finder->harvest, found);
	publisher_pump(finder->bridge->publisher);
}

static void unlink_device(struct finder *finder, struct device *device)
{
	if (device->is_sought) {
		device->is_sought = false;
		TAILQ_REMOVE(&finder->sought, device, sought_link);
		finder->sought_count--;
	}
}

/* What has neither MAC nor alias is looked for once: another search finds nothing more of it. */
static void drop_nameless(struct finder *finder)
{
	struct device *next = NULL;

	for (struct device *device = TAILQ_FIRST(&finder->sought); device; device = next) {
		next = TAILQ_NEXT(device, sought_link);
		if (!device->has_mac && !device->alias) {
			unlink_device(finder, device);
		}
	}
}

static void on_problem(struct plug_search *search, const char *where, int status, const char *text)
{
	struct finder *finder = search->data;
	char *problem = mem_printf("%s%s%s", where, where[0] != '\0' ? ": " : "", text);

	finder->had_problem = finder->had_problem || status != 0;
	if (status != 0 && mem_replace(&finder->problem, problem)) {
		log_warn("search: %s", problem);
	}
	free(problem);
}

static void end_survey(struct finder *finder, const char *problem)
{
	const struct finder_survey *survey = finder->survey;

	finder->survey = NULL;
	if (survey) {
		survey->on_end(survey->arg, problem);
	}
}

static void on_end(struct plug_search *search, enum plug_error error)
{
	struct finder *finder = search->data;

	if (error == PLUG_ENOMEM) {
		log_fatal("out of memory");
	}
	if (error == PLUG_OK) {
		harvest_conclude(&finder->harvest);
		drop_nameless(finder);
		if (!finder->had_problem) {
			(void)mem_replace(&finder->problem, NULL);
		}
		end_survey(finder, NULL);
	} else if (error == PLUG_ECANCELED) {
		end_survey(finder, "discovery.broadcast is empty now");
	} else {
		end_survey(finder, finder->problem ? finder->problem : plug_error_text(error));
	}
	harvest_end(&finder->harvest);
	search_plan_ended(&finder->plan, now_ms(finder), finder->sought_count > 0);
	publisher_pump(finder->bridge->publisher);
	schedule(finder);
}

/* The address that stands in the configuration counts again as soon as the device is there. */
static void look_at_hosts(struct finder *finder)
{
	struct device *device = NULL;

	TAILQ_FOREACH(device, &finder->sought, sought_link)
	{
		if (device->found && device->configured_host[0] != '\0') {
			look(finder, device, device->configured_host);
		}
	}
}

/* 255.255.255.255 leaves by one interface only, unless all are named. */
static bool is_for_everybody(const struct config_discovery *discovery)
{
	for (size_t i = 0; i < discovery->broadcast_count; i++) {
		if (strcmp(discovery->broadcast[i], "255.255.255.255") == 0) {
			return true;
		}
	}
	return false;
}

static void begin(struct finder *finder)
{
	static const struct plug_search_calls calls = { on_found, on_problem, on_end };
	const struct config_discovery *discovery = &finder->bridge->config->discovery;
	struct plug_search_settings settings;
	enum plug_error error = PLUG_OK;

	plug_search_settings_init(&settings);
	settings.targets = (const char *const *)discovery->broadcast;
	settings.target_count = discovery->broadcast_count;
	settings.interface = discovery->interface[0] != '\0' ? discovery->interface : NULL;
	settings.port = discovery->port;
	if (search_plan_is_rare(&finder->plan) && !finder->survey) {
		settings.quiet_ms = GENTLE_QUIET_MS;
	}
	settings.answers_max = 2 * finder->bridge->device_count + ANSWERS_BESIDE;
	settings.on_every_interface = is_for_everybody(discovery);
	harvest_begin(&finder->harvest);
	finder->had_problem = false;
	finder->searches++;
	search_plan_started(&finder->plan, now_ms(finder));
	log_debug("search: %zu devices are missing", finder->sought_count);
	look_at_hosts(finder);
	error = plug_search_start(&finder->search, &settings, &calls);
	if (error != PLUG_OK) {
		on_problem(&finder->search, "", 1, plug_error_text(error));
		on_end(&finder->search, error);
	}
}

/* Who is missing. */

static void on_timer(uv_timer_t *timer)
{
	struct finder *finder = timer->data;

	if (finder->survey || finder->sought_count > 0) {
		begin(finder);
	}
}

static void schedule(struct finder *finder)
{
	const uint64_t now = now_ms(finder);
	const uint64_t next_ms = finder->survey ? now : finder->plan.next_ms;

	uv_timer_stop(&finder->timer);
	if (finder->open_handles == 0 && !finder->search.is_running &&
		(finder->survey || (finder->plan.has_next && finder_is_enabled(finder)))) {
		uv_timer_start(&finder->timer, on_timer, next_ms > now ? next_ms - now : 0, 0);
	}
}

void finder_seek(struct finder *finder, struct device *device)
{
	char address[INET_ADDRSTRLEN];

	if (!finder_is_enabled(finder) && device->address[0] == '\0') {
		device_set_offline(device, "it has no host, and nothing is searched for: "
					   "discovery.broadcast is empty");
	}
	if (!device->is_sought) {
		device->is_sought = true;
		TAILQ_INSERT_TAIL(&finder->sought, device, sought_link);
		finder->sought_count++;
	}
	/* It may have answered the search that runs before it was missed. */
	if (harvest_find(&finder->harvest, device, address)) {
		(void)prober_add(finder->prober, device, address);
	}
	search_plan_lost(&finder->plan, now_ms(finder));
	schedule(finder);
}

void finder_forget(struct finder *finder, struct device *device)
{
	prober_forget(finder->prober, device);
	harvest_forget(&finder->harvest, device);
	unlink_device(finder, device);
	if (finder->sought_count == 0) {
		search_plan_clear(&finder->plan);
		if (!finder->survey) {
			plug_search_cancel(&finder->search);
		}
		schedule(finder);
	}
}

void finder_refresh(struct finder *finder)
{
	if (finder->search.is_running) {
		harvest_begin(&finder->harvest);
	}
	if (!finder_is_enabled(finder)) {
		plug_search_cancel(&finder->search);
	} else if (finder->sought_count > 0 && !finder->plan.has_next &&
		   !finder->search.is_running) {
		search_plan_lost(&finder->plan, now_ms(finder));
	}
	schedule(finder);
}

bool finder_survey(struct finder *finder, const struct finder_survey *survey)
{
	if (finder->survey || !finder_is_enabled(finder)) {
		return false;
	}
	/* It would tell only of those that have not answered yet. */
	plug_search_cancel(&finder->search);
	finder->survey = survey;
	schedule(finder);
	return true;
}

void finder_put_health(const struct finder *finder, struct text *text)
{
	const struct device *device = NULL;
	unsigned named = 0;

	if (!finder) {
		return;
	}
	text_open(text, "search", '{');
	text_member_flag(text, "enabled", finder_is_enabled(finder));
	text_member_integer(text, "missing", (int64_t)finder->sought_count);
	text_open(text, "names", '[');
	TAILQ_FOREACH(device, &finder->sought, sought_link)
	{
		if (named++ < NAMED_MAX) {
			text_member_string(text, NULL, device->name);
		}
	}
	text_close(text, ']');
	text_member_integer(text, "searches", (int64_t)finder->searches);
	text_member_integer(text, "found", (int64_t)finder->moves);
	text_member_integer(text, "disbelieved", (int64_t)finder->disbelieved);
	text_member_string(text, "problem", finder->problem);
	text_close(text, '}');
}

struct finder *finder_new(struct bridge *bridge)
{
	struct finder *finder = mem_new(sizeof *finder);

	finder->bridge = bridge;
	finder->harvest = (struct harvest) { .bridge = bridge, .look = look, .arg = finder };
	TAILQ_INIT(&finder->sought);
	finder->prober = prober_new(&bridge->host, on_probed, finder);
	plug_search_init(&finder->search, &bridge->loop);
	finder->search.data = finder;
	uv_timer_init(&bridge->loop, &finder->timer);
	finder->timer.data = finder;
	return finder;
}

static void handle_closed(struct finder *finder)
{
	if (--finder->open_handles == 0) {
		harvest_clear(&finder->harvest);
		free(finder->problem);
		free(finder->liar);
		free(finder);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static void on_search_closed(struct plug_search *search)
{
	handle_closed(search->data);
}

void finder_close(struct finder *finder)
{
	if (!finder) {
		return;
	}
	finder->open_handles = OPEN_HANDLES;
	end_survey(finder, "the bridge is stopping");
	plug_search_close(&finder->search, on_search_closed);
	prober_close(finder->prober);
	uv_close((uv_handle_t *)&finder->timer, on_timer_closed);
}
