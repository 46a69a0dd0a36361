#include "bridge/search/prober.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "protocol/request.h"

struct probe {
	TAILQ_ENTRY(probe) link;
	struct prober *prober;
	struct device *device; /* NULL: forgotten, and only its line is still to be closed */
	char *address;
	struct plug_line *line; /* NULL while it waits */
};

TAILQ_HEAD(probes, probe);

struct prober {
	struct device_host *host;
	prober_answer_cb *on_answer;
	void *arg;
	struct probes waiting, running;
	size_t running_count;
	bool is_closing;
};

static void start_next(struct prober *prober);

struct prober *prober_new(struct device_host *host, prober_answer_cb *on_answer, void *arg)
{
	struct prober *prober = mem_new(sizeof *prober);

	prober->host = host;
	prober->on_answer = on_answer;
	prober->arg = arg;
	TAILQ_INIT(&prober->waiting);
	TAILQ_INIT(&prober->running);
	return prober;
}

static void free_probe(struct probe *probe)
{
	free(probe->line);
	free(probe->address);
	free(probe);
}

static void on_line_closed(struct plug_line *line)
{
	struct probe *probe = line->data;
	struct prober *prober = probe->prober;

	TAILQ_REMOVE(&prober->running, probe, link);
	prober->running_count--;
	free_probe(probe);
	if (!prober->is_closing) {
		start_next(prober);
	} else if (prober->running_count == 0) {
		free(prober);
	}
}

/* Once for each probe. */
static void end(struct probe *probe)
{
	probe->device->probes--;
	probe->device = NULL;
	plug_line_close(probe->line, on_line_closed);
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct probe *probe = line->data;
	struct prober *prober = probe->prober;
	struct device *device = probe->device;
	struct plug_reply reply = { 0 };
	struct plug_sysinfo info = { 0 };

	if (!device) {
		return;
	}
	if (error == PLUG_OK) {
		error = plug_reply_parse(&reply, text, size);
	}
	if (error == PLUG_OK) {
		error = plug_reply_sysinfo(&reply, &info);
	}
	end(probe);
	prober->on_answer(prober->arg, device, probe->address, error == PLUG_OK ? &info : NULL);
	plug_reply_clear(&reply);
}

static void start(struct probe *probe)
{
	struct device_host *host = probe->prober->host;
	struct plug_request request;
	enum plug_error error = plug_request_sysinfo(&request);
	const struct plug_ask ask = { .text = request.text,
		.size = request.size,
		.timeout_ms = host->timeout_ms,
		.may_repeat = true };

	probe->line = mem_new(sizeof *probe->line);
	if (error == PLUG_OK) {
		error = plug_line_init(
			probe->line, &host->transport, probe->address, probe->device->port, NULL);
	}
	probe->line->data = probe;
	if (error == PLUG_OK) {
		error = plug_line_ask(probe->line, &ask, on_answer);
	}
	if (error != PLUG_OK) {
		log_fatal("a probe cannot be sent: %s", plug_error_text(error));
	}
}

static void start_next(struct prober *prober)
{
	struct probe *probe = TAILQ_FIRST(&prober->waiting);

	while (probe && prober->running_count < PROBES_RUNNING_MAX) {
		TAILQ_REMOVE(&prober->waiting, probe, link);
		TAILQ_INSERT_TAIL(&prober->running, probe, link);
		prober->running_count++;
		start(probe);
		probe = TAILQ_FIRST(&prober->waiting);
	}
}

static bool has(const struct probes *probes, const struct device *device, const char *address)
{
	const struct probe *probe = NULL;

	TAILQ_FOREACH(probe, probes, link)
	{
		if (probe->device == device && strcmp(probe->address, address) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_asked(const struct prober *prober, const struct device *device, const char *address)
{
	return device->probes > 0 &&
	       (has(&prober->running, device, address) || has(&prober->waiting, device, address));
}

bool prober_add(struct prober *prober, struct device *device, const char *address)
{
	struct probe *probe = NULL;

	if (device->probes >= PROBES_PER_DEVICE_MAX || is_asked(prober, device, address)) {
		return false;
	}
	device->probes++;
	probe = mem_new(sizeof *probe);
	probe->prober = prober;
	probe->device = device;
	probe->address = mem_copy(address);
	TAILQ_INSERT_TAIL(&prober->waiting, probe, link);
	start_next(prober);
	return true;
}

/* Of all devices when device is NULL. */
static void drop_waiting(struct prober *prober, const struct device *device)
{
	struct probe *next = NULL;

	for (struct probe *probe = TAILQ_FIRST(&prober->waiting); probe; probe = next) {
		next = TAILQ_NEXT(probe, link);
		if (!device || probe->device == device) {
			TAILQ_REMOVE(&prober->waiting, probe, link);
			probe->device->probes--;
			free_probe(probe);
		}
	}
}

static void end_running(struct prober *prober, const struct device *device)
{
	struct probe *probe = NULL;

	TAILQ_FOREACH(probe, &prober->running, link)
	{
		if (probe->device && (!device || probe->device == device)) {
			end(probe);
		}
	}
}

void prober_forget(struct prober *prober, struct device *device)
{
	if (device->probes > 0) {
		drop_waiting(prober, device);
		end_running(prober, device);
	}
}

void prober_close(struct prober *prober)
{
	prober->is_closing = true;
	drop_waiting(prober, NULL);
	end_running(prober, NULL);
	if (prober->running_count == 0) {
		free(prober);
	}
}
