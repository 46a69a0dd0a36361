#include "tests/bench/links.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/clock.h"
#include "tests/bench/frames.h"
#include "tests/bench/names.h"

enum {
	EVENTS_PER_TURN = 256,
	TOPIC_BYTES = 64,
	PAYLOAD_BYTES = 512,
};

enum request { REQUEST_NONE, REQUEST_POLL, REQUEST_OFF, REQUEST_ON };

static const char *const request_texts[] = {
	[REQUEST_POLL] = "{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":{}}}",
	[REQUEST_OFF] = "{\"system\":{\"set_relay_state\":{\"state\":0}}}",
	[REQUEST_ON] = "{\"system\":{\"set_relay_state\":{\"state\":1}}}",
};

struct link {
	struct links *links;
	int fd;
	enum request running, wanted; /* wanted: the newest command, sent when the reply came */
	bool is_poll_due;
	long relay, rssi_dbm; /* as last published; -1 and 1: never */
	struct frames frames;
};

struct links {
	const struct links_options *options;
	const struct links_mqtt *mqtt;
	struct link *items;
	int epoll_fd;
	uint64_t start_us, polls_started;
};

static volatile sig_atomic_t is_stopping;

static void on_signal(int signal_number)
{
	(void)signal_number;
	is_stopping = 1;
}

/* One socket a plug: ten thousand are above the usual soft limit. */
static void raise_descriptor_limit(void)
{
	struct rlimit descriptors;

	if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
		descriptors.rlim_cur = descriptors.rlim_max;
		setrlimit(RLIMIT_NOFILE, &descriptors);
	}
}

static void send_request(struct link *link, enum request request)
{
	link->running = request;
	frames_send(link->fd, request_texts[request], strlen(request_texts[request]));
}

static void send_next(struct link *link)
{
	enum request wanted = link->wanted;

	if (link->running != REQUEST_NONE) {
		return;
	}
	if (wanted != REQUEST_NONE) {
		link->wanted = REQUEST_NONE;
		send_request(link, wanted);
	} else if (link->is_poll_due) {
		link->is_poll_due = false;
		send_request(link, REQUEST_POLL);
	}
}

struct links_command links_parse(
	const char *topic, size_t topic_size, const char *payload, size_t payload_size)
{
	struct links_command command = { .is_on = payload_size == 2 };

	if (!names_parse_topic(topic, topic_size, "set", &command.index) ||
		(!command.is_on && payload_size != 3) || payload[0] != 'O') {
		errx(1, "a message that is no command");
	}
	return command;
}

void links_command(struct links *links, struct links_command command)
{
	struct link *link = &links->items[command.index];

	if (command.index >= links->options->plug_count) {
		errx(1, "a command for plug %zu of %zu", command.index, links->options->plug_count);
	}
	link->wanted = command.is_on ? REQUEST_ON : REQUEST_OFF;
	send_next(link);
}

static size_t index_of(const struct link *link)
{
	return (size_t)(link - link->links->items);
}

static void publish(const struct link *link, const char *leaf, const char *payload, int qos)
{
	const struct links_mqtt *mqtt = link->links->mqtt;
	char topic[TOPIC_BYTES];
	const struct links_message message = {
		.topic = topic, .payload = payload, .qos = qos, .is_retained = true
	};

	names_format_topic(topic, sizeof(topic), index_of(link), leaf);
	mqtt->publish(mqtt->arg, &message);
}

static void publish_relay(struct link *link, bool is_on)
{
	link->relay = is_on;
	publish(link, "state", is_on ? "ON" : "OFF", 1);
}

static long number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (!at) {
		errx(1, "no %s in %s", key, text);
	}
	return strtol(at + strlen(key), NULL, 10);
}

/* The same number of messages, of the same size, as a bridge that keeps the topic contract. */
static void publish_json(const struct link *link)
{
	char payload[PAYLOAD_BYTES];

	snprintf(payload, sizeof(payload),
		"{\"state\":\"%s\",\"power\":61.7,\"voltage\":230.8,\"current\":0.451,"
		"\"apparent_power\":104.1,\"power_factor\":0.59,\"energy\":16.323,\"energy_today\":"
		"0.412,\"rssi\":%ld,"
		"\"time\":\"2026-11-21T12:00:00Z\",\"online\":true,\"label\":\"p00000\","
		"\"room\":\"\",\"alias\":\"Showcase 12, left\",\"model\":\"HS110(EU)\"}",
		link->relay ? "ON" : "OFF", link->rssi_dbm);
	publish(link, "json", payload, 0);
}

/* A relay that moved unasked is an event, told twice. */
static void publish_event(const struct link *link)
{
	const struct links_mqtt *mqtt = link->links->mqtt;
	char topic[TOPIC_BYTES], payload[PAYLOAD_BYTES];
	struct links_message message = { .topic = topic, .payload = payload, .qos = 1 };

	snprintf(payload, sizeof(payload),
		"{\"type\":\"relay_moved\",\"time\":\"2026-11-21T12:00:00.000Z\",\"name\":\"p%zu\","
		"\"label\":\"p%zu\",\"state\":\"%s\",\"cause\":\"button_or_app\"}",
		index_of(link), index_of(link), link->relay ? "ON" : "OFF");
	names_format_topic(topic, sizeof(topic), index_of(link), "event");
	mqtt->publish(mqtt->arg, &message);
	message.topic = "museum/bridge/bench/event";
	mqtt->publish(mqtt->arg, &message);
}

static void on_poll_reply(struct link *link, const char *text)
{
	long relay = number_after(text, "\"relay_state\":");
	long rssi_dbm = number_after(text, "\"rssi\":");
	bool is_moved = relay != link->relay && link->relay >= 0;
	bool is_changed = relay != link->relay || rssi_dbm != link->rssi_dbm;
	char payload[PAYLOAD_BYTES];

	if (relay != link->relay) {
		publish_relay(link, relay == 1);
	}
	if (is_moved) {
		publish_event(link);
	}
	if (rssi_dbm != link->rssi_dbm) {
		link->rssi_dbm = rssi_dbm;
		snprintf(payload, sizeof(payload), "%ld", rssi_dbm);
		publish(link, "rssi", payload, 0);
	}
	if (is_changed) {
		publish_json(link);
	}
}

static void on_reply(struct link *link, const char *text)
{
	enum request request = link->running;

	if (!strstr(text, "\"err_code\":0")) {
		errx(1, "a plug refused: %s", text);
	}
	link->running = REQUEST_NONE;
	if (request == REQUEST_POLL) {
		on_poll_reply(link, text);
	} else {
		publish_relay(link, request == REQUEST_ON);
	}
	send_next(link);
}

static void on_readable(struct link *link)
{
	char text[FRAMES_BYTES];

	if (!frames_fill(&link->frames, link->fd)) {
		errx(1, "a plug closed its connection");
	}
	while (frames_next(&link->frames, text)) {
		on_reply(link, text);
	}
}

static void watch(const struct links *links, int fd, void *data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };

	if (epoll_ctl(links->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		err(1, "epoll");
	}
}

static void open_link(struct links *links, size_t index)
{
	struct sockaddr_in plug = names_address(index, links->options->plug_port);
	struct link *link = &links->items[index];
	int on = 1;

	link->links = links;
	link->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&plug, sizeof(plug)) < 0) {
		err(1, "plug %zu", index);
	}
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(link->fd, F_SETFL, O_NONBLOCK);
	link->relay = -1;
	link->rssi_dbm = 1;
	watch(links, link->fd, link);
}

/* When poll number count is due: plug after plug, each an equal part of the interval later. */
static uint64_t due_us(const struct links *links, uint64_t count)
{
	const struct links_options *options = links->options;
	uint64_t due = links->start_us + count * options->interval_us / options->plug_count;

	return (due + options->slot_us - 1) / options->slot_us * options->slot_us;
}

/* Starts what is due; returns how long epoll may wait. */
static int start_polls(struct links *links)
{
	const struct links_options *options = links->options;
	uint64_t now_us = clock_now_us(), next_us;

	for (;;) {
		struct link *link = &links->items[links->polls_started % options->plug_count];

		if (options->interval_us == 0 && links->polls_started == options->plug_count) {
			return -1;
		}
		next_us = due_us(links, links->polls_started);
		if (next_us > now_us) {
			return (int)((next_us - now_us + 999) / 1000);
		}
		links->polls_started++;
		link->is_poll_due = true;
		send_next(link);
	}
}

static void turn(struct links *links)
{
	const struct links_mqtt *mqtt = links->mqtt;
	struct epoll_event events[EVENTS_PER_TURN];
	int count = epoll_wait(links->epoll_fd, events, EVENTS_PER_TURN, start_polls(links));

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr) {
			on_readable(events[i].data.ptr);
		} else {
			mqtt->on_wake(mqtt->arg, links);
		}
	}
	if (mqtt->on_turn) {
		mqtt->on_turn(mqtt->arg);
	}
}

static void close_links(struct links *links)
{
	for (size_t i = 0; i < links->options->plug_count; i++) {
		close(links->items[i].fd);
	}
	close(links->epoll_fd);
	free(links->items);
}

void links_run(const struct links_options *options, const struct links_mqtt *mqtt)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct links links = { .options = options, .mqtt = mqtt };

	raise_descriptor_limit();
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	links.items = calloc(options->plug_count, sizeof(*links.items));
	links.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!links.items || links.epoll_fd < 0) {
		err(1, "no memory for %zu plugs", options->plug_count);
	}
	for (size_t i = 0; i < options->plug_count; i++) {
		open_link(&links, i);
	}
	watch(&links, mqtt->fd, NULL);
	links.start_us = clock_now_us();
	while (!is_stopping) {
		turn(&links);
	}
	close_links(&links);
}

static uint64_t number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || value > max) {
		errx(2, "%s: expected a number up to %llu", text, (unsigned long long)max);
	}
	return value;
}

struct links_options links_options(int argc, char **argv)
{
	enum { MS = 1000, INTERVAL_MAX_MS = 3600 * 1000, PORT_MAX = 65535 };
	struct links_options options = { .slot_us = MS, .plug_count = 1 };
	int option;

	while ((option = getopt(argc, argv, "b:p:n:i:s:")) != -1) {
		switch (option) {
		case 'b':
			options.broker_port = (int)number(optarg, PORT_MAX);
			break;
		case 'p':
			options.plug_port = (int)number(optarg, PORT_MAX);
			break;
		case 'n':
			options.plug_count = number(optarg, NAMES_MAX);
			break;
		case 'i':
			options.interval_us = number(optarg, INTERVAL_MAX_MS) * MS;
			break;
		case 's':
			options.slot_us = number(optarg, INTERVAL_MAX_MS) * MS;
			break;
		default:
			errx(2,
				"usage: %s -b BROKER_PORT -p PLUG_PORT [-n PLUGS] [-i POLL_MS] "
				"[-s SLOT_MS]",
				argv[0]);
		}
	}
	if (!options.broker_port || !options.plug_port || !options.plug_count || !options.slot_us) {
		errx(2, "-b and -p are needed, and -n and -s above 0");
	}
	return options;
}
