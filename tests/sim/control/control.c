#include "tests/sim/control/control.h"

#include "tests/sim/control/say.h"
#include "tests/sim/control/verb.h"
#include "tests/sim/device/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 16,
	READ_BYTES = 4096,
	/* A watcher that does not read is dropped here; an answer about 10,000 devices is 10 MB. */
	UNSENT_MAX_BYTES = 64 * 1024 * 1024,
	PATH_MODE = 0600,
};

struct client {
	uv_pipe_t pipe;
	uv_write_t write;
	struct sim_control *control;
	struct client *next;
	struct client **link;
	bool is_watching;
	bool is_writing;
	bool is_closing;
	bool is_paused;	      /* says more than it listens to */
	bool is_ended;	      /* will say no more; what it asked is still answered */
	struct sim_text line; /* what came since the last end of a line */
	struct sim_text unsent;
	struct sim_text writing; /* libuv has it */
	char bytes[READ_BYTES];
};

struct sim_control {
	uv_pipe_t listener;
	uv_prepare_t flusher; /* events go out before the loop sleeps */
	struct sim_server *server;
	struct client *clients;
	size_t watchers;
	uint8_t open_handles;
	char *path;
};

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	sim_text_free(&client->line);
	sim_text_free(&client->unsent);
	sim_text_free(&client->writing);
	free(client);
}

static void close_client(struct client *client)
{
	if (client->is_closing) {
		return;
	}
	client->is_closing = true;
	client->control->watchers -= client->is_watching;
	*client->link = client->next;
	if (client->next) {
		client->next->link = client->link;
	}
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void take_lines(struct client *client);
static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);

static void on_written(uv_write_t *write, int status);

/* nc -N and the like end their side before they read the answer. */
static void end_if_done(struct client *client)
{
	if (client->is_ended && !client->is_writing) {
		close_client(client);
	}
}

/* Hands what is unsent to libuv, unless it still has the last part. */
static void flush(struct client *client)
{
	uv_buf_t part;

	if (client->is_writing || client->is_closing || client->unsent.size == 0) {
		return;
	}
	sim_text_free(&client->writing);
	client->writing = client->unsent;
	client->unsent = (struct sim_text) { 0 };
	client->is_writing = true;
	client->write.data = client;
	part = uv_buf_init(client->writing.bytes, (unsigned)client->writing.size);
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &part, 1, on_written) != 0) {
		close_client(client);
	}
}

static void on_written(uv_write_t *write, int status)
{
	struct client *client = write->data;

	client->is_writing = false;
	if (client->is_closing) {
		return;
	}
	if (status != 0) {
		close_client(client);
		return;
	}
	flush(client);
	take_lines(client);
	if (client->is_paused && !client->is_writing && !client->is_closing) {
		client->is_paused = false;
		uv_read_start((uv_stream_t *)&client->pipe, on_allocate, on_read);
	}
	end_if_done(client);
}

static void run_line(struct client *client, const char *line, size_t size)
{
	struct sim_talk talk = {
		.server = client->control->server,
		.out = &client->unsent,
		.is_watching = client->is_watching,
	};

	sim_verb_run(&talk, line, size);
	if (talk.is_watching && !client->is_watching) {
		client->is_watching = true;
		client->control->watchers++;
	}
}

/* Runs the lines that are whole, one answer at a time: who does not read is not heard. */
static void take_lines(struct client *client)
{
	const char *begin = client->line.bytes;
	const char *end = begin ? memchr(begin, '\n', client->line.size) : NULL;

	while (end && !client->is_closing && !client->is_writing) {
		const size_t used = (size_t)(end - begin) + 1;

		run_line(client, begin, used - 1);
		memmove(client->line.bytes, end + 1, client->line.size - used);
		sim_text_cut(&client->line, client->line.size - used);
		flush(client);
		end = memchr(begin, '\n', client->line.size);
	}
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct client *client = stream->data;

	if (size < 0) {
		client->is_ended = true;
		uv_read_stop(stream);
		end_if_done(client);
		return;
	}
	sim_text_add_bytes(&client->line, buffer->base, (size_t)size);
	take_lines(client);
	if (client->is_closing || client->line.size <= SIM_CONTROL_LINE_MAX_BYTES) {
		return;
	}
	if (memchr(client->line.bytes, '\n', client->line.size)) {
		client->is_paused = true;
		uv_read_stop(stream);
	} else {
		sim_say_no(&client->unsent, "a line must be shorter than 64 KiB", NULL);
		flush(client);
		close_client(client);
	}
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct client *client = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(client->bytes, sizeof client->bytes);
}

static void on_client(uv_stream_t *stream, int status)
{
	struct sim_control *control = stream->data;
	struct client *client = NULL;

	if (status != 0) {
		return;
	}
	client = sim_allocate(sizeof *client);
	client->control = control;
	client->pipe.data = client;
	client->next = control->clients;
	client->link = &control->clients;
	if (client->next) {
		client->next->link = &client->next;
	}
	control->clients = client;
	uv_pipe_init(stream->loop, &client->pipe, 0);
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) != 0) {
		close_client(client);
		return;
	}
	uv_read_start((uv_stream_t *)&client->pipe, on_allocate, on_read);
}

static void before_sleep(uv_prepare_t *flusher)
{
	struct sim_control *control = flusher->data;
	struct client *next = NULL;

	for (struct client *client = control->clients; client; client = next) {
		next = client->next;
		flush(client);
	}
}

void sim_control_report(struct sim_control *control, struct sim_site *site,
	const struct sim_step *step, enum sim_cause cause)
{
	struct client *next = NULL;

	for (struct client *client = control->watchers > 0 ? control->clients : NULL; client;
		client = next) {
		next = client->next;
		if (client->is_watching && client->unsent.size > UNSENT_MAX_BYTES) {
			close_client(client);
		} else if (client->is_watching) {
			sim_verb_add_events(site, step, cause, &client->unsent);
		}
	}
}

/* Removes a socket that a simulation left behind. Returns 0, or an errno: EADDRINUSE when somebody
 * listens there, ENOTSOCK when it is something else. */
static int make_way(const struct sockaddr_un *address)
{
	struct stat status = { 0 };
	int error = 0;
	int fd = -1;

	if (lstat(address->sun_path, &status) != 0) {
		return errno == ENOENT ? 0 : errno;
	}
	if (!S_ISSOCK(status.st_mode)) {
		return ENOTSOCK;
	}
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0) {
		return errno;
	}
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0) {
		error = EADDRINUSE;
	} else if (errno == ECONNREFUSED) {
		error = unlink(address->sun_path) == 0 ? 0 : errno;
	} else {
		error = errno;
	}
	close(fd);
	return error;
}

static int listen_at(struct sim_control *control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask = 0;
	int error = 0;

	if (strlen(control->path) >= sizeof address.sun_path) {
		return UV_ENAMETOOLONG;
	}
	memcpy(address.sun_path, control->path, strlen(control->path) + 1);
	error = make_way(&address);
	if (error != 0) {
		return uv_translate_sys_error(error);
	}
	mask = umask(~(mode_t)PATH_MODE & 0777);
	error = uv_pipe_bind(&control->listener, control->path);
	umask(mask);
	return error == 0 ? uv_listen((uv_stream_t *)&control->listener, BACKLOG, on_client)
			  : error;
}

struct sim_control *sim_control_new(uv_loop_t *loop, struct sim_server *server, const char *path)
{
	struct sim_control *control = sim_allocate(sizeof *control);
	int error = 0;

	control->server = server;
	control->path = sim_duplicate(path);
	control->listener.data = control;
	control->flusher.data = control;
	control->open_handles = 2;
	uv_pipe_init(loop, &control->listener, 0);
	uv_prepare_init(loop, &control->flusher);
	uv_prepare_start(&control->flusher, before_sleep);
	error = listen_at(control);
	if (error != 0) {
		fprintf(stderr, "plugsim: cannot listen at %s: %s\n", path, uv_strerror(error));
		sim_control_stop(control);
		return NULL;
	}
	return control;
}

static void on_closed(uv_handle_t *handle)
{
	struct sim_control *control = handle->data;

	control->open_handles--;
	if (control->open_handles == 0) {
		free(control->path);
		free(control);
	}
}

void sim_control_stop(struct sim_control *control)
{
	while (control->clients) {
		close_client(control->clients);
	}
	uv_close((uv_handle_t *)&control->flusher, on_closed);
	uv_close((uv_handle_t *)&control->listener, on_closed); /* removes the path */
}
