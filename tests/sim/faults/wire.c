#include "tests/sim/faults/wire.h"

#include "protocol/cipher.h"
#include "protocol/frame.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>
#include <string.h>

/* What an answer ends in when it is not JSON: cut in the middle of a key. */
enum { BAD_JSON_BYTES_OFF = 5, GARBAGE_DEFAULT_BYTES = 64 };

static const uint32_t HUGE_BYTES = 0xFFFFFFFF;

void sim_wire_free(struct sim_wire *wire)
{
	free(wire->bytes);
	*wire = (struct sim_wire) { 0 };
}

static void resize(struct sim_wire *wire, size_t size)
{
	if (size > wire->capacity) {
		wire->bytes = sim_reallocate(wire->bytes, size);
		wire->capacity = size;
	}
	wire->size = size;
}

static void put_garbage(struct sim_wire *wire, const struct sim_plan *plan, uint64_t seed)
{
	resize(wire, plan->garbage_bytes > 0 ? plan->garbage_bytes : GARBAGE_DEFAULT_BYTES);
	for (size_t i = 0; i < wire->size; i++) {
		wire->bytes[i] = (uint8_t)sim_seed_number(seed, i);
	}
}

/* Bytes of the answer that go out: all, or not enough to be JSON. */
static size_t answer_bytes(const struct sim_text *answer, const struct sim_plan *plan)
{
	if (plan->body != SIM_BODY_BAD_JSON) {
		return answer->size;
	}
	return answer->size > BAD_JSON_BYTES_OFF ? answer->size - BAD_JSON_BYTES_OFF : 1;
}

static void put_length(struct sim_wire *wire, uint32_t length)
{
	for (size_t i = 0; i < PLUG_FRAME_HEADER_BYTES; i++) {
		wire->bytes[i] = (uint8_t)(length >> (8 * (PLUG_FRAME_HEADER_BYTES - 1 - i)));
	}
}

static void falsify_length(struct sim_wire *wire, const struct sim_plan *plan)
{
	const int64_t true_length = (int64_t)(wire->size - PLUG_FRAME_HEADER_BYTES);
	const int64_t off = true_length + plan->length_error;

	switch (plan->length) {
	case SIM_LENGTH_TRUE:
		break;
	case SIM_LENGTH_OFF:
		put_length(wire, (uint32_t)(off > 0 ? off : 0));
		break;
	case SIM_LENGTH_ZERO:
		put_length(wire, 0);
		break;
	case SIM_LENGTH_HUGE:
		put_length(wire, HUGE_BYTES);
		break;
	}
}

static void cut(struct sim_wire *wire, const struct sim_plan *plan)
{
	const size_t size = plan->cut_bytes > 0 ? plan->cut_bytes : wire->size / 2;

	if (plan->is_cut && size < wire->size) {
		wire->size = size;
	}
}

void sim_wire_frame(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed)
{
	const size_t size = answer_bytes(answer, plan);

	if (plan->body == SIM_BODY_GARBAGE) {
		put_garbage(wire, plan, seed);
	} else {
		resize(wire, PLUG_FRAME_HEADER_BYTES + size);
		plug_frame_encode(answer->bytes, size, wire->bytes);
		falsify_length(wire, plan);
	}
	cut(wire, plan);
}

void sim_wire_datagram(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed)
{
	const size_t size = answer_bytes(answer, plan);

	if (plan->body == SIM_BODY_GARBAGE) {
		put_garbage(wire, plan, seed);
	} else {
		resize(wire, size);
		plug_cipher_encrypt(answer->bytes, size, wire->bytes);
	}
	cut(wire, plan);
}

void sim_wire_clear_datagram(struct sim_wire *wire, const struct sim_text *answer,
	const struct sim_plan *plan, uint64_t seed)
{
	const size_t size = answer_bytes(answer, plan);

	if (plan->body == SIM_BODY_GARBAGE) {
		put_garbage(wire, plan, seed);
	} else {
		resize(wire, size);
		memcpy(wire->bytes, answer->bytes, size);
	}
	cut(wire, plan);
}

size_t sim_wire_piece(const struct sim_plan *plan, size_t size, size_t sent)
{
	size_t piece = size - sent;

	if (sent == 0 && plan->first_bytes > 0 && plan->first_bytes < piece) {
		piece = plan->first_bytes;
	}
	if (plan->piece_bytes > 0 && plan->piece_bytes < piece) {
		piece = plan->piece_bytes;
	}
	return piece;
}
