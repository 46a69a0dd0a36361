#include "tests/sim/device/account.h"

#include "tests/sim/device/memory.h"

#include <stdlib.h>

void sim_account_clear(struct sim_account *account)
{
	free(account->username);
	free(account->next);
	free(account->server);
	*account = (struct sim_account) { 0 };
}

bool sim_account_is_busy(struct sim_account *account, int64_t now_ms)
{
	if (account->is_changing && account->done_ms <= now_ms) {
		free(account->username);
		account->username = account->next;
		account->next = NULL;
		account->is_changing = false;
	}
	return account->is_changing;
}

void sim_account_bind(struct sim_account *account, const char *username, int64_t now_ms)
{
	free(account->next);
	account->next = username ? sim_duplicate(username) : NULL;
	account->done_ms = now_ms + SIM_ACCOUNT_MS;
	account->is_changing = true;
}

const char *sim_account_server(const struct sim_account *account)
{
	return account->server ? account->server : "n-devs.tplinkcloud.com";
}
