#include "bridge/recall.h"

#include <stdlib.h>

#include "bridge/bridge.h"
#include "bridge/mem.h"
#include "bridge/tasks/common.h"

enum {
	/* What is retained comes at once and together. */
	QUIET_MS = 300,
	TOTAL_MS = 5000,
};

static char *filter(const struct bridge *bridge)
{
	return mem_printf("%s/plug/+/energy", bridge->config->bridge.base_topic);
}

static void tell(struct bridge *bridge, struct outlet *outlet)
{
	const struct energy_time time = task_energy_time();
	const struct energy_told told = energy_tell(&bridge->host.energy, &outlet->energy, &time);

	publisher_mark(
		bridge->publisher, outlet, outlet_take_energy(outlet, &told, &bridge->host.steps));
}

/* The next sweep of a strip is seconds away; what it would bring is wanted now. */
static void hurry(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		device->outlets[i].wants_energy = device->has_energy;
	}
	device_kick(device);
}

static void finish(struct bridge *bridge)
{
	char *asked = filter(bridge);

	bridge->recall.end_ms = 0;
	mqtt_unsubscribe(bridge->mqtt, asked);
	free(asked);
	bridge->host.energy.is_settled = true;
	for (size_t i = 0; i < bridge->outlet_count; i++) {
		tell(bridge, bridge->outlets[i]);
	}
	for (size_t i = 0; i < bridge->device_count; i++) {
		if (bridge->devices[i]->is_strip && bridge->devices[i]->box.is_online) {
			hurry(bridge->devices[i]);
		}
	}
	publisher_pump(bridge->publisher);
}

static void on_timer(uv_timer_t *timer)
{
	finish(timer->data);
}

static void wait_for_more(struct bridge *bridge)
{
	const uint64_t now_ms = uv_now(&bridge->loop);
	const uint64_t end_ms = bridge->recall.end_ms;
	const uint64_t left_ms = end_ms > now_ms ? end_ms - now_ms : 0;

	uv_timer_start(&bridge->recall.timer, on_timer, left_ms < QUIET_MS ? left_ms : QUIET_MS, 0);
}

void recall_init(struct bridge *bridge)
{
	uv_timer_init(&bridge->loop, &bridge->recall.timer);
	bridge->recall.timer.data = bridge;
}

void recall_on_connected(struct bridge *bridge)
{
	char *asked = NULL;

	if (bridge->host.energy.is_settled) {
		return;
	}
	asked = filter(bridge);
	bridge->recall.end_ms = uv_now(&bridge->loop) + TOTAL_MS;
	uv_timer_start(&bridge->recall.timer, on_timer, TOTAL_MS, 0);
	mqtt_subscribe(bridge->mqtt, asked);
	free(asked);
}

void recall_on_subscribed(struct bridge *bridge)
{
	if (bridge->recall.end_ms > 0) {
		wait_for_more(bridge);
	}
}

void recall_on_disconnected(struct bridge *bridge)
{
	bridge->recall.end_ms = 0;
	uv_timer_stop(&bridge->recall.timer);
}

void recall_take(struct bridge *bridge, struct outlet *outlet, const struct mqtt_message *message)
{
	int64_t energy_wh = 0;

	/* What comes later is what we publish ourselves. */
	if (bridge->recall.end_ms == 0 || !message->is_retained) {
		return;
	}
	if (message->payload && energy_parse_told(message->payload, &energy_wh)) {
		outlet->energy.told_wh = energy_wh;
	}
	wait_for_more(bridge);
}

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

void recall_close(struct bridge *bridge)
{
	bridge->recall.end_ms = 0;
	uv_close((uv_handle_t *)&bridge->recall.timer, on_closed);
}
