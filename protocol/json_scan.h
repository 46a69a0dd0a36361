/* json_scan.h - one look over JSON text before json-c may see it; private to json.c.
 *
 * Not a parser: it bounds depth and containers, and refuses exactly what json-c 0.16 would let
 * through although it is not JSON (json.h lists it). The rest of the grammar is json-c's. */
#ifndef PLUG_PROTOCOL_JSON_SCAN_H
#define PLUG_PROTOCOL_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* False when the text must not be parsed. Sets *member_count to the members that the objects of
 * the text have together, doubled keys counted twice; 0 on failure. */
bool plug_json_scan(const char *text, size_t size, size_t *member_count);

#endif
