/* log.h - lines for people, on standard error.
 *
 * Under systemd each line starts with its priority ("<4>") and carries no time of its own;
 * elsewhere with the local time. A state change is logged once, in words, and starts with what it
 * is about: the device's name, or "mqtt". Never a password, a location or an account. */
#ifndef PLUG_BRIDGE_LOG_H
#define PLUG_BRIDGE_LOG_H

#include <stdbool.h>
#include <stdnoreturn.h>

enum log_level { LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_open(enum log_level level);
void log_set_level(enum log_level level);
enum log_level log_level(void);

void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says why and ends the program with status 1. */
noreturn void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
