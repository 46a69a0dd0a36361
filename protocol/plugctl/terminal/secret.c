#include "protocol/plugctl/terminal/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/prompt.h"

void secret_clear(struct command *command)
{
	if (command->password) {
		OPENSSL_cleanse(command->password, strlen(command->password));
	}
	free(command->password);
	command->password = NULL;
}

/* Byte by byte, without stdio: its buffer would keep a copy. False when the line is too long or
 * cannot be read. */
static bool read_line(int file, char line[static SECRET_MAX_BYTES + 1])
{
	size_t size = 0;

	for (;;) {
		char c;
		const ssize_t got = read(file, &c, 1);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0 || (got > 0 && c != '\n' && size == SECRET_MAX_BYTES)) {
			return false;
		}
		if (got == 0 || c == '\n') {
			break;
		}
		line[size++] = c;
	}
	if (size > 0 && line[size - 1] == '\r') {
		size--;
	}
	line[size] = '\0';
	return true;
}

static int open_private(const struct command *command, const char *path)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;

	if (file < 0 || fstat(file, &status) != 0) {
		command_complain(command, "cannot read %s: %s", path, strerror(errno));
	} else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		command_complain(command, "others can read %s: chmod 600 it first", path);
	} else {
		return file;
	}
	if (file >= 0) {
		close(file);
	}
	return -1;
}

static bool read_from(
	struct command *command, const char *path, char line[static SECRET_MAX_BYTES + 1])
{
	const bool is_input = strcmp(path, "-") == 0;
	const int file = is_input ? STDIN_FILENO : open_private(command, path);
	bool is_read;

	if (file < 0) {
		return false;
	}
	is_read = read_line(file, line);
	if (!is_input) {
		close(file);
	}
	return is_read || command_complain(command, "no password of up to %d bytes in %s",
				  SECRET_MAX_BYTES, is_input ? "standard input" : path);
}

static bool ask(
	const struct command *command, const char *what, char line[static SECRET_MAX_BYTES + 1])
{
	switch (prompt_hidden(what, line, SECRET_MAX_BYTES + 1)) {
	case PROMPT_READ:
		return true;
	case PROMPT_TOO_LONG:
		return command_tell(
			command, "the password is longer than %d bytes", SECRET_MAX_BYTES);
	case PROMPT_NO_TERMINAL:
		return command_complain(command, "without a terminal it needs --password-file");
	default:
		return command_tell(command, "no password was typed");
	}
}

bool secret_read(struct command *command, const char *what)
{
	const char *path = command->values[OPTION_PASSWORD_FILE];
	char line[SECRET_MAX_BYTES + 1] = "";
	bool is_read;

	is_read = path ? read_from(command, path, line) : ask(command, what, line);
	if (is_read && line[0] == '\0') {
		is_read = command_tell(command, "the password is empty");
	}
	if (is_read) {
		command->password = memory_copy(line);
	}
	OPENSSL_cleanse(line, sizeof line);
	return is_read;
}
