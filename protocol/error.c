#include "protocol/error.h"

#include <stddef.h>

#define TEXT(name, text) [name] = (text),
static const char *const error_texts[PLUG_ERROR_COUNT] = { PLUG_ERROR_TABLE(TEXT) };
#undef TEXT

/* Texts are ours; devices send their own, and not always the same (KL120, KL60). */
static const struct device_error {
	int err_code;
	enum plug_device_error_kind kind;
	const char *text;
} device_errors[] = {
	{ 0, PLUG_DEVICE_ERROR_NONE, "ok" },
	{ -1, PLUG_DEVICE_ERROR_UNSUPPORTED, "module not supported" },
	{ -2, PLUG_DEVICE_ERROR_UNSUPPORTED, "method not supported" },
	{ -3, PLUG_DEVICE_ERROR_OTHER, "invalid argument" },
	{ -5, PLUG_DEVICE_ERROR_OTHER, "not enough memory" },
	{ -7, PLUG_DEVICE_ERROR_OTHER, "unknown error" },
	{ -10, PLUG_DEVICE_ERROR_OTHER, "table is full" },
	{ -11, PLUG_DEVICE_ERROR_CLOCK, "clock is not set" },
	{ -14, PLUG_DEVICE_ERROR_OTHER, "entry does not exist" },
	{ -32, PLUG_DEVICE_ERROR_BUSY, "another command is running" },
	{ -2000, PLUG_DEVICE_ERROR_UNSUPPORTED, "method not supported" },
	{ -2001, PLUG_DEVICE_ERROR_UNSUPPORTED, "module not supported" },
	{ -4002, PLUG_DEVICE_ERROR_OTHER, "not bound to an account" },
	{ -10000, PLUG_DEVICE_ERROR_OTHER, "invalid argument" },
	{ -10002, PLUG_DEVICE_ERROR_OTHER, "missing argument" },
	{ -10008, PLUG_DEVICE_ERROR_UNSUPPORTED, "call not supported" },
};

static const struct device_error *find(int err_code)
{
	for (size_t i = 0; i < sizeof device_errors / sizeof device_errors[0]; i++) {
		if (device_errors[i].err_code == err_code) {
			return &device_errors[i];
		}
	}
	return NULL;
}

const char *plug_error_text(enum plug_error error)
{
	return error < PLUG_ERROR_COUNT ? error_texts[error] : "unknown error";
}

const char *plug_device_error_text(int err_code)
{
	const struct device_error *error = find(err_code);

	return error ? error->text : "unnamed error";
}

enum plug_device_error_kind plug_device_error_kind(int err_code)
{
	const struct device_error *error = find(err_code);

	return error ? error->kind : PLUG_DEVICE_ERROR_OTHER;
}
