#include "protocol/plugctl/terminal/prompt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <uv.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

/* A loop of its own: signals must not leave the terminal without its echo. */
struct prompt {
	uv_loop_t loop;
	uv_poll_t poll;
	uv_signal_t signals[SIGNAL_COUNT];
	int terminal;
	char *line;
	size_t size, used;
	bool is_good;
	int caught; /* a signal, or 0 */
};

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

static void end(struct prompt *prompt)
{
	uv_close((uv_handle_t *)&prompt->poll, on_closed);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_close((uv_handle_t *)&prompt->signals[i], on_closed);
	}
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct prompt *prompt = handle->data;

	if (!uv_is_closing((uv_handle_t *)handle)) {
		prompt->caught = number;
		end(prompt);
	}
}

/* The terminal gives whole lines. */
static void on_readable(uv_poll_t *handle, int status, int events)
{
	struct prompt *prompt = handle->data;
	const ssize_t got = status < 0 ? -1
				       : read(prompt->terminal, prompt->line + prompt->used,
						 prompt->size - prompt->used);

	(void)events;
	if (got > 0) {
		prompt->used += (size_t)got;
		prompt->is_good = prompt->line[prompt->used - 1] == '\n';
		if (!prompt->is_good && prompt->used < prompt->size) {
			return;
		}
	}
	end(prompt);
}

static bool start(struct prompt *prompt)
{
	if (uv_loop_init(&prompt->loop) != 0) {
		return false;
	}
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_signal_init(&prompt->loop, &prompt->signals[i]);
		prompt->signals[i].data = prompt;
		uv_signal_start(&prompt->signals[i], on_signal, signals[i]);
	}
	prompt->poll.data = prompt;
	if (uv_poll_init(&prompt->loop, &prompt->poll, prompt->terminal) == 0 &&
		uv_poll_start(&prompt->poll, UV_READABLE, on_readable) == 0) {
		return true;
	}
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		uv_close((uv_handle_t *)&prompt->signals[i], on_closed);
	}
	uv_run(&prompt->loop, UV_RUN_DEFAULT);
	uv_loop_close(&prompt->loop);
	return false;
}

static void read_hidden(struct prompt *prompt, const char *what)
{
	struct termios shown;
	struct termios hidden;

	if (tcgetattr(prompt->terminal, &shown) != 0 || !start(prompt)) {
		return;
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(prompt->terminal, TCSAFLUSH, &hidden) == 0) {
		(void)dprintf(prompt->terminal, "Password of %s: ", what);
		uv_run(&prompt->loop, UV_RUN_DEFAULT);
		(void)tcsetattr(prompt->terminal, TCSAFLUSH, &shown);
		(void)dprintf(prompt->terminal, "\n");
	} else {
		end(prompt);
		uv_run(&prompt->loop, UV_RUN_DEFAULT);
	}
	uv_loop_close(&prompt->loop);
}

enum prompt_result prompt_hidden(const char *what, char *line, size_t size)
{
	struct prompt prompt = { .line = line, .size = size };

	prompt.terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
	line[0] = '\0';
	if (prompt.terminal < 0) {
		return PROMPT_NO_TERMINAL;
	}
	read_hidden(&prompt, what);
	close(prompt.terminal);
	if (prompt.caught != 0) {
		OPENSSL_cleanse(line, size);
		(void)raise(prompt.caught);
	}
	if (prompt.is_good && prompt.caught == 0) {
		line[prompt.used - 1] = '\0';
		return PROMPT_READ;
	}
	OPENSSL_cleanse(line, size);
	return prompt.used == size ? PROMPT_TOO_LONG : PROMPT_NOTHING;
}
