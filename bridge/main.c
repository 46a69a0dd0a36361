#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/bridge.h"
#include "bridge/log.h"
#include "bridge/time/zone.h"
#include "bridge/version.h"
#include "config/keys.h"
#include "config/streams.h"

enum { STATUS_USAGE = 2 };

static const char usage_text[] =
	"usage: plugbridge --config FILE [--verbose | --quiet]\n"
	"       plugbridge --check FILE\n"
	"\n"
	"Puts TP-Link Kasa plugs on MQTT.\n"
	"\n"
	"  -c, --config FILE    run with this configuration\n"
	"  -k, --check FILE     only check the configuration: exit status 0 when it can be used\n"
	"  -r, --reference      print every configuration key with its default and meaning\n"
	"  -v, --verbose        log what happens in detail\n"
	"  -q, --quiet          log only what is wrong\n"
	"  -V, --version        print the version\n"
	"  -h, --help           print this\n"
	"\n"
	"SIGHUP reads the configuration again; SIGTERM and SIGINT stop the bridge.\n"
	"See plugbridge(1).\n";

struct options {
	const char *config_file;
	const char *check_file;
	enum log_level level;
};

static int check(const char *file)
{
	struct config *config = NULL;
	struct config_problems problems = { 0 };
	const bool is_loaded = config_load(file, &config, &problems);
	char *problem = is_loaded ? zone_problem(&config->time) : NULL;
	const bool is_good = is_loaded && !problem;

	config_problems_print(&problems, stdout);
	if (problem) {
		printf("%s: %s\n", file, problem);
	}
	if (is_good) {
		printf("%s: good: %zu device%s\n", file, config->device_count,
			config->device_count == 1 ? "" : "s");
	} else {
		const size_t count = problems.error_count + (problem ? 1 : 0);

		printf("%s: %zu error%s\n", file, count, count == 1 ? "" : "s");
	}
	free(problem);
	config_free(config);
	config_problems_clear(&problems);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int complain(const char *text)
{
	fprintf(stderr, "plugbridge: %s\nTry 'plugbridge --help'.\n", text);
	return STATUS_USAGE;
}

/* Prints what an option asks for and returns true when that is all. */
static bool print_and_leave(int option)
{
	switch (option) {
	case 'h':
		fputs(usage_text, stdout);
		return true;
	case 'V':
		puts("plugbridge " PLUGBRIDGE_VERSION);
		return true;
	case 'r':
		config_print_reference(stdout);
		return true;
	default:
		return false;
	}
}

static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->config_file = optarg;
		return true;
	case 'k':
		options->check_file = optarg;
		return true;
	case 'v':
		options->level = LOG_LEVEL_DEBUG;
		return true;
	case 'q':
		options->level = LOG_LEVEL_WARN;
		return true;
	default:
		return false;
	}
}

/* The program as it is now: an update of the package takes effect. */
static int start_again(char **argv)
{
	(void)execvp(argv[0], argv);
	log_warn("%s cannot be started again: %s", argv[0], strerror(errno));
	return EXIT_FAILURE;
}

static int run(const struct options *options, char **argv)
{
	enum bridge_end end = BRIDGE_FAILED;

	if (options->check_file && options->config_file) {
		return complain("--config and --check do not go together");
	}
	if (options->check_file) {
		return check(options->check_file);
	}
	if (!options->config_file) {
		return complain("no configuration: say --config FILE");
	}
	log_open(options->level);
	end = bridge_run(options->config_file);
	if (end == BRIDGE_RESTART) {
		return start_again(argv);
	}
	return end == BRIDGE_STOPPED ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int read_and_run(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", required_argument, NULL, 'k' },
		{ "reference", no_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .level = LOG_LEVEL_INFO };
	int option = 0;

	while ((option = getopt_long(argc, argv, "c:k:rvqVh", long_options, NULL)) != -1) {
		if (print_and_leave(option)) {
			return EXIT_SUCCESS;
		}
		if (!take_option(&options, option)) {
			fputs("Try 'plugbridge --help'.\n", stderr);
			return STATUS_USAGE;
		}
	}
	return optind < argc ? complain("unexpected argument") : run(&options, argv);
}

int main(int argc, char **argv)
{
	streams_open();
	return streams_close("plugbridge", read_and_run(argc, argv));
}
