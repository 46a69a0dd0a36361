/* wire.h - the bytes of a reply, with what a plan does to them. No sockets here. */
#ifndef SIM_FAULTS_WIRE_H
#define SIM_FAULTS_WIRE_H

#include "tests/sim/device/text.h"
#include "tests/sim/faults/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to send; the memory is kept from one reply to the next. Zeroed memory is an empty wire. */
struct sim_wire {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
};

void sim_wire_free(struct sim_wire *wire);

/* Fills wire with the frame (TCP), or the datagram (UDP), of an answer. seed chooses garbage. */
void sim_wire_frame(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed);
void sim_wire_datagram(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed);

/* The same for an answer that goes out in clear. */
void sim_wire_clear_datagram(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed);

/* How many of the bytes from sent on go out in one piece. */
size_t sim_wire_piece(const struct sim_plan *plan, size_t size, size_t sent);

#endif
