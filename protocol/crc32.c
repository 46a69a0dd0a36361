#include "protocol/crc32.h"

uint32_t plug_crc32(const void *bytes, size_t size)
{
	static const uint32_t polynomial = 0xedb88320;
	const uint8_t *at = bytes;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
		}
	}
	return ~crc;
}
