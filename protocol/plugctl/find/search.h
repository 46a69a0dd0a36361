/* search.h - finds devices on the network, and makes sure of each.
 *
 * One search over UDP (protocol/io/discover.h). An answer over UDP is a claim that anybody can
 * make, so each device that is wanted is asked for sysinfo over TCP as soon as its answer comes,
 * while the search goes on: only that decides who is at an address. */
#ifndef PLUG_PLUGCTL_SEARCH_H
#define PLUG_PLUGCTL_SEARCH_H

#include "protocol/discovery.h"
#include "protocol/error.h"
#include "protocol/io/exchange.h"
#include "protocol/reply.h"
#include "protocol/sysinfo.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEARCH_EVERYWHERE "255.255.255.255"

/* Where and how long; borrowed. */
struct search_plan {
	char **targets; /* IPv4: broadcast, directed or single addresses */
	size_t target_count;
	const char *interface;	 /* this one only; NULL: as routed */
	bool on_every_interface; /* also the broadcast address of each, or of that one */
	uint16_t port;		 /* of devices, UDP and TCP */
	uint64_t wait_ms;	 /* for answers over UDP; less when nothing new comes */
	uint64_t answer_ms;	 /* a device has to answer over TCP */
};

enum search_verdict {
	SEARCH_UNASKED,	  /* nobody wanted it */
	SEARCH_CONFIRMED, /* told over TCP who it is: info is that */
	SEARCH_SILENT,	  /* did not, for the reason in error: info is its claim */
	SEARCH_FALSE,	  /* over TCP the MAC is another: the claim was stale, copied or forged */
	SEARCH_FOREIGN,	  /* speaks another dialect, which cannot be asked */
};

struct search;

struct search_device {
	char host[INET_ADDRSTRLEN];
	uint16_t port;
	enum search_verdict verdict;
	enum plug_error error;
	enum plug_dialect dialect;
	bool has_mac;
	uint8_t mac[PLUG_MAC_BYTES];
	char *model, *hardware, *device_type;
	struct plug_sysinfo info; /* outlet_count 0, texts NULL: it told none (TDP) */
	bool is_elsewhere;	  /* other addresses claim this MAC too */

	/* Private. */
	struct search *search;
	struct plug_reply reply; /* what info's texts are borrowed from */
	struct plug_line line;
	bool is_asking, is_told;
};

struct search_list {
	struct search_device **items; /* as they came */
	size_t count;
	size_t ignored; /* answers that were no device's */
};

/* All but data may be NULL. */
struct search_calls {
	void *data;
	/* Whether to ask this one over TCP; NULL: all. */
	bool (*is_wanted)(void *data, const struct search_device *device);
	/* Once for each that was asked, when its verdict is there; for foreign ones when the search
	 * is over, because some devices answer both ways. False ends the search. */
	bool (*on_device)(void *data, const struct search_device *device);
	/* Something the person searching should know; the search goes on. */
	void (*on_problem)(void *data, const char *where, const char *text);
};

/* Searches, on a loop of its own, and returns when it is over. *list (search_clear) has what was
 * found. PLUG_OK, also when that is nothing; PLUG_EUNREACHABLE or PLUG_ESYSTEM when not one probe
 * could be sent (on_problem told why); PLUG_EINVAL and PLUG_ETOOBIG for a plan that cannot be. */
enum plug_error search_run(
	const struct search_plan *plan, const struct search_calls *calls, struct search_list *list);
/* Sorts them by their address. */
void search_sort(struct search_list *list);

void search_clear(struct search_list *list);

#endif
