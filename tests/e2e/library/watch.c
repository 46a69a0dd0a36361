/* watch.c - the other way in: two devices at once on the program's own libuv loop.
 *
 *     watch HOST PORT HOST PORT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <plug/io/exchange.h>
#include <plug/request.h>
#include <plug/sysinfo.h>

enum { DEVICES = 2, TIMEOUT_MS = 10000 };

static void on_closed(struct plug_line *line)
{
	(void)line;
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	int *failures = line->data;
	struct plug_reply reply = { NULL };
	struct plug_sysinfo info;

	if (error == PLUG_OK) {
		error = plug_reply_parse(&reply, text, size);
	}
	if (error == PLUG_OK) {
		error = plug_reply_sysinfo(&reply, &info);
	}
	if (error == PLUG_OK) {
		printf("%s\n", info.alias);
	} else {
		fprintf(stderr, "%s\n", plug_error_text(error));
		++*failures;
	}
	plug_reply_clear(&reply);
	plug_line_close(line, on_closed);
}

/* 0 for what is no number, or none of this size. */
static uint16_t number(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	return *text != '\0' && *end == '\0' && value <= UINT16_MAX ? (uint16_t)value : 0;
}

int main(int count, char **words)
{
	static struct plug_transport transport;
	struct plug_line lines[DEVICES];
	struct plug_request request;
	struct plug_ask ask;
	int failures = 0;

	if (count != 1 + 2 * DEVICES) {
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	plug_transport_init(&transport, uv_default_loop());
	if (plug_request_sysinfo(&request) != PLUG_OK) {
		return EXIT_FAILURE;
	}
	ask = (struct plug_ask) { request.text, request.size, TIMEOUT_MS, true };
	for (int i = 0; i < DEVICES; i++) {
		const uint16_t port = number(words[2 + 2 * i]);

		if (plug_line_init(&lines[i], &transport, words[1 + 2 * i], port, NULL) !=
			PLUG_OK) {
			return EXIT_FAILURE;
		}
		lines[i].data = &failures;
		if (plug_line_ask(&lines[i], &ask, on_answer) != PLUG_OK) {
			return EXIT_FAILURE;
		}
	}
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	uv_loop_close(uv_default_loop());
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
