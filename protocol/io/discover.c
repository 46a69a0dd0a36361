#include "protocol/io/discover.h"

#include <string.h>

#include "protocol/io/datagram.h"
#include "protocol/io/tdp_key.h"

/* When the rounds are sent. Seven are out before the earliest end, all eight when the last new
 * device came after 0.4 s: with 200 devices and a tenth of the datagrams lost each way, three
 * searches in ten thousand miss one. */
static const uint64_t round_offsets_ms[PLUG_SEARCH_ROUNDS] = { 0, 100, 250, 450, 750, 1200, 1800,
	2400 };

static const struct status_text {
	int status;
	enum plug_error error;
	const char *text;
} status_texts[] = {
	{ UV_EACCES, PLUG_ESYSTEM,
		"no permission to send there (a firewall or sandbox forbids it)" },
	{ UV_EPERM, PLUG_ESYSTEM,
		"no permission to send there (a firewall or sandbox forbids it)" },
	{ UV_ENODEV, PLUG_ESYSTEM, "no such network interface" },
	{ UV_ENETUNREACH, PLUG_EUNREACHABLE, "no route to it" },
	{ UV_EHOSTUNREACH, PLUG_EUNREACHABLE, "no route to it" },
	{ UV_ENETDOWN, PLUG_EUNREACHABLE, "the network is down" },
	{ UV_EADDRNOTAVAIL, PLUG_EUNREACHABLE, "no network interface with a broadcast address" },
};

static enum plug_error error_of(int status, const char **text)
{
	for (size_t i = 0; i < sizeof status_texts / sizeof status_texts[0]; i++) {
		if (status_texts[i].status == status) {
			*text = status_texts[i].text;
			return status_texts[i].error;
		}
	}
	*text = uv_strerror(status);
	return status == UV_ENOMEM ? PLUG_ENOMEM : PLUG_ESYSTEM;
}

void plug_search_settings_init(struct plug_search_settings *settings)
{
	*settings = (struct plug_search_settings) {
		.port = PLUG_DISCOVERY_PORT,
		.tdp_ports = { PLUG_TDP_PORT, PLUG_TDP_OTHER_PORT },
		.window_ms = PLUG_SEARCH_WINDOW_MS,
		.quiet_ms = PLUG_SEARCH_QUIET_MS,
		.answers_max = PLUG_SEARCH_ANSWERS_MAX,
	};
}

void plug_search_init(struct plug_search *search, uv_loop_t *loop)
{
	*search = (struct plug_search) { .loop = loop };
	uv_timer_init(loop, &search->timer);
	search->timer.data = search;
}

/* Ends the search. Last thing to do in any handler: the callback may start the next one. */
static void finish(struct plug_search *search, enum plug_error error)
{
	uv_timer_stop(&search->timer);
	plug_datagram_close(search->socket);
	search->socket = NULL;
	plug_targets_clear(&search->targets);
	plug_seen_clear(&search->seen);
	search->is_running = false;
	search->calls.on_end(search, error);
}

/* Returns false when the callback ended this search. */
static bool tell(struct plug_search *search, const char *where, int status, const char *text)
{
	const uint64_t run = search->run;

	if (search->calls.on_problem) {
		search->calls.on_problem(search, where, status, text);
	}
	return search->is_running && search->run == run;
}

/* Returns false when the socket's buffer is full. */
static bool send_to(struct plug_search *search, struct plug_target *target, uint16_t port,
	const struct plug_probe *probe)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = target->address,
	};
	const int status = plug_datagram_send(search->socket, &address, probe->bytes, probe->size);

	if (status == 0) {
		search->sent++;
	} else if (status != UV_EAGAIN && target->status == 0) {
		target->status = status;
	}
	return status != UV_EAGAIN;
}

/* Probes to addresses that nobody has fill the buffer for seconds, while the kernel asks for them:
 * whoever misses this round comes first in the next. */
static void send_to_all(struct plug_search *search, uint16_t port, const struct plug_probe *probe)
{
	const size_t count = search->targets.count;
	const size_t first = search->first_target;

	for (size_t i = 0; i < count; i++) {
		const size_t index = (first + i) % count;

		if (!send_to(search, &search->targets.items[index], port, probe)) {
			search->first_target = index;
			break;
		}
	}
}

static void send_tdp(struct plug_search *search, const struct plug_probe *probe)
{
	for (size_t i = 0; i < PLUG_TDP_PORT_COUNT; i++) {
		if (search->tdp_ports[i] != 0 && probe->size > 0) {
			send_to_all(search, search->tdp_ports[i], probe);
		}
	}
}

/* Afterwards, because a callback may take the targets away. */
static bool tell_of_targets(struct plug_search *search)
{
	for (size_t i = 0; i < search->targets.count; i++) {
		struct plug_target *target = &search->targets.items[i];
		char where[INET_ADDRSTRLEN];
		const char *text;

		if (target->status == 0 || target->is_told) {
			continue;
		}
		target->is_told = true;
		search->failure = error_of(target->status, &text);
		(void)uv_inet_ntop(AF_INET, &target->address, where, sizeof where);
		if (!tell(search, where, target->status, text)) {
			return false;
		}
	}
	return true;
}

static bool send_round(struct plug_search *search)
{
	struct plug_probe probe;

	plug_probe_sysinfo(&probe);
	send_to_all(search, search->port, &probe);
	plug_probe_tdp_empty(&probe);
	send_tdp(search, &probe);
	send_tdp(search, &search->keyed);
	search->round++;
	return tell_of_targets(search);
}

static uint64_t round_ms(const struct plug_search *search)
{
	return search->round < PLUG_SEARCH_ROUNDS
		       ? search->start_ms + round_offsets_ms[search->round] * search->window_ms /
						    PLUG_SEARCH_WINDOW_MS
		       : UINT64_MAX;
}

/* A device that waits for the keyed probe cannot have answered while the key is being made. */
static uint64_t end_ms(const struct plug_search *search)
{
	const uint64_t window_end_ms = search->start_ms + search->window_ms;
	const uint64_t quiet_end_ms = search->news_ms + search->quiet_ms;

	return search->key || quiet_end_ms > window_end_ms ? window_end_ms : quiet_end_ms;
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct plug_search *search)
{
	const uint64_t now_ms = uv_now(search->loop);
	const uint64_t round = round_ms(search);
	const uint64_t end = end_ms(search);
	const uint64_t next = round < end ? round : end;

	uv_timer_start(&search->timer, on_timer, next > now_ms ? next - now_ms : 0, 0);
}

static bool tell_of_key(struct plug_search *search)
{
	return tell(search, "", 0, "no RSA key could be made: newer firmwares may not answer");
}

static void on_key(void *data, const struct plug_probe *probe)
{
	struct plug_search *search = data;

	search->key = NULL;
	search->keyed = *probe;
	if (!search->is_running || search->round == 0) {
		return;
	}
	search->news_ms = uv_now(search->loop);
	set_timer(search);
	if (probe->size == 0) {
		(void)tell_of_key(search);
	} else {
		send_tdp(search, probe);
		(void)tell_of_targets(search);
	}
}

/* Returns false when a callback ended this search. */
static bool provide_key(struct plug_search *search)
{
	const bool asks_tdp = search->tdp_ports[0] != 0 || search->tdp_ports[1] != 0;

	if (search->round > 0 || !asks_tdp || search->keyed.size > 0 || search->key) {
		return true;
	}
	search->key = plug_tdp_key_start(search->loop, on_key, search);
	return search->key || tell_of_key(search);
}

/* Rounds come first: a loop that was held up must not end a search that has hardly begun. */
static void on_timer(uv_timer_t *timer)
{
	struct plug_search *search = timer->data;
	const uint64_t now_ms = uv_now(search->loop);

	if (round_ms(search) <= now_ms && round_ms(search) < end_ms(search)) {
		if (provide_key(search) && send_round(search)) {
			set_timer(search);
		}
	} else if (now_ms >= end_ms(search)) {
		finish(search, search->sent > 0 ? PLUG_OK : search->failure);
	} else {
		set_timer(search);
	}
}

/* The socket could not be opened, which was found while the caller was inside plug_search_start. */
static void on_failure(uv_timer_t *timer)
{
	struct plug_search *search = timer->data;
	const char *text;
	const enum plug_error error = error_of(search->open_status, &text);

	if (tell(search, search->interface, search->open_status, text)) {
		finish(search, error);
	}
}

static void found_one(
	struct plug_search *search, const struct plug_discovery *what, struct in_addr address)
{
	struct plug_found found = { .address = address, .what = what };

	switch (plug_seen_add(&search->seen, what, address.s_addr, &found.is_elsewhere)) {
	case PLUG_SEEN_NEW:
		search->news_ms = uv_now(search->loop);
		set_timer(search);
		search->calls.on_found(search, &found);
		break;
	case PLUG_SEEN_FULL:
		if (!search->is_full_told) {
			search->is_full_told = true;
			(void)tell(search, "", 0, "too many devices answered: some are left out");
		}
		break;
	case PLUG_SEEN_NO_MEMORY:
		finish(search, PLUG_ENOMEM);
		break;
	case PLUG_SEEN_BEFORE:
		break;
	}
}

static bool is_tdp_port(const struct plug_search *search, uint16_t port)
{
	for (size_t i = 0; i < PLUG_TDP_PORT_COUNT; i++) {
		if (search->tdp_ports[i] == port && port != 0) {
			return true;
		}
	}
	return false;
}

/* Devices answer from the port that was asked. */
static enum plug_error read_answer(const struct plug_search *search,
	const struct plug_datagram *answer, struct plug_discovery *what)
{
	*what = (struct plug_discovery) { 0 };
	if (answer->status != 0) {
		return PLUG_EPROTO;
	}
	if (answer->port == search->port) {
		return plug_discovery_read_sysinfo(answer->bytes, answer->size, what);
	}
	if (is_tdp_port(search, answer->port)) {
		return plug_discovery_read_tdp(answer->bytes, answer->size, what);
	}
	return PLUG_EPROTO;
}

static void on_answer(struct plug_search *search, const struct plug_datagram *answer)
{
	struct plug_discovery what;

	switch (read_answer(search, answer, &what)) {
	case PLUG_OK:
		found_one(search, &what, answer->address);
		break;
	case PLUG_ENOMEM:
		finish(search, PLUG_ENOMEM);
		break;
	default:
		search->ignored++;
		break;
	}
	plug_discovery_clear(&what);
}

static void on_receive_error(struct plug_search *search, int status)
{
	const char *text;

	if (!search->is_receive_told) {
		search->is_receive_told = true;
		(void)error_of(status, &text);
		(void)tell(search, search->interface, status, text);
	}
}

static void on_datagram(void *data, const struct plug_datagram *datagram)
{
	if (datagram->status == 0 || datagram->status == UV_EMSGSIZE) {
		on_answer(data, datagram);
	} else {
		on_receive_error(data, datagram->status);
	}
}

static enum plug_error gather_targets(
	struct plug_search *search, const struct plug_search_settings *settings)
{
	enum plug_error error = PLUG_OK;

	for (size_t i = 0; i < settings->target_count && error == PLUG_OK; i++) {
		error = plug_targets_add(&search->targets, settings->targets[i]);
	}
	if (error == PLUG_OK && settings->on_every_interface) {
		error = plug_targets_add_interfaces(&search->targets, settings->interface);
	}
	if (error != PLUG_OK) {
		plug_targets_clear(&search->targets);
	}
	return error;
}

static bool is_valid(const struct plug_search *search, const struct plug_search_settings *settings)
{
	const size_t name_size = settings->interface ? strlen(settings->interface) : 1;
	const bool has_target = settings->target_count > 0 || settings->on_every_interface;

	return !search->is_running && !search->is_closing && has_target && name_size > 0 &&
	       name_size < sizeof search->interface && settings->port != 0 &&
	       settings->window_ms > 0 && settings->window_ms <= PLUG_SEARCH_WINDOW_MAX_MS &&
	       settings->answers_max > 0;
}

static void reset(struct plug_search *search, const struct plug_search_settings *settings)
{
	plug_seen_init(&search->seen, settings->answers_max);
	search->port = settings->port;
	memcpy(search->tdp_ports, settings->tdp_ports, sizeof search->tdp_ports);
	memset(search->interface, 0, sizeof search->interface);
	if (settings->interface) {
		memcpy(search->interface, settings->interface, strlen(settings->interface));
	}
	search->window_ms = settings->window_ms;
	search->quiet_ms =
		settings->quiet_ms < settings->window_ms ? settings->quiet_ms : settings->window_ms;
	search->round = search->first_target = search->sent = search->ignored = 0;
	search->is_full_told = search->is_receive_told = false;
	search->run++;
	search->failure = PLUG_ESYSTEM;
	uv_update_time(search->loop);
	search->start_ms = search->news_ms = uv_now(search->loop);
}

static int open_socket(struct plug_search *search)
{
	const struct plug_datagram_owner owner = { search, on_datagram };

	return search->targets.count > 0
		       ? plug_datagram_open(search->loop, search->interface, owner, &search->socket)
		       : UV_EADDRNOTAVAIL;
}

enum plug_error plug_search_start(struct plug_search *search,
	const struct plug_search_settings *settings, const struct plug_search_calls *calls)
{
	enum plug_error error = PLUG_EINVAL;

	if (is_valid(search, settings)) {
		error = gather_targets(search, settings);
	}
	if (error != PLUG_OK) {
		return error;
	}
	reset(search, settings);
	search->calls = *calls;
	search->is_running = true;
	search->open_status = open_socket(search);
	uv_timer_start(&search->timer, search->open_status == 0 ? on_timer : on_failure, 0, 0);
	return PLUG_OK;
}

void plug_search_cancel(struct plug_search *search)
{
	if (search->is_running) {
		finish(search, PLUG_ECANCELED);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct plug_search *search = handle->data;

	search->on_close(search);
}

void plug_search_close(struct plug_search *search, plug_search_cb *on_close)
{
	search->is_closing = true;
	search->on_close = on_close;
	plug_search_cancel(search);
	plug_tdp_key_forget(search->key);
	search->key = NULL;
	uv_close((uv_handle_t *)&search->timer, on_timer_closed);
}
