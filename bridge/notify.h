/* notify.h - tells the service manager how the bridge is. Does nothing where none listens.
 *
 * Source: sd_notify(3). */
#ifndef PLUG_BRIDGE_NOTIFY_H
#define PLUG_BRIDGE_NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
/* The loop runs: call at least every half of WatchdogSec. */
void notify_alive(void);

#endif
