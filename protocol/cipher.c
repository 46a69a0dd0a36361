#include "protocol/cipher.h"

void plug_cipher_encrypt(const void *text, size_t size, uint8_t *out)
{
	const uint8_t *in = text;
	uint8_t key = PLUG_CIPHER_KEY;

	for (size_t i = 0; i < size; i++) {
		key = (uint8_t)(in[i] ^ key);
		out[i] = key;
	}
}

void plug_cipher_decrypt(const uint8_t *in, size_t size, void *out, uint8_t *key)
{
	uint8_t *text = out;
	uint8_t previous = *key;

	for (size_t i = 0; i < size; i++) {
		const uint8_t cipher = in[i];

		text[i] = (uint8_t)(cipher ^ previous);
		previous = cipher;
	}
	*key = previous;
}
