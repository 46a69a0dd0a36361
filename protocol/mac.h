/* mac.h - the hardware address a device is known by.
 *
 * Plugs write it AA:BB:CC:DD:EE:FF, discovery replies with dashes, older bulbs without anything
 * between (KL130 fw 1.8.8). No I/O here. */
#ifndef PLUG_PROTOCOL_MAC_H
#define PLUG_PROTOCOL_MAC_H

#include <stdbool.h>
#include <stdint.h>

enum { PLUG_MAC_BYTES = 6, PLUG_MAC_TEXT_BYTES = 18 };

/* Reads AA:BB:CC:DD:EE:FF, AA-BB-... or AABB... in either case. False and zeroes otherwise. */
bool plug_mac_parse(const char *text, uint8_t mac[static PLUG_MAC_BYTES]);

/* Writes AA:BB:CC:DD:EE:FF and a NUL. */
void plug_mac_format(
	const uint8_t mac[static PLUG_MAC_BYTES], char text[static PLUG_MAC_TEXT_BYTES]);

#endif
