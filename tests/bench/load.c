/* load - plays the plugs, the commander and the subscribers for one bridge under test, and prints
 * what it measured as one line of JSON. tests/bench/run starts it. */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/names.h"
#include "tests/bench/phases.h"

static size_t number(const char *text, size_t max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || value == 0 || value > max) {
		errx(2, "%s: expected a number from 1 to %zu", text, max);
	}
	return value;
}

static void usage(void)
{
	errx(2, "usage: load -b BROKER_PORT -p PLUG_PORT [-d DEAF_PORT] [-n PLUGS] [-c COMMANDS] "
		"[-w WINDOW_MS] [-s SETTLED_MS] [-P PHASE,...] -- PROGRAM [ARGUMENT...]");
}

/* phases: the names, changed when they are run. */
static void read_options(int argc, char **argv, struct bench_options *options, char **phases)
{
	enum { PORT_MAX = 65535, COMMANDS_MAX = 100000, WINDOW_MAX_MS = 600000, MS = 1000 };
	int option;

	while ((option = getopt(argc, argv, "+b:p:d:n:c:w:s:P:")) != -1) {
		switch (option) {
		case 'b':
			options->broker_port = (int)number(optarg, PORT_MAX);
			break;
		case 'p':
			options->plug_port = (int)number(optarg, PORT_MAX);
			break;
		case 'd':
			options->deaf_port = (int)number(optarg, PORT_MAX);
			break;
		case 'n':
			options->plug_count = number(optarg, NAMES_MAX);
			break;
		case 'c':
			options->command_count = number(optarg, COMMANDS_MAX);
			break;
		case 'w':
			options->window_us = number(optarg, WINDOW_MAX_MS) * MS;
			break;
		case 's':
			options->settled_us = number(optarg, WINDOW_MAX_MS) * MS;
			break;
		case 'P':
			*phases = optarg;
			break;
		default:
			usage();
		}
	}
	options->program = argv + optind;
	if (!options->broker_port || !options->plug_port || optind == argc) {
		usage();
	}
}

/* The plugs' end of ten thousand connections is above the usual soft limit. */
static void raise_descriptor_limit(void)
{
	struct rlimit descriptors;

	if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
		descriptors.rlim_cur = descriptors.rlim_max;
		setrlimit(RLIMIT_NOFILE, &descriptors);
	}
}

int main(int argc, char **argv)
{
	struct bench_options options = {
		.plug_count = 1, .command_count = 100, .window_us = 1000000
	};
	static struct bench bench;
	char *phases = NULL, *rest;

	read_options(argc, argv, &options, &phases);
	raise_descriptor_limit();
	signal(SIGPIPE, SIG_IGN);
	bench_open(&bench, &options);
	phases_start(&bench);
	for (char *name = phases ? strtok_r(phases, ",", &rest) : NULL; name;
		name = strtok_r(NULL, ",", &rest)) {
		if (!phases_run(&bench, name)) {
			errx(2, "%s: no such phase", name);
		}
	}
	phases_end(&bench);
	bench_close(&bench);
	figures_print(&bench.figures);
	return 0;
}
