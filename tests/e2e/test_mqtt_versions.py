"""What MQTT 5 adds, and that MQTT 3.1.1 loses nothing a user needs: on either side of the broker."""
import json

import pytest

from harness.client import MqttClient
from harness.museum import Museum

DEVICES = {"engine": ("HS110v1", ["engine"]), "fountain": ("HS100", ["fountain"])}
BASE = "museum/bridge/e2e"


@pytest.fixture(scope="module", params=[5, 4], ids=["bridge-5", "bridge-3.1.1"])
def museum(request, programs, tmp_path_factory):
    museum = Museum(programs, tmp_path_factory.mktemp("versions"), DEVICES)
    museum.settings["broker"]["protocol"] = request.param
    museum.version = request.param
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    yield museum
    museum.stop()


@pytest.fixture(params=[5, 4], ids=["client-5", "client-3.1.1"])
def client(request, museum):
    with MqttClient(museum.broker.port, protocol=request.param, subscribe=["museum/#"]) as client:
        yield client


def test_command_read_and_request_are_answered_whatever_is_spoken(museum, client):
    for number, (leaf, payload) in enumerate(
        (("set", {"state": "ON"}), ("set/panel", {"state": "OFF"}), ("get", {}))
    ):
        wanted = f"{client.protocol}-{museum.version}-{number}"
        client.publish(museum.topic("engine", leaf), json.dumps({**payload, "id": wanted}))
        result = client.wait_for(
            museum.topic("engine", "result"), lambda m, wanted=wanted: m.json.get("id") == wanted
        ).json
        assert result["status"] == "ok", result
    client.publish(f"{BASE}/request/info", json.dumps({"transaction": "t"}))
    answer = client.wait_for(f"{BASE}/response/info", lambda m: m.json.get("transaction") == "t")
    assert answer.json["status"] == "ok"


def test_source_is_told_back_from_topic_and_payload(museum, client):
    for leaf, payload, source in (
        ("set", {"state": "ON", "source": "payload"}, "payload"),
        ("set/topic", {"state": "ON", "source": "payload"}, "topic"),
    ):
        mark = client.mark()
        client.publish(museum.topic("engine", leaf), json.dumps(payload))
        result = client.wait_for(museum.topic("engine", "result"), after=mark).json
        assert (result["status"], result["source"]) == ("ok", source)


def test_a_new_subscriber_finds_state_readings_and_availability(museum, client):
    found = museum.retained(museum.topic("engine", "#"))
    for leaf in ("availability", "state", "power", "voltage", "current", "energy", "json"):
        assert museum.topic("engine", leaf) in found, sorted(found)


def only_5(museum):
    if museum.version != 5:
        pytest.skip("MQTT 3.1.1 has no properties")


def test_source_may_be_a_user_property(museum):
    only_5(museum)
    result = museum.command("engine", "ON", UserProperty=[("source", "property")])
    assert (result["status"], result["source"]) == ("ok", "property")


@pytest.mark.parametrize("leaf", ["set", "get"])
def test_answers_also_go_to_the_response_topic(museum, leaf):
    only_5(museum)
    with MqttClient(museum.broker.port, subscribe=["replies/#"]) as client:
        client.publish(
            museum.topic("engine", leaf),
            "ON",
            ResponseTopic="replies/one",
            CorrelationData=b"\x00\xff" + leaf.encode(),
        )
        answer = client.wait_for("replies/one")
        assert answer.json["status"] == "ok"
        assert answer.properties.CorrelationData == b"\x00\xff" + leaf.encode()
        assert answer.properties.ContentType == "application/json"


def test_only_json_has_a_content_type_and_only_readings_expire(museum):
    only_5(museum)
    found = museum.retained(museum.topic("engine", "#"))
    for topic, message in found.items():
        leaf = topic.rsplit("/", 1)[1]
        is_json = hasattr(message.properties, "ContentType")
        assert is_json == (leaf == "json"), leaf
        expires = hasattr(message.properties, "MessageExpiryInterval")
        lasting = ("state", "availability", "energy", "energy_today", "brightness")
        assert expires == (leaf not in lasting), leaf
