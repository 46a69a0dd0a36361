/* redact.h - requests and replies as they may be shown: without location, ids, network name and
 * account.
 *
 * Latitude, longitude, device, hardware, vendor and firmware ids, SSID and BSSID, account name,
 * passwords and HomeKit codes become "...". Of an outlet's id the last two characters stay: they
 * tell which one. Pure. */
#ifndef PLUG_PLUGCTL_REDACT_H
#define PLUG_PLUGCTL_REDACT_H

#include <stddef.h>

enum redact_level {
	REDACT_NOTHING,	  /* for raw and the old script's form */
	REDACT_PASSWORDS, /* with --unredacted */
	REDACT_ALL,
};

/* The text to show (caller frees). Text that is no JSON might hold anything: only its size is told
 * with REDACT_ALL. Passwords are cut out before anything else looks at the text. */
char *redact_text(const char *text, size_t size, enum redact_level level);

/* How many bytes from the start of text hold nothing that is to be hidden: size when all may be
 * shown. What stands behind a hidden value is not to be shown as bytes either: their cipher is a
 * running sum. */
size_t redact_open_size(const char *text, size_t size, enum redact_level level);

#endif
