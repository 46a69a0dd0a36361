#include "protocol/reading.h"

#include "protocol/json.h"

/* The largest devices are rated 16 A at 250 V; with room. */
enum {
	POWER_MAX_MW = 5000 * 1000,
	VOLTAGE_MAX_MV = 300 * 1000,
	CURRENT_MAX_MA = 25 * 1000,
};
static const double TOTAL_MAX_WH = 9007199254740992.0; /* up to here doubles are exact */

/* How both dialects name one quantity: base units (V, A, W, kWh) or thousandths. */
struct quantity {
	const char *base_key;
	const char *milli_key;
	double max;
};

/* Reads a quantity in thousandths, rounded to the nearest. Returns false when it is there but
 * cannot be true; *has_value tells whether it is there. */
static bool read_quantity(struct json_object *object, const struct quantity *quantity,
	bool *has_value, int64_t *value)
{
	const bool has_base = json_object_object_get_ex(object, quantity->base_key, NULL);
	double number;

	*has_value = false;
	*value = 0;
	if (!has_base && !json_object_object_get_ex(object, quantity->milli_key, NULL)) {
		return true;
	}
	if (!plug_json_double(
		    object, has_base ? quantity->base_key : quantity->milli_key, &number)) {
		return false;
	}
	number *= has_base ? 1000 : 1;
	if (!(number >= 0 && number <= quantity->max)) {
		return false;
	}
	*has_value = true;
	*value = (int64_t)(number + 0.5);
	return true;
}

static bool read_realtime(struct json_object *answer, struct plug_realtime *reading)
{
	const struct quantity power = { "power", "power_mw", POWER_MAX_MW };
	const struct quantity voltage = { "voltage", "voltage_mv", VOLTAGE_MAX_MV };
	const struct quantity current = { "current", "current_ma", CURRENT_MAX_MA };
	const struct quantity total = { "total", "total_wh", TOTAL_MAX_WH };

	return read_quantity(answer, &power, &reading->has_power, &reading->power_mw) &&
	       read_quantity(answer, &voltage, &reading->has_voltage, &reading->voltage_mv) &&
	       read_quantity(answer, &current, &reading->has_current, &reading->current_ma) &&
	       read_quantity(answer, &total, &reading->has_total, &reading->total_wh);
}

/* KL50, KL60 and KL430 hardware 1 measure neither and say 0 for both. */
static void drop_unmeasured(enum plug_family family, struct plug_realtime *reading)
{
	if (plug_family_is_light(family) && reading->voltage_mv == 0) {
		reading->has_voltage = false;
		reading->has_current = false;
		reading->current_ma = 0;
	}
}

enum plug_error plug_reply_realtime(
	const struct plug_reply *reply, enum plug_family family, struct plug_realtime *reading)
{
	struct json_object *answer;
	enum plug_error error = plug_reply_method(
		reply, plug_family_traits(family)->energy_module, "get_realtime", &answer, NULL);

	*reading = (struct plug_realtime) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	if (read_realtime(answer, reading)) {
		drop_unmeasured(family, reading);
		if (reading->has_power || reading->has_voltage || reading->has_current ||
			reading->has_total) {
			return PLUG_OK;
		}
	}
	*reading = (struct plug_realtime) { 0 };
	return PLUG_EPROTO;
}
