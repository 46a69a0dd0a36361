#include "protocol/plugctl/softscheck.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/run.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/words.h"
#include "protocol/plugctl/verbs/verbs.h"

enum { EXIT_USAGE = 2, TIMEOUT_S = 10, TIMEOUT_MAX_S = 3600 };

#define NAME_TABLE(X)                                                                              \
	X("info", "{\"system\":{\"get_sysinfo\":{}}}")                                             \
	X("on", "{\"system\":{\"set_relay_state\":{\"state\":1}}}")                                \
	X("off", "{\"system\":{\"set_relay_state\":{\"state\":0}}}")                               \
	X("ledoff", "{\"system\":{\"set_led_off\":{\"off\":1}}}")                                  \
	X("ledon", "{\"system\":{\"set_led_off\":{\"off\":0}}}")                                   \
	X("cloudinfo", "{\"cnCloud\":{\"get_info\":{}}}")                                          \
	X("wlanscan", "{\"netif\":{\"get_scaninfo\":{\"refresh\":0}}}")                            \
	X("time", "{\"time\":{\"get_time\":{}}}")                                                  \
	X("schedule", "{\"schedule\":{\"get_rules\":{}}}")                                         \
	X("countdown", "{\"count_down\":{\"get_rules\":{}}}")                                      \
	X("antitheft", "{\"anti_theft\":{\"get_rules\":{}}}")                                      \
	X("reboot", "{\"system\":{\"reboot\":{\"delay\":1}}}")                                     \
	X("reset", "{\"system\":{\"reset\":{\"delay\":1}}}")                                       \
	X("energy", "{\"emeter\":{\"get_realtime\":{}}}")                                          \
	X("energy_reset", "{\"emeter\":{\"erase_emeter_stat\":{}}}")                               \
	X("runtime_reset", "{\"schedule\":{\"erase_runtime_stat\":{}}}")

#define NAME(name, json) name,
static const char *const names[] = { NAME_TABLE(NAME) };
#define JSON(name, json) json,
static const char *const requests[] = { NAME_TABLE(JSON) };
enum { NAME_COUNT = sizeof names / sizeof names[0] };

static const struct option long_options[] = {
	{ "target", required_argument, NULL, 't' },
	{ "port", required_argument, NULL, 'p' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "command", required_argument, NULL, 'c' },
	{ "json", required_argument, NULL, 'j' },
	{ "yes", no_argument, NULL, 'y' },
	{ 0 },
};

struct words {
	const char *target, *port, *name;
};

/* struct command's number, which means nothing else here. */
enum { IS_LOUD, IS_QUIET };

static void print(const struct command *command, const struct output_result *result)
{
	struct json_object *reply;
	char *text;

	(void)json_object_object_get_ex(result->data, "reply", &reply);
	text = output_harmless(json_object_to_json_string_ext(
		reply, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	if (command->number == IS_QUIET) {
		puts(text);
	} else {
		printf("Sent:     %s\nReceived: %s\n", command->argument, text);
	}
	free(text);
}

static void on_reply(struct job *job, const struct plug_reply *reply)
{
	json_object_object_add(job_data(job), "reply", json_object_get(reply->root));
	job_done(job);
}

static void start(struct job *job)
{
	job_ask_text(job, job->command->argument, on_reply);
}

static const struct output_column columns[] = { { .key = "reply" }, { 0 } };

static const struct verb verb = {
	.name = "",
	.start = start,
	.print = print,
	.columns = columns,
	.is_blind = true,
};

/* Among the options in front of the first other word: -t behind a verb is that verb's own. */
bool softscheck_is_meant(int argc, char **argv)
{
	static const char *const with_value[] = { "-p", "-c", "-j", "--port", "--command",
		"--timeout" };

	for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strncmp(argv[i], "-t", 2) == 0 || strncmp(argv[i], "--target", 8) == 0) {
			return true;
		}
		for (size_t j = 0; j < sizeof with_value / sizeof with_value[0]; j++) {
			if (strcmp(argv[i], with_value[j]) == 0) {
				i++;
				break;
			}
		}
	}
	return false;
}

static bool take_option(struct command *command, struct words *words, int code)
{
	switch (code) {
	case 't':
		words->target = optarg;
		return true;
	case 'p':
		words->port = optarg;
		return true;
	case 'q':
		command->number = IS_QUIET;
		return true;
	case 'T':
		command->values[OPTION_TIMEOUT] = optarg;
		return true;
	case 'c':
		words->name = optarg;
		return true;
	case 'j':
		command->argument = optarg;
		return true;
	case 'y':
		command->values[OPTION_YES] = "";
		return true;
	default:
		return command_complain(command, "takes -t HOST, -c NAME or -j JSON, -p PORT, -q, "
						 "--timeout S and --yes");
	}
}

static bool find_request(struct command *command, const char *name)
{
	const char *nearest;

	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			command->argument = requests[i];
			return true;
		}
	}
	nearest = words_nearest(name, names, NAME_COUNT);
	return nearest ? command_complain(command, "there is no command '%s'; did you mean '%s'?",
				 name, nearest)
		       : command_complain(command, "there is no command '%s'", name);
}

static bool is_confirmed(struct command *command)
{
	const enum confirm_answer answer = confirm(command,
		"The device will leave the network and forget name, rules, Wi-Fi and account.");

	command->is_declined = answer == CONFIRM_NO;
	return answer == CONFIRM_YES;
}

static bool check(struct command *command, const struct words *words)
{
	const struct command_range timeout = { OPTION_TIMEOUT, 0, TIMEOUT_MAX_S, TIMEOUT_S };

	if (!words->target || !words->name == !command->argument) {
		return command_complain(command, "needs a target, and one of -c NAME and -j JSON");
	}
	if (words->name && !find_request(command, words->name)) {
		return false;
	}
	return verb_raw.prepare(command) &&
	       command_seconds(command, &timeout, &command->timeout_ms) &&
	       (!words->name || strcmp(words->name, "reset") != 0 || is_confirmed(command));
}

static bool read_options(int argc, char **argv, struct command *command, struct words *words)
{
	int code;

	opterr = 0;
	while ((code = getopt_long(argc, argv, "t:p:qc:j:", long_options, NULL)) != -1) {
		if (!take_option(command, words, code)) {
			return false;
		}
	}
	return optind == argc || take_option(command, words, '?');
}

int softscheck_run(int argc, char **argv)
{
	const struct targets_from from = { .port = PLUG_PORT };
	struct command command = { .verb = &verb, .word = "", .zone = -1 };
	struct targets targets = { 0 };
	struct words words = { 0 };
	char *place;
	char *problem;
	int status = EXIT_USAGE;

	if (!read_options(argc, argv, &command, &words) || !check(&command, &words)) {
		return command.is_declined ? EXIT_FAILURE : EXIT_USAGE;
	}
	place = words.port ? memory_format("%s:%s", words.target, words.port)
			   : memory_copy(words.target);
	problem = targets_add(&targets, &from, place);
	if (problem) {
		command_complain(&command, "%s", problem);
	} else {
		status = run_all(&command, &targets);
	}
	free(problem);
	free(place);
	targets_clear(&targets);
	return status;
}
