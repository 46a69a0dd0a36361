#include "tests/bench/names.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "museum/plug/p";
enum { FIRST_ADDRESS = 127 << 24 | 77 << 16 | 1, PREFIX_SIZE = sizeof(prefix) - 1 };

struct sockaddr_in names_address(size_t index, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	address.sin_addr.s_addr = htonl((uint32_t)(FIRST_ADDRESS + index));
	return address;
}

bool names_index(const struct sockaddr_in *address, size_t *index)
{
	*index = (size_t)ntohl(address->sin_addr.s_addr) - FIRST_ADDRESS;
	return *index < NAMES_MAX;
}

enum names_fault names_fault(size_t index)
{
	enum { HUNG_EVERY = 10 };

	if (index % HUNG_EVERY != HUNG_EVERY - 1) {
		return NAMES_WELL;
	}
	return index / HUNG_EVERY % 2 == 0 ? NAMES_MUTE : NAMES_DEAF;
}

void names_format_topic(char *topic, size_t topic_bytes, size_t index, const char *leaf)
{
	int size = snprintf(topic, topic_bytes, "%s%zu/%s", prefix, index, leaf);

	if (size < 0 || (size_t)size >= topic_bytes) {
		errx(1, "no room for the topic of plug %zu", index);
	}
}

bool names_parse_topic(const char *topic, size_t topic_size, const char *leaf, size_t *index)
{
	const char *at = topic + PREFIX_SIZE, *end = topic + topic_size;

	*index = 0;
	if (topic_size < PREFIX_SIZE || memcmp(topic, prefix, PREFIX_SIZE) != 0) {
		return false;
	}
	for (; at < end && *at >= '0' && *at <= '9' && *index < NAMES_MAX; at++) {
		*index = *index * 10 + (size_t)(*at - '0');
	}
	return at < end && *at++ == '/' && *index < NAMES_MAX &&
	       (size_t)(end - at) == strlen(leaf) && memcmp(at, leaf, (size_t)(end - at)) == 0;
}
