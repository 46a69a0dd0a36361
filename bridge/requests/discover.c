/* discover: one search, and everything that answered it, whether configured or not.
 *
 *     {"devices":[{"address":"192.168.1.50","mac":"...","model":"HS110(EU)","family":"plug",
 *       "alias":"Steam engine","outlets":["Steam engine"],"dialect":"xor","advice":null,
 *       "configured":true,"name":"steam-engine"}, ...],"left_out":0}
 *
 * Never a location, an account or an id: they are not even read. */
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/requests/request.h"
#include "bridge/text.h"

enum {
	/* An answer of some megabytes is the most that a broker should be asked to carry. */
	ANSWERS_MAX = 10000,
	FIRST_CAPACITY = 64,
	/* A byte of text takes at most six in JSON. */
	ESCAPE_BYTES = 6,
	DEVICE_BYTES = 320,
	OUTLET_BYTES = 8,
};

/* One device at one address. */
struct answer {
	struct in_addr address;
	bool has_mac;
	uint8_t mac[PLUG_MAC_BYTES];
	char *json; /* an object */
};

struct discovery {
	struct request *request;
	struct finder_survey survey;
	struct answer *answers;
	size_t count, capacity;
	size_t left_out;
};

static size_t answer_bytes(const struct plug_discovery *what, const struct device *owner)
{
	const struct plug_sysinfo *info = &what->sysinfo;
	size_t bytes = DEVICE_BYTES + ESCAPE_BYTES * strlen(what->model);

	if (what->has_sysinfo) {
		bytes += ESCAPE_BYTES * strlen(info->alias);
		for (size_t i = 0; i < info->outlet_count; i++) {
			bytes += OUTLET_BYTES + ESCAPE_BYTES * strlen(info->outlets[i].alias);
		}
	}
	return bytes + (owner ? strlen(owner->name) : 0);
}

static void put_sysinfo(struct text *text, const struct plug_discovery *what)
{
	const struct plug_sysinfo *info = &what->sysinfo;

	if (!what->has_sysinfo) {
		text_member_null(text, "family");
		text_member_null(text, "alias");
		text_member_null(text, "outlets");
		return;
	}
	text_member_string(text, "family", plug_family_traits(info->family)->name);
	text_member_string(text, "alias", info->alias);
	text_open(text, "outlets", '[');
	for (size_t i = 0; i < info->outlet_count; i++) {
		text_member_string(text, NULL, info->outlets[i].alias);
	}
	text_close(text, ']');
}

static char *format_answer(const struct plug_found *found, const struct device *owner)
{
	const struct plug_discovery *what = found->what;
	const size_t capacity = answer_bytes(what, owner);
	char address[INET_ADDRSTRLEN] = "";
	char mac[PLUG_MAC_TEXT_BYTES];
	struct text text;

	(void)uv_inet_ntop(AF_INET, &found->address, address, sizeof address);
	plug_mac_format(what->mac, mac);
	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_member_string(&text, "address", address);
	text_member_string(&text, "mac", what->has_mac ? mac : NULL);
	text_member_string(&text, "model", what->model);
	put_sysinfo(&text, what);
	text_member_string(&text, "dialect", plug_dialect_name(what->dialect));
	text_member_string(&text, "advice", plug_dialect_advice(what->dialect));
	text_member_flag(&text, "configured", owner != NULL);
	text_member_string(&text, "name", owner ? owner->name : NULL);
	text_close(&text, '}');
	return text.bytes;
}

/* A device that answered TDP first is told of again when it answers port 9999. */
static struct answer *place_of(struct discovery *discovery, const struct plug_found *found)
{
	const struct plug_discovery *what = found->what;

	for (size_t i = 0; i < discovery->count; i++) {
		struct answer *answer = &discovery->answers[i];

		if (answer->address.s_addr == found->address.s_addr &&
			answer->has_mac == what->has_mac &&
			memcmp(answer->mac, what->mac, sizeof answer->mac) == 0) {
			return answer;
		}
	}
	if (discovery->count == ANSWERS_MAX) {
		return NULL;
	}
	if (discovery->count == discovery->capacity) {
		discovery->capacity =
			discovery->capacity > 0 ? 2 * discovery->capacity : FIRST_CAPACITY;
		discovery->answers = mem_resize(
			discovery->answers, discovery->capacity, sizeof *discovery->answers);
	}
	discovery->answers[discovery->count] = (struct answer) { 0 };
	return &discovery->answers[discovery->count++];
}

static void on_found(void *arg, const struct plug_found *found)
{
	struct discovery *discovery = arg;
	struct answer *answer = place_of(discovery, found);

	if (!answer) {
		discovery->left_out++;
		return;
	}
	free(answer->json);
	answer->address = found->address;
	answer->has_mac = found->what->has_mac;
	memcpy(answer->mac, found->what->mac, sizeof answer->mac);
	answer->json =
		format_answer(found, finder_owner(discovery->request->bridge->finder, found));
}

static char *format_all(const struct discovery *discovery)
{
	size_t capacity = DEVICE_BYTES;
	struct text text;

	for (size_t i = 0; i < discovery->count; i++) {
		capacity += strlen(discovery->answers[i].json) + 1;
	}
	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_open(&text, "devices", '[');
	for (size_t i = 0; i < discovery->count; i++) {
		text_member_json(&text, NULL, discovery->answers[i].json);
	}
	text_close(&text, ']');
	text_member_integer(&text, "left_out", (int64_t)discovery->left_out);
	text_close(&text, '}');
	return text.bytes;
}

static void free_discovery(struct discovery *discovery)
{
	for (size_t i = 0; i < discovery->count; i++) {
		free(discovery->answers[i].json);
	}
	free(discovery->answers);
	free(discovery);
}

static void on_end(void *arg, const char *problem)
{
	struct discovery *discovery = arg;

	if (problem) {
		request_fail(discovery->request, "no search: %s", problem);
	} else {
		char *data = format_all(discovery);

		request_answer(discovery->request, data);
		free(data);
	}
	free_discovery(discovery);
}

void request_discover(struct request *request)
{
	struct finder *finder = request->bridge->finder;
	struct discovery *discovery = NULL;

	if (!finder_is_enabled(finder)) {
		request_fail(request, "nothing is searched for: discovery.broadcast is empty");
		return;
	}
	discovery = mem_new(sizeof *discovery);
	discovery->request = request;
	discovery->survey = (struct finder_survey) { on_found, on_end, discovery };
	if (!finder_survey(finder, &discovery->survey)) {
		free_discovery(discovery);
		request_fail(request, "a search is under way for another request: try again in a "
				      "few seconds");
	}
}
