#include "tests/sim/control/say.h"

void sim_say_no(struct sim_text *out, const char *what, const char *detail)
{
	struct sim_text error = { 0 };

	sim_text_add(&error, what);
	if (detail) {
		sim_text_add(&error, ": ");
		sim_text_add(&error, detail);
	}
	sim_text_add(out, "{\"ok\":false");
	sim_text_string(out, "error", error.bytes);
	sim_text_add(out, "}\n");
	sim_text_free(&error);
}

void sim_say_ok(struct sim_text *out)
{
	sim_text_add(out, "{\"ok\":true");
}

void sim_say_end(struct sim_text *out)
{
	sim_text_add(out, "}\n");
}

void sim_say_count(struct sim_text *out, const struct sim_selection *selection)
{
	sim_say_ok(out);
	sim_text_int(out, "devices", (int64_t)selection->count);
	sim_say_end(out);
}

void sim_say_each(struct sim_text *out, const struct sim_selection *selection, sim_add_members *add)
{
	sim_say_ok(out);
	sim_text_key(out, "devices");
	sim_text_open(out, '[');
	for (size_t i = 0; i < selection->count; i++) {
		sim_text_next(out);
		sim_text_open(out, '{');
		add(selection->sites[i], out);
		sim_text_close(out, '}');
	}
	sim_text_close(out, ']');
	sim_say_end(out);
}
