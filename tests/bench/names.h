/* names.h - how the plugs of a bench are called: plug i is p<i> in topics, and lives on the
 * loopback address 127.77.0.1 + i. Where a tenth of them is hung, it is always the same tenth. */
#ifndef PLUG_TESTS_BENCH_NAMES_H
#define PLUG_TESTS_BENCH_NAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { NAMES_MAX = 20000 };

struct sockaddr_in names_address(size_t index, int port);
/* False when the address is none of names_address. */
bool names_index(const struct sockaddr_in *address, size_t *index);

enum names_fault {
	NAMES_WELL,
	NAMES_MUTE, /* accepts connections, and never answers */
	NAMES_DEAF, /* never accepts */
};

enum names_fault names_fault(size_t index);

/* museum/plug/p<index>/<leaf> */
void names_format_topic(char *topic, size_t topic_bytes, size_t index, const char *leaf);
/* The index in such a topic; false when it is another topic. topic needs no NUL. */
bool names_parse_topic(const char *topic, size_t topic_size, const char *leaf, size_t *index);

#endif
