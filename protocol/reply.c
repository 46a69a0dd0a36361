#include "protocol/reply.h"

#include <limits.h>

#include "protocol/json.h"

enum plug_error plug_reply_parse(struct plug_reply *reply, const char *text, size_t size)
{
	enum plug_error error = plug_json_parse(text, size, PLUG_JSON_LAST_KEY_WINS, &reply->root);

	if (error == PLUG_OK && !json_object_is_type(reply->root, json_type_object)) {
		error = PLUG_EPROTO;
	}
	if (error != PLUG_OK) {
		plug_reply_clear(reply);
	}
	return error;
}

void plug_reply_clear(struct plug_reply *reply)
{
	json_object_put(reply->root);
	reply->root = NULL;
}

/* What one level of a reply says about itself: PLUG_OK when it has no err_code, or 0. */
static enum plug_error read_error(struct json_object *level, struct plug_device_error *error)
{
	int64_t err_code;

	if (!json_object_object_get_ex(level, "err_code", NULL)) {
		return PLUG_OK;
	}
	if (!plug_json_int(level, "err_code", INT_MIN, INT_MAX, &err_code)) {
		return PLUG_EPROTO;
	}
	if (err_code == 0) {
		return PLUG_OK;
	}
	error->err_code = (int)err_code;
	(void)plug_json_string(level, "err_msg", &error->err_msg);
	return plug_device_error_kind(error->err_code) == PLUG_DEVICE_ERROR_UNSUPPORTED
		       ? PLUG_EUNSUPPORTED
		       : PLUG_EDEVICE;
}

/* Why there is no answer: the module's reason, else the reply's, else there should have been one.
 */
static enum plug_error read_absence(const struct plug_reply *reply,
	struct json_object *module_object, struct plug_device_error *error)
{
	enum plug_error result = read_error(module_object, error);

	if (result == PLUG_OK) {
		result = read_error(reply->root, error);
	}
	return result == PLUG_OK ? PLUG_EPROTO : result;
}

enum plug_error plug_reply_method(const struct plug_reply *reply, const char *module,
	const char *method, struct json_object **answer, struct plug_device_error *error)
{
	struct plug_device_error ignored;
	struct json_object *module_object;
	struct json_object *method_object;
	enum plug_error result;

	error = error ? error : &ignored;
	*error = (struct plug_device_error) { 0 };
	*answer = NULL;
	(void)plug_json_object(reply->root, module, &module_object);
	if (!plug_json_object(module_object, method, &method_object)) {
		return read_absence(reply, module_object, error);
	}
	result = read_error(method_object, error);
	if (result == PLUG_OK) {
		*answer = method_object;
	}
	return result;
}

static bool has_busy_code(struct json_object *level)
{
	struct plug_device_error error = { 0 };

	(void)read_error(level, &error);
	return plug_device_error_kind(error.err_code) == PLUG_DEVICE_ERROR_BUSY;
}

bool plug_reply_is_busy(const struct plug_reply *reply)
{
	if (!reply->root || has_busy_code(reply->root)) {
		return reply->root;
	}
	json_object_object_foreach(reply->root, module, module_object)
	{
		(void)module;
		if (!json_object_is_type(module_object, json_type_object)) {
			continue;
		}
		if (has_busy_code(module_object)) {
			return true;
		}
		json_object_object_foreach(module_object, method, method_object)
		{
			(void)method;
			if (has_busy_code(method_object)) {
				return true;
			}
		}
	}
	return false;
}

struct plug_figure plug_reply_figure(
	struct json_object *answer, const char *key, int64_t min, int64_t max)
{
	struct plug_figure figure;

	figure.is_known = plug_json_int(answer, key, min, max, &figure.value);
	return figure;
}

enum plug_error plug_reply_switch(
	const struct plug_reply *reply, enum plug_family family, struct plug_device_error *error)
{
	const struct plug_family_traits *traits = plug_family_traits(family);
	struct json_object *answer;

	return plug_reply_method(
		reply, traits->switch_module, traits->switch_method, &answer, error);
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static bool read_time(struct json_object *answer, struct plug_time *time)
{
	const struct field {
		const char *key;
		int64_t min, max;
		int *value;
	} fields[] = {
		/* A device whose clock was never set starts in 1970 or 2000. */
		{ "year", 1970, 9999, &time->year },
		{ "month", 1, 12, &time->month },
		{ "mday", 1, 31, &time->day },
		{ "hour", 0, 23, &time->hour },
		{ "min", 0, 59, &time->minute },
		{ "sec", 0, 59, &time->second },
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		int64_t value;

		if (!plug_json_int(answer, fields[i].key, fields[i].min, fields[i].max, &value)) {
			return false;
		}
		*fields[i].value = (int)value;
	}
	return time->day <= days_in_month(time->year, time->month);
}

enum plug_error plug_reply_time(
	const struct plug_reply *reply, enum plug_family family, struct plug_time *time)
{
	struct json_object *answer;
	enum plug_error error = plug_reply_method(
		reply, plug_family_traits(family)->time_module, "get_time", &answer, NULL);

	*time = (struct plug_time) { 0 };
	if (error == PLUG_OK && !read_time(answer, time)) {
		error = PLUG_EPROTO;
		*time = (struct plug_time) { 0 };
	}
	return error;
}
