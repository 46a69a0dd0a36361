/* exchange_rig.h - what the tests of exchange.h stand on: a loop, a line, the plug it leads to, and
 * what the line was told. */
#ifndef PLUG_TESTS_UNIT_EXCHANGE_RIG_H
#define PLUG_TESTS_UNIT_EXCHANGE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/io/exchange.h"
#include "tests/unit/fake_plug.h"

#define SYSINFO "{\"system\":{\"get_sysinfo\":{}}}"
#define SWITCH_ON "{\"system\":{\"set_relay_state\":{\"state\":1}}}"
#define ANSWER "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}"

enum {
	/* For what must happen; long, because sanitizers and busy machines are slow. */
	PATIENCE_MS = 20000,
	/* For what must not take long but will be waited for. */
	SHORT_MS = 100,
};

/* What the line said about the last exchange, and how often. */
struct heard {
	size_t answers;
	enum plug_error error;
	char *text; /* a copy; NULL when it had none */
	size_t size;
	size_t drops;
	enum plug_error drop;
	size_t closed;
	/* Called at the end of on_answer, once; NULL for none. */
	void (*then)(struct plug_line *line);
};

extern uv_loop_t loop;
extern struct plug_transport transport;
extern struct fake_plug plug;
extern struct plug_line *line;
extern struct heard heard;

/* A line to a plug that answers everything with ANSWER. */
int exchange_rig_setup(void **state);
/* Closes all that is still open, and expects it all to be freed. */
int exchange_rig_teardown(void **state);

uint64_t now_ms(void);
/* Turns the loop once. */
void turn(void);

/* Turns the loop until condition is true. */
#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		const uint64_t wait_end_ms = now_ms() + PATIENCE_MS;                               \
		while (!(condition)) {                                                             \
			if (now_ms() > wait_end_ms) {                                              \
				fail_msg("never: %s", #condition);                                 \
			}                                                                          \
			turn();                                                                    \
		}                                                                                  \
	} while (0)

/* Opens line again, to another place. */
void open_line(const char *host, uint16_t port);

/* Starts an exchange; its callback must not come before this returns. */
void ask(const char *text, uint64_t timeout_ms, bool may_repeat);
/* Waits for the end of the exchange under way. */
enum plug_error wait_answer(void);
/* The whole of it, with patience: SYSINFO, may be repeated. */
enum plug_error exchange(void);
/* The same for what may be sent only once. */
enum plug_error exchange_once(void);

/* The answers that plugs give. */
void answer(struct fake_connection *connection, const char *text);
void answer_and_close(struct fake_connection *connection, const char *text);
void close_unanswered(struct fake_connection *connection, const char *text);
void reset_unanswered(struct fake_connection *connection, const char *text);

/* on_answer and on_close of the rig, for tests that call the line themselves. */
void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size);
void on_closed(struct plug_line *line);

#endif
