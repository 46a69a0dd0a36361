/* command.h - the command line, read: which verb, with which options, for which targets. */
#ifndef PLUG_PLUGCTL_COMMAND_H
#define PLUG_PLUGCTL_COMMAND_H

#include "protocol/calibration.h"
#include "protocol/clock.h"
#include "protocol/light.h"
#include "protocol/mac.h"
#include "protocol/network.h"
#include "protocol/rules.h"
#include "protocol/settings.h"
#include "protocol/statistics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, value (NULL for none), where it belongs, help. */
#define OPTION_TABLE(X)                                                                            \
	X(CONFIG, "config", "FILE", "", "take names from this plugbridge.cfg")                     \
	X(ALL, "all", NULL, "", "every device of the configuration, or that a search finds")       \
	X(OUTLET, "outlet", "WHICH", "", "one outlet of a strip: number from 1, alias or id")      \
	X(ALL_OUTLETS, "all-outlets", NULL, "", "every outlet of a strip, one after the other")    \
	X(BROADCAST, "broadcast", "ADDR", "", "search by this address; a list, or repeated")       \
	X(INTERFACE, "interface", "NAME", "", "search on this network interface alone")            \
	X(WAIT, "wait", "S", "", "search no longer than this (5, at most half of --timeout)")      \
	X(PORT, "port", "N", "", "of devices for which nothing else is said (9999)")               \
	X(TIMEOUT, "timeout", "S", "", "give up after so many seconds in all (5)")                 \
	X(JSON, "json", NULL, "", "one JSON object for each target")                               \
	X(VERBOSE, "verbose", NULL, "", "show requests and replies; -vv their bytes too")          \
	X(UNREDACTED, "unredacted", NULL, "", "show location, ids, SSID and account too")          \
	X(HELP, "help", NULL, "", "print this, or with a verb its help")                           \
	X(VERSION, "version", NULL, "", "print the version")                                       \
	X(AT, "at", "TIME", NULL, "2026-11-21T12:00:00; for a rule 08:30, sunset-30m, sunrise")    \
	X(BRIGHTNESS, "brightness", "N", NULL, "in percent, 1 to 100")                             \
	X(COUNT, "count", "N", NULL, "end after so many readings")                                 \
	X(CURRENT, "current", "N", NULL, "of the meter: gain, or target")                          \
	X(DATE, "date", "DAY", NULL, "once, on this day: 2026-12-24")                              \
	X(DAY, "day", NULL, NULL, "each day of a month")                                           \
	X(DAYS, "days", "DAYS", NULL, "weekly, on these days: mon-fri, sat,sun, daily")            \
	X(DELAY, "delay", "S", NULL, "so many seconds from now (1)")                               \
	X(DEVICE_ID, "device-id", "HEX", NULL, "40 hex digits")                                    \
	X(DRY_RUN, "dry-run", NULL, NULL, "show what would be done, and do nothing")               \
	X(DO, "do", "on|off", NULL, "what to do")                                                  \
	X(FROM, "from", "TIME", NULL, "begin at 18:00, sunset, sunset+15m")                        \
	X(HARDWARE_ID, "hardware-id", "HEX", NULL, "32 hex digits")                                \
	X(HASH, "hash", "HASH", NULL, "of the icon")                                               \
	X(HUE, "hue", "N", NULL, "colour, in degrees from 0 to 360")                               \
	X(IN, "in", "TIME", NULL, "after this long: 90s, 30m, 2h")                                 \
	X(INTERVAL, "interval", "S", NULL, "seconds between readings (1)")                         \
	X(KELVIN, "kelvin", "N", NULL, "warmth of white: 2700 is warm, 6500 is cold")              \
	X(MAC, "mac", "MAC", NULL, "hardware address, as 50:C7:BF:00:00:01")                       \
	X(MONTH, "month", NULL, NULL, "each month of a year")                                      \
	X(NAME, "name", "TEXT", NULL, "what to call it")                                           \
	X(OF, "of", "PERIOD", NULL, "2026 or 2026-11 (the device's current one)")                  \
	X(PASSWORD_FILE, "password-file", "FILE", NULL, "read it from here, - for standard input") \
	X(PRINT_CONFIG, "config", NULL, NULL, "print a plugbridge.cfg of what is found")           \
	X(REFRESH, "refresh", NULL, NULL, "look for networks anew instead of the last list")       \
	X(RESET, "reset", NULL, NULL, "erase them on the device")                                  \
	X(RULE, "rule", "WHICH", NULL, "number in the list, or id")                                \
	X(SATURATION, "saturation", "N", NULL, "of the colour, in percent")                        \
	X(SECURITY, "security", "KIND", NULL, "open, wep, wpa, wpa2 or wpa3 (wpa2)")               \
	X(SET, "set", "VALUE", NULL, "change it to this")                                          \
	X(SSID, "ssid", "NAME", NULL, "the name of the network")                                   \
	X(TIMES, "times", "N", NULL, "blink so many times (5)")                                    \
	X(TO, "to", "TIME", NULL, "end at 23:00, sunrise, sunrise-1h")                             \
	X(TRANSITION, "transition", "S", NULL, "take so many seconds for the change")              \
	X(UDP, "udp", NULL, NULL, "without the length in front, as in a datagram")                 \
	X(URL, "url", "URL", NULL, "where the firmware is: http://...")                            \
	X(USER, "user", "NAME", NULL, "the e-mail address of the account")                         \
	X(VOLTAGE, "voltage", "N", NULL, "of the meter: gain, or target")                          \
	X(WITH, "with", "TARGET", NULL, "the new device: address, MAC or alias")                   \
	X(YES, "yes", NULL, NULL, "do not ask first")                                              \
	X(YEAR, "year", NULL, NULL, "the sum of a year")                                           \
	X(ZONE, "zone", "ZONE", NULL, "IANA name or the vendor's index")

#define OPTION_ENUM(id, name, value, general, help) OPTION_##id,
enum plugctl_option { OPTION_TABLE(OPTION_ENUM) OPTION_END };
#undef OPTION_ENUM

_Static_assert(OPTION_END <= 64, "struct verb keeps a bit for each");

#define OPTION_BIT(id) (UINT64_C(1) << OPTION_##id)

struct verb;

/* Texts are borrowed from argv. */
struct command {
	const struct verb *verb;
	const char *word;		/* of the verb's words; "" when it has none */
	const char *argument;		/* raw's JSON and the like */
	const char *values[OPTION_END]; /* NULL: not given; "" when it takes no value */
	char **targets;
	size_t target_count;
	uint64_t timeout_ms;
	unsigned verbosity; /* how often --verbose was given */
	bool is_declined;   /* the user was asked and did not say yes */

	/* What the verb made of its options. */
	uint64_t pause_ms;
	int number;
	struct plug_period period; /* year 0: the device's current one */
	struct plug_time time;
	struct plug_location location;
	int zone; /* -1: not given */
	struct plug_rule rule;
	struct plug_light_order light;
	struct plug_calibration calibration;
	enum plug_key_type key_type;
	uint8_t mac[PLUG_MAC_BYTES];
	char *password; /* wiped and freed by secret_clear */
};

/* Says what is wrong on standard error, and where help is. Returns false. */
bool command_complain(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same without the help, for what is no question of how to say it. */
bool command_tell(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool command_has(const struct command *command, enum plugctl_option option)
{
	return command->values[option];
}

/* A whole number of option's value, else fallback when it was not given. False, with a complaint,
 * when it is something else or outside. */
struct command_range {
	enum plugctl_option option;
	int min, max, fallback;
};
bool command_number(const struct command *command, const struct command_range *range, int *number);

/* The same for seconds, which may have decimals, in milliseconds. */
bool command_seconds(
	const struct command *command, const struct command_range *range, uint64_t *milliseconds);

enum command_next { COMMAND_RUN, COMMAND_DONE, COMMAND_DECLINED, COMMAND_WRONG };

/* Reads the command line. COMMAND_DONE when help or the version was asked for and is printed;
 * COMMAND_DECLINED when the user was asked and did not say yes; COMMAND_WRONG after a complaint. */
enum command_next command_read(int argc, char **argv, struct command *command);

#endif
