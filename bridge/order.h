/* order.h - the one door: every wish to move a relay passes here and nowhere else.
 *
 *     wish -> order_admit -> pending -> order_next -> running -> order_end    -> result
 *                               ^                        |
 *                               +----- order_retry ------+
 *
 * Per outlet one order runs and one is pending; a newer one supersedes the pending one. An order
 * ends with exactly one result, and never runs after its time to live. The last ids are remembered
 * with their results, so that a command that is delivered twice acts once.
 * Pure: time is an argument (monotonic, in ms), no I/O. */
#ifndef PLUG_BRIDGE_ORDER_H
#define PLUG_BRIDGE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ORDER_ID_MAX_BYTES = 64,
	ORDER_SOURCE_MAX_BYTES = 64,
	ORDER_IDS_REMEMBERED = 16,
	ORDER_ID_MEMORY_MS = 5 * 60 * 1000,
	ORDER_READS_MAX = 8,  /* reads waiting at one outlet; more are refused */
	ORDER_ROUTES_MAX = 4, /* response topics of one order */
};

enum order_kind { ORDER_OFF, ORDER_ON, ORDER_TOGGLE, ORDER_READ };

enum order_status {
	ORDER_STATUS_OK,
	ORDER_STATUS_SUPERSEDED,
	ORDER_STATUS_EXPIRED,
	ORDER_STATUS_REFUSED,
	ORDER_STATUS_INVALID,
	ORDER_STATUS_FAILED,
	ORDER_STATUS_COUNT,
};

/* Why a brightness is refused. */
#define ORDER_CANNOT_DIM "this device cannot be dimmed: leave out \"brightness\""

/* "ok", "superseded", ... */
const char *order_status_text(enum order_status status);
/* "ON", "OFF", "TOGGLE", "GET" */
const char *order_kind_text(enum order_kind kind);

/* Where else the result is wanted: an MQTT 5 response topic with its correlation data. */
struct order_route {
	char *topic;
	uint8_t *correlation; /* NULL for none */
	size_t correlation_size;
};

struct order {
	enum order_kind kind;  /* as asked */
	bool is_on;	       /* what is wanted of the relay; resolved at admission */
	uint8_t brightness;    /* wanted of a light that goes on, in percent; 0 for none */
	bool is_redelivered;   /* came with MQTT's DUP flag */
	bool is_admitted;      /* came to the door: its id is remembered */
	bool was_sent;	       /* may have reached the device: the next read tells */
	bool was_acknowledged; /* the device said yes; the read that confirms it is due */
	bool is_asked;	       /* a read: the device has been asked since it came */
	uint8_t disagreements; /* good reads that showed the other state */
	char *id;	       /* NULL for none */
	char *source;	       /* NULL for none: a claim, not a proof */
	uint64_t arrived_ms;
	uint64_t deadline_ms; /* at this moment it has expired */
	struct order_route routes[ORDER_ROUTES_MAX];
	size_t route_count;
	struct order *next; /* reads only */
};

struct order_memory;

/* The orders of one outlet. Zeroed memory is an empty book. */
struct order_book {
	struct order *running;
	struct order *pending;
	struct order *reads; /* oldest first */
	struct order_memory *memory;
};

/* What is known of the relay at admission. */
struct order_view {
	uint64_t now_ms;
	bool is_known; /* answered by the device, and not stale */
	bool is_on;
	bool cannot_dim; /* the device said what it is, and it is no light */
};

enum order_admission {
	ORDER_ADMITTED, /* the book has it now */
	ORDER_JOINED,	/* its id is under way already: the one result will answer both */
	ORDER_REPEATED, /* its id was decided before: stored is the result */
	ORDER_DECIDED,	/* ended at the door: status and error say how */
};

/* Whatever order the verdict carries is the caller's: give each its result, then order_free. */
struct order_verdict {
	enum order_admission admission;
	enum order_status status;
	const char *error;	  /* static words */
	const char *stored;	  /* borrowed until the book changes */
	struct order *order;	  /* the new one, unless ORDER_ADMITTED or ORDER_JOINED */
	struct order *superseded; /* the pending one that made room, or NULL */
};

struct order *order_new(enum order_kind kind, uint64_t arrived_ms, uint64_t deadline_ms);
/* Takes NULL. */
void order_free(struct order *order);
/* Copies; false when the order has ORDER_ROUTES_MAX already. */
bool order_add_route(struct order *order, const char *topic, const uint8_t *correlation,
	size_t correlation_size);

/* Takes order. */
struct order_verdict order_admit(
	struct order_book *book, struct order *order, const struct order_view *view);

/* Moves the pending order to running when none runs, and returns what runs now; NULL for none. */
struct order *order_next(struct order_book *book);

/* The running order could not be brought to the device: it waits again, unless a newer one is
 * pending: then it is given back as superseded (caller's), else NULL. */
struct order *order_retry(struct order_book *book);

/* Takes the running order out of the book: the caller's. NULL for none. */
struct order *order_end(struct order_book *book);

/* Gives one order whose time is up (caller's), the running one only when may_stop_running; NULL
 * when there is none. */
struct order *order_expire(struct order_book *book, uint64_t now_ms, bool may_stop_running);

/* Gives the oldest read that was asked (caller's); NULL when there is none. */
struct order *order_take_read(struct order_book *book);
/* From here on a good read answers the reads that wait now. */
void order_mark_reads_asked(struct order_book *book);

/* Takes any order out of the book, for an outlet that goes away; NULL when it is empty. */
struct order *order_take_any(struct order_book *book);

/* The earliest deadline in the book; UINT64_MAX when it is empty. */
uint64_t order_book_deadline_ms(const struct order_book *book);
/* An order for the relay waits to be sent. */
bool order_book_has_work(const struct order_book *book);

/* Keeps the result of a decided id (copies both). */
void order_remember(struct order_book *book, const char *id, const char *result, uint64_t now_ms);

/* Frees what the book remembers; it must hold no order any more. */
void order_book_clear(struct order_book *book);

#endif
