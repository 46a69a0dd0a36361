/* discover.h - finds devices by UDP, on a libuv loop.
 *
 * A struct plug_search sends the probes of discovery.h to its targets eight times, the first ones
 * close together (a datagram in the air is easily lost, and a sleeping device wakes up for the
 * second), and tells of each device that answers as its answer comes. It ends when nothing new
 * came for a while, or with its window.
 *
 * An answer is a claim, never proof: anyone on the network can send one, for any MAC, from any
 * address. Before an address is used for anything, ask for sysinfo over TCP there and compare.
 *
 * Callbacks come from the loop only, never from within plug_search_start; each may cancel, start
 * again once the search has ended, or close. */
#ifndef PLUG_PROTOCOL_IO_DISCOVER_H
#define PLUG_PROTOCOL_IO_DISCOVER_H

#include "protocol/discovery.h"
#include "protocol/error.h"
#include "protocol/io/seen.h"
#include "protocol/io/targets.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
	PLUG_SEARCH_ROUNDS = 8,
	PLUG_SEARCH_WINDOW_MS = 5000,
	PLUG_SEARCH_WINDOW_MAX_MS = 3600 * 1000,
	PLUG_SEARCH_QUIET_MS = 2000,
	PLUG_SEARCH_ANSWERS_MAX = 20000,
	PLUG_TDP_PORT_COUNT = 2,
};

/* Borrowed during plug_search_start only. */
struct plug_search_settings {
	const char *const *targets; /* IPv4: broadcast, directed or single addresses */
	size_t target_count;
	const char *interface; /* send and receive on this one only; NULL: as routed */
	uint64_t window_ms;    /* the rounds keep their share of it */
	uint64_t quiet_ms;
	size_t answers_max; /* devices told of; what comes after them is dropped */
	uint16_t port;	    /* of get_sysinfo */
	uint16_t tdp_ports[PLUG_TDP_PORT_COUNT]; /* 0: not asked */
	bool on_every_interface; /* also each interface's broadcast address (targets.h) */
};

/* The ports devices have, the figures above, no target. */
void plug_search_settings_init(struct plug_search_settings *settings);

struct plug_datagram_socket;
struct plug_search;
struct plug_tdp_key;

/* Borrowed until the callback returns. */
struct plug_found {
	struct in_addr address;		   /* where the answer came from */
	const struct plug_discovery *what; /* discovery.h */
	bool is_elsewhere; /* this MAC also answered from another address: one of them is stale,
			    * a copy or a lie */
};

/* Once for each MAC and address; and once more when a device that answered TDP first turns out to
 * answer on port 9999 as well. */
typedef void plug_found_cb(struct plug_search *search, const struct plug_found *found);

/* Something the person searching should know; the search goes on. Once for each target. where is
 * the target, the interface or ""; status the error of libuv, 0 when it was none; text says it in
 * words. All borrowed. */
typedef void plug_search_problem_cb(
	struct plug_search *search, const char *where, int status, const char *text);

/* The end of a search, exactly once for each, also when it is cancelled. PLUG_OK; PLUG_EUNREACHABLE
 * or PLUG_ESYSTEM when not one probe could be sent (on_problem told why), PLUG_ENOMEM,
 * PLUG_ECANCELED. */
typedef void plug_search_end_cb(struct plug_search *search, enum plug_error error);

typedef void plug_search_cb(struct plug_search *search);

struct plug_search_calls {
	plug_found_cb *on_found;
	plug_search_problem_cb *on_problem; /* may be NULL */
	plug_search_end_cb *on_end;
};

/* Fields are private but for data, which is the owner's, and ignored. Embed it; after
 * plug_search_init it must stay where it is until the callback of plug_search_close. It may be
 * started again and again; its RSA key, made off the loop at the first start that asks a TDP port,
 * is kept. */
struct plug_search {
	void *data;
	size_t ignored; /* datagrams of this search that no device of ours sent */
	uv_loop_t *loop;
	struct plug_search_calls calls;
	struct plug_targets targets;
	struct plug_seen seen;
	uint16_t port;
	uint16_t tdp_ports[PLUG_TDP_PORT_COUNT];
	char interface[IF_NAMESIZE]; /* "": as routed */
	uint64_t window_ms, quiet_ms;
	uint64_t start_ms, news_ms; /* loop time; the last new device, or probe of a new kind */
	size_t round;		    /* rounds sent */
	size_t first_target;	    /* of the next round: where the last one found no room */
	size_t sent;		    /* datagrams */
	bool is_running, is_closing;
	uint64_t run; /* tells one search from the next */
	bool is_full_told, is_receive_told;
	enum plug_error failure;	     /* what kept probes from being sent */
	int open_status;		     /* why there is no socket; 0 otherwise */
	struct plug_probe keyed;	     /* empty until the key is made */
	struct plug_tdp_key *key;	     /* being made; NULL otherwise */
	struct plug_datagram_socket *socket; /* NULL while there is none */
	uv_timer_t timer;
	plug_search_cb *on_close;
};

void plug_search_init(struct plug_search *search, uv_loop_t *loop);

/* Returns PLUG_OK: on_end will be called; anything else: it will not (PLUG_EINVAL while another
 * search runs or this one closes, for a target that is no IPv4 address, for none at all, for an
 * answers_max of 0 and for a window of 0 or beyond PLUG_SEARCH_WINDOW_MAX_MS; PLUG_ETOOBIG for
 * more than PLUG_TARGETS_MAX targets, PLUG_ESYSTEM when the interfaces cannot be listed,
 * PLUG_ENOMEM). */
enum plug_error plug_search_start(struct plug_search *search,
	const struct plug_search_settings *settings, const struct plug_search_calls *calls);

/* A running search ends with PLUG_ECANCELED before this returns; else nothing happens. */
void plug_search_cancel(struct plug_search *search);

/* As plug_search_cancel, then on_close on a later turn of the loop, after which the memory is the
 * owner's again. A key that is being made keeps the loop alive until it is done, but not search. */
void plug_search_close(struct plug_search *search, plug_search_cb *on_close);

#endif
