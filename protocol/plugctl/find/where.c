#include "protocol/plugctl/find/where.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

/* As words are gathered. */
struct words {
	char **items;
	size_t count;
};

bool where_port(const struct command *command, uint16_t *port)
{
	const struct command_range range = { OPTION_PORT, 1, UINT16_MAX, WHERE_PORT };
	int number;

	if (!command_number(command, &range, &number)) {
		return false;
	}
	*port = (uint16_t)number;
	return true;
}

static void refuse(const struct command *command, const char *word)
{
	if (if_nametoindex(word) != 0) {
		command_complain(
			command, "'%s' is no address; did you mean --interface %s?", word, word);
		return;
	}
	command_complain(command,
		"'%s' is no IPv4 address: 192.168.1.255 would be one to broadcast to%s", word,
		command_has(command, OPTION_PRINT_CONFIG)
			? "; to keep the configuration: discover --config >FILE"
			: "");
}

static bool add(struct words *words, const struct command *command, const char *text, size_t size)
{
	struct in_addr address;
	char *word = memory_format("%.*s", (int)size, text);

	if (uv_inet_pton(AF_INET, word, &address) != 0) {
		refuse(command, word);
		free(word);
		return false;
	}
	words->items[words->count++] = word;
	return true;
}

/* "192.168.1.255,10.0.0.255" */
static bool add_list(struct words *words, const struct command *command, const char *list)
{
	for (;;) {
		const size_t size = strcspn(list, ",");

		if (!add(words, command, list, size)) {
			return false;
		}
		if (list[size] == '\0') {
			return true;
		}
		list += size + 1;
	}
}

static size_t count_parts(const char *list)
{
	size_t count = list ? 1 : 0;

	for (; list && *list != '\0'; list++) {
		count += *list == ',';
	}
	return count;
}

/* What the command line names. */
static bool add_named(struct words *words, const struct command *command)
{
	const char *list = command->values[OPTION_BROADCAST];
	bool is_good = !list || add_list(words, command, list);

	for (size_t i = 0; is_good && command->verb == &verb_discover && i < command->target_count;
		i++) {
		is_good = add(words, command, command->targets[i], strlen(command->targets[i]));
	}
	return is_good;
}

static bool add_configured(
	struct words *words, const struct command *command, const struct config *config)
{
	const struct config_discovery *discovery = &config->discovery;

	for (size_t i = 0; i < discovery->broadcast_count; i++) {
		words->items[words->count++] = memory_copy(discovery->broadcast[i]);
	}
	return words->count > 0 ||
	       command_complain(command,
		       "discovery.broadcast in the configuration is empty: say with --broadcast "
		       "or --interface where to search");
}

/* Alone it leaves by one interface. */
static bool has_everywhere(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->items[i], SEARCH_EVERYWHERE) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_places(
	const struct command *command, const struct config *config, struct search_plan *plan)
{
	const size_t configured = config ? config->discovery.broadcast_count : 0;
	struct words words = { .items = memory_new(count_parts(command->values[OPTION_BROADCAST]) +
							   command->target_count + configured + 1,
				       sizeof *words.items) };
	bool is_good = add_named(&words, command);

	plan->interface = command->values[OPTION_INTERFACE];
	if (is_good && words.count == 0 && plan->interface) {
		plan->on_every_interface = true;
	} else if (is_good && words.count == 0 && config) {
		is_good = add_configured(&words, command, config);
		plan->on_every_interface = has_everywhere(&words);
	} else if (is_good && words.count == 0) {
		words.items[words.count++] = memory_copy(SEARCH_EVERYWHERE);
		plan->on_every_interface = true;
	}
	plan->targets = words.items;
	plan->target_count = words.count;
	return is_good;
}

static bool read_times(const struct command *command, struct search_plan *plan)
{
	const struct command_range wait = { OPTION_WAIT, 0, WHERE_WAIT_MAX_S, WHERE_WAIT_S };
	const uint64_t half_ms = command->timeout_ms / 2 > 0 ? command->timeout_ms / 2 : 1;

	if (!command_seconds(command, &wait, &plan->wait_ms)) {
		return false;
	}
	plan->answer_ms = command->timeout_ms;
	if (!command_has(command, OPTION_TIMEOUT)) {
		return true;
	}
	if (command_has(command, OPTION_WAIT) && plan->wait_ms >= command->timeout_ms) {
		return command_complain(command, "--wait must be less than --timeout");
	}
	if (!command_has(command, OPTION_WAIT) && plan->wait_ms > half_ms) {
		plan->wait_ms = half_ms;
	}
	plan->answer_ms = command->timeout_ms - plan->wait_ms;
	return true;
}

bool where_read(
	const struct command *command, const struct config *config, struct search_plan *plan)
{
	*plan = (struct search_plan) { 0 };
	if (read_places(command, config, plan) && read_times(command, plan) &&
		where_port(command, &plan->port)) {
		return true;
	}
	where_clear(plan);
	return false;
}

void where_clear(struct search_plan *plan)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		free(plan->targets[i]);
	}
	free(plan->targets);
	*plan = (struct search_plan) { 0 };
}

void where_advise(const struct search_plan *plan)
{
	fprintf(stderr,
		"What to check:\n"
		"  - the plugs have power and are joined to a Wi-Fi: the Kasa app reaches them\n"
		"  - this computer is in their network: guest Wi-Fi and VLANs keep it apart\n"
		"  - no firewall here drops UDP answers from port %u, 20002 and 20004\n"
		"  - in another network name them: plugctl discover ADDRESS..., or the broadcast\n"
		"    address there with --broadcast, as far as routers pass it on\n"
		"  - on bad Wi-Fi wait longer: --wait 20\n",
		(unsigned)plan->port);
}
