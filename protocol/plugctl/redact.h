/* redact.h - requests and replies as they may be shown: without location, ids, network name and
 * account.
 *
 * Latitude, longitude, device, hardware, vendor and firmware ids, SSID and BSSID, account name,
 * passwords and HomeKit codes become "...". Of an outlet's id the last two characters stay: they
 * tell which one. Pure. */
#ifndef PLUG_PLUGCTL_REDACT_H
#define PLUG_PLUGCTL_REDACT_H

#include <stddef.h>

/* The text to show (caller frees). Text that is no JSON might hold anything: only its size is
 * told. */
char *redact_text(const char *text, size_t size);

#endif
