#include "config/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* stdio remembers that it failed, but not why. */
static int first_errno;

void streams_open(void)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
		if (fcntl(i, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != i) {
			_exit(EXIT_FAILURE); /* there is no way left to say why */
		}
	}
}

bool streams_flush(void)
{
	if (fflush(stdout) != 0 && first_errno == 0) {
		first_errno = errno;
	}
	return first_errno == 0 && !ferror(stdout);
}

int streams_close(const char *program, int status)
{
	if (streams_flush()) {
		return status;
	}
	if (first_errno != EPIPE) {
		fprintf(stderr, "%s: cannot write: %s\n", program,
			first_errno != 0 ? strerror(first_errno) : "not all was taken");
	}
	return status == EXIT_SUCCESS ? EXIT_FAILURE : status;
}
