#include "bridge/notify.h"

#ifdef PLUG_HAS_SYSTEMD
#include <systemd/sd-daemon.h>

static void notify(const char *state)
{
	(void)sd_notify(0, state);
}
#else
static void notify(const char *state)
{
	(void)state;
}
#endif

void notify_ready(void)
{
	notify("READY=1");
}

void notify_reloading(void)
{
	notify("RELOADING=1");
}

void notify_stopping(void)
{
	notify("STOPPING=1");
}

void notify_alive(void)
{
	notify("WATCHDOG=1");
}
