#include "protocol/io/datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Outlives its owner's interest in it until libuv has closed it. */
struct plug_datagram_socket {
	uv_udp_t udp;
	struct plug_datagram_owner owner;
	char bytes[PLUG_DATAGRAM_MAX_BYTES];
};

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct plug_datagram_socket *socket = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(socket->bytes, sizeof socket->bytes);
}

/* libuv calls without a sender when there was nothing to read after all. */
static void on_receive(uv_udp_t *udp, ssize_t size, const uv_buf_t *buffer,
	const struct sockaddr *from, unsigned flags)
{
	const struct plug_datagram_socket *socket = udp->data;
	struct plug_datagram datagram = { 0 };

	if (size < 0) {
		datagram.status = (int)size;
	} else if (!from || from->sa_family != AF_INET) {
		return;
	} else {
		const struct sockaddr_in *sender = (const struct sockaddr_in *)(const void *)from;

		datagram.status = (flags & UV_UDP_PARTIAL) != 0 ? UV_EMSGSIZE : 0;
		datagram.address = sender->sin_addr;
		datagram.port = ntohs(sender->sin_port);
		datagram.bytes = (const uint8_t *)buffer->base;
		datagram.size = (size_t)size;
	}
	socket->owner.on_datagram(socket->owner.data, &datagram);
}

/* Needs no right as long as the socket is bound to no other interface (Linux 5.7). */
static int bind_to_interface(const struct plug_datagram_socket *socket, const char *interface)
{
	const socklen_t size = (socklen_t)strlen(interface);
	uv_os_fd_t fd;
	int status = uv_fileno((const uv_handle_t *)&socket->udp, &fd);

	if (status == 0 && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, size) != 0) {
		status = uv_translate_sys_error(errno);
	}
	return status;
}

static int prepare(struct plug_datagram_socket *socket, const char *interface)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };
	/* Some hundred devices answer at once. The kernel gives what it may. */
	int buffer_bytes = 4 * 1024 * 1024;
	int status = uv_udp_bind(&socket->udp, (const struct sockaddr *)&any, 0);

	if (status == 0) {
		status = uv_udp_set_broadcast(&socket->udp, 1);
	}
	if (status == 0 && interface[0] != '\0') {
		status = bind_to_interface(socket, interface);
	}
	if (status == 0) {
		(void)uv_recv_buffer_size((uv_handle_t *)&socket->udp, &buffer_bytes);
		status = uv_udp_recv_start(&socket->udp, on_alloc, on_receive);
	}
	return status;
}

int plug_datagram_open(uv_loop_t *loop, const char *interface, struct plug_datagram_owner owner,
	struct plug_datagram_socket **socket)
{
	struct plug_datagram_socket *opened = calloc(1, sizeof *opened);
	int status = UV_ENOMEM;

	*socket = NULL;
	if (opened) {
		status = uv_udp_init(loop, &opened->udp);
	}
	if (status != 0) {
		free(opened);
		return status;
	}
	opened->udp.data = opened;
	opened->owner = owner;
	status = prepare(opened, interface);
	if (status == 0) {
		*socket = opened;
	} else {
		plug_datagram_close(opened);
	}
	return status;
}

int plug_datagram_send(struct plug_datagram_socket *socket, const struct sockaddr_in *to,
	const uint8_t *bytes, size_t size)
{
	const uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);
	const int sent = uv_udp_try_send(&socket->udp, &buffer, 1, (const struct sockaddr *)to);

	return sent < 0 ? sent : 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void plug_datagram_close(struct plug_datagram_socket *socket)
{
	if (socket) {
		uv_close((uv_handle_t *)&socket->udp, on_closed);
	}
}
