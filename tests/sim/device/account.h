/* account.h - the account with the vendor that a device is bound to.
 *
 * Binding and the opposite take a while, in which the device has no ear for more of that.
 * No clock here: time is an argument. */
#ifndef SIM_DEVICE_ACCOUNT_H
#define SIM_DEVICE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_ACCOUNT_MS = 800, SIM_ACCOUNT_MAX_BYTES = 128 };

/* Zeroed: bound to nobody, the vendor's server. */
struct sim_account {
	char *username; /* NULL: bound to nobody */
	char *next;	/* will be, once it is done */
	char *server;	/* NULL: the vendor's */
	int64_t done_ms;
	bool is_changing;
};

void sim_account_clear(struct sim_account *account);

/* Ends what is done by now. True while it still goes on. */
bool sim_account_is_busy(struct sim_account *account, int64_t now_ms);

/* Begins to bind to username, or to nobody when that is NULL. */
void sim_account_bind(struct sim_account *account, const char *username, int64_t now_ms);

const char *sim_account_server(const struct sim_account *account);

#endif
