#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "config/config.h"
#include "config/streams.h"
#include "protocol/plugctl/command.h"
#include "protocol/plugctl/ending.h"
#include "protocol/plugctl/find/find.h"
#include "protocol/plugctl/find/load.h"
#include "protocol/plugctl/find/targets.h"
#include "protocol/plugctl/find/where.h"
#include "protocol/plugctl/run.h"
#include "protocol/plugctl/softscheck.h"
#include "protocol/plugctl/terminal/secret.h"
#include "protocol/plugctl/verb.h"

enum { EXIT_USAGE = 2 };

static bool read_targets(
	const struct command *command, const struct targets_from *from, struct targets *targets)
{
	const bool is_all = command_has(command, OPTION_ALL);
	const struct find find = { command, from, is_all && !from->config };

	if (is_all && from->config) {
		targets_add_all(targets, from);
	}
	for (size_t i = 0; i < command->target_count; i++) {
		char *problem = targets_add(targets, from, command->targets[i]);

		if (problem) {
			command_complain(command, "%s", problem);
			free(problem);
			return false;
		}
	}
	if (!find.is_everything && targets->count == 0) {
		return command_complain(command, "the configuration has no devices");
	}
	return find_targets(&find, targets);
}

/* --timeout counts from the start; a verb that repeats counts each time anew. */
static void spend(struct command *command, uint64_t begin_ns)
{
	enum { NS_PER_MS = 1000000 };
	const uint64_t spent_ms = (uv_hrtime() - begin_ns) / NS_PER_MS;

	if (command_has(command, OPTION_TIMEOUT) && !command->verb->repeats) {
		command->timeout_ms =
			command->timeout_ms > spent_ms ? command->timeout_ms - spent_ms : 1;
	}
}

static int run(struct command *command)
{
	struct config *config = NULL;
	struct targets_from from = { .outlet = command->values[OPTION_OUTLET] };
	struct targets targets = { 0 };
	const uint64_t begin_ns = uv_hrtime();
	int status = EXIT_USAGE;

	if (command->verb->run) {
		return command->verb->run(command);
	}
	if (where_port(command, &from.port) && load_config(command, &config)) {
		from.config = config;
		if (read_targets(command, &from, &targets)) {
			spend(command, begin_ns);
			status = run_all(command, &targets);
		}
	}
	secret_clear(command);
	targets_clear(&targets);
	config_free(config);
	return status;
}

/* A descriptor for each device and a few more; what the system does not give shows as a failure of
 * those targets. */
static void allow_many_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void prepare_process(void)
{
	signal(SIGPIPE, SIG_IGN); /* libuv writes to connections that may have ended */
	/* A name server that hangs must not hold up the names behind it: libuv looks up four at a
	 * time otherwise. */
	(void)setenv("UV_THREADPOOL_SIZE", "64", 0);
	allow_many_connections();
}

int main(int argc, char **argv)
{
	static struct command command;

	streams_open();
	prepare_process();
	if (softscheck_is_meant(argc, argv)) {
		ending_exit(softscheck_run(argc, argv));
	}
	switch (command_read(argc, argv, &command)) {
	case COMMAND_RUN:
		ending_exit(run(&command));
	case COMMAND_DONE:
		ending_exit(EXIT_SUCCESS);
	case COMMAND_DECLINED:
		ending_exit(EXIT_FAILURE);
	default:
		ending_exit(EXIT_USAGE);
	}
}
