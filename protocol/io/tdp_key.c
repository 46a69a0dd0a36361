#include "protocol/io/tdp_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

enum { KEY_BITS = 2048, PEM_MAX_BYTES = 1024 };

/* A key cannot be stopped while it is being made, so it lives apart from who asked. */
struct plug_tdp_key {
	uv_work_t work;
	plug_tdp_key_cb *on_key; /* NULL when nobody waits for it */
	void *data;
	struct plug_probe probe;
};

/* NULL on failure. */
static EVP_PKEY *new_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;

	if (context && EVP_PKEY_keygen_init(context) == 1 &&
		EVP_PKEY_CTX_set_rsa_keygen_bits(context, KEY_BITS) == 1) {
		(void)EVP_PKEY_keygen(context, &key);
	}
	EVP_PKEY_CTX_free(context);
	return key;
}

static bool write_public_half(EVP_PKEY *key, char pem[static PEM_MAX_BYTES])
{
	BIO *memory = BIO_new(BIO_s_mem());
	int size = 0;

	if (memory && key && PEM_write_bio_PUBKEY(memory, key) == 1) {
		size = BIO_read(memory, pem, PEM_MAX_BYTES - 1);
	}
	BIO_free(memory);
	pem[size > 0 ? size : 0] = '\0';
	return size > 0;
}

/* In a thread of the pool: touches nothing but the key. The probe stays empty on failure. */
static void make(uv_work_t *work)
{
	struct plug_tdp_key *key = work->data;
	EVP_PKEY *pair = new_key();
	uint8_t serial_bytes[sizeof(uint32_t)];
	char pem[PEM_MAX_BYTES];
	uint32_t serial;

	if (write_public_half(pair, pem) && RAND_bytes(serial_bytes, sizeof serial_bytes) == 1) {
		memcpy(&serial, serial_bytes, sizeof serial);
		(void)plug_probe_tdp_keyed(&key->probe, pem, serial);
	}
	EVP_PKEY_free(pair);
	/* What OpenSSL keeps for this thread: libuv's threads end after it has cleared up. */
	OPENSSL_thread_stop();
}

static void on_made(uv_work_t *work, int status)
{
	struct plug_tdp_key *key = work->data;

	(void)status;
	if (key->on_key) {
		key->on_key(key->data, &key->probe);
	}
	free(key);
}

struct plug_tdp_key *plug_tdp_key_start(uv_loop_t *loop, plug_tdp_key_cb *on_key, void *data)
{
	struct plug_tdp_key *key = calloc(1, sizeof *key);

	if (!key) {
		return NULL;
	}
	key->work.data = key;
	key->on_key = on_key;
	key->data = data;
	if (uv_queue_work(loop, &key->work, make, on_made) != 0) {
		free(key);
		return NULL;
	}
	return key;
}

void plug_tdp_key_forget(struct plug_tdp_key *key)
{
	if (key) {
		key->on_key = NULL;
		(void)uv_cancel((uv_req_t *)&key->work);
	}
}
