/* command.h - the payload of a set, as somebody may have written it.
 *
 *     ON  off  Toggle  1  0  true  false
 *     {"state":"ON","id":"...","ttl_s":30,"time":"2026-11-21T09:30:00Z","source":"..."}
 *     {"brightness":40}                 switches on, too; a state beside it must be ON
 *
 * Unknown keys, wrong types and values out of range make it invalid, with words that say why.
 * Pure: no I/O; time is an argument. */
#ifndef PLUG_BRIDGE_MQTT_COMMAND_H
#define PLUG_BRIDGE_MQTT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/order.h"

enum {
	COMMAND_TTL_MIN_S = 1,
	COMMAND_TTL_MAX_S = 3600,
	COMMAND_BRIGHTNESS_MAX = 100,
	COMMAND_ERROR_BYTES = 160,
};

struct command {
	bool is_valid;
	enum order_kind kind;
	uint8_t brightness;			 /* percent; 0 for none */
	char id[ORDER_ID_MAX_BYTES + 1];	 /* "" for none; also of an invalid command */
	char source[ORDER_SOURCE_MAX_BYTES + 1]; /* "" for none */
	bool has_ttl, has_time;
	int ttl_s;
	int64_t time_wall_ms;		 /* since 1970 */
	char error[COMMAND_ERROR_BYTES]; /* why it is invalid */
};

/* payload needs a NUL behind its size bytes. */
void command_parse(struct command *command, const char *payload, size_t size);

/* The id of a JSON object, for a get: anything goes as its payload. */
void command_parse_id(struct command *command, const char *payload, size_t size);

/* What is left of the time to live of a command that has just arrived, in ms; 0 when it is over.
 * A time in the future counts as now: the sender's clock is ahead.
 *   expiry_s     what is left of the MQTT 5 message expiry; has_expiry false for none */
uint64_t command_time_left_ms(const struct command *command, int64_t now_wall_ms, int default_ttl_s,
	bool has_expiry, uint32_t expiry_s);

/* Reads an ISO 8601 time with a zone: "2026-11-21T09:30:00Z", with or without a fraction, or with
 * an offset such as "+10:30". False when it is not one. */
bool command_time_parse(const char *text, int64_t *wall_ms);

#endif
