#include "protocol/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/json_scan.h"

static void put(struct plug_call *call, const char *text)
{
	struct plug_request *request = call->request;
	const size_t size = strlen(text);

	if (call->is_full || size >= sizeof request->text - request->size) {
		call->is_full = true;
		return;
	}
	memcpy(request->text + request->size, text, size + 1);
	request->size += size;
}

static void put_quoted(struct plug_call *call, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	put(call, "\"");
	for (; *text != '\0' && !call->is_full; text++) {
		const unsigned char byte = (unsigned char)*text;
		const char escape[] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 0x0f],
			'\0' };
		const char plain[] = { *text, '\0' };

		put(call, byte == '"' || byte == '\\' || byte < ' ' ? escape : plain);
	}
	put(call, "\"");
}

static void put_key(struct plug_call *call, const char *key)
{
	put(call, call->has_arguments ? "," : "");
	call->has_arguments = true;
	put_quoted(call, key);
	put(call, ":");
}

static void put_method(struct plug_call *call, const char *module, const char *method)
{
	put_quoted(call, module);
	put(call, ":{");
	put_quoted(call, method);
	put(call, ":{");
}

void plug_call_begin(
	struct plug_call *call, struct plug_request *request, const struct plug_call_name *name)
{
	*call = (struct plug_call) { .request = request };
	request->text[0] = '\0';
	request->size = 0;
	put(call, "{");
	if (name->child_id) {
		put(call, "\"context\":{\"child_ids\":[");
		put_quoted(call, name->child_id);
		put(call, "]},");
	}
	put_method(call, name->module, name->method);
}

void plug_call_start(
	struct plug_call *call, struct plug_request *request, struct plug_method method)
{
	const struct plug_call_name name = { .module = method.module, .method = method.method };

	plug_call_begin(call, request, &name);
}

void plug_call_next(struct plug_call *call, struct plug_method method)
{
	put(call, "}},");
	call->has_arguments = false;
	put_method(call, method.module, method.method);
}

void plug_call_int(struct plug_call *call, const char *key, int64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof digits, "%" PRId64, value); /* 20 characters at most */
	put_key(call, key);
	put(call, digits);
}

void plug_call_flag(struct plug_call *call, const char *key, bool value)
{
	plug_call_int(call, key, value ? 1 : 0);
}

void plug_call_decimal(struct plug_call *call, const char *key, int64_t ten_thousandths)
{
	enum { ONE = 10000 };
	const uint64_t size =
		ten_thousandths < 0 ? 0 - (uint64_t)ten_thousandths : (uint64_t)ten_thousandths;
	char digits[32];

	(void)snprintf(digits, sizeof digits, "%s%" PRIu64 ".%04" PRIu64,
		ten_thousandths < 0 ? "-" : "", size / ONE, size % ONE); /* 21 characters at most */
	put_key(call, key);
	put(call, digits);
}

void plug_call_text(struct plug_call *call, const char *key, const char *text)
{
	put_key(call, key);
	put_quoted(call, text);
}

void plug_call_flags(struct plug_call *call, const char *key, const bool *flags, size_t count)
{
	put_key(call, key);
	put(call, "[");
	for (size_t i = 0; i < count; i++) {
		put(call, i > 0 ? "," : "");
		put(call, flags[i] ? "1" : "0");
	}
	put(call, "]");
}

enum plug_error plug_call_end(struct plug_call *call)
{
	enum plug_error error = PLUG_OK;
	size_t member_count;

	put(call, "}}}");
	if (call->is_full) {
		error = PLUG_ETOOBIG;
	} else if (!plug_json_scan(call->request->text, call->request->size, &member_count)) {
		error = PLUG_EINVAL;
	}
	if (error != PLUG_OK) {
		call->request->text[0] = '\0';
		call->request->size = 0;
	}
	return error;
}

enum plug_error plug_call_plain(struct plug_request *request, const struct plug_call_name *name)
{
	struct plug_call call;

	plug_call_begin(&call, request, name);
	return plug_call_end(&call);
}

enum plug_error plug_call_method(struct plug_request *request, struct plug_method method)
{
	struct plug_call call;

	plug_call_start(&call, request, method);
	return plug_call_end(&call);
}
