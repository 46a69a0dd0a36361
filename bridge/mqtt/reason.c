#include "bridge/mqtt/reason.h"

#include <stdio.h>
#include <string.h>

enum {
	/* "7F21:error:0A000086:SSL routines::certificate verify failed:../ssl/x.c:1889:" has one
	 * part for people, the sixth. The first differs between Paho's threads. */
	OPENSSL_REASON_PART = 5,
	WORDS_BYTES = 128,
};

static const struct word {
	int code;
	const char *words;
	bool passes;
} words[] = {
	{ 1, "protocol version not supported", false },
	{ 2, "client id not accepted", false },
	{ 3, "server unavailable", true },
	{ 4, "wrong user name or password", false },
	{ 5, "not authorised", false },
	{ 129, "malformed packet", true },
	{ 130, "protocol error", true },
	{ 132, "protocol version not supported", false },
	{ 133, "client id not accepted", false },
	{ 134, "wrong user name or password", false },
	{ 135, "not authorised", false },
	{ 136, "server unavailable", true },
	{ 137, "server busy", true },
	{ 138, "banned", false },
	{ 139, "server shutting down", true },
	{ 140, "authentication method not supported", false },
	{ 141, "keepalive timeout", true },
	{ 142, "another client took over with the same client id", false },
	{ 143, "topic filter not accepted", false },
	{ 144, "topic not accepted", false },
	{ 147, "too many messages in flight", true },
	{ 149, "packet too large", false },
	{ 150, "messages come too fast", true },
	{ 151, "quota exceeded", false },
	{ 152, "closed by an administrator", false },
	{ 154, "retained messages not supported", false },
	{ 155, "QoS not supported", false },
	{ 156, "use another server", false },
	{ 157, "server moved", false },
	{ 159, "connections come too fast", true },
	{ 160, "maximum connect time reached", true },
	{ 162, "wildcards not supported", false },
};

static const struct word *find(int code)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i].code == code) {
			return &words[i];
		}
	}
	return NULL;
}

const char *reason_words(int code)
{
	const struct word *word = find(code);

	return word ? word->words : "no reason given";
}

enum mqtt_reason reason_of(int code)
{
	const struct word *word = find(code);

	return word && word->passes ? MQTT_REASON_UNREACHABLE : MQTT_REASON_REFUSED;
}

static void tls_words(const char *error, char *out, size_t size)
{
	const char *part = error;

	for (int i = 0; part && i < OPENSSL_REASON_PART; i++) {
		part = strchr(part, ':');
		part = part ? part + 1 : NULL;
	}
	if (!part || strcspn(part, ":\r\n") == 0) {
		part = error;
	}
	(void)snprintf(out, size, "%.*s", (int)strcspn(part, ":\r\n"), part);
}

static const char *unreachable_words(const struct reason_failure *failure)
{
	static const struct {
		const char *message, *words;
	} known[] = {
		{ "", "no such name, or no network" },
		{ "TCP/TLS connect failure", "connection refused, or no such host" },
		{ "TCP connect timeout", "no answer in time" },
		{ "TCP connect completion failure", "it hung up at once" },
		{ "socket error", "it hung up at once" },
	};
	/* Paho has one message for all of these, and no more to say about them. */
	static const char tls[] =
		"connection refused, or a certificate for another host, or ours not accepted";

	if (failure->is_tls && strcmp(failure->message, "TCP/TLS connect failure") == 0) {
		return tls;
	}
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(failure->message, known[i].message) == 0) {
			return known[i].words;
		}
	}
	return failure->message;
}

enum mqtt_reason reason_explain(const struct reason_failure *failure, char *text, size_t size)
{
	char words_of_tls[WORDS_BYTES];

	if (failure->code > 0) {
		(void)snprintf(text, size, "%s refused the connection: %s", failure->where,
			reason_words(failure->code));
		return reason_of(failure->code);
	}
	if (failure->tls_error[0] == '\0') {
		(void)snprintf(text, size, "cannot reach %s: %s", failure->where,
			unreachable_words(failure));
		return MQTT_REASON_UNREACHABLE;
	}
	tls_words(failure->tls_error, words_of_tls, sizeof words_of_tls);
	(void)snprintf(text, size, "no secure connection to %s: %s", failure->where, words_of_tls);
	/* A broker that is just being stopped looks like that, too. */
	return strstr(words_of_tls, "unexpected eof") ? MQTT_REASON_UNREACHABLE : MQTT_REASON_TLS;
}
