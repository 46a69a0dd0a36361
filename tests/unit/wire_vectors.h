/* wire_vectors.h - texts and the frames they travel in, for cipher_test.c and frame_test.c.
 *
 * Computed by an implementation of its own; the first two and the three with base64 dumps in public
 * threads (realtime request, erase energy, erase runtime) equal what was captured from devices. */
#ifndef PLUG_TESTS_WIRE_VECTORS_H
#define PLUG_TESTS_WIRE_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { VECTOR_FRAME_MAX_BYTES = 256 };

static const struct wire_vector {
	const char *name;
	const char *text;
	const char *frame_hex; /* header and obfuscated text */
} wire_vectors[] = {
	{ "sysinfo request", "{\"system\":{\"get_sysinfo\":{}}}",
		"0000001dd0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6" },
	{ "relay off", "{\"system\":{\"set_relay_state\":{\"state\":0}}}",
		"0000002ad0f281f88bff9af7d5ef94b6c5a0d48bf99cf091e8b7c4b0d1a5c0e2d8a381f286e793f6d4"
		"eedea3dea3" },
	{ "relay on", "{\"system\":{\"set_relay_state\":{\"state\":1}}}",
		"0000002ad0f281f88bff9af7d5ef94b6c5a0d48bf99cf091e8b7c4b0d1a5c0e2d8a381f286e793f6d4"
		"eedfa2dfa2" },
	{ "relay answer", "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}",
		"0000002dd0f281f88bff9af7d5ef94b6c5a0d48bf99cf091e8b7c4b0d1a5c0e2d8a381e496e4bbd8b7"
		"d3b694ae9ee39ee3" },
	{ "realtime request", "{\"emeter\":{\"get_realtime\":{}}}",
		"0000001ed0f297fa9feb8efcdee49fbddabfcb94e683e28efa93fe9bb983f885f885" },
	{ "erase energy", "{\"emeter\":{\"erase_emeter_stat\":{}}}",
		"00000023d0f297fa9feb8efcdee49fbdd8aacbb8dd82e78aef9bfe8cd3a0d4b5c1e3d9a2dfa2df" },
	{ "erase runtime", "{\"schedule\":{\"erase_runtime_stat\":{}}}",
		"00000026d0f281e28aef8bfe92f7d5ef94b6d3a1c0b3d689fb8ee094fd90f5aad9adccb89aa0dba6db"
		"a6" },
	{ "sysinfo and realtime request",
		"{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":{}}}",
		"0000003ad0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68ba785e08de89cf98ba9"
		"93e8caadc8bce391f495f98de489eccef48ff28ff2" },
	{ "realtime in base units",
		"{\"emeter\":{\"get_realtime\":{\"current\":0.014937,\"voltage\":231.067823,"
		"\"power\":0.928511,\"total\":55.139000,\"err_code\":0}}}",
		"00000075d0f297fa9feb8efcdee49fbddabfcb94e683e28efa93fe9bb983f8dab9ccbecca9c7b391ab"
		"9bb585b480b98abd91b3c5aac6b2d3b4d1f3c9fbc8f9d7e7d1e6deecdff3d1a1ceb9dcae8cb686a891"
		"a39bae9fae82a0d4bbcfaec2e0daefdaf4c5f6cfffcfffd3f194e694cba8c7a3c6e4deee93ee93" },
	{ "realtime in thousandths",
		"{\"emeter\":{\"get_realtime\":{\"voltage_mv\":230837,\"current_ma\":451,\"power_"
		"mw\":61753,\"total_wh\":16323,\"err_code\":0}}}",
		"00000071d0f297fa9feb8efcdee49fbddabfcb94e683e28efa93fe9bb983f8daacc3afdbbaddb8e78a"
		"fcdee4d6e5d5eddee9c5e784f183f194fa8ed1bcddffc5f1c4f5d9fb8be493f684dbb6c1e3d9efdee9"
		"dcefc3e195fa8eef83dcabc3e1dbeadcefddeec2e085f785dab9d6b2d7f5cfff82ff82" },
	{ "module error", "{\"emeter\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}",
		"00000039d0f297fa9feb8efcdee49fbdd8aad887e48bef8aa892bf8ea280e597e5bad7a4c3e1dbf994"
		"fb9fea86e3c3adc2b696e590e090ff8df9dba6db" },
	{ "method error",
		"{\"emeter\":{\"get_realtime\":{\"err_code\":-1,\"err_msg\":\"module not "
		"support\"}}}",
		"0000004ad0f297fa9feb8efcdee49fbddabfcb94e683e28efa93fe9bb983f8dabfcdbfe083ec88edcf"
		"f5d8e9c5e782f082ddb0c3a486bc9ef39cf88de184a4caa5d1f182f787f798ea9ebcc1bcc1" },
	{ "alias with an accent", "{\"system\":{\"set_dev_alias\":{\"alias\":\"Caf\303\251\"}}}",
		"0000002ed0f281f88bff9af7d5ef94b6c5a0d48bef8afca3c2aec7a6d5f7cdb694f599f091e2c0fad8"
		"9bfa9c5ff6d4a9d4a9" },
	{ "empty object", "{}", "00000002d0ad" },
	{ "member error",
		"{\"system\":{\"nope\":{\"err_code\":-2,\"err_msg\":\"member not support\"}}}",
		"00000042d0f281f88bff9af7d5ef94b6d8b7c7a280bac1e386f486d9bad5b1d4f6cce1d3ffddb8cab8"
		"e78af99ebc86a4c9acc1a3c6b494fa95e1c1b2c7b7c7a8daae8cf18cf1" },
};

enum { WIRE_VECTOR_COUNT = sizeof wire_vectors / sizeof wire_vectors[0] };

/* Writes the bytes of a vector's frame and returns how many there are. */
static inline size_t vector_frame(
	const struct wire_vector *vector, uint8_t frame[static VECTOR_FRAME_MAX_BYTES])
{
	const size_t size = strlen(vector->frame_hex) / 2;

	for (size_t i = 0; i < size; i++) {
		const char digits[] = { vector->frame_hex[2 * i], vector->frame_hex[2 * i + 1],
			'\0' };

		frame[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return size;
}

#endif
