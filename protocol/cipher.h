/* cipher.h - the XOR autokey cipher that hides Smart Home JSON from nobody.
 *
 * The key starts at 171 for every message; after each byte it is the cipher byte just made or
 * read, in both directions. Works on bytes: cipher text holds NULs.
 * Source: vectors in tests/unit/wire_vectors.h. No I/O here. */
#ifndef PLUG_PROTOCOL_CIPHER_H
#define PLUG_PROTOCOL_CIPHER_H

#include <stddef.h>
#include <stdint.h>

enum { PLUG_CIPHER_KEY = 171 };

/* Encrypts size bytes of text into out (same size; text == out is allowed). */
void plug_cipher_encrypt(const void *text, size_t size, uint8_t *out);

/* Decrypts size bytes into out (same size; in == out is allowed). *key is PLUG_CIPHER_KEY at the
 * start of a message and carries the state from one piece of it to the next. */
void plug_cipher_decrypt(const uint8_t *in, size_t size, void *out, uint8_t *key);

#endif
