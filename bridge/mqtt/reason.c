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
	bool passes;
	const char *words;
} words[] = {
	{ 1, false, "protocol version not supported" },
	{ 2, false, "client id not accepted" },
	{ 3, true, "server unavailable" },
	{ 4, false, "wrong user name or password" },
	{ 5, false, "not authorised" },
	{ 129, true, "malformed packet" },
	{ 130, true, "protocol error" },
	{ 132, false, "protocol version not supported" },
	{ 133, false, "client id not accepted" },
	{ 134, false, "wrong user name or password" },
	{ 135, false, "not authorised" },
	{ 136, true, "server unavailable" },
	{ 137, true, "server busy" },
	{ 138, false, "banned" },
	{ 139, true, "server shutting down" },
	{ 140, false, "authentication method not supported" },
	{ 141, true, "keepalive timeout" },
	{ 142, false, "another client took over with the same client id" },
	{ 143, false, "topic filter not accepted" },
	{ 144, false, "topic not accepted" },
	{ 147, true, "too many messages in flight" },
	{ 149, false, "packet too large" },
	{ 150, true, "messages come too fast" },
	{ 151, false, "quota exceeded" },
	{ 152, false, "closed by an administrator" },
	{ 154, false, "retained messages not supported" },
	{ 155, false, "QoS not supported" },
	{ 156, false, "use another server" },
	{ 157, false, "server moved" },
	{ 159, true, "connections come too fast" },
	{ 160, true, "maximum connect time reached" },
	{ 162, false, "wildcards not supported" },
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
