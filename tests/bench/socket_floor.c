/* socket_floor - the least that sockets allow: MQTT 3.1.1 by hand and the plugs in one epoll loop.
 * 3.1.1, because it lets more than a broker's receive maximum of QoS 1 messages be in flight. */
#include <string.h>

#include "tests/bench/links.h"
#include "tests/bench/wire.h"

static void on_wake(void *arg, struct links *links)
{
	struct wire *wire = arg;
	struct wire_packet packet;

	wire_fill(wire);
	while (wire_next(wire, &packet)) {
		if (packet.type == WIRE_PUBLISH) {
			links_command(links, links_parse(packet.topic, packet.topic_size,
						     packet.payload, packet.payload_size));
		}
	}
}

/* Acknowledgements and publishes of one turn leave in one write. */
static void on_turn(void *arg)
{
	wire_flush(arg);
}

static void publish(void *arg, const struct links_message *message)
{
	uint8_t flags = (uint8_t)((message->is_retained ? WIRE_RETAIN : 0) |
				  (message->qos > 0 ? WIRE_QOS_1 : 0));

	wire_publish(arg, message->topic, message->payload, strlen(message->payload), flags);
}

int main(int argc, char **argv)
{
	struct links_options options = links_options(argc, argv);
	struct links_mqtt mqtt = { .on_wake = on_wake, .on_turn = on_turn, .publish = publish };
	struct wire wire;

	wire_open(&wire, options.broker_port, WIRE_MQTT_3, "bench-socket-floor");
	wire_subscribe(&wire, "museum/plug/+/set", 1);
	wire_flush(&wire);
	mqtt.arg = &wire;
	mqtt.fd = wire.fd;
	links_run(&options, &mqtt);
	wire_close(&wire);
	return 0;
}
