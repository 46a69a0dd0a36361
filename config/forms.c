#include "config/forms.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char zone_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";

bool config_name_is_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return length > 0 && length <= CONFIG_NAME_MAX_BYTES && name[length] == '\0';
}

static bool is_any(const char *text)
{
	return text != NULL;
}

static bool is_ipv4(const char *text)
{
	struct in_addr address;

	return inet_pton(AF_INET, text, &address) == 1;
}

/* One label of a host name at at; returns its length, 0 when it is none. */
static size_t label_length(const char *at)
{
	enum { LABEL_MAX_BYTES = 63 };
	size_t length = 0;

	while (at[length] != '\0' &&
		(strchr(letters, at[length]) || strchr("0123456789_-", at[length]))) {
		length++;
	}
	bool is_label =
		length > 0 && length <= LABEL_MAX_BYTES && at[0] != '-' && at[length - 1] != '-';
	return is_label ? length : 0;
}

static bool is_host(const char *text)
{
	enum { HOST_MAX_BYTES = 253 };
	size_t length = 0;

	if (strlen(text) > HOST_MAX_BYTES) {
		return false;
	}
	/* A name of digits alone is a mistyped address: no top-level domain is a number. */
	if (text[strspn(text, "0123456789.")] == '\0') {
		return is_ipv4(text);
	}
	do {
		length = label_length(text);
		text += length;
		text += length > 0 && *text == '.';
	} while (length > 0 && *text != '\0');
	return length > 0;
}

static bool is_topic(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && text[0] != '$' && text[0] != '/' && text[length - 1] != '/' &&
	       strpbrk(text, "+#") == NULL;
}

static bool is_mac(const char *text)
{
	uint8_t mac[CONFIG_MAC_BYTES];

	return config_mac_parse(text, mac);
}

/* Empty is not set. */
static bool is_ha_id(const char *text)
{
	static const char others[] = "0123456789:-_";
	bool is_good = true;

	for (const char *at = text; *at != '\0'; at++) {
		is_good = is_good && (strchr(letters, *at) || strchr(others, *at));
	}
	return is_good &&
	       (text[0] == '\0' || strpbrk(text, letters) || strpbrk(text, "0123456789"));
}

static bool is_interface(const char *text)
{
	return text[0] != '\0' && strpbrk(text, "/ ") == NULL;
}

/* No more than the path of a file below the time zone database: neither "/etc/localtime" nor
 * "../../secret". */
static bool is_zone(const char *text)
{
	const size_t length = strspn(text, letters);

	return length > 0 && text[strspn(text, zone_letters)] == '\0' && !strstr(text, "//");
}

const struct config_form config_form_any = { is_any, "a text" };
const struct config_form config_form_name = { config_name_is_valid,
	"1 to 32 of the characters a-z, 0-9, \"_\" and \"-\"" };
const struct config_form config_form_host = { is_host, "a host name or an IPv4 address" };
const struct config_form config_form_ipv4 = { is_ipv4,
	"a dotted IPv4 address such as \"192.168.1.255\"" };
const struct config_form config_form_topic = { is_topic,
	"a topic without \"+\" and \"#\", without \"/\" at its ends and \"$\" at its start" };
const struct config_form config_form_mac = { is_mac,
	"a device's MAC such as \"50:C7:BF:00:00:01\"" };
const struct config_form config_form_ha_id = { is_ha_id,
	"a MAC or another id of letters, digits, \":\", \"-\" and \"_\"" };
const struct config_form config_form_interface = { is_interface,
	"the name of a network interface such as \"eth0\"" };
const struct config_form config_form_zone = { is_zone,
	"the IANA name of a time zone such as \"Europe/Amsterdam\"" };

/* Bytes of the UTF-8 character at at that is no control character, or 0. */
static size_t clean_length(const unsigned char *at)
{
	static const struct {
		unsigned char mask, lead;
		size_t length;
		uint32_t least;
	} forms[] = { { 0xE0, 0xC0, 2, 0xA0 }, { 0xF0, 0xE0, 3, 0x800 },
		{ 0xF8, 0xF0, 4, 0x10000 } };

	if (at[0] < 0x80) {
		return at[0] >= 0x20 && at[0] != 0x7F;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((at[0] & forms[i].mask) != forms[i].lead) {
			continue;
		}
		uint32_t code = at[0] & (unsigned char)~forms[i].mask;
		for (size_t k = 1; k < forms[i].length; k++) {
			if ((at[k] & 0xC0) != 0x80) {
				return 0;
			}
			code = code << 6 | (at[k] & 0x3F);
		}
		bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
		return code >= forms[i].least && code <= 0x10FFFF && !is_surrogate ? forms[i].length
										   : 0;
	}
	return 0;
}

bool config_text_is_clean(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at != '\0') {
		size_t length = clean_length(at);
		if (length == 0) {
			return false;
		}
		at += length;
	}
	return true;
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at ? (int)((at - digits) % 16) : -1;
}

/* Reads six pairs of digits with separator between them, or none when it is NUL. */
static bool parse_pairs(const char *at, char separator, uint8_t mac[static 6])
{
	for (size_t i = 0; i < CONFIG_MAC_BYTES; i++) {
		if (i > 0 && separator != '\0' && *at++ != separator) {
			return false;
		}
		int high = hex_value(at[0]);
		int low = high < 0 ? -1 : hex_value(at[1]);
		if (low < 0) {
			return false;
		}
		mac[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return *at == '\0';
}

bool config_mac_parse(const char *text, uint8_t mac[static 6])
{
	static const uint8_t none[CONFIG_MAC_BYTES];
	char third = text[0] && text[1] ? text[2] : '\0';
	char separator = '\0';

	if (third == ':' || third == '-') {
		separator = third;
	}
	if (parse_pairs(text, separator, mac) && memcmp(mac, none, sizeof(none)) != 0 &&
		(mac[0] & 1) == 0) {
		return true;
	}
	memset(mac, 0, CONFIG_MAC_BYTES);
	return false;
}

bool config_topic_is_under(const char *topic, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(topic, prefix, length) == 0 &&
	       (topic[length] == '\0' || topic[length] == '/');
}

bool config_host_is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 ||
	       (is_ipv4(host) && strncmp(host, "127.", 4) == 0);
}
