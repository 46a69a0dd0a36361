/* clock.h - a device's clock and time zone.
 *
 *     get_timezone   {"index":41, ...}   HS100/HS110 hardware 1 add names, later ones do not
 *     set_timezone   {"index","year","month","mday","hour","min","sec"}: sets zone and clock
 *     set_time       the same without index: the clock alone
 *
 * set_timezone is the way to set the clock: some devices answer -3 to every set_time. The vendor
 * numbers 110 zones from 0 to 109. Source: table of the protocol notes; entry 18 by its
 * meaning there (the eastern United States with summer time). No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_CLOCK_H
#define PLUG_PROTOCOL_CLOCK_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLUG_ZONE_COUNT = 110 };

/* The IANA name of a vendor's zone, static; NULL for an index outside 0 to 109. */
const char *plug_zone_name(int index);

/* The vendor's index of an IANA name, in any case: one of the table, or a well-known other name of
 * the same time ("Europe/Berlin"), or the index itself in digits. False and *index 0 otherwise. */
bool plug_zone_find(const char *name, int *index);

/* True when a calendar has this time (seconds to 59). */
bool plug_time_is_valid(const struct plug_time *time);

/* Reads 2026-11-21T12:00:00, with a space for the T, or without seconds. False and zeroes
 * otherwise. */
bool plug_time_parse(const char *text, struct plug_time *time);

/* Seconds from b to a: above 0 when a is later. Both valid. */
int64_t plug_time_difference_s(const struct plug_time *a, const struct plug_time *b);

enum plug_error plug_request_timezone(struct plug_request *request, enum plug_family family);

/* PLUG_EINVAL for an index or time that does not exist. */
enum plug_error plug_request_set_timezone(struct plug_request *request, enum plug_family family,
	int index, const struct plug_time *time);

/* The clock alone, for a device that refuses set_timezone. PLUG_EINVAL for a time that does not
 * exist. */
enum plug_error plug_request_set_time(
	struct plug_request *request, enum plug_family family, const struct plug_time *time);

/* PLUG_EPROTO and *index 0 when there is none, or a negative one. An index above 109 is passed on:
 * the vendor may have added zones. Otherwise as plug_reply_method. */
enum plug_error plug_reply_timezone(
	const struct plug_reply *reply, enum plug_family family, int *index);

#endif
