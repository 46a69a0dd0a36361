#include "bridge/mqtt/nodelay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* Some containers allow a thousand million descriptors; nobody of ours opens that many. */
enum { DESCRIPTORS_MAX = 65536 };

static bool has_peer_port(int fd, int port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage storage;
	} peer;
	socklen_t size = sizeof peer;

	if (getpeername(fd, &peer.any, &size) != 0) {
		return false;
	}
	switch (peer.any.sa_family) {
	case AF_INET:
		return ntohs(peer.v4.sin_port) == port;
	case AF_INET6:
		return ntohs(peer.v6.sin6_port) == port;
	default:
		return false;
	}
}

int nodelay_set_by_peer_port(int port)
{
	const int on = 1;
	long end = sysconf(_SC_OPEN_MAX);
	int found = 0;

	if (end < 0 || end > DESCRIPTORS_MAX) {
		end = DESCRIPTORS_MAX;
	}
	for (int fd = 0; fd < end; fd++) {
		if (has_peer_port(fd, port) &&
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0) {
			found++;
		}
	}
	return found;
}
