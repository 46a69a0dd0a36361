/* plugsim - simulated Kasa devices, any number, with faults on demand. */
#include "config/streams.h"
#include "tests/sim/control/control.h"
#include "tests/sim/net/site.h"
#include "tests/sim/options.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EXIT_USAGE = 2, SIGNAL_COUNT = 2 };

struct program {
	uv_loop_t loop;
	uv_signal_t signals[SIGNAL_COUNT];
	struct sim_options options;
	struct sim_server *server;
	struct sim_control *control;
};

/* What the clocks of the devices show beyond UTC: what those of this machine do. */
static int64_t local_offset_ms(void)
{
	const time_t now = time(NULL);
	struct tm utc = { 0 };

	if (!gmtime_r(&now, &utc)) {
		return 0;
	}
	utc.tm_isdst = -1;
	return (int64_t)(now - mktime(&utc)) * 1000;
}

static void tell(const struct sim_site *site, const struct sim_step *step)
{
	const struct sim_device *device = sim_site_device(site);
	const struct in_addr in = { .s_addr = htonl(site->address) };
	char address[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &in, address, sizeof address);
	for (size_t i = 0; i < device->model->outlet_count; i++) {
		if (step->moved & 1U << i) {
			fprintf(stderr, "%s %s, outlet %zu: %s\n", address, device->model->name, i,
				device->outlets[i].is_on ? "on" : "off");
		}
	}
	if (step->has_presence) {
		fprintf(stderr, "%s %s: %s\n", address, device->model->name,
			device->presence == SIM_PRESENT ? "present" : "gone");
	}
}

static void on_step(struct sim_server *server, struct sim_site *site, const struct sim_step *step,
	enum sim_cause cause)
{
	struct program *program = server->data;

	if (!program->options.is_quiet) {
		tell(site, step);
	}
	if (program->control) {
		sim_control_report(program->control, site, step, cause);
	}
}

static void stop(struct program *program)
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_close((uv_handle_t *)&program->signals[i], NULL);
	}
	if (program->control) {
		sim_control_stop(program->control);
		program->control = NULL;
	}
	sim_server_stop(program->server);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	stop(handle->data);
}

static void watch_signals(struct program *program)
{
	static const int numbers[SIGNAL_COUNT] = { SIGINT, SIGTERM };

	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_signal_init(&program->loop, &program->signals[i]);
		program->signals[i].data = program;
		uv_signal_start_oneshot(&program->signals[i], on_signal, numbers[i]);
	}
}

static bool start(struct program *program)
{
	const struct sim_server_settings settings = {
		.places = program->options.places,
		.place_count = program->options.place_count,
		.port = program->options.port,
		.is_wildcard = program->options.is_wildcard,
		.broadcast = program->options.broadcast,
		.speed = program->options.speed,
	};

	program->server = sim_server_new(&program->loop, &settings);
	if (!program->server) {
		return false;
	}
	program->server->on_step = on_step;
	program->server->data = program;
	watch_signals(program);
	if (program->options.control) {
		program->control =
			sim_control_new(&program->loop, program->server, program->options.control);
		if (!program->control) {
			stop(program);
			return false;
		}
	}
	return true;
}

/* The line that callers wait for. */
static void announce(const struct program *program)
{
	const struct in_addr first = { .s_addr = htonl(program->server->sites[0].address) };
	char address[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &first, address, sizeof address);
	printf("ready: %zu devices from %s:%u", program->server->site_count, address,
		program->server->port);
	if (program->options.control) {
		printf(", control %s", program->options.control);
	}
	puts("");
	fflush(stdout);
}

static int run(struct program *program)
{
	const int64_t offset_ms = local_offset_ms();
	bool is_started = false;

	for (size_t i = 0; i < program->options.place_count; i++) {
		program->options.places[i].identity.local_offset_ms = offset_ms;
	}
	signal(SIGPIPE, SIG_IGN); /* clients go away when they like */
	uv_loop_init(&program->loop);
	is_started = start(program);
	if (is_started) {
		announce(program);
	}
	uv_run(&program->loop, UV_RUN_DEFAULT);
	sim_server_free(program->server);
	uv_loop_close(&program->loop);
	return is_started ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct program program;
	enum sim_start start_as;
	int status;

	streams_open();
	start_as = sim_options_read(argc, argv, &program.options);
	status = start_as == SIM_START_USAGE ? EXIT_USAGE : EXIT_SUCCESS;

	if (start_as == SIM_START) {
		status = run(&program);
	}
	sim_options_clear(&program.options);
	return streams_close("plugsim", status);
}
