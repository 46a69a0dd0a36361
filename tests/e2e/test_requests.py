"""What the bridge can be asked over MQTT: every request gets one answer."""
import json

import pytest

from harness.client import MqttClient
from harness.museum import Museum

BASE = "museum/bridge/e2e"


@pytest.fixture(scope="module")
def museum(programs, tmp_path_factory):
    museum = Museum(programs, tmp_path_factory.mktemp("requests"))
    museum.settings["devices"][0].update({"label": "Steam \"engine\"", "room": "Engine hall"})
    museum.start()
    museum.wait_online()
    yield museum
    museum.stop()


def ask(museum, verb, payload="", after=None, **options):
    mark = museum.watch.mark() if after is None else after
    museum.watch.publish(f"{BASE}/request/{verb}", payload, **options)
    return museum.watch.wait_for(f"{BASE}/response/{verb}", after=mark).json


def good(answer):
    assert answer["status"] == "ok", answer
    return answer["data"]


def test_info_health_and_inventory_are_the_documents(museum):
    assert good(ask(museum, "info"))["outlets"] == len(museum.outlets)
    health = good(ask(museum, "health"))
    assert health["devices"]["online"] == len(museum.devices)
    assert health["loop_lag_ms"] >= 0 and health["oldest_read_ms"] >= 0
    names = [outlet["name"] for outlet in good(ask(museum, "inventory"))["outlets"]]
    assert names == sorted(museum.outlets)


def test_devices_tells_addresses_outlets_and_nothing_private(museum):
    answer = good(ask(museum, "devices"))
    told = {device["name"]: device for device in answer["devices"]}
    assert set(told) == set(museum.devices)
    engine = museum.device("engine")
    assert (told["engine"]["host"], told["engine"]["port"]) == (engine.address, engine.port)
    assert told["engine"]["mac"] == engine.mac
    assert told["engine"]["online"] is True and told["engine"]["reason"] is None
    assert told["engine"]["outlets"][0]["label"] == "Steam \"engine\""
    assert [outlet["name"] for outlet in told["cases"]["outlets"]] == museum.devices["cases"].outlets
    info = engine.sysinfo()
    text = json.dumps(answer)
    for private in ("deviceId", "hwId", "oemId"):
        assert info[private] not in text
    assert "latitude" not in text and "longitude" not in text


def test_transaction_comes_back_and_the_response_topic_gets_the_answer_too(museum):
    with MqttClient(museum.broker.port, subscribe=["museum/reply/#"]) as client:
        client.publish(
            f"{BASE}/request/info",
            json.dumps({"transaction": "t-1"}),
            ResponseTopic="museum/reply/me",
            CorrelationData=b"\x01\x02",
        )
        answer = client.wait_for("museum/reply/me")
        assert answer.json["transaction"] == "t-1"
        assert answer.properties.CorrelationData == b"\x01\x02"
        assert answer.properties.ContentType == "application/json"


def test_a_response_topic_that_is_a_command_gets_nothing(museum):
    mark = museum.watch.mark()
    answer = ask(
        museum, "info", '{"transaction":"aimed"}', ResponseTopic=museum.topic("engine", "set")
    )
    assert answer["transaction"] == "aimed"
    good(ask(museum, "info"))
    assert museum.watch.on(museum.topic("engine", "set"), after=mark) == []


@pytest.mark.parametrize(
    "payload",
    ["no json", "[]", "7", '"info"', '{"transaction":7}', '{"transaction":"' + 65 * "x" + '"}',
     '{"a":1,"a":2}', '{"x":"' + 1100 * "x" + '"}'],
)
def test_what_cannot_be_read_is_an_error_in_words(museum, payload):
    answer = ask(museum, "info", payload)
    assert answer["status"] == "error" and len(answer["error"]) > 10


def test_mqtt_3_clients_are_answered(museum):
    with MqttClient(museum.broker.port, protocol=4, subscribe=[f"{BASE}/response/#"]) as client:
        client.publish(f"{BASE}/request/info", '{"transaction":"three"}')
        answer = client.wait_for(
            f"{BASE}/response/info", lambda m: m.json.get("transaction") == "three"
        )
        assert answer.json["status"] == "ok"


def test_a_verb_nobody_knows_is_an_error_and_counted(museum):
    before = good(ask(museum, "health"))["commands"]["ignored"]
    answer = ask(museum, "explode", '{"transaction":"boom"}')
    assert (answer["status"], answer["transaction"]) == ("error", "boom")
    assert good(ask(museum, "health"))["commands"]["ignored"] == before + 1


def test_a_retained_request_is_refused_and_cleared(museum):
    topic = f"{BASE}/request/log_level"
    answer = ask(museum, "log_level", '{"level":"debug"}', retain=True)
    assert answer["status"] == "error" and "retain" in answer["error"]
    assert good(ask(museum, "log_level"))["level"] == "info"
    museum.watch.wait_for(topic, lambda m: m.payload == b"")
    assert museum.retained(topic) == {}


def test_log_level_changes_what_is_logged(museum):
    logged = museum.bridge.process.mark()
    assert good(ask(museum, "log_level", '{"level":"debug"}')) == {"level": "debug"}
    assert museum.command("engine", "ON")["status"] == "ok"
    museum.bridge.process.wait_line(r'engine: \{"status":"ok"', 15, logged)
    assert ask(museum, "log_level", '{"level":"loud"}')["status"] == "error"
    assert good(ask(museum, "log_level", '{"level":"info"}')) == {"level": "info"}


def test_reload_applies_the_file_or_says_what_is_wrong_with_it(museum):
    path = museum.bridge.path
    text = path.read_text()
    path.write_text(text.replace("Engine hall", "Boiler house"))
    mark = museum.watch.mark()
    good(ask(museum, "reload"))
    museum.watch.wait_for(
        museum.topic("engine", "json"), lambda m: m.json["room"] == "Boiler house", after=mark
    )
    path.write_text(text + "\nunknown_key = 1;\n")
    answer = ask(museum, "reload")
    assert answer["status"] == "error" and "unknown_key" in answer["error"]
    path.write_text(text)
    good(ask(museum, "reload"))


def test_restart_is_refused_while_the_file_has_problems(museum):
    path = museum.bridge.path
    text = path.read_text()
    path.write_text(text + "\nunknown_key = 1;\n")
    answer = ask(museum, "restart")
    assert answer["status"] == "error" and "unknown_key" in answer["error"]
    path.unlink()
    answer = ask(museum, "restart")
    assert answer["status"] == "error" and ": :" not in answer["error"]
    path.write_text(text)
    assert museum.bridge.process.is_running()
    good(ask(museum, "info"))


def test_reload_that_changes_the_id_is_answered_where_it_was_asked(museum):
    path = museum.bridge.path
    text = path.read_text()
    path.write_text(text.replace('id = "e2e"', 'id = "other"'))
    assert path.read_text() != text
    good(ask(museum, "reload", '{"transaction":"moved"}'))
    path.write_text(text)
    mark = museum.watch.mark()
    museum.watch.wait_for("museum/bridge/other/availability", lambda m: m.text == "online")
    museum.watch.publish("museum/bridge/other/request/reload", "")
    museum.watch.wait_for("museum/bridge/other/response/reload", after=mark)
    museum.watch.wait_for(museum.bridge.availability, lambda m: m.text == "online", after=mark)


def test_restart_answers_first_and_comes_back_with_the_same_process(museum):
    pid = museum.bridge.process.pid
    started = good(ask(museum, "info"))["started"]
    moves = museum.moves("engine")
    mark = museum.watch.mark()
    good(ask(museum, "restart", after=mark))
    museum.watch.wait_for(museum.bridge.availability, lambda m: m.text == "offline", after=mark)
    museum.watch.wait_for(
        museum.bridge.availability,
        lambda m: m.text == "online",
        after=museum.watch.messages.index(
            museum.watch.wait_for(
                museum.bridge.availability, lambda m: m.text == "offline", after=mark
            )
        ),
    )
    museum.wait_online(after=mark)
    assert museum.bridge.process.pid == pid
    assert good(ask(museum, "info"))["started"] != started
    assert museum.moves("engine") == moves
