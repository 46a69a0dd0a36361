/* tdp_key.h - the RSA key that newer firmwares want to see in a TDP probe; the only file here that
 * knows OpenSSL.
 *
 * They encrypt part of their answer with it. Nothing of that part is needed, so the private half
 * is thrown away at once: there is no secret to keep. */
#ifndef PLUG_PROTOCOL_IO_TDP_KEY_H
#define PLUG_PROTOCOL_IO_TDP_KEY_H

#include "protocol/discovery.h"

#include <uv.h>

struct plug_tdp_key;

/* Called once, from the loop, when the key is made. probe is borrowed until the callback returns,
 * and empty when no key could be made. */
typedef void plug_tdp_key_cb(void *data, const struct plug_probe *probe);

/* Makes a key of 2048 bits, and the probe that carries it, in libuv's thread pool: it takes a tenth
 * of a second, several on small machines. Returns what plug_tdp_key_forget takes until the callback
 * was called, or NULL when it will not be called. */
struct plug_tdp_key *plug_tdp_key_start(uv_loop_t *loop, plug_tdp_key_cb *on_key, void *data);

/* The callback will not be called. A key that is being made keeps the loop alive until it is done.
 * Accepts NULL. */
void plug_tdp_key_forget(struct plug_tdp_key *key);

#endif
