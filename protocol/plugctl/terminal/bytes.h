/* bytes.h - bytes written as hex or base64. Pure. */
#ifndef PLUG_PLUGCTL_BYTES_H
#define PLUG_PLUGCTL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads hex (spaces and colons between bytes are fine) or else base64 into out, which has room
 * for as many bytes as text has characters. False and *size 0 when it is neither, or empty. */
bool bytes_read(const char *text, uint8_t *out, size_t *size);

#endif
