/* request.h - what the bridge can be asked over MQTT, and its answers.
 *
 *     in   <base>/bridge/<id>/request/<verb>    nothing, or {"transaction":"...", ...}
 *     out  <base>/bridge/<id>/response/<verb>
 *          {"status":"ok","data":{...},"transaction":"..."}
 *          {"status":"error","error":"...","transaction":"..."}
 *
 * With MQTT 5 the answer goes to the response topic, too. Every request is answered once; what
 * takes time keeps its struct request until then. A verb is a row in request.c and a function in a
 * file of its group. Nothing here reaches a device but by named actions: no JSON for the device, no
 * factory reset, firmware, Wi-Fi, account, identity or calibration. */
#ifndef PLUG_BRIDGE_REQUESTS_REQUEST_H
#define PLUG_BRIDGE_REQUESTS_REQUEST_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/bridge.h"

enum { REQUEST_TRANSACTION_MAX_BYTES = 64 };

struct request {
	struct bridge *bridge;
	char *answer_topic;	       /* as it was when the request came */
	struct json_object *arguments; /* an object, or NULL for none */
	char *transaction;	       /* NULL for none */
	char *response_topic;	       /* NULL for none */
	uint8_t *correlation;
	size_t correlation_size;
};

/* From the broker: topic.name is the verb. */
void request_take(
	struct bridge *bridge, const struct mqtt_message *message, const struct topic *topic);

/* Each publishes the answer and frees the request. data is JSON text, NULL for none. */
void request_answer(struct request *request, const char *data);
void request_fail(struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The handlers, by the files they live in. Each takes the request. */

/* show.c */
void request_show_info(struct request *request);
void request_show_health(struct request *request);
void request_show_inventory(struct request *request);
void request_show_devices(struct request *request);

/* discover.c */
void request_discover(struct request *request);

/* ../replace/replace.c */
void request_replace(struct request *request);
/* Answers a replacement that is under way, and ends it; before the finder is closed. */
void request_stop_replace(struct bridge *bridge);

/* control.c */
void request_reload(struct request *request);
void request_restart(struct request *request);
void request_log_level(struct request *request);

/* outlet.c */
void request_history(struct request *request);
void request_explain(struct request *request);

#endif
