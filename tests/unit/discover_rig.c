#include "tests/unit/discover_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/cipher.h"

uv_loop_t loop;
struct plug_search *search;
struct plug_search_settings settings;
struct told told;
struct ear ears[1 + PLUG_TDP_PORT_COUNT];

/* Wakes the loop up, so that WAIT_FOR can give up. */
static uv_timer_t tick;
static bool is_starting, is_closing;
static uint64_t started_ms;

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static void run_then(void (*then)(void))
{
	if (then) {
		then();
	}
}

static void copy_text(char *out, size_t room, const char *text)
{
	const size_t size = strlen(text) + 1;

	assert_in_range(size, 1, room);
	memcpy(out, text, size);
}

static void on_found(struct plug_search *from, const struct plug_found *found)
{
	struct finding *finding = &told.found[told.found_count];

	assert_ptr_equal(from, search);
	assert_false(is_starting);
	assert_in_range(told.found_count, 0, FOUND_MAX - 1);
	told.found_count++;
	uv_inet_ntop(AF_INET, &found->address, finding->address, sizeof finding->address);
	finding->dialect = found->what->dialect;
	memcpy(finding->mac, found->what->mac, sizeof finding->mac);
	finding->has_sysinfo = found->what->has_sysinfo;
	finding->is_elsewhere = found->is_elsewhere;
	finding->outlet_count = found->what->sysinfo.outlet_count;
	copy_text(finding->model, sizeof finding->model, found->what->model);
	copy_text(finding->alias, sizeof finding->alias,
		found->what->has_sysinfo ? found->what->sysinfo.alias : "");
	run_then(told.then_found);
}

static void on_problem(struct plug_search *from, const char *where, int status, const char *text)
{
	assert_ptr_equal(from, search);
	assert_false(is_starting);
	told.problems++;
	told.status = status;
	copy_text(told.where, sizeof told.where, where);
	copy_text(told.text, sizeof told.text, text);
	run_then(told.then_problem);
}

static void on_end(struct plug_search *from, enum plug_error error)
{
	assert_ptr_equal(from, search);
	assert_false(is_starting);
	told.ends++;
	told.end = error;
	told.end_ms = uv_hrtime() / 1000000 - started_ms;
	run_then(told.then_end);
}

static void on_closed(struct plug_search *from)
{
	assert_ptr_equal(from, search);
	told.closed++;
	free(search);
	search = NULL;
}

enum plug_error start(void)
{
	static const struct plug_search_calls calls = { on_found, on_problem, on_end };
	enum plug_error error;

	started_ms = uv_hrtime() / 1000000;
	is_starting = true;
	error = plug_search_start(search, &settings, &calls);
	is_starting = false;
	return error;
}

enum plug_error run_search(void)
{
	const size_t ends = told.ends;

	assert_int_equal(start(), PLUG_OK);
	WAIT_FOR(told.ends > ends);
	assert_int_equal(told.ends, ends + 1);
	return told.end;
}

void close_search(void)
{
	is_closing = true;
	plug_search_close(search, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct ear *ear = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(ear->bytes, sizeof ear->bytes);
}

static void on_heard(uv_udp_t *udp, ssize_t size, const uv_buf_t *buffer,
	const struct sockaddr *from, unsigned flags)
{
	struct ear *ear = udp->data;

	assert_in_range(size, 0, PLUG_PROBE_MAX_BYTES);
	assert_int_equal(flags & UV_UDP_PARTIAL, 0);
	if (!from) {
		return;
	}
	if (ear->count < PROBES_MAX) {
		memcpy(ear->probes[ear->count].bytes, buffer->base, (size_t)size);
		ear->probes[ear->count].size = (size_t)size;
	}
	ear->count++;
	if (ear->on_probe) {
		ear->on_probe(ear, (const struct sockaddr_in *)(const void *)from);
	}
}

void ear_open(struct ear *ear, const char *address, uint16_t *port)
{
	struct sockaddr_in in;
	int size = sizeof in;

	memset(ear, 0, sizeof *ear);
	assert_int_equal(uv_ip4_addr(address, *port, &in), 0);
	assert_int_equal(uv_udp_init(&loop, &ear->udp), 0);
	ear->udp.data = ear;
	assert_int_equal(uv_udp_bind(&ear->udp, (const struct sockaddr *)&in, 0), 0);
	assert_int_equal(uv_udp_getsockname(&ear->udp, (struct sockaddr *)&in, &size), 0);
	assert_int_equal(uv_udp_recv_start(&ear->udp, on_alloc, on_heard), 0);
	ear->port = *port = ntohs(in.sin_port);
}

void ear_close(struct ear *ear)
{
	if (ear->port != 0) {
		uv_close((uv_handle_t *)&ear->udp, NULL);
		ear->port = 0;
	}
}

void speak(const char *address, uint16_t port, const struct sockaddr_in *to, const uint8_t *bytes,
	size_t size)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in from;

	assert_int_equal(uv_ip4_addr(address, port, &from), 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(sendto(fd, bytes, size, 0, (const struct sockaddr *)to, sizeof *to), size);
	close(fd);
}

void answer_sysinfo(const char *address, const struct sockaddr_in *to, unsigned number)
{
	char text[512];
	uint8_t bytes[sizeof text];
	const int size = snprintf(text, sizeof text,
		"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.2.6\",\"hw_ver\":\"1.0\","
		"\"type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS110(EU)\","
		"\"mac\":\"50:C7:BF:00:%02X:%02X\",\"alias\":\"plug %u\",\"relay_state\":1,"
		"\"on_time\":7,\"feature\":\"TIM:ENE\",\"rssi\":-50,\"err_code\":0}}}",
		number >> 8 & 0xff, number & 0xff, number);

	assert_in_range(size, 1, sizeof text - 1);
	plug_cipher_encrypt(text, (size_t)size, bytes);
	speak(address, settings.port, to, bytes, (size_t)size);
}

void answer_tdp(
	const char *address, const struct sockaddr_in *to, const char *type, unsigned number)
{
	char text[512] = "\2\0\0\1";
	const int size = snprintf(text + PLUG_TDP_HEADER_BYTES, sizeof text - PLUG_TDP_HEADER_BYTES,
		"{\"error_code\":0,\"result\":{\"device_type\":\"%s\","
		"\"device_model\":\"HS100(UK)\",\"mac\":\"50-C7-BF-00-%02X-%02X\","
		"\"mgt_encrypt_schm\":{\"encrypt_type\":\"KLAP\",\"http_port\":80}}}",
		type, number >> 8 & 0xff, number & 0xff);

	assert_in_range(size, 1, sizeof text - PLUG_TDP_HEADER_BYTES - 1);
	speak(address, settings.tdp_ports[0], to, (const uint8_t *)text,
		PLUG_TDP_HEADER_BYTES + (size_t)size);
}

int discover_rig_setup(void **state)
{
	static const char *const targets[] = { BROADCAST };

	(void)state;
	memset(&told, 0, sizeof told);
	is_closing = false;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(uv_timer_init(&loop, &tick), 0);
	assert_int_equal(uv_timer_start(&tick, on_tick, 10, 10), 0);
	uv_unref((uv_handle_t *)&tick);
	plug_search_settings_init(&settings);
	settings.targets = targets;
	settings.target_count = 1;
	settings.window_ms = settings.quiet_ms = 500;
	settings.port = settings.tdp_ports[0] = settings.tdp_ports[1] = 0;
	ear_open(&ears[0], BROADCAST, &settings.port);
	ear_open(&ears[1], BROADCAST, &settings.tdp_ports[0]);
	ear_open(&ears[2], BROADCAST, &settings.tdp_ports[1]);
	search = calloc(1, sizeof *search);
	assert_non_null(search);
	plug_search_init(search, &loop);
	return 0;
}

int discover_rig_teardown(void **state)
{
	(void)state;
	if (!is_closing) {
		told.then_end = NULL;
		close_search();
	}
	for (size_t i = 0; i < sizeof ears / sizeof ears[0]; i++) {
		ear_close(&ears[i]);
	}
	WAIT_FOR(!search);
	uv_close((uv_handle_t *)&tick, NULL);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	return 0;
}
