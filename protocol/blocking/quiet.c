#include "protocol/blocking/quiet.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

static sigset_t only_pipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	return set;
}

static bool is_pending(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void plug_quiet_begin(struct plug_quiet *quiet)
{
	const sigset_t set = only_pipe();

	quiet->was_pending = is_pending();
	(void)pthread_sigmask(SIG_BLOCK, &set, &quiet->mask);
}

void plug_quiet_end(const struct plug_quiet *quiet)
{
	static const struct timespec at_once = { 0 };
	const sigset_t set = only_pipe();

	if (!quiet->was_pending && is_pending()) {
		while (sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR) {
		}
	}
	(void)pthread_sigmask(SIG_SETMASK, &quiet->mask, NULL);
}
