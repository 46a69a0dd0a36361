/* light: bulbs and light strips. */
#include "protocol/light.h"

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/plugctl/word.h"

static const struct output_column columns[] = {
	{ .key = "state" },
	{ .key = "brightness_percent", .unit = "%" },
	{ .key = "hue_degrees", .label = "hue" },
	{ .key = "saturation_percent", .label = "saturation", .unit = "%" },
	{ .key = "kelvin", .unit = "K" },
	{ .key = "mode" },
	{ .key = "effect", .label = "effect" },
	{ .key = "kelvin_min", .label = "from", .unit = "K" },
	{ .key = "kelvin_max", .label = "to", .unit = "K" },
	{ .key = "power_w", .unit = "W" },
	{ .key = "incandescent_w", .label = "as bright as", .unit = "W" },
	{ .key = "lumens", .unit = "lm" },
	{ .key = "beam_degrees", .label = "beam", .unit = "degrees" },
	{ .key = "voltage_min_v", .label = "from", .unit = "V" },
	{ .key = "voltage_max_v", .label = "to", .unit = "V" },
	{ .key = "colour_rendering", .label = "CRI" },
	{ 0 },
};

static void put_figure(struct job *job, const char *key, const struct plug_figure *figure)
{
	if (figure->is_known) {
		output_int(job_data(job), key, figure->value);
	}
}

static void put_light(struct job *job, const struct plug_light *light)
{
	output_text(job_data(job), "state", light->is_on ? "on" : "off");
	put_figure(job, "brightness_percent", &light->brightness_percent);
	if (light->can_colour) {
		put_figure(job, "hue_degrees", &light->hue_degrees);
		put_figure(job, "saturation_percent", &light->saturation_percent);
	}
	put_figure(job, "kelvin", &light->kelvin);
	if (light->mode) {
		output_text(job_data(job), "mode", light->mode);
	}
	if (light->effect) {
		output_text(job_data(job), "effect", light->effect);
	}
	put_figure(job, "kelvin_min", &light->kelvin_min);
	put_figure(job, "kelvin_max", &light->kelvin_max);
	job_done(job);
}

/* False when the job has failed. */
static bool read_light(struct job *job, struct plug_light *light)
{
	if (plug_sysinfo_light(job_sysinfo(job), light)) {
		return true;
	}
	job_fail(job, "is a %s: it has no light of this kind",
		plug_family_traits(job->info.family)->name);
	return false;
}

static bool differs(const struct plug_figure *wanted, const struct plug_figure *told)
{
	return wanted->is_known && told->is_known && wanted->value != told->value;
}

/* What the device itself says; during a transition it may be on its way. */
static void on_read_back(struct job *job, const struct plug_reply *reply)
{
	const struct plug_light_order *order = &job->command->light;
	struct plug_light light;

	(void)reply;
	if (!read_light(job, &light)) {
		return;
	}
	if (!order->transition_ms.is_known &&
		(light.is_on != order->is_on ||
			differs(&order->brightness_percent, &light.brightness_percent) ||
			differs(&order->hue_degrees, &light.hue_degrees) ||
			differs(&order->saturation_percent, &light.saturation_percent) ||
			differs(&order->kelvin, &light.kelvin))) {
		job_fail(job, "took the order, but its light is not as told");
	} else {
		put_light(job, &light);
	}
}

static void on_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, plug_light_method(job->info.family))) {
		job_refresh(job, on_read_back);
	}
}

/* False, and the job has failed, when this model cannot do what is wanted. */
static bool can_do(struct job *job, const struct plug_light *light)
{
	const struct plug_light_order *order = &job->command->light;
	const int64_t kelvin = order->kelvin.value;

	if ((order->hue_degrees.is_known || order->saturation_percent.is_known) &&
		!light->can_colour) {
		job_fail(job, "shows no colours");
	} else if (order->kelvin.is_known && !light->can_kelvin) {
		job_fail(job, "has one white only");
	} else if (order->kelvin.is_known && light->kelvin_min.is_known &&
		   (kelvin < light->kelvin_min.value || kelvin > light->kelvin_max.value)) {
		job_fail(job, "takes colour temperatures from %d to %d K",
			(int)light->kelvin_min.value, (int)light->kelvin_max.value);
	} else if (order->brightness_percent.is_known && !light->can_dim) {
		job_fail(job, "cannot be dimmed");
	} else {
		return true;
	}
	return false;
}

static void on_details(struct job *job, const struct plug_reply *reply)
{
	struct plug_light_details details;
	enum plug_error error;

	if (!job_answer(job, reply, plug_light_details_method(job->info.family))) {
		return;
	}
	error = plug_reply_light_details(reply, job->info.family, &details);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	put_figure(job, "power_w", &details.power_w);
	put_figure(job, "incandescent_w", &details.incandescent_w);
	put_figure(job, "lumens", &details.lumens);
	put_figure(job, "beam_degrees", &details.beam_degrees);
	put_figure(job, "voltage_min_v", &details.voltage_min_v);
	put_figure(job, "voltage_max_v", &details.voltage_max_v);
	put_figure(job, "colour_rendering", &details.colour_rendering);
	job_done(job);
}

static void start(struct job *job)
{
	const struct command *command = job->command;
	struct plug_light light;
	struct plug_request request;

	if (!read_light(job, &light)) {
		return;
	}
	if (word_is(command, "get")) {
		put_light(job, &light);
	} else if (word_is(command, "details")) {
		job_ask(job, plug_request_light_details(&request, job->info.family), &request,
			on_details);
	} else if (can_do(job, &light)) {
		job_ask(job, plug_request_light(&request, job->info.family, &command->light),
			&request, on_set);
	}
}

static bool read_figure(
	struct command *command, const struct command_range *range, struct plug_figure *figure)
{
	int number;

	if (!command_number(command, range, &number)) {
		return false;
	}
	*figure = (struct plug_figure) { command_has(command, range->option), number };
	return true;
}

static bool read_transition(struct command *command)
{
	static const struct command_range range = { OPTION_TRANSITION, 0, 3600, 0 };

	if (!command_seconds(command, &range, &command->pause_ms)) {
		return false;
	}
	command->light.transition_ms =
		(struct plug_figure) { command_has(command, OPTION_TRANSITION),
			(int64_t)command->pause_ms };
	return true;
}

static bool read_order(struct command *command)
{
	static const struct command_range brightness = { OPTION_BRIGHTNESS, 1, 100, 0 };
	static const struct command_range hue = { OPTION_HUE, 0, PLUG_HUE_MAX_DEGREES, 0 };
	static const struct command_range saturation = { OPTION_SATURATION, 0, 100, 0 };
	static const struct command_range kelvin = { OPTION_KELVIN, PLUG_KELVIN_MIN,
		PLUG_KELVIN_MAX, 0 };
	struct plug_light_order *order = &command->light;

	order->is_on = word_is(command, "on");
	return read_figure(command, &brightness, &order->brightness_percent) &&
	       read_figure(command, &hue, &order->hue_degrees) &&
	       read_figure(command, &saturation, &order->saturation_percent) &&
	       read_figure(command, &kelvin, &order->kelvin) && read_transition(command);
}

static bool prepare(struct command *command)
{
	static const struct word_options options[] = {
		{ "get", 0, 0 },
		{ "on", 0,
			OPTION_BIT(BRIGHTNESS) | OPTION_BIT(HUE) | OPTION_BIT(SATURATION) |
				OPTION_BIT(KELVIN) | OPTION_BIT(TRANSITION) },
		{ "off", 0, OPTION_BIT(TRANSITION) },
		{ "details", 0, 0 },
		{ 0 },
	};

	if (!word_check(command, options) || !read_order(command)) {
		return false;
	}
	return !command_has(command, OPTION_KELVIN) ||
	       !(command_has(command, OPTION_HUE) || command_has(command, OPTION_SATURATION)) ||
	       command_complain(command, "--kelvin is white, --hue and --saturation are a colour: "
					 "which?");
}

static const char *const words[] = { "get", "on", "off", "details", NULL };

const struct verb verb_light = {
	.name = "light",
	.words = words,
	.options = OPTION_BIT(BRIGHTNESS) | OPTION_BIT(HUE) | OPTION_BIT(SATURATION) |
		   OPTION_BIT(KELVIN) | OPTION_BIT(TRANSITION),
	.help = "bulbs and light strips: brightness, colour, warmth of white",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.is_whole = true,
};
