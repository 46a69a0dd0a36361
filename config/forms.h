/* forms.h - the forms a text in the configuration can have. */
#ifndef PLUG_CONFIG_FORMS_H
#define PLUG_CONFIG_FORMS_H

#include <stdbool.h>
#include <stdint.h>

struct config_form {
	bool (*is_valid)(const char *text); /* text is UTF-8 without control characters */
	const char *expected;		    /* completes "must be" */
};

extern const struct config_form config_form_any;
extern const struct config_form config_form_name;
extern const struct config_form config_form_host;
extern const struct config_form config_form_ipv4;
extern const struct config_form config_form_topic;
extern const struct config_form config_form_mac;
extern const struct config_form config_form_ha_id;
extern const struct config_form config_form_interface;
extern const struct config_form config_form_zone;

/* True for UTF-8 without control characters: what MQTT and JSON can carry. */
bool config_text_is_clean(const char *text);

/* Reads "50:C7:BF:00:00:01", with colons, dashes or nothing between, in any case. Returns false
 * and zeroes mac when it is no MAC a device can have (all zero, or the group bit is set). */
bool config_mac_parse(const char *text, uint8_t mac[static 6]);

/* True when topic is prefix or lies under it. */
bool config_topic_is_under(const char *topic, const char *prefix);

/* True for names and addresses of this machine itself: localhost, 127.0.0.0/8. */
bool config_host_is_loopback(const char *host);

#endif
