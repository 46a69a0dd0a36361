/* paho_floor - the least that Paho's asynchronous client allows: its callback copies the command
 * into a queue and wakes the loop; what a plug answered goes out by MQTTAsync_sendMessage. */
#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/links.h"

enum {
	QUEUE_COMMANDS = 4096,
	QUEUE_MESSAGES = 65000, /* Paho refuses what comes on top, and so does the receiver */
	CONNECT_S = 5,
	DESCRIPTORS_AT_START = 64, /* the plugs' sockets come later */
	DISCONNECT_MS = 500,
};

struct paho {
	MQTTAsync client;
	int wake_fd;
	sem_t is_ready; /* posted when the subscription is acknowledged */
	pthread_mutex_t lock;
	struct links_command queue[QUEUE_COMMANDS];
	size_t count;
	struct links_command taken[QUEUE_COMMANDS]; /* the loop's copy */
};

/* Paho's thread. */
static int on_message(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
	static const uint64_t one = 1;
	struct paho *paho = context;
	struct links_command command =
		links_parse(topic, strlen(topic), message->payload, (size_t)message->payloadlen);
	bool is_first;

	(void)topic_size;
	pthread_mutex_lock(&paho->lock);
	if (paho->count == QUEUE_COMMANDS) {
		errx(1, "more than %d commands wait", QUEUE_COMMANDS);
	}
	is_first = paho->count == 0;
	paho->queue[paho->count++] = command;
	pthread_mutex_unlock(&paho->lock);
	if (is_first && write(paho->wake_fd, &one, sizeof(one)) < 0) {
		err(1, "eventfd");
	}
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1;
}

static void on_lost(void *context, char *cause)
{
	(void)context;
	errx(1, "the broker is gone: %s", cause ? cause : "no reason given");
}

static void on_failure(void *context, MQTTAsync_failureData *response)
{
	(void)context;
	errx(1, "connect or subscribe: Paho says %d", response ? response->code : 0);
}

static void on_subscribed(void *context, MQTTAsync_successData *response)
{
	struct paho *paho = context;

	(void)response;
	sem_post(&paho->is_ready);
}

/* Paho neither sets TCP_NODELAY nor hands out its socket: it is the one whose peer is the broker.
 */
static void set_nodelay(int broker_port)
{
	struct sockaddr_in peer;
	int found = 0, on = 1;

	for (int fd = 0; fd < DESCRIPTORS_AT_START; fd++) {
		socklen_t size = sizeof(peer);

		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
			peer.sin_family == AF_INET && ntohs(peer.sin_port) == broker_port &&
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0) {
			found++;
		}
	}
	if (found != 1) {
		errx(1, "%d sockets lead to the broker, expected 1", found);
	}
}

static void on_connected(void *context, MQTTAsync_successData *response)
{
	MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
	struct paho *paho = context;

	(void)response;
	options.onSuccess = on_subscribed;
	options.onFailure = on_failure;
	options.context = paho;
	if (MQTTAsync_subscribe(paho->client, "museum/plug/+/set", 1, &options) != 0) {
		errx(1, "subscribe");
	}
}

static void start(struct paho *paho, int broker_port)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
	struct timespec deadline;
	char uri[64];

	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%d", broker_port);
	create.maxBufferedMessages = QUEUE_MESSAGES;
	if (MQTTAsync_createWithOptions(&paho->client, uri, "bench-paho-floor",
		    MQTTCLIENT_PERSISTENCE_NONE, NULL, &create) != 0 ||
		MQTTAsync_setCallbacks(paho->client, paho, on_lost, on_message, NULL) != 0) {
		errx(1, "Paho did not start");
	}
	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.maxInflight = QUEUE_MESSAGES;
	options.onSuccess = on_connected;
	options.onFailure = on_failure;
	options.context = paho;
	if (sem_init(&paho->is_ready, 0, 0) < 0 || MQTTAsync_connect(paho->client, &options) != 0) {
		errx(1, "connect");
	}
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += CONNECT_S;
	if (sem_timedwait(&paho->is_ready, &deadline) < 0) {
		err(1, "the broker");
	}
	set_nodelay(broker_port);
}

static void on_wake(void *arg, struct links *links)
{
	struct paho *paho = arg;
	uint64_t wakes;
	size_t count;

	if (read(paho->wake_fd, &wakes, sizeof(wakes)) < 0) {
		err(1, "eventfd");
	}
	pthread_mutex_lock(&paho->lock);
	count = paho->count;
	memcpy(paho->taken, paho->queue, count * sizeof(*paho->taken));
	paho->count = 0;
	pthread_mutex_unlock(&paho->lock);
	for (size_t i = 0; i < count; i++) {
		links_command(links, paho->taken[i]);
	}
}

static void publish(void *arg, const struct links_message *from)
{
	MQTTAsync_message message = MQTTAsync_message_initializer;
	struct paho *paho = arg;
	int error;

	message.payload = (void *)from->payload;
	message.payloadlen = (int)strlen(from->payload);
	message.qos = from->qos;
	message.retained = from->is_retained;
	error = MQTTAsync_sendMessage(paho->client, from->topic, &message, NULL);
	if (error) {
		errx(1, "publish: Paho says %d", error);
	}
}

static void stop(struct paho *paho)
{
	MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

	options.timeout = DISCONNECT_MS;
	MQTTAsync_disconnect(paho->client, &options);
	MQTTAsync_destroy(&paho->client);
	close(paho->wake_fd);
	sem_destroy(&paho->is_ready);
	pthread_mutex_destroy(&paho->lock);
}

int main(int argc, char **argv)
{
	struct links_options options = links_options(argc, argv);
	struct paho paho = { .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	struct links_mqtt mqtt = {
		.arg = &paho, .fd = paho.wake_fd, .on_wake = on_wake, .publish = publish
	};

	if (paho.wake_fd < 0 || pthread_mutex_init(&paho.lock, NULL) != 0) {
		err(1, "no way to wake the loop");
	}
	start(&paho, options.broker_port);
	links_run(&options, &mqtt);
	stop(&paho);
	return 0;
}
