#include "protocol/plugctl/find/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "protocol/plugctl/ending.h"
#include "protocol/plugctl/find/settle.h"
#include "protocol/plugctl/find/where.h"
#include "protocol/plugctl/terminal/memory.h"

enum { LOOKUP_MS = 2000 };

/* Lookups of bare words. On the heap, because one that hangs outlives the wait for it. */
struct lookups {
	uv_loop_t loop;
	uv_timer_t timer;
	struct targets *targets;
	size_t running;
	bool is_over;
	struct lookup {
		uv_getaddrinfo_t request;
		struct lookups *all;
		size_t target;
	} items[];
};

static void end_lookups(struct lookups *lookups)
{
	lookups->is_over = true;
	uv_close((uv_handle_t *)&lookups->timer, NULL);
	uv_stop(&lookups->loop);
}

/* The address in the place of the name, so that two words for one device are seen to be that. */
static void take_address(struct target *target, const struct addrinfo *found)
{
	char address[INET_ADDRSTRLEN];

	if (uv_ip4_name((const struct sockaddr_in *)found->ai_addr, address, sizeof address) == 0) {
		free(target->host);
		target->host = memory_copy(address);
	}
	target->kind = TARGET_AT_HOST;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct lookup *lookup = request->data;
	struct lookups *lookups = lookup->all;

	lookups->running--;
	if (status == 0 && !lookups->is_over) {
		take_address(&lookups->targets->items[lookup->target], found);
	}
	uv_freeaddrinfo(found);
	if (lookups->running == 0 && !lookups->is_over) {
		end_lookups(lookups);
	}
}

static void on_patience_ended(uv_timer_t *timer)
{
	end_lookups(timer->data);
}

/* What cannot even be asked for is no host name. */
static void look_up(struct lookups *lookups, size_t target)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct lookup *lookup = &lookups->items[target];

	lookup->all = lookups;
	lookup->target = target;
	lookup->request.data = lookup;
	if (uv_getaddrinfo(&lookups->loop, &lookup->request, on_resolved,
		    lookups->targets->items[target].host, NULL, &hints) == 0) {
		lookups->running++;
	}
}

/* Which bare words are host names. What no name server has told by then is searched for. */
static void resolve(struct targets *targets, uint64_t patience_ms)
{
	struct lookups *lookups =
		memory_new(1, sizeof *lookups + targets->count * sizeof *lookups->items);

	lookups->targets = targets;
	if (uv_loop_init(&lookups->loop) != 0) {
		memory_is_out();
	}
	uv_timer_init(&lookups->loop, &lookups->timer);
	lookups->timer.data = lookups;
	uv_timer_start(&lookups->timer, on_patience_ended, patience_ms, 0);
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->items[i].kind == TARGET_WORD) {
			look_up(lookups, i);
		}
	}
	if (lookups->running == 0) {
		end_lookups(lookups);
	}
	uv_run(&lookups->loop, UV_RUN_DEFAULT);
	if (ending_drain(&lookups->loop)) {
		uv_loop_close(&lookups->loop);
		free(lookups);
	}
}

static size_t count_sought(const struct targets *targets)
{
	size_t count = 0;

	for (size_t i = 0; i < targets->count; i++) {
		count += targets->items[i].kind != TARGET_AT_HOST;
	}
	return count;
}

/* What is sought in one search. */
struct quest {
	const struct find *find;
	struct targets *targets;
	bool *is_found; /* of each target: it has a MAC, and a device proved to have that */
	char *trouble;	/* why it could not be searched, as far as known */
};

static bool is_wanted(void *data, const struct search_device *device)
{
	const struct quest *quest = data;

	for (size_t i = 0; i < quest->targets->count; i++) {
		if (settle_is_meant(device, &quest->targets->items[i])) {
			return true;
		}
	}
	return quest->find->is_everything;
}

/* An alias may be there again, and so may a MAC that another address claims too. */
static bool on_device(void *data, const struct search_device *device)
{
	const struct quest *quest = data;
	bool is_open = quest->find->is_everything;

	for (size_t i = 0; i < quest->targets->count; i++) {
		const struct target *target = &quest->targets->items[i];

		if (target->kind == TARGET_BY_MAC && device->verdict == SEARCH_CONFIRMED &&
			settle_has_mac(device, target)) {
			quest->is_found[i] = true;
		}
		is_open |= target->kind != TARGET_AT_HOST && !quest->is_found[i];
	}
	return is_open;
}

static void on_problem(void *data, const char *where, const char *text)
{
	struct quest *quest = data;

	fprintf(stderr, "plugctl: search: %s%s%s\n", where, where[0] != '\0' ? ": " : "", text);
	if (!quest->trouble) {
		quest->trouble = memory_copy(text);
	}
}

/* --all: what answered as a device of ours, but cannot be reached, fails as a target; other
 * protocols are only told of. */
static void add_one(const struct quest *quest, const struct search_device *device)
{
	struct target *target;

	if (device->verdict == SEARCH_FALSE) {
		return;
	}
	if (device->dialect == PLUG_DIALECT_SMART) {
		fprintf(stderr, "plugctl: %s is left out: %s\n", device->host,
			plug_dialect_advice(device->dialect));
		return;
	}
	target = targets_add_found(quest->targets, quest->find->from, device->host,
		device->has_mac ? device->mac : NULL);
	if (target && device->verdict == SEARCH_FOREIGN) {
		target->problem = memory_copy(plug_dialect_advice(device->dialect));
	} else if (target && device->verdict == SEARCH_SILENT) {
		target->problem = settle_silent(device);
	}
}

static char *cannot_search(const struct quest *quest, enum plug_error error)
{
	return memory_format("cannot be searched for: %s",
		quest->trouble ? quest->trouble : plug_error_text(error));
}

static void settle_all(struct quest *quest, const struct search_list *list, enum plug_error error)
{
	for (size_t i = 0; i < quest->targets->count; i++) {
		struct target *target = &quest->targets->items[i];

		if (target->kind != TARGET_AT_HOST && error != PLUG_OK) {
			target->problem = cannot_search(quest, error);
		} else {
			settle_target(target, list);
		}
	}
}

/* Whoever asked for all hears of it when there are none. */
static void add_all(struct quest *quest, struct search_list *list, enum plug_error error)
{
	search_sort(list);
	for (size_t i = 0; i < list->count; i++) {
		add_one(quest, list->items[i]);
	}
	if (quest->targets->count == 0) {
		struct target *none =
			targets_add_found(quest->targets, quest->find->from, "--all", NULL);

		none->problem = error == PLUG_OK ? memory_copy("no device answered the search")
						 : cannot_search(quest, error);
	}
}

static uint64_t spent_ms(uint64_t begin_ns)
{
	enum { NS_PER_MS = 1000000 };

	return (uv_hrtime() - begin_ns) / NS_PER_MS;
}

/* Names get a quarter of the time; where time is short, what they took is missing in the end. */
static void look_up_all(const struct find *find, struct targets *targets)
{
	const uint64_t quarter_ms = find->command->timeout_ms / 4 + 1;

	resolve(targets, quarter_ms < LOOKUP_MS ? quarter_ms : LOOKUP_MS);
}

static void shorten(const struct command *command, struct search_plan *plan, uint64_t spent)
{
	if (command_has(command, OPTION_TIMEOUT)) {
		plan->answer_ms = plan->answer_ms > spent ? plan->answer_ms - spent : 1;
	}
}

static void search(struct quest *quest, const struct search_plan *plan)
{
	const struct search_calls calls = { quest, is_wanted, on_device, on_problem };
	struct search_list list;
	const enum plug_error error = search_run(plan, &calls, &list);

	settle_all(quest, &list, error);
	if (quest->find->is_everything) {
		add_all(quest, &list, error);
	}
	if (quest->find->is_everything && error == PLUG_OK && list.count == 0) {
		where_advise(plan);
	}
	search_clear(&list);
}

bool find_targets(const struct find *find, struct targets *targets)
{
	struct quest quest = { .find = find, .targets = targets };
	const uint64_t begin_ns = uv_hrtime();
	struct search_plan plan;

	look_up_all(find, targets);
	if (!find->is_everything && count_sought(targets) == 0) {
		return true;
	}
	if (!where_read(find->command, find->from->config, &plan)) {
		return false;
	}
	shorten(find->command, &plan, spent_ms(begin_ns));
	quest.is_found = memory_new(targets->count, sizeof *quest.is_found);
	search(&quest, &plan);
	where_clear(&plan);
	free(quest.is_found);
	free(quest.trouble);
	return true;
}
