#include "bridge/energy/file.h"

#include <stdlib.h>
#include <time.h>

#include "bridge/mem.h"
#include "bridge/statefile.h"

enum { SAVE_INTERVAL_MS = 60 * 1000 };

struct energy_file {
	struct statefile *file;
	struct energy_host *host;
	struct energy_ledger ledger;
	uint64_t saved_ms;
};

static enum statefile_verdict on_line(void *arg, const char *line, size_t number)
{
	struct energy_file *file = arg;

	switch (energy_ledger_take_line(&file->ledger, line, number, (int64_t)time(NULL))) {
	case ENERGY_LINE_TAKEN:
		return STATEFILE_TAKEN;
	case ENERGY_LINE_NEWER:
		return STATEFILE_REFUSED;
	default:
		return STATEFILE_SKIPPED;
	}
}

static void *copy(void *arg)
{
	struct energy_file *file = arg;

	file->ledger.kept_count = file->ledger.count;
	return energy_ledger_copy(&file->ledger, file->host->set_by_s);
}

static void write_lines(const void *from, FILE *out)
{
	energy_ledger_write(from, out);
}

static void free_file(void *arg)
{
	struct energy_file *file = arg;

	energy_ledger_clear(&file->ledger);
	free(file);
}

static const struct statefile_events file_events = {
	.take_line = on_line,
	.copy = copy,
	.write = write_lines,
	.on_closed = free_file,
};

struct energy_file *energy_file_open(
	uv_loop_t *loop, const char *folder, struct energy_host *host, char **problem)
{
	struct energy_file *file = mem_new(sizeof *file);

	file->host = host;
	file->file = statefile_open(loop, folder, "energy.state", &file_events, file, problem);
	if (!file->file) {
		free_file(file);
		return NULL;
	}
	return file;
}

void energy_file_claim(struct energy_file *file, struct energy_account *account,
	const uint8_t mac[static PLUG_MAC_BYTES], size_t outlet, const char *topic)
{
	account->entry = energy_ledger_claim(&file->ledger, mac, outlet, topic);
	file->host->is_changed = true;
}

static void save(struct energy_file *file)
{
	if (file->host->is_changed) {
		file->host->is_changed = false;
		statefile_change(file->file);
	}
}

void energy_file_tick(struct energy_file *file, uint64_t now_ms)
{
	if (now_ms - file->saved_ms < SAVE_INTERVAL_MS && !file->host->is_urgent) {
		return;
	}
	file->host->is_urgent = false;
	file->saved_ms = now_ms;
	save(file);
	statefile_save(file->file, 0);
}

void energy_file_close(struct energy_file *file)
{
	if (file) {
		save(file);
		statefile_close(file->file);
	}
}
