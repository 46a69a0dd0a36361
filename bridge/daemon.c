#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bridge/bridge.h"
#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/mqtt/homeassistant.h"
#include "bridge/notify.h"
#include "bridge/requests/request.h"
#include "bridge/tasks/common.h"
#include "bridge/time/zone.h"
#include "bridge/version.h"

enum {
	TICK_MS = 1000,
	/* For the last results; with the last "offline" a stop takes less than 3 s. */
	STOP_PUBLISH_MS = 1000,
	/* The last for Home Assistant alone. */
	SUBSCRIPTIONS = 5,
	/* Descriptors beside those of the devices: broker, files, the loop's own. */
	OTHER_DESCRIPTORS = 32,
};

static void connect_broker(struct bridge *bridge)
{
	const struct config_broker *broker = &bridge->config->broker;
	const char *base = bridge->config->bridge.base_topic;
	const bool is_announced = bridge->config->homeassistant.discovery != CONFIG_HA_OFF;
	char will_topic[TOPIC_MAX_BYTES];
	char status_topic[TOPIC_MAX_BYTES];
	char *filters[SUBSCRIPTIONS] = { mem_printf("%s/plug/+/set", base),
		mem_printf("%s/plug/+/set/+", base), mem_printf("%s/plug/+/get", base),
		mem_printf("%s/bridge/%s/request/+", base, bridge->config->bridge.id),
		mem_copy(homeassistant_status_topic(
			bridge->config->homeassistant.prefix, status_topic)) };
	const struct mqtt_options options = {
		.host = broker->host,
		.port = broker->port,
		.protocol = broker->protocol,
		.client_id = broker->client_id,
		.keepalive_s = broker->keepalive_s,
		.username = broker->username,
		.password = broker->password,
		.tls = { .is_used = broker->tls.is_used,
			.ca_file = broker->tls.ca_file,
			.cert_file = broker->tls.cert_file,
			.key_file = broker->tls.key_file },
		.will_topic = topics_bridge(&bridge->topics, "availability", will_topic),
		.will_payload = "offline",
		.subscriptions = (const char *const *)filters,
		.subscription_count = is_announced ? SUBSCRIPTIONS : SUBSCRIPTIONS - 1,
	};
	const char *problem = NULL;

	bridge->mqtt = mqtt_new(&bridge->loop, &options, &bridge_mqtt_events, bridge, &problem);
	if (!bridge->mqtt) {
		log_warn("mqtt: %s", problem);
	}
	publisher_connect(bridge->publisher, bridge->mqtt, &bridge->topics);
	for (size_t i = 0; i < SUBSCRIPTIONS; i++) {
		free(filters[i]);
	}
}

static void on_handle_closed(uv_handle_t *handle)
{
	(void)handle;
}

static void on_mqtt_stopped(void *arg)
{
	struct bridge *bridge = arg;

	bridge->is_mqtt_stopping = false;
	if (bridge->is_stopping) {
		announcer_close(bridge->announcer);
		publisher_close(bridge->publisher);
		store_close(bridge->store);
		energy_file_close(bridge->energy_file);
		recall_close(bridge);
		uv_close((uv_handle_t *)&bridge->stop_timer, on_handle_closed);
	} else {
		connect_broker(bridge);
	}
}

static void disconnect_broker(struct bridge *bridge)
{
	char topic[TOPIC_MAX_BYTES];
	const struct mqtt_publish last = {
		.topic = topics_bridge(&bridge->topics, "availability", topic),
		.payload = "offline",
		.payload_size = strlen("offline"),
		.qos = 1,
		.is_retained = true,
	};
	struct mqtt *mqtt = bridge->mqtt;

	recall_on_disconnected(bridge);
	bridge->mqtt = NULL;
	bridge->is_mqtt_stopping = true;
	publisher_connect(bridge->publisher, NULL, &bridge->topics);
	mqtt_stop(mqtt, &last, on_mqtt_stopped);
}

void bridge_reconnect(struct bridge *bridge)
{
	const bool was_connecting = bridge->mqtt != NULL;

	if (was_connecting) {
		disconnect_broker(bridge);
	}
	topics_clear(&bridge->topics);
	topics_init(&bridge->topics, bridge->config->bridge.base_topic, bridge->config->bridge.id);
	if (!was_connecting && !bridge->is_mqtt_stopping) {
		connect_broker(bridge);
	}
}

void bridge_continue_stop(struct bridge *bridge)
{
	const bool is_done = !bridge->mqtt || !mqtt_is_connected(bridge->mqtt) ||
			     publisher_is_idle(bridge->publisher) ||
			     !uv_is_active((uv_handle_t *)&bridge->stop_timer);

	if (!bridge->is_stopping || bridge->is_mqtt_stopping || !is_done) {
		return;
	}
	uv_timer_stop(&bridge->stop_timer);
	if (bridge->mqtt) {
		disconnect_broker(bridge);
	} else {
		on_mqtt_stopped(bridge);
	}
}

static void on_stop_timer(uv_timer_t *timer)
{
	bridge_continue_stop(timer->data);
}

static void stop(struct bridge *bridge, const char *why)
{
	if (bridge->is_stopping) {
		return;
	}
	log_info("bridge: stopping (%s)", why);
	bridge->is_stopping = true;
	request_stop_replace(bridge);
	bridge_close_devices(bridge, "the bridge is stopping");
	finder_close(bridge->finder);
	bridge->finder = NULL;
	for (size_t i = 0; i < sizeof bridge->signals / sizeof bridge->signals[0]; i++) {
		uv_close((uv_handle_t *)&bridge->signals[i], on_handle_closed);
	}
	uv_close((uv_handle_t *)&bridge->tick, on_handle_closed);
	publisher_pump(bridge->publisher);
	uv_timer_start(&bridge->stop_timer, on_stop_timer, STOP_PUBLISH_MS, 0);
	bridge_continue_stop(bridge);
}

/* To the service manager this is a reload: the process stays. */
void bridge_restart(struct bridge *bridge)
{
	notify_reloading();
	bridge->is_restarting = !bridge->is_stopping;
	stop(bridge, "to start again");
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct bridge *bridge = handle->data;

	if (number == SIGHUP) {
		notify_reloading();
		free(bridge_reload(bridge));
		notify_ready();
	} else {
		notify_stopping();
		stop(bridge, number == SIGINT ? "SIGINT" : "SIGTERM");
	}
}

/* glibc keeps what a start needed for a moment: libconfig's tree, the messages of everything. */
static void settle(struct bridge *bridge)
{
	if (bridge->settle_at_ms > 0 && uv_now(&bridge->loop) >= bridge->settle_at_ms) {
		bridge->settle_at_ms = 0;
		(void)malloc_trim(0);
		/* The one of the start says "not read yet" of everything. */
		publisher_mark_document(bridge->publisher, DOCUMENT_HEALTH);
		publisher_pump(bridge->publisher);
	}
}

/* A timer that comes late tells how long the loop was busy. */
static void on_tick(uv_timer_t *timer)
{
	struct bridge *bridge = timer->data;
	const uint64_t now_ns = uv_hrtime();
	const uint64_t late_ms =
		now_ns > bridge->tick_ns ? (now_ns - bridge->tick_ns) / 1000000 : 0;

	bridge->lag_ms = late_ms > bridge->lag_ms ? late_ms : bridge->lag_ms;
	bridge->tick_ns = now_ns + (uint64_t)TICK_MS * 1000000;
	notify_alive();
	settle(bridge);
	timekeeper_tick(bridge);
	energy_file_tick(bridge->energy_file, uv_now(&bridge->loop));
	if (uv_now(&bridge->loop) >= bridge->heartbeat_at_ms) {
		bridge->heartbeat_at_ms = uv_now(&bridge->loop) + bridge->config->poll.heartbeat_ms;
		bridge->lag_shown_ms = bridge->lag_ms;
		bridge->lag_ms = 0;
		publisher_mark_document(bridge->publisher, DOCUMENT_INFO);
		publisher_mark_document(bridge->publisher, DOCUMENT_HEALTH);
		publisher_pump(bridge->publisher);
	}
}

static void watch_signals(struct bridge *bridge)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uv_signal_init(&bridge->loop, &bridge->signals[i]);
		bridge->signals[i].data = bridge;
		uv_signal_start(&bridge->signals[i], on_signal, numbers[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

static void start_timers(struct bridge *bridge)
{
	uv_timer_init(&bridge->loop, &bridge->tick);
	uv_timer_init(&bridge->loop, &bridge->stop_timer);
	bridge->tick.data = bridge;
	bridge->stop_timer.data = bridge;
	bridge->started_ms = uv_now(&bridge->loop);
	bridge->started_wall_ms = bridge_wall_ms();
	bridge->tick_ns = uv_hrtime() + (uint64_t)TICK_MS * 1000000;
	bridge->heartbeat_at_ms = bridge->started_ms + bridge->config->poll.heartbeat_ms;
	uv_timer_start(&bridge->tick, on_tick, TICK_MS, TICK_MS);
}

/* One connection is kept for each device. */
static void raise_descriptor_limit(const struct config *config)
{
	const rlim_t needed = config->device_count + OTHER_DESCRIPTORS;
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
		return;
	}
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < needed) {
		log_warn("bridge: %zu devices need %zu descriptors, the system allows %zu: raise "
			 "LimitNOFILE",
			config->device_count, (size_t)needed, (size_t)limit.rlim_cur);
	}
}

static bool load(struct bridge *bridge)
{
	struct config_problems problems = { 0 };
	bool is_loaded = config_load(bridge->config_file, &bridge->config, &problems);
	char *problem = is_loaded ? zone_problem(&bridge->config->time) : NULL;

	bridge_log_problems(&problems);
	config_problems_clear(&problems);
	if (problem) {
		log_warn("%s: %s", bridge->config_file, problem);
		is_loaded = false;
	}
	if (!is_loaded) {
		log_warn("%s has problems: nothing was started", bridge->config_file);
	}
	free(problem);
	return is_loaded;
}

static bool open_state(struct bridge *bridge)
{
	const struct energy_time now = task_energy_time();
	const char *folder = bridge->config->bridge.state_dir;
	char *problem = NULL;

	energy_host_init(&bridge->host.energy, &now);
	bridge->store = store_open(&bridge->loop, folder, &problem);
	if (bridge->store) {
		bridge->energy_file =
			energy_file_open(&bridge->loop, folder, &bridge->host.energy, &problem);
	}
	if (!bridge->energy_file) {
		log_warn("%s", problem);
		free(problem);
		store_close(bridge->store);
		(void)uv_run(&bridge->loop, UV_RUN_DEFAULT);
	}
	return bridge->energy_file != NULL;
}

static bool start(struct bridge *bridge)
{
	bridge->outer_zone = zone_use(bridge->config->time.zone);
	if (!open_state(bridge)) {
		return false;
	}
	bridge->known = known_new(&bridge->loop, bridge->config->bridge.state_dir);
	raise_descriptor_limit(bridge->config);
	watch_signals(bridge);
	start_timers(bridge);
	device_host_init(&bridge->host, &bridge->loop);
	recall_init(bridge);
	bridge->host.events = &bridge_device_events;
	bridge->host.arg = bridge;
	topics_init(&bridge->topics, bridge->config->bridge.base_topic, bridge->config->bridge.id);
	bridge->publisher = publisher_new(&bridge->loop, &bridge_publisher_events, bridge);
	bridge->finder = finder_new(bridge);
	bridge->announcer = announcer_new(&(struct announcer_host) {
		.loop = &bridge->loop,
		.publisher = bridge->publisher,
		.store = bridge->store,
		.topics = &bridge->topics,
		.version = PLUGBRIDGE_VERSION,
		.on_started = bridge_publish_everything,
		.arg = bridge,
	});
	bridge_apply_devices(bridge);
	timekeeper_configure(bridge);
	connect_broker(bridge);
	notify_ready();
	return true;
}

enum bridge_end bridge_run(const char *config_file)
{
	struct bridge *bridge = mem_new(sizeof *bridge);
	enum bridge_end end = BRIDGE_FAILED;

	bridge->config_file = config_file;
	if (uv_loop_init(&bridge->loop) != 0) {
		log_fatal("the event loop cannot be made: %s", strerror(errno));
	}
	if (load(bridge) && start(bridge)) {
		(void)uv_run(&bridge->loop, UV_RUN_DEFAULT);
		end = bridge->is_restarting ? BRIDGE_RESTART : BRIDGE_STOPPED;
		log_info("bridge: stopped");
	}
	topics_clear(&bridge->topics);
	free(bridge->refused_topic);
	zone_restore(bridge->outer_zone);
	known_free(bridge->known);
	config_free(bridge->config);
	if (uv_loop_close(&bridge->loop) != 0) {
		log_warn("bridge: something was still open at the end");
		end = BRIDGE_FAILED;
	}
	free(bridge);
	return end;
}
