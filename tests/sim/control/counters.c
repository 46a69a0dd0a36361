#include "tests/sim/control/counters.h"

#include "protocol/json.h"
#include "tests/sim/control/say.h"
#include "tests/sim/net/site.h"

static void add_methods(const struct sim_counters *counters, struct sim_text *out)
{
	struct sim_text name = { 0 };

	sim_text_key(out, "methods");
	sim_text_open(out, '{');
	for (size_t i = 0; i < sim_method_count; i++) {
		if (counters->methods[i] > 0) {
			sim_text_cut(&name, 0);
			sim_text_add(&name, sim_methods[i].module);
			sim_text_add(&name, ".");
			sim_text_add(&name, sim_methods[i].name);
			sim_text_int(out, name.bytes, counters->methods[i]);
		}
	}
	sim_text_close(out, '}');
	sim_text_free(&name);
}

static void add_counters(const struct sim_counters *counters, struct sim_text *out)
{
	sim_text_int(out, "connections", counters->connections);
	sim_text_int(out, "requests", counters->requests);
	sim_text_int(out, "replies", counters->replies);
	sim_text_int(out, "datagrams", counters->datagrams);
	sim_text_int(out, "bad_requests", counters->bad_requests);
	sim_text_int(out, "unknown_methods", counters->unknown_methods);
	sim_text_int(out, "relay_moves", counters->relay_moves);
	sim_text_int(out, "max_in_flight", counters->max_in_flight);
	sim_text_int(out, "faults", counters->faults);
	sim_text_int(out, "bytes_in", (int64_t)counters->bytes_in);
	sim_text_int(out, "bytes_out", (int64_t)counters->bytes_out);
	add_methods(counters, out);
}

static void add_site_counters(struct sim_site *site, struct sim_text *out)
{
	sim_text_int(out, "device", site->number);
	add_counters(&site->device->counters, out);
	if (site->stranger) {
		sim_text_key(out, "stranger");
		sim_text_open(out, '{');
		add_counters(&site->stranger->counters, out);
		sim_text_close(out, '}');
	}
}

static void add_up(struct sim_counters *sum, const struct sim_counters *one)
{
	sum->bytes_in += one->bytes_in;
	sum->bytes_out += one->bytes_out;
	sum->connections += one->connections;
	sum->requests += one->requests;
	sum->replies += one->replies;
	sum->datagrams += one->datagrams;
	sum->bad_requests += one->bad_requests;
	sum->unknown_methods += one->unknown_methods;
	sum->relay_moves += one->relay_moves;
	sum->faults += one->faults;
	if (one->max_in_flight > sum->max_in_flight) {
		sum->max_in_flight = one->max_in_flight;
	}
	for (size_t i = 0; i < sim_method_count; i++) {
		sum->methods[i] += one->methods[i];
	}
}

static void add_sum(struct sim_text *out, const struct sim_selection *selection)
{
	struct sim_counters sum = { 0 };

	for (size_t i = 0; i < selection->count; i++) {
		add_up(&sum, &selection->sites[i]->device->counters);
	}
	sim_say_ok(out);
	sim_text_key(out, "sum");
	sim_text_open(out, '{');
	add_counters(&sum, out);
	sim_text_close(out, '}');
	sim_say_end(out);
}

static void reset_counters(const struct sim_selection *selection)
{
	for (size_t i = 0; i < selection->count; i++) {
		struct sim_site *site = selection->sites[i];

		site->device->counters = (struct sim_counters) { 0 };
		if (site->stranger) {
			site->stranger->counters = (struct sim_counters) { 0 };
		}
	}
}

void sim_tell_counters(struct sim_talk *talk, const struct sim_selection *selection)
{
	bool is_sum = false;
	bool is_reset = false;

	plug_json_flag(talk->line, "sum", &is_sum);
	plug_json_flag(talk->line, "reset", &is_reset);
	if (is_sum) {
		add_sum(talk->out, selection);
	} else {
		sim_say_each(talk->out, selection, add_site_counters);
	}
	if (is_reset) {
		reset_counters(selection);
	}
}
