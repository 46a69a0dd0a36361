#include "tests/sim/control/hands.h"

#include "protocol/json.h"
#include "tests/sim/control/say.h"
#include "tests/sim/net/site.h"

static const int64_t PASS_MAX_MS = INT64_C(366) * 24 * 60 * 60 * 1000;

static int plug(struct sim_site *site, bool is_on)
{
	struct sim_step step = { .now_ms = sim_server_now_ms(site->server) };

	sim_device_advance(site->device, &step);
	sim_device_plug(site->device, is_on, &step);
	sim_site_settle_at_home(site, &step, SIM_BY_CONTROL);
	return sim_site_refresh(site);
}

void sim_hand_power(struct sim_talk *talk, const struct sim_selection *selection)
{
	bool is_on = false;
	int error = 0;

	if (!plug_json_flag(talk->line, "on", &is_on)) {
		sim_say_no(talk->out, "power needs \"on\": true or false", NULL);
		return;
	}
	for (size_t i = 0; i < selection->count; i++) {
		const int failed = plug(selection->sites[i], is_on);

		error = failed != 0 ? failed : error;
	}
	if (error != 0) {
		sim_say_no(talk->out, "cannot listen", uv_strerror(error));
	} else {
		sim_say_count(talk->out, selection);
	}
}

/* Somebody's finger on the button: what was on goes off, and the other way round. */
void sim_hand_press(struct sim_talk *talk, const struct sim_selection *selection)
{
	int64_t outlet = 0;

	if (json_object_object_get_ex(talk->line, "outlet", NULL) &&
		!plug_json_int(talk->line, "outlet", 0, SIM_OUTLETS_MAX - 1, &outlet)) {
		sim_say_no(talk->out, "no such outlet", NULL);
		return;
	}
	for (size_t i = 0; i < selection->count; i++) {
		if ((size_t)outlet >= selection->sites[i]->device->model->outlet_count) {
			sim_say_no(talk->out, "no such outlet", NULL);
			return;
		}
	}
	for (size_t i = 0; i < selection->count; i++) {
		struct sim_site *site = selection->sites[i];
		struct sim_step step = { .now_ms = sim_server_now_ms(site->server) };

		sim_device_advance(site->device, &step);
		sim_device_switch(
			site->device, (size_t)outlet, !site->device->outlets[outlet].is_on, &step);
		sim_site_settle_at_home(site, &step, SIM_BY_CONTROL);
	}
	sim_say_count(talk->out, selection);
}

/* As after a short cut of the power: gone now, back in its time. */
void sim_hand_reboot(struct sim_talk *talk, const struct sim_selection *selection)
{
	for (size_t i = 0; i < selection->count; i++) {
		struct sim_site *site = selection->sites[i];
		struct sim_step step = { .now_ms = sim_server_now_ms(site->server) };

		sim_device_advance(site->device, &step);
		if (site->device->presence == SIM_PRESENT) {
			sim_device_reboot(site->device, step.now_ms, 0, false);
		}
		sim_device_advance(site->device, &step);
		sim_site_settle_at_home(site, &step, SIM_BY_CONTROL);
	}
	sim_say_count(talk->out, selection);
}

/* Lets time jump, or go faster. */
void sim_hand_time_passes(struct sim_talk *talk, const struct sim_selection *selection)
{
	struct sim_server *server = talk->server;
	int64_t pass_ms = 0;
	int64_t speed = server->speed;

	(void)selection;
	if (json_object_object_get_ex(talk->line, "pass_ms", NULL) &&
		!plug_json_int(talk->line, "pass_ms", 0, PASS_MAX_MS, &pass_ms)) {
		sim_say_no(talk->out, "pass_ms must be 0 to 31622400000, a leap year", NULL);
		return;
	}
	if (json_object_object_get_ex(talk->line, "speed", NULL) &&
		!plug_json_int(talk->line, "speed", 1, SIM_SPEED_MAX, &speed)) {
		sim_say_no(talk->out, "speed must be 1 to 100000", NULL);
		return;
	}
	sim_server_pass(server, pass_ms, (uint32_t)speed);
	sim_say_ok(talk->out);
	sim_text_int(talk->out, "speed", speed);
	sim_text_int(talk->out, "now_ms", sim_server_now_ms(server));
	sim_say_end(talk->out);
}

void sim_hand_swap(struct sim_talk *talk, const struct sim_selection *selection)
{
	if (selection->count != 2 || selection->sites[0] == selection->sites[1]) {
		sim_say_no(talk->out, "swap needs two devices", NULL);
		return;
	}
	sim_site_swap(selection->sites[0], selection->sites[1]);
	sim_say_count(talk->out, selection);
}
