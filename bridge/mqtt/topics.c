#include "bridge/mqtt/topics.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/text.h"

enum { NAME_MAX_BYTES = 32 };

static const struct {
	const char *name;
	int qos;
	bool expires;
} leaves[LEAF_COUNT] = {
	[LEAF_AVAILABILITY] = { "availability", 1, false },
	[LEAF_STATE] = { "state", 1, false },
	[LEAF_POWER] = { "power", 0, true },
	[LEAF_VOLTAGE] = { "voltage", 0, true },
	[LEAF_CURRENT] = { "current", 0, true },
	[LEAF_APPARENT_POWER] = { "apparent_power", 0, true },
	[LEAF_POWER_FACTOR] = { "power_factor", 0, true },
	[LEAF_ENERGY] = { "energy", 0, false },
	[LEAF_ENERGY_TODAY] = { "energy_today", 0, false },
	[LEAF_RSSI] = { "rssi", 0, true },
	[LEAF_BRIGHTNESS] = { "brightness", 0, false },
	[LEAF_JSON] = { "json", 0, true },
};

void topics_init(struct topics *topics, const char *base, const char *bridge_id)
{
	topics->base = mem_copy(base);
	topics->bridge_id = mem_copy(bridge_id);
}

void topics_clear(struct topics *topics)
{
	free(topics->base);
	free(topics->bridge_id);
	*topics = (struct topics) { 0 };
}

/* What follows prefix in text, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	const size_t size = strlen(prefix);

	return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static enum topic_kind kind_of(const char *rest, const char **source)
{
	*source = after(rest, "set/");
	if (*source && **source != '\0' && !strchr(*source, '/')) {
		return TOPIC_SET;
	}
	*source = NULL;
	if (strcmp(rest, "set") == 0) {
		return TOPIC_SET;
	}
	if (strcmp(rest, "energy") == 0) {
		return TOPIC_ENERGY;
	}
	return strcmp(rest, "get") == 0 ? TOPIC_GET : TOPIC_OTHER;
}

static void set_name(struct topic *topic, const char *name, size_t size)
{
	if (size <= NAME_MAX_BYTES) {
		memcpy(topic->name, name, size);
	}
}

static struct topic parse_request(const struct topics *topics, const char *rest)
{
	struct topic topic = { .kind = TOPIC_OTHER };
	const char *verb = after(rest, topics->bridge_id);

	verb = verb ? after(verb, "/request/") : NULL;
	if (verb) {
		topic.kind = TOPIC_REQUEST;
		set_name(&topic, verb, strlen(verb));
	}
	return topic;
}

struct topic topics_parse(const struct topics *topics, const char *text)
{
	struct topic topic = { .kind = TOPIC_OTHER };
	const char *below = after(text, topics->base);
	const char *name = below ? after(below, "/plug/") : NULL;
	const char *bridge = below ? after(below, "/bridge/") : NULL;
	const char *end = NULL;

	if (bridge) {
		return parse_request(topics, bridge);
	}
	end = name ? strchr(name, '/') : NULL;
	if (!end) {
		return topic;
	}
	topic.kind = kind_of(end + 1, &topic.source);
	set_name(&topic, name, (size_t)(end - name));
	return topic;
}

static const char *join(
	char text[static TOPIC_MAX_BYTES], const char *base, const char *middle[static 3])
{
	struct text topic;

	text_init(&topic, text, TOPIC_MAX_BYTES);
	text_put(&topic, base);
	for (size_t i = 0; i < 3; i++) {
		text_put(&topic, "/");
		text_put(&topic, middle[i]);
	}
	return text;
}

const char *topics_outlet(const struct topics *topics, const char *name, const char *leaf,
	char text[static TOPIC_MAX_BYTES])
{
	return join(text, topics->base, (const char *[]) { "plug", name, leaf });
}

const char *topics_leaf(const struct topics *topics, const struct outlet *outlet, enum leaf leaf,
	char text[static TOPIC_MAX_BYTES])
{
	return join(text, topics->base,
		(const char *[]) {
			outlet->is_strip ? "strip" : "plug", outlet->name, leaves[leaf].name });
}

const char *topics_bridge(
	const struct topics *topics, const char *leaf, char text[static TOPIC_MAX_BYTES])
{
	return join(text, topics->base, (const char *[]) { "bridge", topics->bridge_id, leaf });
}

const char *topics_leaf_name(enum leaf leaf)
{
	return leaves[leaf].name;
}

int topics_leaf_qos(enum leaf leaf)
{
	return leaves[leaf].qos;
}

bool topics_leaf_expires(enum leaf leaf)
{
	return leaves[leaf].expires;
}

static const char *state_text(const struct outlet *outlet)
{
	if (!outlet->has_state) {
		return NULL;
	}
	return outlet->is_on ? "ON" : "OFF";
}

/* One flat object with the keys of the leaves; null where there is nothing to say. */
static void put_json(struct text *text, const struct outlet *outlet)
{
	const struct outlet_readings now = outlet_current_readings(outlet);
	const struct outlet_box *box = outlet->box;

	text_open(text, NULL, '{');
	text_member_string(text, "state", state_text(outlet));
	text_member_flag(text, "online", box->is_online);
	text_member_thousandths(text, "power", now.has_power, now.power_mw);
	text_member_thousandths(text, "voltage", now.has_voltage, now.voltage_mv);
	text_member_thousandths(text, "current", now.has_current, now.current_ma);
	text_member_thousandths(
		text, "apparent_power", now.has_apparent_power, now.apparent_power_mva);
	text_member_thousandths(
		text, "power_factor", now.has_power_factor, now.power_factor_thousandths);
	text_member_thousandths(text, "energy", now.has_energy, now.energy_wh);
	text_member_thousandths(text, "energy_today", now.has_energy_today, now.energy_today_wh);
	if (now.has_rssi) {
		text_member_integer(text, "rssi", now.rssi_dbm);
	} else {
		text_member_null(text, "rssi");
	}
	if (outlet->brightness > 0) {
		text_member_integer(text, "brightness", outlet->brightness);
	} else {
		text_member_null(text, "brightness");
	}
	text_member_time(text, "time", box->read_wall_ms);
	text_member_string(text, "label", outlet->label);
	text_member_string(text, "room", outlet->room);
	text_member_string(text, "alias", outlet->alias);
	text_member_string(text, "model", box->model);
	if (!box->is_online) {
		text_member_string(text, "reason", box->reason);
	}
	text_close(text, '}');
}

static void put_number(struct text *text, bool has_value, int64_t thousandths)
{
	if (has_value) {
		text_put_thousandths(text, thousandths);
	}
}

static void put_leaf(struct text *text, const struct outlet *outlet, enum leaf leaf)
{
	const struct outlet_readings now = outlet_current_readings(outlet);

	switch (leaf) {
	case LEAF_AVAILABILITY:
		text_put(text, outlet->box->is_online ? "online" : "offline");
		break;
	case LEAF_STATE:
		text_put(text, outlet->has_state ? state_text(outlet) : "");
		break;
	case LEAF_POWER:
		put_number(text, now.has_power, now.power_mw);
		break;
	case LEAF_VOLTAGE:
		put_number(text, now.has_voltage, now.voltage_mv);
		break;
	case LEAF_CURRENT:
		put_number(text, now.has_current, now.current_ma);
		break;
	case LEAF_APPARENT_POWER:
		put_number(text, now.has_apparent_power, now.apparent_power_mva);
		break;
	case LEAF_POWER_FACTOR:
		put_number(text, now.has_power_factor, now.power_factor_thousandths);
		break;
	case LEAF_ENERGY:
		put_number(text, now.has_energy, now.energy_wh);
		break;
	case LEAF_ENERGY_TODAY:
		put_number(text, now.has_energy_today, now.energy_today_wh);
		break;
	case LEAF_RSSI:
		if (now.has_rssi) {
			text_put_integer(text, now.rssi_dbm);
		}
		break;
	case LEAF_BRIGHTNESS:
		if (outlet->brightness > 0) {
			text_put_integer(text, outlet->brightness);
		}
		break;
	case LEAF_JSON:
		put_json(text, outlet);
		break;
	case LEAF_COUNT:
		break;
	}
}

size_t topics_payload(
	const struct outlet *outlet, enum leaf leaf, char bytes[static LEAF_PAYLOAD_MAX_BYTES])
{
	struct text text;

	text_init(&text, bytes, LEAF_PAYLOAD_MAX_BYTES);
	put_leaf(&text, outlet, leaf);
	return text.is_cut ? 0 : text.size;
}

static bool is_below(const char *topic, const char *prefix)
{
	const char *rest = after(topic, prefix);

	return rest && (*rest == '\0' || *rest == '/');
}

bool topics_may_answer(const struct topics *topics, const char *discovery_prefix, const char *topic)
{
	const char *rest = after(topic, topics->base);

	if (topic[0] == '\0' || topic[0] == '$' || strpbrk(topic, "+#") ||
		is_below(topic, discovery_prefix)) {
		return false;
	}
	return !is_below(topic, topics->base) || (rest && after(rest, "/reply/"));
}
