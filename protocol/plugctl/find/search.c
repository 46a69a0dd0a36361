#include "protocol/plugctl/find/search.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "protocol/io/discover.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/request.h"

/* All hear the same probe. Another device with the MAC of the one that was sought must be heard
 * too, and its answer may come a little later. */
enum { LINGER_MS = 300 };

struct search {
	uv_loop_t loop;
	uv_timer_t linger;
	struct plug_transport transport;
	struct plug_search udp;
	const struct search_plan *plan;
	const struct search_calls *calls;
	struct search_list *list;
	size_t asking_count;
	enum plug_error error;
	const char *everywhere_problem; /* of 255.255.255.255, see on_problem */
	bool is_over;			/* over UDP */
	bool is_closing;
	bool is_enough; /* nobody wants more */
	bool has_lingered;
};

static void on_line_closed(struct plug_line *line)
{
	(void)line;
}

static void on_udp_closed(struct plug_search *udp)
{
	(void)udp;
}

/* The loop ends by itself once nothing is open. */
static void close_all(struct search *search)
{
	search->is_closing = true;
	uv_close((uv_handle_t *)&search->linger, NULL);
	plug_search_close(&search->udp, on_udp_closed);
	for (size_t i = 0; i < search->list->count; i++) {
		if (search->list->items[i]->line.transport) {
			plug_line_close(&search->list->items[i]->line, on_line_closed);
		}
	}
}

/* Returns false when nobody wants more. */
static bool tell(struct search_device *device)
{
	const struct search_calls *calls = device->search->calls;

	device->is_told = true;
	return !calls->on_device || calls->on_device(calls->data, device);
}

static void tell_of_foreign_ones(struct search *search)
{
	for (size_t i = 0; i < search->list->count; i++) {
		struct search_device *device = search->list->items[i];

		if (device->verdict == SEARCH_FOREIGN && !device->is_told && !tell(device)) {
			return;
		}
	}
}

static void end_if_done(struct search *search)
{
	if (search->is_enough && search->has_lingered && search->asking_count == 0 &&
		!search->is_closing) {
		close_all(search);
	}
	if (search->is_over && search->asking_count == 0 && !search->is_closing) {
		tell_of_foreign_ones(search);
		close_all(search);
	}
}

static bool is_same_mac(const struct search_device *device, const uint8_t *mac, bool has_mac)
{
	return device->has_mac && has_mac && memcmp(device->mac, mac, sizeof device->mac) == 0;
}

/* Takes reply when what it says can be taken for what the device claimed to be. */
static enum search_verdict judge(struct search_device *device, struct plug_reply *reply)
{
	struct plug_sysinfo info;

	device->error = plug_reply_sysinfo(reply, &info);
	if (device->error != PLUG_OK) {
		return SEARCH_SILENT;
	}
	if (!is_same_mac(device, info.mac, info.has_mac) && (device->has_mac || info.has_mac)) {
		return SEARCH_FALSE;
	}
	plug_reply_clear(&device->reply);
	device->reply = *reply;
	device->info = info;
	*reply = (struct plug_reply) { 0 };
	return SEARCH_CONFIRMED;
}

static void on_lingered(uv_timer_t *timer)
{
	struct search *search = timer->data;

	search->has_lingered = true;
	end_if_done(search);
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct search_device *device = line->data;
	struct search *search = device->search;
	struct plug_reply reply = { 0 };

	device->is_asking = false;
	search->asking_count--;
	if (search->is_closing) {
		return;
	}
	device->error = error == PLUG_OK ? plug_reply_parse(&reply, text, size) : error;
	device->verdict = device->error == PLUG_OK ? judge(device, &reply) : SEARCH_SILENT;
	plug_reply_clear(&reply);
	search->is_enough = !tell(device);
	if (search->is_enough && !search->has_lingered &&
		!uv_is_active((uv_handle_t *)&search->linger)) {
		uv_timer_start(&search->linger, on_lingered, LINGER_MS, 0);
	}
	end_if_done(search);
}

static void ask(struct search_device *device)
{
	struct search *search = device->search;
	struct plug_request request;

	(void)plug_request_sysinfo(&request); /* fixed text */
	if (plug_line_init(&device->line, &search->transport, device->host, device->port, NULL) !=
		PLUG_OK) {
		memory_is_out();
	}
	device->line.data = device;
	device->is_asking = plug_line_ask(&device->line,
				    &(struct plug_ask) { .text = request.text,
					    .size = request.size,
					    .timeout_ms = search->plan->answer_ms,
					    .may_repeat = true },
				    on_answer) == PLUG_OK;
	if (!device->is_asking) {
		memory_is_out();
	}
	search->asking_count++;
}

/* Takes over the texts of an answer; what came over port 9999 says more than what came by TDP. */
static void take(struct search_device *device, const struct plug_discovery *what)
{
	device->dialect = what->dialect;
	device->has_mac = what->has_mac;
	memcpy(device->mac, what->mac, sizeof device->mac);
	free(device->model);
	free(device->hardware);
	free(device->device_type);
	device->model = memory_copy(what->model);
	device->hardware = memory_copy(what->hardware);
	device->device_type = memory_copy(what->device_type);
	device->verdict = SEARCH_FOREIGN;
	if (what->has_sysinfo) {
		device->verdict = SEARCH_UNASKED;
		device->info = what->sysinfo;
		device->reply.root = json_object_get(what->reply.root);
	}
}

/* The one that answered from there before, or a new one. */
static struct search_device *device_at(struct search *search, const struct plug_found *found)
{
	struct search_list *list = search->list;
	char host[INET_ADDRSTRLEN];

	(void)uv_inet_ntop(AF_INET, &found->address, host, sizeof host);
	for (size_t i = 0; i < list->count; i++) {
		struct search_device *device = list->items[i];

		if (strcmp(device->host, host) == 0 && device->has_mac == found->what->has_mac &&
			memcmp(device->mac, found->what->mac, sizeof device->mac) == 0) {
			return device;
		}
	}
	if ((list->count & (list->count - 1)) == 0) {
		struct search_device **items =
			memory_new(list->count == 0 ? 1 : 2 * list->count, sizeof(*items));

		if (list->count > 0) {
			memcpy(items, list->items, list->count * sizeof *items);
		}
		free(list->items);
		list->items = items;
	}
	list->items[list->count] = memory_new(1, sizeof **list->items);
	memcpy(list->items[list->count]->host, host, sizeof host);
	list->items[list->count]->search = search;
	list->items[list->count]->port = search->plan->port;
	return list->items[list->count++];
}

static void mark_elsewhere(struct search *search, const uint8_t *mac)
{
	for (size_t i = 0; i < search->list->count; i++) {
		if (is_same_mac(search->list->items[i], mac, true)) {
			search->list->items[i]->is_elsewhere = true;
		}
	}
}

static void on_found(struct plug_search *udp, const struct plug_found *found)
{
	struct search *search = udp->data;
	const struct search_calls *calls = search->calls;
	struct search_device *device = device_at(search, found);

	take(device, found->what);
	if (found->is_elsewhere) {
		mark_elsewhere(search, device->mac);
	}
	if (device->verdict == SEARCH_UNASKED &&
		(!calls->is_wanted || calls->is_wanted(calls->data, device))) {
		ask(device);
	}
}

static void tell_problem(const struct search *search, const char *where, const char *text)
{
	if (search->calls->on_problem) {
		search->calls->on_problem(search->calls->data, where, text);
	}
}

/* A network without a way out has none to 255.255.255.255, which matters only when no interface has
 * a broadcast address of its own. */
static void on_problem(struct plug_search *udp, const char *where, int status, const char *text)
{
	struct search *search = udp->data;

	(void)status;
	if (search->plan->on_every_interface && strcmp(where, SEARCH_EVERYWHERE) == 0) {
		search->everywhere_problem = text;
	} else {
		tell_problem(search, where, text);
	}
}

static void on_end(struct plug_search *udp, enum plug_error error)
{
	struct search *search = udp->data;

	search->list->ignored = udp->ignored;
	search->is_over = true;
	if (error != PLUG_ECANCELED) {
		search->error = error;
	}
	if (search->error != PLUG_OK && search->everywhere_problem) {
		tell_problem(search, SEARCH_EVERYWHERE, search->everywhere_problem);
	}
	end_if_done(search);
}

static enum plug_error start(struct search *search)
{
	static const struct plug_search_calls calls = { on_found, on_problem, on_end };
	const struct search_plan *plan = search->plan;
	struct plug_search_settings settings;

	plug_search_settings_init(&settings);
	settings.targets = (const char *const *)plan->targets;
	settings.target_count = plan->target_count;
	settings.interface = plan->interface;
	settings.on_every_interface = plan->on_every_interface;
	settings.port = plan->port;
	/* Whoever waits longer expects slower answers. */
	settings.quiet_ms = settings.quiet_ms * plan->wait_ms / settings.window_ms;
	settings.window_ms = plan->wait_ms;
	return plug_search_start(&search->udp, &settings, &calls);
}

enum plug_error search_run(
	const struct search_plan *plan, const struct search_calls *calls, struct search_list *list)
{
	struct search *search = memory_new(1, sizeof *search);
	enum plug_error error;

	*list = (struct search_list) { 0 };
	search->plan = plan;
	search->calls = calls;
	search->list = list;
	if (uv_loop_init(&search->loop) != 0) {
		memory_is_out();
	}
	plug_transport_init(&search->transport, &search->loop);
	uv_timer_init(&search->loop, &search->linger);
	search->linger.data = search;
	plug_search_init(&search->udp, &search->loop);
	search->udp.data = search;
	search->error = start(search);
	if (search->error != PLUG_OK) {
		close_all(search);
	}
	uv_run(&search->loop, UV_RUN_DEFAULT);
	uv_loop_close(&search->loop);
	error = search->error;
	free(search);
	return error;
}

static int by_address(const void *a, const void *b)
{
	struct in_addr first = { 0 };
	struct in_addr second = { 0 };

	(void)uv_inet_pton(AF_INET, (*(struct search_device *const *)a)->host, &first);
	(void)uv_inet_pton(AF_INET, (*(struct search_device *const *)b)->host, &second);
	return (ntohl(first.s_addr) > ntohl(second.s_addr)) -
	       (ntohl(first.s_addr) < ntohl(second.s_addr));
}

void search_sort(struct search_list *list)
{
	if (list->count > 0) {
		qsort(list->items, list->count, sizeof *list->items, by_address);
	}
}

void search_clear(struct search_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		plug_reply_clear(&list->items[i]->reply);
		free(list->items[i]->model);
		free(list->items[i]->hardware);
		free(list->items[i]->device_type);
		free(list->items[i]);
	}
	free(list->items);
	*list = (struct search_list) { 0 };
}
