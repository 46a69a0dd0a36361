#include "tests/unit/mqtt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { NS_PER_MS = 1000000, SKIPPED = 77, FILE_BYTES = 4096, COMMAND_BYTES = 2048 };

/* ---- the loop ---- */

static void on_tick(uv_timer_t *timer)
{
	struct rig *rig = timer->data;
	const uint64_t now_ns = uv_hrtime();

	if (rig->ticked_ns > 0 && now_ns - rig->ticked_ns > rig->longest_gap_ns) {
		rig->longest_gap_ns = now_ns - rig->ticked_ns;
	}
	if (rig->ticked_ns > 0) {
		rig->ticked_ns = now_ns;
	}
}

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);

	assert_non_null(rig);
	(void)snprintf(rig->dir, sizeof rig->dir, "/tmp/mqtt-test-XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	assert_int_equal(uv_timer_init(&rig->loop, &rig->tick), 0);
	rig->tick.data = rig;
	assert_int_equal(uv_timer_start(&rig->tick, on_tick, 1, 1), 0);
	*state = rig;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	rig_shell(rig, "rm -f -- *");
	assert_int_equal(rmdir(rig->dir), 0);
	uv_close((uv_handle_t *)&rig->tick, NULL);
	uv_run(&rig->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
	return 0;
}

int rig_clean(void **state)
{
	struct rig *rig = *state;

	if (rig->broker.pid > 0) {
		(void)kill(rig->broker.pid, SIGCONT);
	}
	if (rig->client.mqtt) {
		(void)client_stop(&rig->client);
	}
	broker_kill(&rig->broker);
	if (rig->shell > 0) {
		(void)kill(rig->shell, SIGKILL);
		(void)waitpid(rig->shell, NULL, 0);
		rig->shell = 0;
	}
	memset(&rig->client, 0, sizeof rig->client);
	rig->ticked_ns = 0;
	return 0;
}

void rig_need_mosquitto(void)
{
	if (access("/usr/sbin/mosquitto", X_OK) != 0) {
		(void)fputs("skipped: there is no /usr/sbin/mosquitto\n", stderr);
		exit(SKIPPED);
	}
}

uint64_t rig_now_ms(void)
{
	return uv_hrtime() / NS_PER_MS;
}

void rig_watch_gaps(struct rig *rig)
{
	rig->ticked_ns = uv_hrtime();
	rig->longest_gap_ns = 0;
}

void rig_idle(struct rig *rig, uint64_t duration_ms)
{
	const uint64_t end_ms = rig_now_ms() + duration_ms;

	while (rig_now_ms() < end_ms) {
		uv_run(&rig->loop, UV_RUN_ONCE);
	}
}

/* ---- Mosquitto ---- */

static int bind_loopback(struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in) { .sin_family = AF_INET };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	return fd;
}

int rig_free_port(void)
{
	struct sockaddr_in address;

	(void)close(bind_loopback(&address));
	return ntohs(address.sin_port);
}

void broker_prepare(struct rig *rig, const char *extra)
{
	struct broker *broker = &rig->broker;
	FILE *file;

	broker->pid = 0;
	broker->port = rig_free_port();
	(void)snprintf(
		broker->config, sizeof broker->config, "%.64s/%d.conf", rig->dir, broker->port);
	file = fopen(broker->config, "w");
	assert_non_null(file);
	/* As root Mosquitto would give up the right to read the test's files. */
	(void)fprintf(file, "user root\nlistener %d 127.0.0.1\nmax_queued_messages 100000\n%s\n",
		broker->port, extra);
	assert_int_equal(fclose(file), 0);
}

static bool accepts(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	(void)close(fd);
	return ok;
}

/* In the child between fork and exec: output to nowhere, no descriptors of ours. */
static void quiet_child(void)
{
	const int null = open("/dev/null", O_RDWR);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	if (!getenv("MQTT_TEST_VERBOSE")) {
		(void)dup2(null, STDERR_FILENO);
	}
}

void broker_start(struct broker *broker)
{
	const struct timespec pause = { .tv_nsec = 2 * NS_PER_MS };
	const uint64_t end_ms = rig_now_ms() + RIG_PATIENCE_MS;

	broker->pid = fork();
	assert_true(broker->pid >= 0);
	if (broker->pid == 0) {
		quiet_child();
		(void)execl("/usr/sbin/mosquitto", "mosquitto", "-c", broker->config, (char *)NULL);
		_exit(1);
	}
	while (!accepts(broker->port)) {
		assert_true(rig_now_ms() < end_ms);
		assert_int_equal(waitpid(broker->pid, NULL, WNOHANG), 0);
		(void)nanosleep(&pause, NULL);
	}
}

void broker_signal(const struct broker *broker, int signal)
{
	assert_true(broker->pid > 0);
	assert_int_equal(kill(broker->pid, signal), 0);
}

void broker_freeze(const struct broker *broker)
{
	int status = 0;

	broker_signal(broker, SIGSTOP);
	assert_int_equal(waitpid(broker->pid, &status, WUNTRACED), broker->pid);
	assert_true(WIFSTOPPED(status));
}

void broker_kill(struct broker *broker)
{
	if (broker->pid > 0) {
		broker_signal(broker, SIGKILL);
		assert_int_equal(waitpid(broker->pid, NULL, 0), broker->pid);
		broker->pid = 0;
	}
}

static pid_t start_shell(struct rig *rig, const char *command)
{
	char text[COMMAND_BYTES];
	pid_t pid;

	assert_true(snprintf(text, sizeof text, "cd '%s' && PORT=%d && { %s ; }", rig->dir,
			    rig->broker.port, command) < (int)sizeof text);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		quiet_child();
		(void)execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(1);
	}
	return pid;
}

void rig_shell(struct rig *rig, const char *command)
{
	const pid_t pid = start_shell(rig, command);
	int status = 0;

	RIG_WAIT(rig, waitpid(pid, &status, WNOHANG) == pid, RIG_PATIENCE_MS);
	assert_int_equal(status, 0);
}

void rig_shell_start(struct rig *rig, const char *command)
{
	assert_int_equal(rig->shell, 0);
	rig->shell = start_shell(rig, command);
}

const char *rig_read(struct rig *rig, const char *name)
{
	static char text[FILE_BYTES];
	char path[RIG_PATH_BYTES];
	FILE *file;

	(void)snprintf(path, sizeof path, "%.64s/%s", rig->dir, name);
	file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	(void)fclose(file);
	return text;
}

/* ---- the client ---- */

static void on_connected(void *arg)
{
	struct client *client = arg;

	client->connected++;
	assert_true(mqtt_is_connected(client->mqtt));
	if (client->on_connected) {
		client->on_connected(client);
	}
}

static void on_disconnected(void *arg, enum mqtt_reason reason, const char *text)
{
	struct client *client = arg;

	client->disconnected++;
	client->reason = reason;
	(void)snprintf(client->text, sizeof client->text, "%s", text);
	assert_false(mqtt_is_connected(client->mqtt));
}

static void keep(char *kept, const void *bytes, size_t size)
{
	memset(kept, 0, RIG_KEPT_BYTES);
	if (bytes) {
		memcpy(kept, bytes, size < RIG_KEPT_BYTES - 1 ? size : RIG_KEPT_BYTES - 1);
	}
}

static void keep_text(char *kept, const char *text)
{
	keep(kept, text, text ? strlen(text) : 0);
}

static void on_message(void *arg, const struct mqtt_message *message)
{
	struct client *client = arg;
	const uint64_t latency_ms = rig_now_ms() - message->arrived_ms;

	client->messages++;
	if (latency_ms > client->latency_ms) {
		client->latency_ms = latency_ms;
	}
	client->last.message = *message;
	client->last.has_payload = message->payload != NULL;
	keep_text(client->last.topic, message->topic);
	keep_text(client->last.response_topic, message->response_topic);
	keep_text(client->last.source, message->source);
	keep(client->last.payload, message->payload, message->payload_size);
	keep(client->last.correlation, message->correlation, message->correlation_size);
	if (client->on_message) {
		client->on_message(client, message);
	}
}

static void on_published(void *arg, uint64_t tag, bool is_delivered, int refused)
{
	struct client *client = arg;

	assert_true(tag < RIG_TAGS);
	client->answers[tag]++;
	if (is_delivered) {
		client->delivered++;
	} else {
		client->failed++;
	}
	if (refused > 0) {
		client->refused = refused;
	}
	if (client->on_published) {
		client->on_published(client, tag, is_delivered);
	}
}

static void on_room(void *arg)
{
	struct client *client = arg;

	client->rooms++;
	if (client->on_room) {
		client->on_room(client);
	}
}

static void on_subscribed(void *arg)
{
	struct client *client = arg;

	client->subscribed++;
}

struct mqtt_options client_options(const struct rig *rig)
{
	static const char *const subscriptions[] = { "t/#" };

	return (struct mqtt_options) {
		.host = "127.0.0.1",
		.port = rig->broker.port,
		.protocol = 5,
		.client_id = "mqtt-test",
		.keepalive_s = 10,
		.will_topic = "t-availability",
		.will_payload = "gone",
		.subscriptions = subscriptions,
		.subscription_count = 1,
	};
}

void client_start(struct rig *rig, const struct mqtt_options *options)
{
	static const struct mqtt_events events = { on_connected, on_disconnected, on_message,
		on_published, on_room, on_subscribed };
	struct client *client = &rig->client;
	const char *problem;

	client->rig = rig;
	client->mqtt = mqtt_new(&rig->loop, options, &events, client, &problem);
	assert_non_null(client->mqtt);
	assert_null(problem);
}

void client_connect(struct rig *rig)
{
	const struct mqtt_options options = client_options(rig);
	const unsigned before = rig->client.connected;

	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.connected > before, RIG_PATIENCE_MS);
}

enum mqtt_sent client_publish(
	struct client *client, const char *topic, const char *payload, uint64_t tag)
{
	const struct mqtt_publish publish = { .topic = topic,
		.payload = payload,
		.payload_size = strlen(payload),
		.qos = 1,
		.tag = tag };

	return mqtt_publish(client->mqtt, &publish);
}

static void on_stopped(void *arg)
{
	struct client *client = arg;

	client->stopped++;
	client->mqtt = NULL;
}

uint64_t client_stop(struct client *client)
{
	const struct mqtt_publish last = { .topic = "t-availability",
		.payload = "offline",
		.payload_size = 7,
		.is_retained = true };
	const uint64_t start_ms = rig_now_ms();
	const unsigned before = client->stopped;

	mqtt_stop(client->mqtt, &last, on_stopped);
	assert_int_equal(client->stopped, before);
	RIG_WAIT(client->rig, client->stopped > before, RIG_PATIENCE_MS);
	return rig_now_ms() - start_ms;
}
