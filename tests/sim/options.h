/* options.h - the command line of plugsim. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "tests/sim/net/server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_DEVICES_MAX = 100000 };

struct sim_options {
	struct sim_place *places;
	size_t place_count;
	uint32_t listen; /* host byte order, as all addresses here */
	uint32_t broadcast;
	uint16_t port;
	uint32_t speed;
	const char *control; /* NULL: none; borrowed from the command line */
	bool is_quiet;
	bool is_wildcard;
	bool has_noise;
	bool is_any_address_allowed;
};

enum sim_start { SIM_START, SIM_START_DONE, SIM_START_USAGE };

/* Reads the command line into options (free with sim_options_clear). Returns SIM_START; or
 * SIM_START_DONE after help or version were printed; or SIM_START_USAGE after a message on
 * standard error. */
enum sim_start sim_options_read(int argc, char **argv, struct sim_options *options);
void sim_options_clear(struct sim_options *options);

#endif
