/* Every rule here comes from Debian 12's Paho MQTT C 1.3.12, measured against Mosquitto 2.0.11:
 *   - Two threads of its own call back while they hold its global lock. A callback that waits stops
 *     everything, and one that asks Paho anything may undo the lock: callbacks copy and return.
 *   - Its reconnect hides reasons and takes up to 6 s: ours is here.
 *   - At the server's Receive Maximum its send thread sleeps a second: the window is ours.
 *   - A client that connects a second time is a second late, since its receiving thread then waits
 *     for input on a socket that will only become writable; and after a write failed, it may free
 *     what it still needs: truncated topics, malformed packets and crashes were seen. Every attempt
 *     gets a new client, with clean start.
 *   - MQTTAsync_destroy waits for both threads, a second and more: it has a thread of its own. It
 *     leaks the messages that the client had not sent yet.
 *   - A server that says DISCONNECT is reported by a callback of its own, and only there.
 *   - In MQTT 5 a publish without a response structure silently loses its properties. */
#include "bridge/mqtt/mqtt.h"

#include "bridge/mqtt/nodelay.h"
#include "bridge/mqtt/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <MQTTAsync.h>

enum {
	CONNECT_TIMEOUT_S = 3,
	BUFFERED_MAX = 4096, /* Paho's default of 100 refuses bursts */
	/* A bigger packet is not sent to us (MQTT 5): Paho allocates whatever size comes. */
	PACKET_MAX_BYTES = 2 * 1024 * 1024,
	/* More than the header and the properties of a publish of ours take. */
	PUBLISH_HEADER_BYTES = 128,
	/* When the server does not name them. */
	RECEIVE_MAX = 65535,
	PACKET_LIMIT_BYTES = 268435455,
	PROPERTIES_MAX = 3,
	PAHO_OUT_OF_MEMORY = -99, /* not in its public header */
};

/* ---- on Paho's threads: copy, put, return ---- */

static void on_success(void *context, MQTTAsync_successData *data)
{
	(void)data;
	traffic_finish(context, true, 0);
}

static void on_success5(void *context, MQTTAsync_successData5 *data)
{
	(void)data;
	traffic_finish(context, true, 0);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
	traffic_finish(context, false, data ? data->code : MQTTASYNC_FAILURE);
}

static int failure_code5(const MQTTAsync_failureData5 *data)
{
	if (!data) {
		return MQTTASYNC_FAILURE;
	}
	return data->reasonCode != MQTTREASONCODE_SUCCESS ? (int)data->reasonCode : data->code;
}

static void on_failure5(void *context, MQTTAsync_failureData5 *data)
{
	traffic_finish(context, false, failure_code5(data));
}

static void connected(struct attempt *attempt)
{
	/* Here, because under Paho's lock its socket stays what it is. */
	(void)nodelay_set_by_peer_port(attempt->task.mqtt->settings->port);
	traffic_finish(&attempt->task, true, 0);
}

static void on_connect(void *context, MQTTAsync_successData *data)
{
	(void)data;
	connected(context);
}

static void on_connect5(void *context, MQTTAsync_successData5 *data)
{
	struct attempt *attempt = context;
	MQTTProperties *limits = &data->properties;

	if (MQTTProperties_hasProperty(limits, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)) {
		attempt->receive_max = (unsigned)MQTTProperties_getNumericValue(
			limits, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
	}
	if (MQTTProperties_hasProperty(limits, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE)) {
		attempt->packet_max_bytes = (unsigned)MQTTProperties_getNumericValue(
			limits, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE);
	}
	connected(attempt);
}

static void not_connected(struct attempt *attempt, int code, const char *message)
{
	(void)snprintf(attempt->message, sizeof attempt->message, "%s", message ? message : "");
	traffic_finish(&attempt->task, false, code);
}

static void on_connect_failure(void *context, MQTTAsync_failureData *data)
{
	not_connected(context, data ? data->code : MQTTASYNC_FAILURE, data ? data->message : NULL);
}

static void on_connect_failure5(void *context, MQTTAsync_failureData5 *data)
{
	not_connected(context, failure_code5(data), data ? data->message : NULL);
}

/* The first line of several is the cause. */
static int on_tls_error(const char *text, size_t size, void *context)
{
	struct attempt *attempt = context;

	if (attempt->tls_error[0] == '\0') {
		(void)snprintf(
			attempt->tls_error, sizeof attempt->tls_error, "%.*s", (int)size, text);
	}
	return 1;
}

static void on_lost(void *context, char *cause)
{
	struct mqtt *mqtt = context;

	(void)cause;
	inbox_put(&mqtt->inbox, &mqtt->lost.entry);
}

/* After a DISCONNECT from an MQTT 5 server, on_lost is not called. */
static void on_server_disconnect(
	void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	struct mqtt *mqtt = context;

	(void)properties;
	mqtt->lost.code = (int)code;
	on_lost(mqtt, NULL);
}

static struct inbox_bytes bytes_of(const MQTTLenString *text)
{
	return (struct inbox_bytes) { text->data ? text->data : "", (size_t)text->len };
}

static bool is_source(const MQTTLenString *name)
{
	static const char wanted[] = "source";

	return name->len == sizeof wanted - 1 && memcmp(name->data, wanted, sizeof wanted - 1) == 0;
}

static void read_property(struct inbox_arrival *arrival, const MQTTProperty *property)
{
	switch (property->identifier) {
	case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
		arrival->has_expiry = true;
		arrival->expiry_s = property->value.integer4;
		break;
	case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
		arrival->response_topic = bytes_of(&property->value.data);
		break;
	case MQTTPROPERTY_CODE_CORRELATION_DATA:
		arrival->correlation = bytes_of(&property->value.data);
		break;
	case MQTTPROPERTY_CODE_USER_PROPERTY:
		if (is_source(&property->value.data)) {
			arrival->source = bytes_of(&property->value.value);
		}
		break;
	default:
		break;
	}
}

/* Paho says 0 for the length of the topic, or the length, or, when a NUL is inside, the length up
 * to the real end. */
static bool is_whole(const char *topic, int length)
{
	return length == 0 || strlen(topic) == (size_t)length;
}

static int on_arrival(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
	struct mqtt *mqtt = context;
	struct inbox_arrival arrival = {
		.topic = { topic, strlen(topic) },
		.payload = { message->payload, (size_t)message->payloadlen },
		.is_retained = message->retained,
		.is_duplicate = message->dup,
	};

	for (int i = 0; i < message->properties.count; i++) {
		read_property(&arrival, &message->properties.array[i]);
	}
	if (is_whole(topic, topic_length)) {
		(void)inbox_put_message(&mqtt->inbox, &arrival);
	} else {
		inbox_count_dropped(&mqtt->inbox);
	}
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1;
}

/* ---- on the loop thread ---- */

static void check_memory(int rc)
{
	if (rc == PAHO_OUT_OF_MEMORY) {
		(void)traffic_check(NULL);
	}
}

static bool is_v5(const struct mqtt *mqtt)
{
	return mqtt->settings->protocol == MQTTVERSION_5;
}

static void fill_tls(struct mqtt *mqtt, MQTTAsync_SSLOptions *tls)
{
	const struct settings *settings = mqtt->settings;

	tls->trustStore = settings->ca_file;
	tls->disableDefaultTrustStore = settings->ca_file != NULL;
	tls->keyStore = settings->cert_file;
	tls->privateKey = settings->key_file;
	tls->enableServerCertAuth = 1;
	tls->verify = 1; /* by default another host's certificate is accepted */
	tls->ssl_error_cb = on_tls_error;
	tls->ssl_error_context = &mqtt->attempt;
}

static void fill_will(const struct settings *settings, MQTTAsync_willOptions *will)
{
	will->topicName = settings->will_topic;
	will->message = settings->will_payload;
	will->qos = 1;
	will->retained = 1;
}

static MQTTAsync_connectOptions connect_options(struct mqtt *mqtt)
{
	const MQTTAsync_connectOptions v3 = MQTTAsync_connectOptions_initializer;
	const MQTTAsync_connectOptions v5 = MQTTAsync_connectOptions_initializer5;
	const struct settings *settings = mqtt->settings;
	MQTTAsync_connectOptions options = is_v5(mqtt) ? v5 : v3;

	options.MQTTVersion = settings->protocol;
	options.keepAliveInterval = settings->keepalive_s;
	options.connectTimeout = CONNECT_TIMEOUT_S;
	options.automaticReconnect = 0;
	options.username = settings->username;
	options.password = settings->password;
	options.context = &mqtt->attempt;
	if (is_v5(mqtt)) {
		options.cleanstart = 1;
		options.onSuccess5 = on_connect5;
		options.onFailure5 = on_connect_failure5;
	} else {
		options.cleansession = 1;
		options.onSuccess = on_connect;
		options.onFailure = on_connect_failure;
	}
	return options;
}

static MQTTProperty number(enum MQTTPropertyCodes code, unsigned value)
{
	return (MQTTProperty) { .identifier = code, .value.integer4 = value };
}

static int call_connect(struct mqtt *mqtt)
{
	MQTTAsync_connectOptions options = connect_options(mqtt);
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
	MQTTProperty array[] = {
		number(MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 0),
		number(MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, PACKET_MAX_BYTES),
	};
	MQTTProperties properties = { .count = 2, .max_count = 2, .array = array };

	if (mqtt->settings->will_topic) {
		fill_will(mqtt->settings, &will);
		options.will = &will;
	}
	if (mqtt->settings->is_tls) {
		fill_tls(mqtt, &tls);
		options.ssl = &tls;
	}
	if (is_v5(mqtt)) {
		options.connectProperties = &properties; /* copied by Paho, like all the rest */
	}
	return MQTTAsync_connect(mqtt->paho, &options);
}

void paho_connect(struct mqtt *mqtt)
{
	const int rc = call_connect(mqtt);

	check_memory(rc);
	if (rc != MQTTASYNC_SUCCESS) {
		not_connected(&mqtt->attempt, rc, MQTTAsync_strerror(rc));
	}
}

static MQTTAsync_responseOptions response_for(const struct mqtt *mqtt, struct task *task)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;

	response.context = task;
	if (task && is_v5(mqtt)) {
		response.onSuccess5 = on_success5;
		response.onFailure5 = on_failure5;
	} else if (task) {
		response.onSuccess = on_success;
		response.onFailure = on_failure;
	}
	return response;
}

/* Below 0 the connection is gone; anything else is said by Paho about the filter. */
static int subscribe_code(int rc)
{
	check_memory(rc);
	return rc == MQTTASYNC_DISCONNECTED ? rc : (int)MQTTREASONCODE_TOPIC_FILTER_INVALID;
}

/* One topic per call: with several Paho wants lists of options, and crashes without. */
void paho_subscribe(struct mqtt *mqtt)
{
	for (size_t i = 0; i < mqtt->settings->subscription_count; i++) {
		struct task *task = traffic_task(mqtt, INBOX_SUBSCRIBE, i);
		MQTTAsync_responseOptions response = response_for(mqtt, task);
		int rc;

		response.subscribeOptions.retainAsPublished = 1;
		response.subscribeOptions.retainHandling = 2;
		rc = MQTTAsync_subscribe(
			mqtt->paho, mqtt->settings->subscriptions[i], 1, &response);
		if (rc != MQTTASYNC_SUCCESS) {
			traffic_finish(task, false, subscribe_code(rc));
		}
	}
}

/* Retained messages are what it is for, so they are asked for, and at once. */
void mqtt_subscribe(struct mqtt *mqtt, const char *filter)
{
	struct task *task = NULL;
	MQTTAsync_responseOptions response;
	int rc = 0;

	if (mqtt->state != SESSION_ONLINE) {
		return;
	}
	task = traffic_task(mqtt, INBOX_LATE_SUBSCRIBE, 0);
	response = response_for(mqtt, task);
	response.subscribeOptions.retainAsPublished = 1;
	rc = MQTTAsync_subscribe(mqtt->paho, filter, 0, &response);
	if (rc != MQTTASYNC_SUCCESS) {
		traffic_finish(task, false, subscribe_code(rc));
	}
}

void mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
	struct task *task = NULL;
	MQTTAsync_responseOptions response;
	int rc = 0;

	if (mqtt->state != SESSION_ONLINE) {
		return;
	}
	task = traffic_task(mqtt, INBOX_UNSUBSCRIBE, 0);
	response = response_for(mqtt, task);
	rc = MQTTAsync_unsubscribe(mqtt->paho, filter, &response);
	if (rc != MQTTASYNC_SUCCESS) {
		traffic_finish(task, false, subscribe_code(rc));
	}
}

static MQTTProperty text(enum MQTTPropertyCodes code, const void *data, size_t size)
{
	return (MQTTProperty) {
		.identifier = code,
		.value.data = { .len = (int)size, .data = (char *)(uintptr_t)data },
	};
}

/* The array is the caller's; Paho copies it. */
static MQTTProperties properties_of(const struct mqtt_publish *publish, MQTTProperty *array)
{
	static const char json[] = "application/json";
	int count = 0;

	if (publish->is_json) {
		array[count++] = text(MQTTPROPERTY_CODE_CONTENT_TYPE, json, sizeof json - 1);
	}
	if (publish->expiry_s > 0) {
		array[count++] =
			number(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, publish->expiry_s);
	}
	if (publish->correlation) {
		array[count++] = text(MQTTPROPERTY_CODE_CORRELATION_DATA, publish->correlation,
			publish->correlation_size);
	}
	return (MQTTProperties) { .count = count, .max_count = PROPERTIES_MAX, .array = array };
}

static int call_send(struct mqtt *mqtt, const struct mqtt_publish *publish, struct task *task)
{
	MQTTAsync_message message = MQTTAsync_message_initializer;
	MQTTAsync_responseOptions response = response_for(mqtt, task);
	MQTTProperty array[PROPERTIES_MAX];
	static char nothing[1];

	message.payload = publish->payload_size > 0 ? (void *)(uintptr_t)publish->payload : nothing;
	message.payloadlen = (int)publish->payload_size;
	message.qos = publish->qos;
	message.retained = publish->is_retained;
	if (is_v5(mqtt)) {
		message.properties = properties_of(publish, array);
	}
	return MQTTAsync_sendMessage(mqtt->paho, publish->topic, &message, &response);
}

/* What the broker would answer by ending the connection: such a topic can come from a response
 * topic. 0 when it may go out, else the reason code of MQTT 5. */
static int refusal(const struct mqtt *mqtt, const struct mqtt_publish *publish)
{
	const size_t topic_size = strlen(publish->topic);

	if (topic_size == 0 || strpbrk(publish->topic, "+#")) {
		return MQTTREASONCODE_TOPIC_NAME_INVALID;
	}
	if (publish->payload_size + publish->correlation_size + topic_size + PUBLISH_HEADER_BYTES >
		mqtt->packet_max_bytes) {
		return MQTTREASONCODE_PACKET_TOO_LARGE;
	}
	return 0;
}

/* What the answer of a send means; a task that Paho did not take is freed or finished here. */
static enum mqtt_sent sent(struct mqtt *mqtt, int rc, struct task *task)
{
	check_memory(rc);
	switch (rc) {
	case MQTTASYNC_SUCCESS:
		return MQTT_SENT;
	case MQTTASYNC_MAX_BUFFERED_MESSAGES:
	case MQTTASYNC_NO_MORE_MSGIDS:
		traffic_await_buffer(mqtt);
		break;
	case MQTTASYNC_DISCONNECTED:
		break;
	default:
		/* It never will be taken, so it must not be tried for ever. */
		if (task) {
			traffic_finish(task, false, MQTTREASONCODE_TOPIC_NAME_INVALID);
		}
		return MQTT_SENT;
	}
	if (task) {
		traffic_task_free(task);
	}
	return rc == MQTTASYNC_DISCONNECTED ? MQTT_DOWN : MQTT_FULL;
}

enum mqtt_sent paho_publish(struct mqtt *mqtt, const struct mqtt_publish *publish)
{
	const int refused = refusal(mqtt, publish);
	struct task *task = NULL;
	enum mqtt_sent result = MQTT_SENT;

	if (publish->qos > 0) {
		task = traffic_task(mqtt, INBOX_PUBLISH, publish->tag);
	}
	if (refused == 0) {
		result = sent(mqtt, call_send(mqtt, publish, task), task);
	} else if (task) {
		traffic_finish(task, false, refused);
	}
	if (result == MQTT_SENT && task) {
		mqtt->counters.in_flight++;
	} else if (result == MQTT_SENT && refused == 0) {
		mqtt->counters.published++;
	} else if (result == MQTT_SENT) {
		mqtt->counters.failed++;
	}
	return result;
}

enum mqtt_sent mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *publish)
{
	if (mqtt->state != SESSION_ONLINE) {
		return MQTT_DOWN;
	}
	if (publish->qos > 0 && mqtt->counters.in_flight >= mqtt->window) {
		mqtt->wants_room = true;
		return MQTT_FULL;
	}
	return paho_publish(mqtt, publish);
}

static int call_create(struct mqtt *mqtt)
{
	const MQTTAsync_createOptions v3 = MQTTAsync_createOptions_initializer;
	const MQTTAsync_createOptions v5 = MQTTAsync_createOptions_initializer5;
	MQTTAsync_createOptions options = is_v5(mqtt) ? v5 : v3;

	options.MQTTVersion = mqtt->settings->protocol;
	options.sendWhileDisconnected = 0;
	options.maxBufferedMessages = BUFFERED_MAX;
	return MQTTAsync_createWithOptions(&mqtt->paho, mqtt->settings->uri,
		mqtt->settings->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
}

const char *paho_create(struct mqtt *mqtt)
{
	struct attempt *attempt = &mqtt->attempt;
	const int rc = call_create(mqtt);

	attempt->receive_max = RECEIVE_MAX;
	attempt->packet_max_bytes = PACKET_LIMIT_BYTES;
	attempt->tls_error[0] = attempt->message[0] = '\0';
	mqtt->lost.code = 0;
	check_memory(rc);
	if (rc != MQTTASYNC_SUCCESS) {
		return MQTTAsync_strerror(rc);
	}
	(void)MQTTAsync_setCallbacks(mqtt->paho, mqtt, on_lost, on_arrival, NULL);
	(void)MQTTAsync_setDisconnected(mqtt->paho, mqtt, on_server_disconnect);
	return NULL;
}

void paho_destroy(struct mqtt *mqtt)
{
	MQTTAsync_destroy(&mqtt->paho);
}

static const char *init(struct mqtt *mqtt)
{
	/* Tried once here, because it names a client id that Paho does not take. */
	const char *problem = paho_create(mqtt);

	MQTTAsync_destroy(&mqtt->paho); /* at once: its threads start with the first connect */
	if (problem) {
		return problem;
	}
	if (inbox_init(&mqtt->inbox, &mqtt->wake) != 0) {
		return "out of system resources";
	}
	if (uv_async_init(mqtt->loop, &mqtt->wake, traffic_on_wake) != 0) {
		inbox_clear(&mqtt->inbox);
		return "out of file descriptors";
	}
	return NULL;
}

struct mqtt *mqtt_new(uv_loop_t *loop, const struct mqtt_options *options,
	const struct mqtt_events *events, void *arg, const char **problem)
{
	struct mqtt *mqtt;

	*problem = settings_problem(options);
	if (*problem) {
		return NULL;
	}
	/* Paho would send the connection through a proxy that is meant for web pages. */
	(void)unsetenv("http_proxy");
	(void)unsetenv("https_proxy");
	mqtt = traffic_check(calloc(1, sizeof *mqtt));
	mqtt->settings = traffic_check(settings_new(options));
	mqtt->loop = loop;
	mqtt->events = *events;
	mqtt->arg = arg;
	*problem = init(mqtt);
	if (*problem) {
		settings_free(mqtt->settings);
		free(mqtt);
		return NULL;
	}
	session_start(mqtt);
	return mqtt;
}
