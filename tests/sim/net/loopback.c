#include "tests/sim/net/loopback.h"

#include <sys/socket.h>

void sim_loopback_bind(int fd)
{
	static const char interface[] = "lo";

	(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, sizeof interface);
}
