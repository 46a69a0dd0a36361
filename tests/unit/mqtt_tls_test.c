/* TLS with a certificate authority that lives as long as the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>

#include "tests/unit/mqtt_rig.h"

static char good_ca[2 * RIG_PATH_BYTES], other_ca[2 * RIG_PATH_BYTES];
static char our_cert[2 * RIG_PATH_BYTES], our_key[2 * RIG_PATH_BYTES];

/* The server's certificate is for "localhost" and for nothing else. */
static const char make_certificates[] =
	"new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \"$@\"; };"
	"new -x509 -keyout good-ca.key -out good-ca.crt -subj /CN=good &&"
	"new -x509 -keyout other-ca.key -out other-ca.crt -subj /CN=other &&"
	"printf 'subjectAltName=DNS:localhost\\n' > names &&"
	"for who in server our; do"
	"  new -keyout $who.key -out $who.csr -subj /CN=localhost &&"
	"  openssl x509 -req -in $who.csr -CA good-ca.crt -CAkey good-ca.key -CAcreateserial"
	"    -days 2 -extfile names -out $who.crt || exit 1;"
	"done";

static int setup_group(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	rig_shell(rig, make_certificates);
	(void)snprintf(good_ca, sizeof good_ca, "%s/good-ca.crt", rig->dir);
	(void)snprintf(other_ca, sizeof other_ca, "%s/other-ca.crt", rig->dir);
	(void)snprintf(our_cert, sizeof our_cert, "%s/our.crt", rig->dir);
	(void)snprintf(our_key, sizeof our_key, "%s/our.key", rig->dir);
	return 0;
}

static struct rig *with_broker(void **state, const char *extra)
{
	struct rig *rig = *state;
	char config[1024];

	(void)snprintf(config, sizeof config,
		"allow_anonymous true\ncafile %s/good-ca.crt\ncertfile %s/server.crt\n"
		"keyfile %s/server.key\n%s",
		rig->dir, rig->dir, rig->dir, extra);
	broker_prepare(rig, config);
	broker_start(&rig->broker);
	return rig;
}

static struct mqtt_options tls_options(const struct rig *rig, const char *ca_file)
{
	struct mqtt_options options = client_options(rig);

	options.host = "localhost";
	options.tls = (struct mqtt_tls_options) {
		.is_used = true, .ca_file = ca_file, .cert_file = "", .key_file = ""
	};
	return options;
}

static void expect_connection(struct rig *rig, const struct mqtt_options *options)
{
	client_start(rig, options);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	assert_int_equal(client_publish(&rig->client, "t/self", "hello", 1), MQTT_SENT);
	RIG_WAIT(rig, rig->client.messages == 1 && rig->client.delivered == 1, RIG_PATIENCE_MS);
	assert_string_equal(rig->client.last.payload, "hello");
}

static void expect_refusal(struct rig *rig, const struct mqtt_options *options,
	enum mqtt_reason reason, const char *words)
{
	client_start(rig, options);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, reason);
	assert_non_null(strstr(rig->client.text, words));
	rig_idle(rig, 1500);
	assert_int_equal(rig->client.connected, 0);
	assert_int_equal(rig->client.disconnected, 1);
}

static void the_right_authority_connects(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, good_ca);

	expect_connection(rig, &options);
}

static void an_unknown_authority_is_refused_with_words(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, other_ca);

	expect_refusal(rig, &options, MQTT_REASON_TLS, "certificate verify failed");
}

/* Paho says the same as for a refused connection, so it is tried again soon. */
static void a_certificate_for_another_host_is_refused(void **state)
{
	struct rig *rig = with_broker(state, "");
	struct mqtt_options options = tls_options(rig, good_ca);

	options.host = "127.0.0.1";
	expect_refusal(rig, &options, MQTT_REASON_UNREACHABLE, "certificate for another host");
}

static void a_missing_authority_file_is_named(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, "/nonexistent/ca.crt");

	expect_refusal(rig, &options, MQTT_REASON_TLS, "no such file");
}

static void without_a_file_the_systems_authorities_count(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, "");

	expect_refusal(rig, &options, MQTT_REASON_TLS, "certificate verify failed");
	(void)rig_clean(state);
	broker_start(&rig->broker);
	/* OpenSSL's name for the system's store. */
	assert_int_equal(setenv("SSL_CERT_FILE", good_ca, 1), 0);
	expect_connection(rig, &options);
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

static void a_given_authority_file_replaces_the_systems(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, other_ca);

	assert_int_equal(setenv("SSL_CERT_FILE", good_ca, 1), 0);
	expect_refusal(rig, &options, MQTT_REASON_TLS, "certificate verify failed");
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

static void a_client_certificate_is_shown_when_wanted(void **state)
{
	struct rig *rig = with_broker(state, "require_certificate true");
	struct mqtt_options options = tls_options(rig, good_ca);

	options.tls.cert_file = our_cert;
	options.tls.key_file = our_key;
	expect_connection(rig, &options);
}

static void a_broker_without_tls_is_no_secure_connection(void **state)
{
	struct rig *rig = *state;
	struct mqtt_options options;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	options = tls_options(rig, good_ca);
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	rig_idle(rig, 1000);
	assert_int_equal(rig->client.connected, 0);
}

static void a_loss_is_found_again_over_tls(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, good_ca);

	expect_connection(rig, &options);
	broker_kill(&rig->broker);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 2, 3000);
}

/* The port accepts, and nobody answers the handshake. */
static void a_frozen_handshake_stops_neither_the_loop_nor_the_end(void **state)
{
	struct rig *rig = with_broker(state, "");
	const struct mqtt_options options = tls_options(rig, good_ca);

	broker_freeze(&rig->broker);
	rig_watch_gaps(rig);
	client_start(rig, &options);
	rig_idle(rig, 1500);
	assert_true(client_stop(&rig->client) < 3000);
	assert_true(rig->longest_gap_ns < 150 * 1000000);
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, NULL, rig_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_rig(the_right_authority_connects),
		with_rig(an_unknown_authority_is_refused_with_words),
		with_rig(a_certificate_for_another_host_is_refused),
		with_rig(a_missing_authority_file_is_named),
		with_rig(without_a_file_the_systems_authorities_count),
		with_rig(a_given_authority_file_replaces_the_systems),
		with_rig(a_client_certificate_is_shown_when_wanted),
		with_rig(a_broker_without_tls_is_no_secure_connection),
		with_rig(a_loss_is_found_again_over_tls),
		with_rig(a_frozen_handshake_stops_neither_the_loop_nor_the_end),
	};

	rig_need_mosquitto();
	return cmocka_run_group_tests(tests, setup_group, rig_teardown);
}
