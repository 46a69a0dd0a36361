/* device_rig.h - what the tests of device.h stand on: a device of the bridge, the plug or strip at
 * its address (a fake_plug that knows the protocol, with faults on demand), and a book of what the
 * device told the bridge. */
#ifndef PLUG_TESTS_UNIT_DEVICE_RIG_H
#define PLUG_TESTS_UNIT_DEVICE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/device.h"
#include "tests/unit/fake_plug.h"

#define RIG_MAC "50:C7:BF:00:00:01"
#define OTHER_MAC "50:C7:BF:00:00:02"
#define SYSINFO_ALONE "{\"system\":{\"get_sysinfo\":{}}}"

enum {
	RIG_CHILDREN_MAX = 6,
	RIG_REQUESTS_MAX = 4096,
	RIG_RESULTS_MAX = 32,
	PATIENCE_MS = 20000,
	RIG_TODAY_WH = 12,
	POLL_MS = 50,
	TIMEOUT_MS = 300,
	TTL_MS = 15000,
};

/* The box at the other end. A plug has one child, which its answers do not show as such. */
struct model {
	const char *mac, *name, *feature; /* mac NULL: it tells none */
	size_t children;		  /* 0: a plug */
	bool is_on[RIG_CHILDREN_MAX];
	int power_mw[RIG_CHILDREN_MAX];
	int total_wh;	 /* of each */
	int brightness;	 /* of a dimmer; 0: a plug */
	int year;	 /* of its clock */
	bool is_right;	 /* its clock shows local time, instead of that year */
	int zone;	 /* the vendor's number */
	int zone_error;	 /* err_code of set_timezone; 0: it obeys */
	int time_error;	 /* the same of set_time */
	const char *raw; /* answers everything with this text; NULL: as it should */

	bool closes;	     /* after each answer */
	bool hangs;	     /* answers nothing */
	bool holds;	     /* answers nothing until release() */
	int switches_hung;   /* so many switch requests are not answered ... */
	bool moves_hung;     /* ... but carried out */
	int switches_stuck;  /* so many are acknowledged, but not carried out */
	int switches_failed; /* so many are answered with err_code */
	int err_code;
	bool is_stiff; /* acknowledges a brightness, and keeps its own */
	bool hangs_after_switch;
	int rules_failed; /* so many questions for rules find it busy */
	bool has_broken_meter;

	char *requests[RIG_REQUESTS_MAX]; /* all so far */
	size_t request_count;
	size_t waits_on; /* number of the connection whose request is not answered yet; 0 for none
			  */
	char *held;
};

struct rig_result {
	struct outlet *outlet;
	enum order_kind kind;
	enum order_status status;
	char *error; /* NULL for none */
	char *id;
	size_t states; /* state leaves told of before it, of all outlets */
};

/* What the device told the bridge. */
struct book {
	struct rig_result results[RIG_RESULTS_MAX];
	size_t result_count, results_seen;
	uint32_t leaves[RIG_CHILDREN_MAX]; /* of each outlet, since the test cleared them */
	size_t states;
	size_t pins, changes; /* of availability */
	size_t powers;	      /* outlets with a power reading when it changed last */
	size_t closed;
	size_t moves[CAUSE_COUNT];
	size_t losses, returns, strangers;
	size_t snapshots;
};

extern uv_loop_t loop;
extern struct fake_plug plug;
extern struct model model;
extern struct device_host host;
extern struct device *device; /* NULL until start() */
extern struct device owner;   /* another device; has_mac false: there is none */
extern struct book book;
extern char address[10]; /* as configured; "127.0.0.1" until a test changes it */

int device_rig_setup(void **state);
int device_rig_teardown(void **state);

/* Makes and starts the device. mac and learned may be NULL; outlets 0 for a plug. */
void start(const char *mac, const char *learned_mac, size_t outlets);
/* start, and waits until it has been read with its energy. */
void start_known(size_t outlets);

uint64_t now_ms(void);
void turn(void);

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

/* Waits until the device has been read so many times more. */
void wait_reads(uint64_t count);

/* Through the one door, as the bridge does it. */
void order(size_t outlet, enum order_kind kind, const char *id, uint64_t ttl_ms);
/* Waits for the next result and expects it to be this; returns it. */
const struct rig_result *expect_result(enum order_status status, const char *error_part);

/* Answers what was held back, and holds nothing back any more. */
void release(void);

/* Requests so far that have part in them. */
size_t count_requests(const char *part);

#endif
