#include "config/password.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/text/file.h"
#include "config/text/memory.h"

/* Returns the bytes before the line end. */
static size_t length_of(const struct config_file *file)
{
	size_t length = file->size;

	length -= length > 0 && file->bytes[length - 1] == '\n';
	length -= length > 0 && length < file->size && file->bytes[length - 1] == '\r';
	return length;
}

static const char *reason_against(const struct config_file *file)
{
	if (file->mode & (S_IROTH | S_IWOTH)) {
		return "can be read or written by everybody: chmod o-rw it";
	}
	if (length_of(file) == 0) {
		return "is empty";
	}
	return memchr(file->bytes, '\0', file->size) ? "holds a NUL byte" : NULL;
}

bool config_password_load(const char *path, char **password, char **error)
{
	struct config_file file;

	*password = NULL;
	*error = NULL;
	if (config_file_read(path, CONFIG_PASSWORD_MAX_BYTES, &file)) {
		const char *reason = reason_against(&file);
		*error = reason ? config_copy(reason) : NULL;
	} else {
		*error = config_copy(file.error);
	}
	if (!*error) {
		*password = config_alloc(length_of(&file) + 1, 1);
		memcpy(*password, file.bytes, length_of(&file));
	}
	config_file_clear(&file);
	return *password != NULL;
}
