"""An MQTT client that remembers every message and lets a test wait for one."""
import dataclasses
import json
import threading
import time

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

CONNECT_WITHIN_S = 15


@dataclasses.dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    is_retained: bool
    qos: int
    properties: object
    at: float  # time.monotonic() when it came

    @property
    def text(self):
        return self.payload.decode()

    @property
    def json(self):
        return json.loads(self.payload)

    def __repr__(self):
        return f"<{self.topic} {'retained ' if self.is_retained else ''}{self.payload[:120]!r}>"


class MqttClient:
    """Connects at once. protocol is 5, or 4 for MQTT 3.1.1."""

    def __init__(self, port, protocol=5, subscribe=(), **login):
        self.protocol = protocol
        self.messages = []
        self._changed = threading.Condition()
        self._is_connected = False
        self._acknowledged = set()
        version = paho.MQTTv5 if protocol == 5 else paho.MQTTv311
        self._client = paho.Client(protocol=version, reconnect_on_failure=False)
        if login:
            self._client.username_pw_set(login["username"], login["password"])
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_acknowledged
        self._client.on_publish = self._on_acknowledged
        self._client.connect("127.0.0.1", port, keepalive=60)
        self._client.loop_start()
        self._wait(lambda: self._is_connected, CONNECT_WITHIN_S, "no CONNACK")
        for topics in subscribe:
            self.subscribe(topics)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    # Paho calls these on its own thread.
    def _on_connect(self, _client, _arg, _flags, code, _properties=None):
        with self._changed:
            self._is_connected = int(code if isinstance(code, int) else code.value) == 0
            self._changed.notify_all()

    def _on_disconnect(self, *_):
        with self._changed:
            self._is_connected = False
            self._changed.notify_all()

    def _on_acknowledged(self, _client, _arg, message_id, *_):
        with self._changed:
            self._acknowledged.add(message_id)
            self._changed.notify_all()

    def _on_message(self, _client, _arg, raw):
        properties = getattr(raw, "properties", None)
        message = Message(
            raw.topic, raw.payload, raw.retain, raw.qos, properties, time.monotonic()
        )
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def _wait(self, is_done, within, complaint):
        deadline = time.monotonic() + within
        with self._changed:
            while True:
                value = is_done()
                if value:
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{complaint} within {within} s")
                self._changed.wait(left)

    def subscribe(self, topics, qos=1):
        """Returns when the broker has acknowledged; retained messages come after that."""
        if self.protocol == 5:
            options = SubscribeOptions(qos=qos, retainAsPublished=True)
            _, message_id = self._client.subscribe(topics, options=options)
        else:
            _, message_id = self._client.subscribe(topics, qos)
        self._wait(lambda: message_id in self._acknowledged, CONNECT_WITHIN_S, "no SUBACK")

    def publish(self, topic, payload, qos=1, retain=False, **properties):
        """Returns when the broker has it. Properties are MQTT 5's: ResponseTopic=, ..."""
        packed = None
        if properties:
            packed = Properties(PacketTypes.PUBLISH)
            for name, value in properties.items():
                setattr(packed, name, value)
        info = self._client.publish(topic, payload, qos, retain, packed)
        info.wait_for_publish(CONNECT_WITHIN_S)
        assert info.is_published(), f"the broker did not take {topic}"

    def publish_all(self, messages, qos=1):
        """(topic, payload) pairs, sent without waiting in between."""
        sent = [self._client.publish(topic, payload, qos) for topic, payload in messages]
        for info in sent:
            info.wait_for_publish(CONNECT_WITHIN_S)
            assert info.is_published()

    def mark(self):
        """The place in the log to give as after=, so that older messages do not count."""
        with self._changed:
            return len(self.messages)

    def on(self, topic, after=0):
        """The messages of a topic since the mark."""
        with self._changed:
            return [message for message in self.messages[after:] if message.topic == topic]

    def wait_for(self, topic, predicate=None, within=15, after=0):
        """The first message of the topic since the mark that the predicate accepts."""
        found = self.wait_for_count(topic, 1, predicate, within, after)
        return found[0]

    def wait_for_count(self, topic, count, predicate=None, within=15, after=0):
        """The first count messages of the topic since the mark that the predicate accepts."""

        def accepted():
            matches = [
                message
                for message in self.messages[after:]
                if message.topic == topic and (predicate is None or predicate(message))
            ]
            return matches[:count] if len(matches) >= count else None

        try:
            return self._wait(accepted, within, f"{topic}: not what was waited for")
        except AssertionError as error:
            seen = "\n".join(f"  {m}" for m in self.on(topic, after)[-20:]) or "  nothing"
            raise AssertionError(f"{error}; it brought:\n{seen}") from None


def retained(port, topics, within=15, **options):
    """What a new subscriber gets at once, as {topic: Message}.

    A retained message of our own, asked for last, tells that the broker has sent all of them."""
    fence = f"fence/{time.monotonic_ns()}"
    with MqttClient(port, **options) as client:
        client.publish(fence, "end", retain=True)
        client.subscribe(topics)
        client.subscribe(fence)
        client.wait_for(fence, within=within)
        client.publish(fence, "", retain=True)
        return {m.topic: m for m in client.messages if m.topic != fence and m.payload}
