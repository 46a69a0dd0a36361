/* error.h - the one error idiom of libplug, and the names of what devices answer.
 *
 * An enum plug_error says what the caller does next; a device's own err_code travels beside it
 * as an int and is named here.
 * Source: err_code values and texts as seen on HS1xx, KP303, KL60 and KL120 devices. */
#ifndef PLUG_PROTOCOL_ERROR_H
#define PLUG_PROTOCOL_ERROR_H

#define PLUG_ERROR_TABLE(X)                                                                        \
	X(PLUG_OK, "ok")                                                                           \
	X(PLUG_EREFUSED, "connection refused")				   /* back off */          \
	X(PLUG_EUNREACHABLE, "no route to the device")			   /* back off */          \
	X(PLUG_ERESOLVE, "host name not found")				   /* back off */          \
	X(PLUG_ERESET, "connection closed before the answer was complete") /* retry */             \
	X(PLUG_ETIMEOUT, "no answer in time")				   /* retry */             \
	X(PLUG_EPROTO, "answer is not a Smart Home reply")   /* drop the connection */             \
	X(PLUG_EDEVICE, "device answered with an error")     /* look at its err_code */            \
	X(PLUG_EUNSUPPORTED, "device does not support this") /* never retry */                     \
	X(PLUG_EINVAL, "invalid argument")		     /* the caller's mistake */            \
	X(PLUG_ETOOBIG, "request is too long")		     /* the caller's mistake */            \
	X(PLUG_ECANCELED, "cancelled")			     /* the caller's wish */               \
	X(PLUG_ESYSTEM, "system call failed")		     /* out of descriptors and the like */ \
	X(PLUG_ENOMEM, "out of memory")

#define PLUG_ERROR_ENUM(name, text) name,
enum plug_error { PLUG_ERROR_TABLE(PLUG_ERROR_ENUM) PLUG_ERROR_COUNT };
#undef PLUG_ERROR_ENUM

/* What to do about a device's err_code. */
enum plug_device_error_kind {
	PLUG_DEVICE_ERROR_NONE,	       /* 0 */
	PLUG_DEVICE_ERROR_UNSUPPORTED, /* -1, -2, -2000, -2001, -10008: never ask again */
	PLUG_DEVICE_ERROR_BUSY,	       /* -32: another command is running; again after a second */
	PLUG_DEVICE_ERROR_CLOCK,       /* -11: the device's clock is not set */
	PLUG_DEVICE_ERROR_OTHER,
};

/* Returns a short text in lower case, static; "unknown error" for values outside the enum. */
const char *plug_error_text(enum plug_error error);

/* Returns the name of a device's err_code in words ("table is full"), static; "unnamed error"
 * when no device was seen answering it. */
const char *plug_device_error_text(int err_code);

enum plug_device_error_kind plug_device_error_kind(int err_code);

#endif
