#include "bridge/mqtt/retry.h"

enum { JITTER_PERCENT = 20 };

uint64_t retry_next_ms(struct retry *retry, enum mqtt_reason reason, uint32_t chance)
{
	const uint32_t percent = 100 - JITTER_PERCENT + chance % (2 * JITTER_PERCENT + 1);
	uint64_t delay_ms = retry->delay_ms > 0 ? 2 * retry->delay_ms : RETRY_FIRST_MS;

	if (delay_ms > RETRY_MAX_MS) {
		delay_ms = RETRY_MAX_MS;
	}
	retry->delay_ms = delay_ms;
	if (reason == MQTT_REASON_REFUSED || reason == MQTT_REASON_TLS) {
		delay_ms = RETRY_REFUSED_MS;
	}
	return delay_ms * percent / 100;
}

void retry_held(struct retry *retry, uint64_t held_ms)
{
	if (held_ms >= RETRY_SETTLED_MS) {
		retry->delay_ms = 0;
	}
}
