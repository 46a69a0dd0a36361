/* discovery.h - the datagrams that devices are found with, and what their answers say.
 *
 *     UDP 9999          get_sysinfo, obfuscated, without a header; the answer likewise
 *     UDP 20002, 20004  "TDP": a header of 16 bytes, big-endian, then JSON in clear
 *
 *     offset  size  field
 *     0       1     version, 2
 *     1       1     message type, 0
 *     2       2     operation, 1: probe
 *     4       2     bytes of JSON
 *     6       1     flags: 0x11 in a probe with a key, 0 in an empty one
 *     7       1     0
 *     8       4     serial: any number, 0 in an empty probe
 *     12      4     CRC-32 of header and JSON, with 0x5A6B7C8D in this place
 *
 * HS100 hw 4.1 answers an empty TDP probe; newer firmwares want an RSA public key in it.
 * An answer over UDP is never proof of an address: whoever hears the probe can send one, under any
 * address and MAC. Ask for sysinfo over TCP and compare the MAC before an address is used.
 * Source: the protocol notes; answers as seen on HS100(UK) hw 4.1 fw 1.1.0. No I/O here. */
#ifndef PLUG_PROTOCOL_DISCOVERY_H
#define PLUG_PROTOCOL_DISCOVERY_H

#include "protocol/error.h"
#include "protocol/mac.h"
#include "protocol/reply.h"
#include "protocol/sysinfo.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLUG_DISCOVERY_PORT = 9999,
	PLUG_TDP_PORT = 20002,
	PLUG_TDP_OTHER_PORT = 20004,
	PLUG_TDP_HEADER_BYTES = 16,
	PLUG_TDP_KEYED_FLAGS = 0x11,
	/* A probe must fit one Ethernet frame; with an RSA-2048 key it has 501 bytes. */
	PLUG_PROBE_MAX_BYTES = 1024,
	/* The longest sysinfo in the recordings has 1283 bytes. */
	PLUG_DISCOVERY_ANSWER_MAX_BYTES = 4096,
};

struct plug_probe {
	uint8_t bytes[PLUG_PROBE_MAX_BYTES];
	size_t size;
};

/* get_sysinfo and nothing else, the same for every device: some reboot when a datagram asks for
 * energy. */
void plug_probe_sysinfo(struct plug_probe *probe);

/* The general form; json may be "". Returns PLUG_OK, or PLUG_ETOOBIG and an empty probe. */
enum plug_error plug_probe_tdp(
	struct plug_probe *probe, const char *json, uint8_t flags, uint32_t serial);

void plug_probe_tdp_empty(struct plug_probe *probe);

/* public_key is PEM text (SubjectPublicKeyInfo) with its line ends; any RSA key will do, because
 * nothing of what the device encrypts with it is needed here. Returns PLUG_OK; or PLUG_EINVAL when
 * the text is not PEM's letters, PLUG_ETOOBIG, and an empty probe. */
enum plug_error plug_probe_tdp_keyed(
	struct plug_probe *probe, const char *public_key, uint32_t serial);

/* What a device that answered can be talked to with. */
enum plug_dialect {
	PLUG_DIALECT_XOR,   /* answers on 9999: the protocol of this library */
	PLUG_DIALECT_KLAP,  /* the same JSON, but only behind a login over HTTP */
	PLUG_DIALECT_SMART, /* Tapo and newer Kasa: another protocol altogether */
	PLUG_DIALECT_OTHER, /* an IOT device with a login nobody has described */
	PLUG_DIALECT_COUNT,
};

/* "xor", "klap", "smart", "other"; static. */
const char *plug_dialect_name(enum plug_dialect dialect);

/* What its owner can do so that the device can be used, as a sentence without its full stop;
 * static, NULL for PLUG_DIALECT_XOR. */
const char *plug_dialect_advice(enum plug_dialect dialect);

/* How a device answering TDP wants to be logged in to. */
struct plug_login {
	const char *encryption; /* "KLAP", "AES", ...; "" when it does not say */
	int version;		/* "lv": 2 asks for the newer hashes; 0 when it does not say */
	bool is_new_klap;
	bool is_https;
	uint16_t http_port; /* 0 when it does not say */
};

/* One answer. Texts are never NULL; they live until plug_discovery_clear. */
struct plug_discovery {
	enum plug_dialect dialect;
	bool has_mac;
	uint8_t mac[PLUG_MAC_BYTES];
	const char *model;    /* "HS110(EU)" */
	const char *hardware; /* "4.1" */
	bool has_sysinfo;     /* came over port 9999 */
	/* Only with has_sysinfo: family, alias, outlets. */
	struct plug_sysinfo sysinfo;
	/* Only without: TDP does not tell a strip from a plug. */
	const char *device_type; /* "IOT.SMARTPLUGSWITCH" */
	struct plug_login login;
	struct plug_reply reply; /* private: what the texts are borrowed from */
};

/* Reads a datagram that came from port 9999, or from a TDP port. Returns PLUG_OK (caller:
 * plug_discovery_clear); PLUG_ENOMEM; or PLUG_EPROTO, also for refusals and for what is not a
 * Kasa or Tapo device: to be ignored, as other makes, other programs, cameras (which nest their
 * sysinfo) and TP-Link routers (HOMEWIFISYSTEM) answer too. *found is zeroed on failure, its texts
 * are NULL. Length and CRC in a TDP answer are not believed or checked: no client does, so no
 * firmware need get them right, and the JSON must be whole anyway. */
enum plug_error plug_discovery_read_sysinfo(
	const uint8_t *datagram, size_t size, struct plug_discovery *found);
enum plug_error plug_discovery_read_tdp(
	const uint8_t *datagram, size_t size, struct plug_discovery *found);

/* Accepts a zeroed struct. */
void plug_discovery_clear(struct plug_discovery *found);

#endif
