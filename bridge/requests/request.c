#include "bridge/requests/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/text.h"
#include "protocol/json.h"

enum {
	ERROR_BYTES = 512,
	/* Of an answer, beside its data: each byte of error and transaction may be escaped. */
	ENVELOPE_BYTES = 6 * (ERROR_BYTES + REQUEST_TRANSACTION_MAX_BYTES) + 128,
};

static const struct {
	const char *verb;
	void (*handle)(struct request *request);
} verbs[] = {
	{ "info", request_show_info },
	{ "health", request_show_health },
	{ "inventory", request_show_inventory },
	{ "devices", request_show_devices },
	{ "reload", request_reload },
	{ "restart", request_restart },
	{ "log_level", request_log_level },
	{ "discover", request_discover },
	{ "replace", request_replace },
	{ "history", request_history },
	{ "explain", request_explain },
};

static void free_request(struct request *request)
{
	json_object_put(request->arguments);
	free(request->transaction);
	free(request->answer_topic);
	free(request->response_topic);
	free(request->correlation);
	free(request);
}

/* Takes request. */
static void finish(struct request *request, const char *data, const char *error)
{
	struct bridge *bridge = request->bridge;
	const size_t capacity = ENVELOPE_BYTES + (data ? strlen(data) : 0);
	struct publisher_message message = { .topic = request->answer_topic };
	struct text text;

	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_member_string(&text, "status", error ? "error" : "ok");
	if (error) {
		text_member_string(&text, "error", error);
	} else {
		text_member_json(&text, "data", data ? data : "{}");
	}
	if (request->transaction) {
		text_member_string(&text, "transaction", request->transaction);
	}
	text_close(&text, '}');
	message.payload = text.bytes;
	publisher_send(bridge->publisher, &message);
	if (request->response_topic) {
		message.topic = request->response_topic;
		message.correlation = request->correlation;
		message.correlation_size = request->correlation_size;
		publisher_send(bridge->publisher, &message);
	}
	log_debug("%s: %s", request->answer_topic, error ? error : "ok");
	free(text.bytes);
	free_request(request);
}

void request_answer(struct request *request, const char *data)
{
	finish(request, data, NULL);
}

void request_fail(struct request *request, const char *format, ...)
{
	char error[ERROR_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(error, sizeof error, format, arguments);
	va_end(arguments);
	finish(request, NULL, error);
}

static struct request *new_request(
	struct bridge *bridge, const struct mqtt_message *message, const char *verb)
{
	struct request *request = mem_new(sizeof *request);
	char *leaf = mem_printf("response/%s", verb);
	char topic[TOPIC_MAX_BYTES];

	request->bridge = bridge;
	/* A reload may give the bridge another id before it is answered. */
	request->answer_topic = mem_copy(topics_bridge(&bridge->topics, leaf, topic));
	free(leaf);
	if (message->response_topic &&
		topics_may_answer(&bridge->topics, bridge->config->homeassistant.prefix,
			message->response_topic)) {
		request->response_topic = mem_copy(message->response_topic);
		if (message->correlation) {
			request->correlation =
				mem_copy_bytes(message->correlation, message->correlation_size);
			request->correlation_size = message->correlation_size;
		}
	}
	return request;
}

/* Reads the arguments; says what is wrong with them, or NULL. */
static const char *read_arguments(struct request *request, const struct mqtt_message *message)
{
	const char *transaction = NULL;

	if (message->payload_size == 0) {
		return NULL;
	}
	if (!message->payload) {
		return "the payload is longer than 1024 bytes";
	}
	if (plug_json_parse(message->payload, message->payload_size, PLUG_JSON_DISTINCT_KEYS,
		    &request->arguments) != PLUG_OK ||
		!json_object_is_type(request->arguments, json_type_object)) {
		json_object_put(request->arguments);
		request->arguments = NULL;
		return "the payload must be empty or a JSON object";
	}
	if (json_object_object_get_ex(request->arguments, "transaction", NULL) &&
		(!plug_json_string(request->arguments, "transaction", &transaction) ||
			strlen(transaction) > REQUEST_TRANSACTION_MAX_BYTES)) {
		return "\"transaction\" must be a text of at most 64 bytes";
	}
	request->transaction = mem_copy(transaction);
	return NULL;
}

static size_t find_verb(const char *name)
{
	size_t index = 0;

	while (index < sizeof verbs / sizeof verbs[0] && strcmp(verbs[index].verb, name) != 0) {
		index++;
	}
	return index;
}

void request_take(
	struct bridge *bridge, const struct mqtt_message *message, const struct topic *topic)
{
	const size_t index = find_verb(topic->name);
	const bool is_known = index < sizeof verbs / sizeof verbs[0];
	struct request *request = NULL;
	const char *problem = NULL;

	/* An empty retained message is our own clearing. */
	if ((!is_known && !config_name_is_valid(topic->name)) ||
		(message->is_retained && message->payload_size == 0)) {
		bridge->counters.ignored++;
		return;
	}
	request = new_request(bridge, message, topic->name);
	problem = read_arguments(request, message);
	if (!is_known) {
		bridge->counters.ignored++;
		request_fail(request, "there is no request of this name; plugbridge(1) lists them");
		return;
	}
	if (message->is_retained) {
		request_fail(request,
			"a retained request is never carried out: send it without the retain flag");
		if (bridge->config->bridge.clear_retained_set) {
			publisher_clear_topic(bridge->publisher, message->topic);
		}
	} else if (problem) {
		request_fail(request, "%s", problem);
	} else {
		verbs[index].handle(request);
	}
}
