/* Any datagram as an answer to a search, and any text as a key: nothing crashes, nothing leaks,
 * failures leave zeroes, and what is read is what the header promises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/discovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_true)
{
	if (!is_true) {
		abort();
	}
}

static void check_texts(const struct plug_discovery *found)
{
	require(found->model && found->hardware && found->device_type && found->login.encryption);
	require(found->dialect < PLUG_DIALECT_COUNT);
	require(!plug_dialect_advice(found->dialect) == (found->dialect == PLUG_DIALECT_XOR));
}

static void check_nothing(const struct plug_discovery *found)
{
	require(!found->reply.root && !found->model && !found->device_type && !found->has_mac);
	require(!found->has_sysinfo && found->sysinfo.outlet_count == 0);
}

static void check_sysinfo(const uint8_t *data, size_t size)
{
	struct plug_discovery found;
	enum plug_error error;

	memset(&found, 0x5a, sizeof found);
	error = plug_discovery_read_sysinfo(data, size, &found);
	require(error == PLUG_OK || error == PLUG_EPROTO);
	if (error != PLUG_OK) {
		check_nothing(&found);
		return;
	}
	check_texts(&found);
	require(found.has_sysinfo && found.dialect == PLUG_DIALECT_XOR);
	require(found.has_mac || found.sysinfo.family != PLUG_FAMILY_UNSUPPORTED);
	require(found.sysinfo.outlet_count <= PLUG_OUTLETS_MAX && found.sysinfo.alias);
	plug_discovery_clear(&found);
	check_nothing(&found);
}

static void check_tdp(const uint8_t *data, size_t size)
{
	struct plug_discovery found;
	enum plug_error error;

	memset(&found, 0x5a, sizeof found);
	error = plug_discovery_read_tdp(data, size, &found);
	require(error == PLUG_OK || error == PLUG_EPROTO);
	if (error != PLUG_OK) {
		check_nothing(&found);
		return;
	}
	check_texts(&found);
	require(!found.has_sysinfo && strchr(found.device_type, '.'));
	require(found.login.version >= 0 && found.login.version <= 255);
	plug_discovery_clear(&found);
	check_nothing(&found);
}

/* The fuzzer cannot guess the cipher or the header: both are put around what it found. */
static void check_clear_text(const uint8_t *data, size_t size)
{
	uint8_t *datagram = malloc(PLUG_TDP_HEADER_BYTES + size);

	require(datagram);
	plug_cipher_encrypt(data, size, datagram);
	check_sysinfo(datagram, size);
	memset(datagram, 0, PLUG_TDP_HEADER_BYTES);
	memcpy(datagram + PLUG_TDP_HEADER_BYTES, data, size);
	check_tdp(datagram, PLUG_TDP_HEADER_BYTES + size);
	free(datagram);
}

static void check_key(const uint8_t *data, size_t size)
{
	char *key = malloc(size + 1);
	struct plug_probe probe;
	enum plug_error error;

	require(key);
	memcpy(key, data, size);
	key[size] = '\0';
	error = plug_probe_tdp_keyed(&probe, key, 1);
	require(error == PLUG_OK || error == PLUG_EINVAL || error == PLUG_ETOOBIG);
	require(probe.size <= PLUG_PROBE_MAX_BYTES && (probe.size > 0) == (error == PLUG_OK));
	if (error == PLUG_OK) {
		require(probe.size ==
			(size_t)(probe.bytes[4] << 8 | probe.bytes[5]) + PLUG_TDP_HEADER_BYTES);
		require(!memchr(probe.bytes + PLUG_TDP_HEADER_BYTES, '\n',
			probe.size - PLUG_TDP_HEADER_BYTES));
	}
	free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_sysinfo(data, size);
	check_tdp(data, size);
	check_clear_text(data, size);
	check_key(data, size);
	return 0;
}
