/* tdp.h - what newer devices answer when somebody looks for them, on UDP 20002 and 20004.
 *
 *     offset  size  field, big-endian
 *     0       1     version, 2
 *     1       1     message type, 0
 *     2       2     operation, 1: search
 *     4       2     bytes of JSON
 *     6       1     flags: 0x11 with a key, 0 without
 *     7       1     0
 *     8       4     serial, which the answer repeats
 *     12      4     CRC-32 of all of it, with 0x5A6B7C8D in this place
 *     16            JSON in clear: {"params":{"rsa_key":"<PEM>"}}, or nothing
 *
 *     {"error_code":0,"result":{"device_id","owner","device_type","device_model","ip","mac",
 *      "hw_ver","factory_default","mgt_encrypt_schm":{...}}}
 *
 * Source: as HS100(UK) hw 4.1 fw 1.1.0 answers; the key is looked for and not used. No sockets. */
#ifndef SIM_METHODS_TDP_H
#define SIM_METHODS_TDP_H

#include "tests/sim/device/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_TDP_PORTS = 2, SIM_TDP_PORT = 20002, SIM_TDP_OTHER_PORT = 20004 };

struct sim_search {
	const uint8_t *bytes;
	size_t size;
	uint32_t address; /* of the device, host byte order */
};

/* Adds the answer's bytes. False, and nothing added, when the device keeps silent: the search is
 * not one, or not one that this model answers. */
bool sim_tdp_answer(
	const struct sim_device *device, const struct sim_search *search, struct sim_text *out);

#endif
