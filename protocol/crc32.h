/* crc32.h - the checksum in the header of a discovery datagram.
 *
 * The CRC-32 of IEEE 802.3 and zlib: reflected polynomial 0xEDB88320, starts and ends inverted.
 * Bit by bit: a search sums a few datagrams of half a kilobyte. No I/O here. */
#ifndef PLUG_PROTOCOL_CRC32_H
#define PLUG_PROTOCOL_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* 0 for no bytes; 0xCBF43926 for the nine digits "123456789". */
uint32_t plug_crc32(const void *bytes, size_t size);

#endif
