#include "protocol/request.h"

#include <stdio.h>
#include <string.h>

/* Grows the text of a request; what does not fit is remembered, never cut. */
struct writer {
	struct plug_request *request;
	bool is_full;
};

static struct writer begin(struct plug_request *request)
{
	request->text[0] = '\0';
	request->size = 0;
	return (struct writer) { .request = request };
}

static enum plug_error finish(struct writer *writer)
{
	if (writer->is_full) {
		(void)begin(writer->request);
		return PLUG_ETOOBIG;
	}
	return PLUG_OK;
}

static void put(struct writer *writer, const char *text)
{
	struct plug_request *request = writer->request;
	const size_t size = strlen(text);

	if (writer->is_full || size >= sizeof request->text - request->size) {
		writer->is_full = true;
		return;
	}
	memcpy(request->text + request->size, text, size + 1);
	request->size += size;
}

static void put_int(struct writer *writer, int number)
{
	char digits[16];
	const int size = snprintf(digits, sizeof digits, "%d", number);

	if (size < 0 || (size_t)size >= sizeof digits) {
		writer->is_full = true;
		return;
	}
	put(writer, digits);
}

/* One character of a JSON string: quotes, backslashes and control characters as \u00XX. */
static void put_quoted(struct writer *writer, char c)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char byte = (unsigned char)c;
	const char escape[] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 0x0f], '\0' };
	const char plain[] = { c, '\0' };

	put(writer, c == '"' || c == '\\' || byte < ' ' ? escape : plain);
}

static void put_context(struct writer *writer, const char *child_id)
{
	if (!child_id) {
		return;
	}
	put(writer, "\"context\":{\"child_ids\":[\"");
	for (; *child_id != '\0'; child_id++) {
		put_quoted(writer, *child_id);
	}
	put(writer, "\"]},");
}

/* "module":{"method":{ */
static void put_call(struct writer *writer, const char *module, const char *method)
{
	put(writer, "\"");
	put(writer, module);
	put(writer, "\":{\"");
	put(writer, method);
	put(writer, "\":{");
}

enum plug_error plug_request_sysinfo(struct plug_request *request)
{
	return plug_request_poll(request, PLUG_FAMILY_PLUG, false);
}

enum plug_error plug_request_poll(
	struct plug_request *request, enum plug_family family, bool with_energy)
{
	struct writer writer = begin(request);

	put(&writer, "{");
	put_call(&writer, "system", "get_sysinfo");
	/* A strip asked without context answers for its first outlet, as if it were the whole. */
	if (with_energy && family != PLUG_FAMILY_STRIP) {
		put(&writer, "}},");
		put_call(&writer, plug_family_traits(family)->energy_module, "get_realtime");
	}
	put(&writer, "}}}");
	return finish(&writer);
}

enum plug_error plug_request_switch(
	struct plug_request *request, enum plug_family family, const char *child_id, bool is_on)
{
	const struct plug_family_traits *traits = plug_family_traits(family);
	const bool is_light = family == PLUG_FAMILY_BULB || family == PLUG_FAMILY_LIGHT_STRIP;
	struct writer writer = begin(request);

	put(&writer, "{");
	put_context(&writer, child_id);
	put_call(&writer, traits->switch_module, traits->switch_method);
	put(&writer, "\"");
	put(&writer, traits->switch_argument);
	put(&writer, "\":");
	put_int(&writer, is_on ? 1 : 0);
	if (is_light && is_on) {
		/* Light as it did before it was switched off. */
		put(&writer, ",\"ignore_default\":0");
	}
	put(&writer, "}}}");
	return finish(&writer);
}

enum plug_error plug_request_realtime(
	struct plug_request *request, enum plug_family family, const char *child_id)
{
	struct writer writer = begin(request);

	put(&writer, "{");
	put_context(&writer, child_id);
	put_call(&writer, plug_family_traits(family)->energy_module, "get_realtime");
	put(&writer, "}}}");
	return finish(&writer);
}

enum plug_error plug_request_time(struct plug_request *request, enum plug_family family)
{
	struct writer writer = begin(request);

	put(&writer, "{");
	put_call(&writer, plug_family_traits(family)->time_module, "get_time");
	put(&writer, "}}}");
	return finish(&writer);
}

enum plug_error plug_request_day_statistics(struct plug_request *request, enum plug_family family,
	const char *child_id, int year, int month)
{
	struct writer writer = begin(request);

	put(&writer, "{");
	put_context(&writer, child_id);
	put_call(&writer, plug_family_traits(family)->energy_module, "get_daystat");
	put(&writer, "\"year\":");
	put_int(&writer, year);
	put(&writer, ",\"month\":");
	put_int(&writer, month);
	put(&writer, "}}}");
	return finish(&writer);
}
