#include "protocol/plugctl/help.h"

#include <stdbool.h>
#include <stdio.h>

#include "protocol/plugctl/verb.h"

enum { HELP_COLUMN = 23 };

static const struct row {
	uint64_t bit;
	const char *name;
	const char *value;
	bool is_general;
	const char *help;
} rows[] = {
#define OPTION_ROW(id, name, value, general, help)                                                 \
	{ OPTION_BIT(id), name, value, (general) != NULL, help },
	OPTION_TABLE(OPTION_ROW)
#undef OPTION_ROW
};

static void print_option(const struct row *row)
{
	const int size = printf(
		"  --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");

	printf("%*s%s\n", size < HELP_COLUMN ? HELP_COLUMN - size : 1, "", row->help);
}

static void print_options(uint64_t bits, bool is_general)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (is_general ? rows[i].is_general : (rows[i].bit & bits) != 0) {
			print_option(&rows[i]);
		}
	}
}

static void print_words(const struct verb *verb)
{
	for (size_t i = 0; verb->words && verb->words[i]; i++) {
		printf("%s%s", i > 0 ? "|" : " ", verb->words[i]);
	}
	printf("%s%s", verb->argument ? " " : "", verb->argument ? verb->argument : "");
}

static void print_verb(const struct verb *verb)
{
	printf("usage: plugctl [option]... %s", verb->name);
	print_words(verb);
	printf("%s\n\n%s\n",
		verb->takes_addresses ? " [address]..."
		: verb->run	      ? ""
				      : " target...",
		verb->help);
	if (verb->options != 0) {
		puts("");
		print_options(verb->options, false);
	}
	if (!verb->run || verb->takes_addresses || verb->uses_general) {
		puts("\nGeneral options:");
		print_options(0, true);
	}
}

static void print_all(void)
{
	puts("usage: plugctl [option]... verb target...\n"
	     "       plugctl verb --help\n"
	     "       plugctl -t host -c name | -j json   as the softScheck script, unredacted\n"
	     "\n"
	     "Asks and switches TP-Link Kasa devices, one or a hundred at once. A target is an\n"
	     "address, a host name, host:port, a MAC, an alias, or a name from a plugbridge.cfg;\n"
	     "/2 behind it is the second outlet of a strip.\n");
	for (size_t i = 0; verb_at(i); i++) {
		const struct verb *verb = verb_at(i);

		printf("  %-13s%s\n", verb->name, verb->help);
	}
	puts("\nOptions (-h, -v and -V for --help, --verbose and --version):");
	print_options(0, true);
	puts("\nExit status: 0 all done, 1 some or all failed, 2 wrong usage. See plugctl(1).");
}

void help_print(const struct verb *verb)
{
	if (verb) {
		print_verb(verb);
	} else {
		print_all();
	}
}
