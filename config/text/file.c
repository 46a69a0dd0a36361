#include "config/text/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/text/memory.h"

/* Returns a descriptor, or -1 with *error set. O_NONBLOCK keeps a pipe without a writer from
 * stopping the program; it means nothing to a regular file. */
static int open_regular(const char *path, struct stat *status, char **error)
{
	int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (descriptor < 0) {
		*error = config_format("cannot be opened: %s", strerror(errno));
		return -1;
	}
	if (fstat(descriptor, status) != 0) {
		*error = config_format("cannot be examined: %s", strerror(errno));
	} else if (S_ISDIR(status->st_mode)) {
		*error = config_copy("is a directory, not a file");
	} else if (!S_ISREG(status->st_mode)) {
		*error = config_copy("is not a regular file");
	} else {
		return descriptor;
	}
	close(descriptor);
	return -1;
}

/* Reads until room is full or the file ends; false when the system refuses. */
static bool read_up_to(int descriptor, size_t room, struct config_file *out)
{
	while (out->size < room) {
		ssize_t got = read(descriptor, out->bytes + out->size, room - out->size);
		if (got == 0) {
			break;
		}
		if (got < 0 && errno != EINTR) {
			out->error = config_format("cannot be read: %s", strerror(errno));
			return false;
		}
		out->size += got > 0 ? (size_t)got : 0;
	}
	return true;
}

bool config_file_read(const char *path, size_t max_bytes, struct config_file *out)
{
	struct stat status;

	*out = (struct config_file) { 0 };
	int descriptor = open_regular(path, &status, &out->error);
	if (descriptor < 0) {
		return false;
	}
	if (status.st_size < 0 || (uintmax_t)status.st_size > max_bytes) {
		out->error = config_format("is larger than %zu bytes", max_bytes);
		close(descriptor);
		return false;
	}
	out->mode = status.st_mode;
	/* One byte more than it says, to see whether it grows, and one for the NUL. */
	size_t room = (size_t)status.st_size + 1;
	out->bytes = config_alloc(room + 1, 1);
	if (read_up_to(descriptor, room, out) && out->size == room) {
		out->error = config_copy("changed while it was read");
	}
	close(descriptor);
	return out->error == NULL;
}

void config_file_wipe(char *bytes, size_t size)
{
	volatile char *at = bytes;

	for (size_t i = 0; bytes && i < size; i++) {
		at[i] = 0;
	}
}

void config_file_clear(struct config_file *file)
{
	config_file_wipe(file->bytes, file->size);
	free(file->bytes);
	free(file->error);
	*file = (struct config_file) { 0 };
}

char *config_file_problem(const char *path)
{
	struct stat status;
	char *error = NULL;

	int descriptor = open_regular(path, &status, &error);
	if (descriptor >= 0) {
		close(descriptor);
	}
	return error;
}

char *config_file_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || !slash) {
		return config_copy(path);
	}
	return config_format("%.*s/%s", (int)(slash - file), file, path);
}
