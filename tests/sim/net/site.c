#include "tests/sim/net/site.h"

#include "tests/sim/device/memory.h"
#include "tests/sim/net/connection.h"
#include "tests/sim/net/datagram.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 200, STRANGER_POWER_MW = 12345 };

/* Another prefix of the same maker: no device of the simulation has it. */
static const uint8_t stranger_prefix[] = { 0xB0, 0xBE, 0x76 };

struct sim_device *sim_site_device(const struct sim_site *site)
{
	return sim_fault_find(site->faults, SIM_FAULT_OTHER_DEVICE) ? site->stranger : site->device;
}

static bool is_refusing_all(const struct sim_site *site)
{
	const struct sim_fault *fault = sim_fault_find(site->faults, SIM_FAULT_REFUSE);

	return fault && fault->settings.times == 0;
}

bool sim_site_is_open(const struct sim_site *site)
{
	const struct sim_device *device = sim_site_device(site);

	return device->presence == SIM_PRESENT && sim_device_has_xor(device) &&
	       !is_refusing_all(site);
}

static void close_listener(struct sim_site *site)
{
	if (site->listener) {
		sim_listener_close(site->listener);
		site->listener = NULL;
	}
}

static void close_datagrams(struct sim_site *site)
{
	if (site->datagrams) {
		sim_port_close(site->datagrams);
		site->datagrams = NULL;
	}
}

static int refresh_listener(struct sim_site *site)
{
	if (!sim_site_is_open(site)) {
		close_listener(site);
		sim_connection_reset_all(site);
	} else if (!site->listener && !site->server->is_wildcard) {
		return sim_listener_open(site->server, site->address, &site->listener);
	}
	return 0;
}

static void close_searches(struct sim_site *site)
{
	for (size_t i = 0; i < SIM_TDP_PORTS; i++) {
		if (site->searches[i]) {
			sim_port_close(site->searches[i]);
			site->searches[i] = NULL;
		}
	}
}

static int open_searches(struct sim_site *site)
{
	int error = 0;

	for (size_t i = 0; i < SIM_TDP_PORTS && error == 0; i++) {
		if (!site->searches[i]) {
			error = sim_search_open(site->server, site->address, i, &site->searches[i]);
		}
	}
	return error;
}

static int refresh_searches(struct sim_site *site)
{
	const struct sim_device *device = sim_site_device(site);

	if (device->presence != SIM_PRESENT || site->server->is_wildcard ||
		!(device->model->abilities & SIM_SPEAKS_TDP)) {
		close_searches(site);
		return 0;
	}
	return open_searches(site);
}

static int refresh_datagrams(struct sim_site *site)
{
	const struct sim_device *device = sim_site_device(site);

	if (device->presence != SIM_PRESENT || !sim_device_has_xor(device)) {
		close_datagrams(site);
	} else if (!site->datagrams && !site->server->is_wildcard) {
		return sim_port_open(site->server, site->address, &site->datagrams);
	}
	return 0;
}

static void set_alarm(struct sim_site *site, int64_t due_ms);

int sim_site_refresh(struct sim_site *site)
{
	int error = refresh_listener(site);

	if (error == 0) {
		error = refresh_datagrams(site);
	}
	if (error == 0) {
		error = refresh_searches(site);
	}
	if (error != 0) {
		set_alarm(site,
			sim_server_now_ms(site->server) + (int64_t)RETRY_MS * site->server->speed);
	}
	return error;
}

void sim_site_advance(struct sim_site *site, struct sim_step *step)
{
	*step = (struct sim_step) { .now_ms = sim_server_now_ms(site->server) };
	sim_device_advance(sim_site_device(site), step);
}

void sim_site_catch_up(struct sim_site *site)
{
	struct sim_step step;

	sim_site_advance(site, &step);
	sim_site_settle(site, &step, SIM_BY_ITSELF);
}

static void on_alarm(uv_timer_t *alarm)
{
	struct sim_site *site = alarm->data;

	sim_site_catch_up(site);
	sim_site_refresh(site); /* sockets that would not open are tried again */
}

static void set_alarm(struct sim_site *site, int64_t due_ms)
{
	const uint64_t left_ms = sim_server_left_ms(site->server, due_ms);

	if (!site->alarm) {
		site->alarm = sim_allocate(sizeof *site->alarm);
		site->alarm->data = site;
		uv_timer_init(site->server->loop, site->alarm);
	}
	/* The loop's clock may lag behind: one more than exact is never early. */
	uv_update_time(site->server->loop);
	uv_timer_start(site->alarm, on_alarm, left_ms + 1, 0);
}

void sim_site_settle(struct sim_site *site, const struct sim_step *step, enum sim_cause cause)
{
	struct sim_server *server = site->server;
	const int64_t due_ms = sim_device_due_ms(sim_site_device(site));

	if ((step->moved || step->has_presence) && server->on_step) {
		server->on_step(server, site, step, cause);
	}
	if (due_ms != INT64_MAX) {
		set_alarm(site, due_ms);
	}
	if (step->has_presence) {
		sim_connection_reset_all(site);
		sim_site_refresh(site);
	}
}

void sim_site_settle_at_home(
	struct sim_site *site, const struct sim_step *step, enum sim_cause cause)
{
	if (sim_site_device(site) == site->device) {
		sim_site_settle(site, step, cause);
	}
}

void sim_site_strike(struct sim_site *site, uint32_t struck)
{
	sim_site_device(site)->counters.faults += sim_fault_settle(&site->faults, struck);
}

static enum sim_verdict verdict(const struct sim_plan *plan, bool is_answered)
{
	switch (plan->act) {
	case SIM_ACT_DROP:
		return SIM_VERDICT_DROP;
	case SIM_ACT_RESET:
		return SIM_VERDICT_RESET;
	case SIM_ACT_ANSWER:
		break;
	}
	return is_answered ? SIM_VERDICT_REPLY : SIM_VERDICT_CLOSE;
}

enum sim_verdict sim_site_answer(
	struct sim_site *site, struct sim_exchange *exchange, enum sim_transport transport)
{
	struct sim_device *device = sim_site_device(site);
	struct sim_plan *plan = &exchange->plan;
	bool is_answered = false;

	exchange->step.now_ms = sim_server_now_ms(site->server);
	exchange->is_datagram = transport == SIM_UDP;
	sim_fault_plan(site->faults, transport, plan);
	plan->delay_ms += device->delay_ms;
	sim_text_cut(&site->server->text, 0);
	if (plan->act == SIM_ACT_ANSWER || plan->is_carried_out) {
		is_answered = sim_answer(device, exchange, &site->server->text);
	}
	plan->error = (struct sim_error_plan) { 0 }; /* its names are the fault's, which may end */
	sim_site_strike(site, plan->struck);
	if (device->leaves_ms <= exchange->step.now_ms) {
		sim_device_advance(device, &exchange->step); /* a reboot at once goes unanswered */
		is_answered = false;
	}
	sim_site_settle(site, &exchange->step, SIM_BY_REQUEST);
	return verdict(plan, is_answered);
}

enum sim_verdict sim_site_answer_search(
	struct sim_site *site, const struct sim_search *search, struct sim_plan *plan)
{
	const struct sim_device *device = sim_site_device(site);
	bool is_answered = false;

	sim_fault_plan(site->faults, SIM_UDP, plan);
	plan->delay_ms += device->delay_ms;
	sim_text_cut(&site->server->text, 0);
	if (plan->act == SIM_ACT_ANSWER) {
		is_answered = sim_tdp_answer(device, search, &site->server->text);
	}
	plan->error = (struct sim_error_plan) { 0 };
	sim_site_strike(site, plan->struck);
	return plan->act == SIM_ACT_ANSWER && !is_answered ? SIM_VERDICT_DROP
							   : verdict(plan, is_answered);
}

/* A stranger is of the same model: nothing but its identity gives it away. */
static void invite_stranger(struct sim_site *site)
{
	struct sim_identity identity = {
		.model = site->device->model,
		.alias = "Stranger",
		.local_offset_ms = site->device->true_offset_ms,
	};

	if (!site->stranger) {
		memcpy(identity.mac, site->device->mac, SIM_MAC_BYTES);
		memcpy(identity.mac, stranger_prefix, sizeof stranger_prefix);
		site->stranger = sim_device_new(&identity, sim_server_now_ms(site->server));
		site->stranger->outlets[0].power_mw = STRANGER_POWER_MW;
	}
}

/* Devices on this address changed: nobody's connection survives that. */
static void change_device(struct sim_site *site)
{
	struct sim_step step;

	sim_connection_reset_all(site);
	sim_site_advance(site, &step);
	sim_site_settle(site, &step, SIM_BY_CONTROL);
	sim_site_refresh(site);
}

/* Who knocks at a closed door is not seen: closing it is the one strike that is counted. */
static void refuse(struct sim_site *site)
{
	sim_connection_reset_all(site);
	if (is_refusing_all(site)) {
		sim_site_strike(site, 1U << SIM_FAULT_REFUSE);
	}
	sim_site_refresh(site);
}

void sim_site_set_fault(
	struct sim_site *site, enum sim_fault_kind kind, const struct sim_fault_settings *settings)
{
	if (kind == SIM_FAULT_OTHER_DEVICE) {
		invite_stranger(site);
	}
	sim_fault_set(&site->faults, kind, settings, site->device->seed);
	switch (kind) {
	case SIM_FAULT_OTHER_DEVICE:
		change_device(site);
		break;
	case SIM_FAULT_REFUSE:
		refuse(site);
		break;
	case SIM_FAULT_HANG:
		sim_connection_hang_all(site);
		break;
	case SIM_FAULT_IDLE_CLOSE:
		sim_connection_watch_idle_all(site);
		break;
	default:
		break;
	}
}

void sim_site_clear_fault(struct sim_site *site, enum sim_fault_kind kind)
{
	if (!sim_fault_clear(&site->faults, kind)) {
		return;
	}
	if (kind == SIM_FAULT_OTHER_DEVICE) {
		change_device(site);
	} else if (kind == SIM_FAULT_REFUSE) {
		sim_site_refresh(site);
	}
}

void sim_site_swap(struct sim_site *a, struct sim_site *b)
{
	struct sim_device *device = a->device;

	a->device = b->device;
	b->device = device;
	change_device(a);
	change_device(b);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

void sim_site_stop(struct sim_site *site)
{
	sim_connection_reset_all(site);
	close_listener(site);
	close_datagrams(site);
	close_searches(site);
	if (site->alarm) {
		uv_close((uv_handle_t *)site->alarm, free_handle);
		site->alarm = NULL;
	}
}

void sim_site_clear(struct sim_site *site)
{
	sim_fault_clear_all(&site->faults);
	sim_device_free(site->device);
	sim_device_free(site->stranger);
}
