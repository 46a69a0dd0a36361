/* raw, encode, decode: the protocol as it is. These show everything, unredacted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/frame.h"
#include "protocol/json.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/bytes.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column raw_columns[] = { { .key = "reply" }, { 0 } };

static bool is_json_object(const char *text)
{
	struct json_object *root;
	const bool is_object =
		plug_json_parse(text, strlen(text), PLUG_JSON_LAST_KEY_WINS, &root) == PLUG_OK &&
		json_object_is_type(root, json_type_object);

	json_object_put(root);
	return is_object;
}

static void on_raw(struct job *job, const struct plug_reply *reply)
{
	json_object_object_add(job_data(job), "reply", json_object_get(reply->root));
	job_done(job);
}

static void start_raw(struct job *job)
{
	job_ask_text(job, job->command->argument, on_raw);
}

static bool prepare_raw(struct command *command)
{
	return is_json_object(command->argument) ||
	       command_complain(command, "this is no JSON object: %s", command->argument);
}

const struct verb verb_raw = {
	.name = "raw",
	.argument = "JSON",
	.help = "send this and show the reply, whole and unredacted",
	.prepare = prepare_raw,
	.start = start_raw,
	.columns = raw_columns,
	.is_blind = true,
	.shows_all = true,
	.is_whole = true,
};

static int run_encode(const struct command *command)
{
	const char *text = command->argument;
	const size_t size = strlen(text);
	uint8_t *frame = memory_new(PLUG_FRAME_HEADER_BYTES + size, 1);
	const size_t frame_size = plug_frame_encode(text, size, frame);
	const size_t skipped = command_has(command, OPTION_UDP) ? PLUG_FRAME_HEADER_BYTES : 0;

	for (size_t i = skipped; i < frame_size; i++) {
		printf("%02x", frame[i]);
	}
	puts("");
	free(frame);
	return EXIT_SUCCESS;
}

static bool prepare_encode(struct command *command)
{
	return command->argument[0] != '\0' ||
	       command_complain(command, "there is nothing to encode");
}

const struct verb verb_encode = {
	.name = "encode",
	.argument = "TEXT",
	.options = OPTION_BIT(UDP),
	.help = "the bytes of a request, in hex",
	.prepare = prepare_encode,
	.run = run_encode,
};

/* With the length in front or without, as on TCP and UDP. */
static size_t header_size(const uint8_t *bytes, size_t size)
{
	const uint32_t promised = size < PLUG_FRAME_HEADER_BYTES
					  ? 0
					  : (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
						    (uint32_t)bytes[2] << 8 | bytes[3];

	return size > PLUG_FRAME_HEADER_BYTES && promised == size - PLUG_FRAME_HEADER_BYTES
		       ? PLUG_FRAME_HEADER_BYTES
		       : 0;
}

static bool is_json_text(const char *text, size_t size)
{
	struct json_object *root;
	const bool is_json = plug_json_parse(text, size, PLUG_JSON_LAST_KEY_WINS, &root) == PLUG_OK;

	json_object_put(root);
	return is_json;
}

static int run_decode(const struct command *command)
{
	const char *argument = command->argument;
	uint8_t *bytes = memory_new(strlen(argument), 1);
	uint8_t key = PLUG_CIPHER_KEY;
	size_t size;
	size_t skipped;
	char *text;
	char *harmless;
	bool is_json;

	if (!bytes_read(argument, bytes, &size)) {
		free(bytes);
		command_complain(command, "this is neither hex nor base64: %s", argument);
		return 2;
	}
	skipped = header_size(bytes, size);
	text = memory_new(size - skipped + 1, 1);
	plug_cipher_decrypt(bytes + skipped, size - skipped, text, &key);
	is_json = is_json_text(text, size - skipped);
	harmless = output_harmless(text);
	puts(harmless);
	free(harmless);
	free(text);
	free(bytes);
	if (!is_json) {
		command_tell(command, "this is no JSON: part of a message, or none at all");
	}
	return is_json ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_decode = {
	.name = "decode",
	.argument = "BYTES",
	.help = "the text of a request or reply in hex or base64",
	.run = run_decode,
};
