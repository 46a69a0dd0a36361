#include "bridge/order.h"

#include "bridge/mem.h"

#include <stdlib.h>
#include <string.h>

struct order_memory {
	struct {
		char *id;
		char *result;
		uint64_t decided_ms;
	} entries[ORDER_IDS_REMEMBERED];
	size_t next; /* the oldest: overwritten first */
};

const char *order_status_text(enum order_status status)
{
	static const char *const texts[ORDER_STATUS_COUNT] = {
		[ORDER_STATUS_OK] = "ok",
		[ORDER_STATUS_SUPERSEDED] = "superseded",
		[ORDER_STATUS_EXPIRED] = "expired",
		[ORDER_STATUS_REFUSED] = "refused",
		[ORDER_STATUS_INVALID] = "invalid",
		[ORDER_STATUS_FAILED] = "failed",
	};

	return texts[status];
}

const char *order_kind_text(enum order_kind kind)
{
	static const char *const texts[] = {
		[ORDER_OFF] = "OFF",
		[ORDER_ON] = "ON",
		[ORDER_TOGGLE] = "TOGGLE",
		[ORDER_READ] = "GET",
	};

	return texts[kind];
}

struct order *order_new(enum order_kind kind, uint64_t arrived_ms, uint64_t deadline_ms)
{
	struct order *order = mem_new(sizeof *order);

	order->kind = kind;
	order->is_on = kind == ORDER_ON;
	order->arrived_ms = arrived_ms;
	order->deadline_ms = deadline_ms;
	return order;
}

void order_free(struct order *order)
{
	if (!order) {
		return;
	}
	for (size_t i = 0; i < order->route_count; i++) {
		free(order->routes[i].topic);
		free(order->routes[i].correlation);
	}
	free(order->id);
	free(order->source);
	free(order);
}

bool order_add_route(
	struct order *order, const char *topic, const uint8_t *correlation, size_t correlation_size)
{
	struct order_route *route = &order->routes[order->route_count];

	if (order->route_count == ORDER_ROUTES_MAX) {
		return false;
	}
	route->topic = mem_copy(topic);
	route->correlation = correlation ? mem_copy_bytes(correlation, correlation_size) : NULL;
	route->correlation_size = correlation ? correlation_size : 0;
	order->route_count++;
	return true;
}

static bool has_id(const struct order *order, const char *id)
{
	return order && order->id && strcmp(order->id, id) == 0;
}

static struct order *under_way(const struct order_book *book, const char *id)
{
	if (has_id(book->running, id)) {
		return book->running;
	}
	return has_id(book->pending, id) ? book->pending : NULL;
}

static const char *recall(const struct order_book *book, const char *id, uint64_t now_ms)
{
	const struct order_memory *memory = book->memory;

	for (size_t i = 0; memory && i < ORDER_IDS_REMEMBERED; i++) {
		if (memory->entries[i].id && strcmp(memory->entries[i].id, id) == 0 &&
			now_ms - memory->entries[i].decided_ms < ORDER_ID_MEMORY_MS) {
			return memory->entries[i].result;
		}
	}
	return NULL;
}

/* The state a toggle turns round: what the orders under way will lead to, else the answered one. */
static bool resolve_toggle(
	const struct order_book *book, const struct order_view *view, struct order *order)
{
	const struct order *last = book->pending ? book->pending : book->running;

	order->is_on = last ? !last->is_on : !view->is_on;
	return last || view->is_known;
}

/* Words for why the order is not let in, or NULL. */
static const char *refusal(
	const struct order_book *book, const struct order_view *view, struct order *order)
{
	if (order->brightness > 0 && view->cannot_dim) {
		return ORDER_CANNOT_DIM;
	}
	if (order->kind != ORDER_TOGGLE) {
		return NULL;
	}
	if (order->is_redelivered && !order->id) {
		return "a TOGGLE that was delivered twice cannot be told from two: give it an id";
	}
	return resolve_toggle(book, view, order) ? NULL
						 : "TOGGLE needs a known state and the device has "
						   "not answered: say ON or OFF";
}

static size_t count_reads(const struct order_book *book)
{
	size_t count = 0;

	for (const struct order *read = book->reads; read; read = read->next) {
		count++;
	}
	return count;
}

static struct order_verdict decide(struct order *order, enum order_status status, const char *error)
{
	return (struct order_verdict) {
		.admission = ORDER_DECIDED, .status = status, .error = error, .order = order
	};
}

static struct order_verdict admit_read(struct order_book *book, struct order *order)
{
	struct order **end = &book->reads;

	if (count_reads(book) >= ORDER_READS_MAX) {
		return decide(order, ORDER_STATUS_REFUSED, "too many reads are waiting already");
	}
	while (*end) {
		end = &(*end)->next;
	}
	*end = order;
	return (struct order_verdict) { .admission = ORDER_ADMITTED };
}

/* The routes of a command that came again go to the order that is under way; one route too many
 * loses its answer there, never the action. */
static struct order_verdict join(struct order *known, struct order *order)
{
	for (size_t i = 0; i < order->route_count; i++) {
		(void)order_add_route(known, order->routes[i].topic, order->routes[i].correlation,
			order->routes[i].correlation_size);
	}
	order_free(order);
	return (struct order_verdict) { .admission = ORDER_JOINED };
}

static struct order_verdict admit_switch(
	struct order_book *book, struct order *order, const struct order_view *view)
{
	struct order_verdict verdict = { .admission = ORDER_ADMITTED };
	const char *error = refusal(book, view, order);

	if (error) {
		return decide(order, ORDER_STATUS_REFUSED, error);
	}
	verdict.superseded = book->pending;
	book->pending = order;
	return verdict;
}

struct order_verdict order_admit(
	struct order_book *book, struct order *order, const struct order_view *view)
{
	struct order *known = order->id ? under_way(book, order->id) : NULL;
	const char *stored = order->id ? recall(book, order->id, view->now_ms) : NULL;

	if (order->kind == ORDER_READ) {
		return admit_read(book, order);
	}
	if (known) {
		return join(known, order);
	}
	if (stored) {
		return (struct order_verdict) {
			.admission = ORDER_REPEATED, .stored = stored, .order = order
		};
	}
	if (order->deadline_ms <= view->now_ms) {
		return decide(order, ORDER_STATUS_EXPIRED, "its time to live was over on arrival");
	}
	return admit_switch(book, order, view);
}

struct order *order_next(struct order_book *book)
{
	if (!book->running) {
		book->running = book->pending;
		book->pending = NULL;
	}
	return book->running;
}

struct order *order_retry(struct order_book *book)
{
	struct order *order = book->running;

	if (!order) {
		return NULL;
	}
	book->running = NULL;
	if (book->pending) {
		return order;
	}
	order->was_acknowledged = false;
	book->pending = order;
	return NULL;
}

static struct order *take(struct order **slot)
{
	struct order *order = *slot;

	*slot = NULL;
	return order;
}

struct order *order_end(struct order_book *book)
{
	return take(&book->running);
}

static struct order *unlink_read(struct order **slot)
{
	struct order *order = *slot;

	*slot = order->next;
	order->next = NULL;
	return order;
}

struct order *order_expire(struct order_book *book, uint64_t now_ms, bool may_stop_running)
{
	if (book->pending && book->pending->deadline_ms <= now_ms) {
		return take(&book->pending);
	}
	if (may_stop_running && book->running && book->running->deadline_ms <= now_ms) {
		return take(&book->running);
	}
	for (struct order **slot = &book->reads; *slot; slot = &(*slot)->next) {
		if ((*slot)->deadline_ms <= now_ms) {
			return unlink_read(slot);
		}
	}
	return NULL;
}

struct order *order_take_read(struct order_book *book)
{
	for (struct order **slot = &book->reads; *slot; slot = &(*slot)->next) {
		if ((*slot)->is_asked) {
			return unlink_read(slot);
		}
	}
	return NULL;
}

void order_mark_reads_asked(struct order_book *book)
{
	for (struct order *read = book->reads; read; read = read->next) {
		read->is_asked = true;
	}
}

struct order *order_take_any(struct order_book *book)
{
	if (book->running) {
		return take(&book->running);
	}
	if (book->pending) {
		return take(&book->pending);
	}
	return book->reads ? unlink_read(&book->reads) : NULL;
}

static uint64_t earlier_ms(uint64_t a_ms, const struct order *order)
{
	return order && order->deadline_ms < a_ms ? order->deadline_ms : a_ms;
}

uint64_t order_book_deadline_ms(const struct order_book *book)
{
	uint64_t deadline_ms = earlier_ms(earlier_ms(UINT64_MAX, book->running), book->pending);

	for (const struct order *read = book->reads; read; read = read->next) {
		deadline_ms = earlier_ms(deadline_ms, read);
	}
	return deadline_ms;
}

bool order_book_has_work(const struct order_book *book)
{
	return book->running ? !book->running->was_acknowledged : book->pending != NULL;
}

void order_remember(struct order_book *book, const char *id, const char *result, uint64_t now_ms)
{
	struct order_memory *memory = book->memory;
	size_t at = 0;

	if (!memory) {
		memory = mem_new(sizeof *memory);
		book->memory = memory;
	}
	at = memory->next;
	memory->next = (at + 1) % ORDER_IDS_REMEMBERED;
	free(memory->entries[at].id);
	free(memory->entries[at].result);
	memory->entries[at].id = mem_copy(id);
	memory->entries[at].result = mem_copy(result);
	memory->entries[at].decided_ms = now_ms;
}

void order_book_clear(struct order_book *book)
{
	struct order_memory *memory = book->memory;

	for (size_t i = 0; memory && i < ORDER_IDS_REMEMBERED; i++) {
		free(memory->entries[i].id);
		free(memory->entries[i].result);
	}
	free(memory);
	book->memory = NULL;
}
