#include "protocol/plugctl/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/plugctl/help.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/words.h"
#include "protocol/plugctl/verb.h"

enum { TIMEOUT_DEFAULT_MS = 5000, TIMEOUT_MAX_S = 3600, LONG_OPTION = 256 };

#define OPTION_NAME(id, name, value, general, help) name,
static const char *const option_names[] = { OPTION_TABLE(OPTION_NAME) };
#undef OPTION_NAME

#define OPTION_LONG(id, name, value, general, help)                                                \
	{ name, (value) != NULL ? required_argument : no_argument, NULL,                           \
		LONG_OPTION + OPTION_##id },
static const struct option long_options[] = { OPTION_TABLE(OPTION_LONG) { 0 } };
#undef OPTION_LONG

#define OPTION_GENERAL(id, name, value, general, help) (general) != NULL ? OPTION_BIT(id) : 0,
static const uint64_t general_options[] = { OPTION_TABLE(OPTION_GENERAL) };
#undef OPTION_GENERAL

static const struct short_option {
	char letter;
	enum plugctl_option option;
} short_options[] = {
	{ 'h', OPTION_HELP },
	{ 'v', OPTION_VERBOSE },
	{ 'V', OPTION_VERSION },
};

/* The old script's form has no name and no help of its own. */
static bool is_named(const struct command *command)
{
	return command->verb && verb_find(command->verb->name);
}

__attribute__((format(printf, 2, 0))) static void tell(
	const struct command *command, const char *format, va_list arguments)
{
	fputs("plugctl: ", stderr);
	if (is_named(command)) {
		fprintf(stderr, "%s: ", command->verb->name);
	}
	(void)vfprintf(stderr, format, arguments);
	fputs("\n", stderr);
}

bool command_tell(const struct command *command, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(command, format, arguments);
	va_end(arguments);
	return false;
}

bool command_complain(const struct command *command, const char *format, ...)
{
	const bool has_name = is_named(command);
	va_list arguments;

	va_start(arguments, format);
	tell(command, format, arguments);
	va_end(arguments);
	fprintf(stderr, "Try 'plugctl %s%s--help'.\n", has_name ? command->verb->name : "",
		has_name ? " " : "");
	return false;
}

bool command_number(const struct command *command, const struct command_range *range, int *number)
{
	const char *text = command->values[range->option];
	char *end = NULL;
	long value;

	*number = range->fallback;
	if (!text) {
		return true;
	}
	value = strtol(text, &end, 10);
	if (end == text || text[strspn(text, "-0123456789")] != '\0' || *end != '\0' ||
		value < range->min || value > range->max) {
		return command_complain(command,
			"--%s takes a whole number from %d to %d, not '%s'",
			option_names[range->option], range->min, range->max, text);
	}
	*number = (int)value;
	return true;
}

bool command_seconds(
	const struct command *command, const struct command_range *range, uint64_t *milliseconds)
{
	const char *text = command->values[range->option];
	char *end = NULL;
	double value;

	*milliseconds = (uint64_t)range->fallback * 1000;
	if (!text) {
		return true;
	}
	value = strtod(text, &end);
	if (end == text || text[strspn(text, "0123456789.")] != '\0' || *end != '\0' ||
		!(value * 1000 >= 1) || !(value >= range->min) || !(value <= range->max)) {
		return command_complain(command, "--%s takes seconds up to %d, not '%s'",
			option_names[range->option], range->max, text);
	}
	*milliseconds = (uint64_t)(value * 1000);
	return true;
}

/* The option that name is the beginning of, or is nearest to; NULL. */
static const char *nearest_option(const char *name)
{
	enum { BEGINNING_BYTES = 2 };
	const size_t size = strlen(name);

	for (size_t i = 0; size >= BEGINNING_BYTES && i < OPTION_END; i++) {
		if (strncmp(option_names[i], name, size) == 0) {
			return option_names[i];
		}
	}
	return words_nearest(name, option_names, OPTION_END);
}

/* getopt has refused argv[optind - 1]: says which option it was and which may have been meant. */
static bool refuse_option(const struct command *command, const char *text, int code)
{
	char name[32];
	const char *nearest;

	if (code == ':') {
		return command_complain(command, "%s needs a value", text);
	}
	if (strncmp(text, "--", 2) != 0) {
		return command_complain(command, "there is no option -%c", optopt);
	}
	text += 2;
	(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
	nearest = nearest_option(name);
	if (nearest && strcmp(nearest, name) == 0) {
		return command_complain(command, "--%s takes no value here", name);
	}
	return nearest ? command_complain(command, "there is no option --%s; did you mean --%s?",
				 name, nearest)
		       : command_complain(command, "there is no option --%s", name);
}

static bool take_option(struct command *command, int code, const char *text)
{
	if (code == LONG_OPTION + OPTION_BROADCAST && command_has(command, OPTION_BROADCAST)) {
		command->values[OPTION_BROADCAST] =
			memory_format("%s,%s", command->values[OPTION_BROADCAST], optarg);
		return true;
	}
	if (code >= LONG_OPTION && optarg && command->values[code - LONG_OPTION]) {
		return command_complain(command, "--%s is given twice: '%s' and '%s'",
			option_names[code - LONG_OPTION], command->values[code - LONG_OPTION],
			optarg);
	}
	command->verbosity += code == 'v' || code == LONG_OPTION + OPTION_VERBOSE ? 1 : 0;
	if (code >= LONG_OPTION) {
		command->values[code - LONG_OPTION] = optarg ? optarg : "";
		return true;
	}
	for (size_t i = 0; i < sizeof short_options / sizeof short_options[0]; i++) {
		if (short_options[i].letter == code) {
			command->values[short_options[i].option] = "";
			return true;
		}
	}
	return refuse_option(command, text, code);
}

/* Behind a verb that prints a configuration --config is that, and takes no file. */
static const struct option *options_behind(const char *word)
{
	const struct verb *verb = verb_find(word);
	const bool prints_config = verb && (verb->options & OPTION_BIT(PRINT_CONFIG)) != 0;

	return prints_config ? long_options + OPTION_CONFIG + 1 : long_options;
}

/* Options may stand anywhere. The other words are put together behind argv[0], where getopt has
 * been already. */
static bool read_options(int argc, char **argv, struct command *command)
{
	enum { ANY_WORD = 1 }; /* what getopt returns for a word, because of the "-" */
	const struct option *options = long_options;
	size_t count = 1;

	for (;;) {
		const char *text = argv[optind < argc ? optind : argc - 1];
		const int code = getopt_long(argc, argv, "-:hvV", options, NULL);

		if (code == -1) {
			break;
		}
		if (code == ANY_WORD) {
			options = count == 1 ? options_behind(optarg) : options;
			argv[count++] = optarg;
		} else if (!take_option(
				   command, code, argv[optind - 1] ? argv[optind - 1] : text)) {
			return false;
		}
	}
	while (optind < argc) {
		argv[count++] = argv[optind++];
	}
	argv[count] = NULL;
	return true;
}

static bool take_verb(struct command *command, const char *word, const char *next)
{
	const char *nearest;

	command->verb = verb_find(word);
	if (command->verb) {
		return true;
	}
	if (next && verb_find(next)) {
		return command_complain(command, "the verb comes first: plugctl %s %s", next, word);
	}
	nearest = verb_nearest(word);
	return nearest ? command_complain(command, "there is no verb '%s'; did you mean '%s'?",
				 word, nearest)
		       : command_complain(command, "there is no verb '%s'", word);
}

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words[count]) {
		count++;
	}
	return count;
}

static bool is_one_of(const char *const *words, const char *given)
{
	while (*words && strcmp(*words, given) != 0) {
		words++;
	}
	return *words;
}

static bool take_word(struct command *command, const char *given, const char *next)
{
	const char *const *words = command->verb->words;
	char list[128] = "";
	const char *nearest;

	for (size_t i = 0; words[i]; i++) {
		const size_t size = strlen(list);

		if (given && strcmp(words[i], given) == 0) {
			command->word = words[i];
			return true;
		}
		(void)snprintf(
			list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	if (!given) {
		return command_complain(command, "which one: %s?", list);
	}
	if (next && is_one_of(words, next)) {
		return command_complain(command, "'%s' comes before the target: plugctl %s %s %s",
			next, command->verb->name, next, given);
	}
	nearest = words_nearest(given, words, count_words(words));
	return nearest ? command_complain(command, "there is no '%s %s'; did you mean '%s'?",
				 command->verb->name, given, nearest)
		       : command_complain(command, "there is no '%s %s'; there are %s",
				 command->verb->name, given, list);
}

static bool check_options(const struct command *command)
{
	for (size_t i = 0; i < OPTION_END; i++) {
		if (command->values[i] && !general_options[i] &&
			!(command->verb->options & (UINT64_C(1) << i))) {
			return command_complain(
				command, "--%s has no meaning here", option_names[i]);
		}
	}
	return true;
}

/* The words that are no options: verb, its word, its argument, targets. */
static bool take_words(struct command *command, char **words)
{
	if (strcmp(words[0], "help") == 0) {
		command->values[OPTION_HELP] = "";
		words++;
	}
	if (!words[0]) {
		return true;
	}
	if (!take_verb(command, words[0], words[1])) {
		return false;
	}
	words++;
	if (command->verb->words && !command_has(command, OPTION_HELP)) {
		if (!take_word(command, words[0], words[0] ? words[1] : NULL)) {
			return false;
		}
		words++;
	}
	if (command->verb->argument && !command_has(command, OPTION_HELP)) {
		command->argument = *words;
		if (!command->argument) {
			return command_complain(command, "%s is missing", command->verb->argument);
		}
		words++;
	}
	command->targets = words;
	while (*words) {
		words++;
	}
	command->target_count = (size_t)(words - command->targets);
	return true;
}

static bool check_targets(const struct command *command)
{
	if (command->verb->run) {
		return command->verb->takes_addresses || command->target_count == 0 ||
		       command_complain(
			       command, "takes no target, but got '%s'", command->targets[0]);
	}
	if (command_has(command, OPTION_ALL) && command->target_count > 0) {
		return command_complain(command, "--all and '%s': which?", command->targets[0]);
	}
	if (command_has(command, OPTION_OUTLET) && command_has(command, OPTION_ALL_OUTLETS)) {
		return command_complain(command, "--outlet and --all-outlets: which?");
	}
	if (command->verb->is_whole &&
		(command_has(command, OPTION_OUTLET) || command_has(command, OPTION_ALL_OUTLETS))) {
		return command_complain(command, "is about whole devices: name no outlets");
	}
	if (command_has(command, OPTION_OUTLET) && command->values[OPTION_OUTLET][0] == '\0') {
		return command_complain(command, "--outlet needs a number, an alias or an id");
	}
	return command_has(command, OPTION_ALL) || command->target_count > 0 ||
	       command_complain(command,
		       "for which target? An address, a MAC, an alias, a name with "
		       "--config, or --all");
}

static bool check(struct command *command)
{
	const struct command_range timeout = { OPTION_TIMEOUT, 0, TIMEOUT_MAX_S,
		TIMEOUT_DEFAULT_MS / 1000 };

	return check_options(command) && check_targets(command) &&
	       command_seconds(command, &timeout, &command->timeout_ms) &&
	       (!command->verb->prepare || command->verb->prepare(command));
}

enum command_next command_read(int argc, char **argv, struct command *command)
{
	*command = (struct command) { .word = "", .zone = -1 };
	opterr = 0;
	if (!read_options(argc, argv, command)) {
		return COMMAND_WRONG;
	}
	if (command_has(command, OPTION_VERSION)) {
		puts("plugctl " PLUG_VERSION);
		return COMMAND_DONE;
	}
	if (argv[1] && !take_words(command, argv + 1)) {
		return COMMAND_WRONG;
	}
	if (command_has(command, OPTION_HELP)) {
		help_print(command->verb);
		return COMMAND_DONE;
	}
	if (!command->verb) {
		command_complain(command, "what is to be done?");
		return COMMAND_WRONG;
	}
	if (check(command)) {
		return COMMAND_RUN;
	}
	return command->is_declined ? COMMAND_DECLINED : COMMAND_WRONG;
}
