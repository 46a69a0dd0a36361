"""The life of a command: what is carried out, what is not, and the one result of each."""
import datetime
import json

import pytest

from harness.client import MqttClient
from harness.museum import Museum

WITHIN_S = 15
STATUSES = {"ok", "superseded", "expired", "refused", "invalid", "failed"}


@pytest.fixture(scope="module")
def museum(programs, tmp_path_factory):
    museum = Museum(programs, tmp_path_factory.mktemp("museum"))
    museum.start()
    museum.wait_online()
    yield museum
    museum.stop()


@pytest.fixture
def engine(museum):
    """The plug that most tests switch, off and known to be off."""
    museum.command("engine", "OFF")
    assert not museum.relay("engine")
    return "engine"


def utc(offset_s):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


SPELLINGS = {
    "ON": [b"ON", b"on", b"On", b"1", b"true", b'{"state":"ON"}', b'{"state":"on"}'],
    "OFF": [b"OFF", b"off", b"oFf", b"0", b"false", b'{"state":"OFF"}'],
}


@pytest.mark.parametrize(
    "word, payload", [(word, payload) for word, all_ in SPELLINGS.items() for payload in all_]
)
def test_each_spelling_switches(museum, word, payload):
    museum.command("engine", "OFF" if word == "ON" else "ON")
    result = museum.command("engine", payload)
    assert (result["status"], result["command"], result["state"]) == ("ok", word, word)
    assert isinstance(result["ms"], int) and 0 <= result["ms"] <= WITHIN_S * 1000
    assert museum.relay("engine") == (word == "ON")
    assert museum.watch.on("museum/plug/engine/state")[-1].text == word


@pytest.mark.parametrize("payload", ["TOGGLE", "toggle", '{"state":"TOGGLE"}'])
def test_toggle_flips_what_the_device_answered(museum, engine, payload):
    for word in ("ON", "OFF"):
        result = museum.command(engine, payload)
        assert (result["status"], result["state"]) == ("ok", word)
        assert museum.relay(engine) == (word == "ON")


def test_two_toggles_at_once_end_where_they_began(museum, engine):
    mark = museum.watch.mark()
    topic = museum.topic(engine, "set")
    payloads = [json.dumps({"state": "TOGGLE", "id": f"twice-{n}"}) for n in range(2)]
    museum.watch.publish_all([(topic, payload) for payload in payloads])
    results = museum.results(engine, 2, after=mark)
    by_id = {result["id"]: result["status"] for result in results}
    assert by_id["twice-1"] == "ok" and by_id["twice-0"] in ("ok", "superseded")
    assert museum.command(engine, "", leaf="get")["state"] == "OFF"
    assert not museum.relay(engine)


def test_burst_of_30_gives_30_results_and_the_last_wins(museum, engine):
    mark = museum.watch.mark()
    words = ["ON" if n % 2 else "OFF" for n in range(30)]
    payloads = [json.dumps({"state": word, "id": f"burst-{n}"}) for n, word in enumerate(words)]
    museum.watch.publish_all([(museum.topic(engine, "set"), payload) for payload in payloads])
    results = museum.results(engine, 30, after=mark)
    by_id = {result["id"]: result for result in results}
    assert sorted(by_id) == sorted(f"burst-{n}" for n in range(30))
    assert {result["status"] for result in results} <= {"ok", "superseded"}
    last = by_id["burst-29"]
    assert (last["status"], last["state"]) == ("ok", "ON")
    assert museum.relay(engine)
    assert museum.watch.on(museum.topic(engine, "state"))[-1].text == "ON"


def test_same_id_twice_acts_once(museum, engine):
    payload = json.dumps({"state": "ON", "id": "only-once"})
    first = museum.command(engine, payload)
    assert first["status"] == "ok"
    museum.command(engine, "OFF")
    again = museum.command(engine, payload)
    assert again == first
    assert not museum.relay(engine)


def test_same_id_in_one_breath_acts_once(museum, engine):
    moves = museum.moves(engine)
    payload = json.dumps({"state": "TOGGLE", "id": "one-breath"})
    mark = museum.watch.mark()
    museum.watch.publish_all([(museum.topic(engine, "set"), payload)] * 2)
    museum.results(engine, 1, after=mark)
    museum.command(engine, "", leaf="get")
    assert museum.relay(engine)
    assert museum.moves(engine) == moves + 1
    results = museum.watch.on(museum.topic(engine, "result"), mark)
    mine = [m.json for m in results if m.json.get("id") == "one-breath"]
    assert all(result == mine[0] for result in mine)


@pytest.mark.parametrize("age_s, ttl_s, status", [(60, 30, "expired"), (2, 30, "ok")])
def test_time_starts_the_time_to_live(museum, engine, age_s, ttl_s, status):
    payload = json.dumps({"state": "ON", "time": utc(-age_s), "ttl_s": ttl_s})
    assert museum.command(engine, payload)["status"] == status
    assert museum.relay(engine) == (status == "ok")


def test_every_key_of_a_command_is_taken(museum, engine):
    command = {"state": "ON", "id": "all-keys", "ttl_s": 10, "time": utc(0), "source": "desk"}
    result = museum.command(engine, json.dumps(command))
    assert result["status"] == "ok"
    assert (result["id"], result["source"]) == ("all-keys", "desk")


def test_source_may_stand_in_the_topic(museum, engine):
    result = museum.command(engine, "ON", leaf="set/front-desk")
    assert (result["status"], result["source"]) == ("ok", "front-desk")
    assert museum.relay(engine)


LONG_ID = json.dumps({"state": "ON", "id": "x" * 65}).encode()
INVALID = {
    "a word it does not know": b"MAYBE",
    "two words": b"ON OFF",
    "a number that is neither": b"2",
    "binary": bytes(range(128, 256)),
    "a NUL inside": b"ON\0",
    "a NUL in JSON": b'{"state":"ON"}\0',
    "one MiB": b"O" * (1 << 20),
    "one byte over the limit": b'{"state":"ON","id":"x"}'.ljust(1025),
    "JSON cut short": b'{"state":"ON"',
    "JSON with more behind it": b'{"state":"ON"}{"state":"ON"}',
    "a JSON array": b'["ON"]',
    "a JSON text": b'"ON"',
    "JSON without a state": b'{"id":"x"}',
    "state is a number": b'{"state":7}',
    "state is an array": b'{"state":["ON"]}',
    "state is null": b'{"state":null}',
    "state is a word it does not know": b'{"state":"MAYBE"}',
    "id is a number": b'{"state":"ON","id":7}',
    "id is too long": LONG_ID,
    "ttl is a text": b'{"state":"ON","ttl_s":"30"}',
    "ttl is zero": b'{"state":"ON","ttl_s":0}',
    "ttl is negative": b'{"state":"ON","ttl_s":-1}',
    "ttl is over an hour": b'{"state":"ON","ttl_s":3601}',
    "ttl is huge": b'{"state":"ON","ttl_s":99999999999999999999}',
    "ttl is infinite": b'{"state":"ON","ttl_s":1e999}',
    "time is a number": b'{"state":"ON","time":1}',
    "time is no time": b'{"state":"ON","time":"yesterday"}',
    "time does not exist": b'{"state":"ON","time":"2026-02-30T25:00:00Z"}',
    "a key it does not know": b'{"state":"ON","colour":"red"}',
    "a key doubled": b'{"state":"OFF","state":"ON"}',
    "single quotes": b"{'state':'ON'}",
    "deep": b'{"state":' + b"[" * 200 + b"]" * 200 + b"}",
    "not UTF-8": b'{"state":"ON","id":"\xff\xfe"}',
    "a command for the device": b'{"system":{"set_relay_state":{"state":1}}}',
}


@pytest.mark.parametrize("payload", INVALID.values(), ids=INVALID.keys())
def test_what_cannot_be_read_is_invalid_and_does_nothing(museum, engine, payload):
    result = museum.command(engine, payload)
    assert result["status"] == "invalid"
    assert result["error"]
    assert museum.command(engine, "", leaf="get")["state"] == "OFF"
    assert not museum.relay(engine)


def test_empty_set_is_ignored(museum, engine):
    mark = museum.watch.mark()
    museum.watch.publish(museum.topic(engine, "set"), b"")
    museum.command(engine, "", leaf="get")
    results = museum.watch.on(museum.topic(engine, "result"), mark)
    assert [m.json["command"] for m in results] == ["GET"]
    assert not museum.relay(engine)


def test_unknown_name_is_not_answered(museum, engine):
    mark = museum.watch.mark()
    for name in ("nobody", "ENGINE", "engine-", "x" * 200, "cases"):
        museum.watch.publish(f"museum/plug/{name}/set", "ON")
        museum.watch.publish(f"museum/plug/{name}/get", "")
    museum.command(engine, "", leaf="get")
    answered = {
        message.topic
        for message in museum.watch.messages[mark:]
        if message.topic.endswith("/result")
    }
    assert answered == {museum.topic(engine, "result")}


def test_retained_set_is_refused_and_cleared(museum, engine):
    topic = museum.topic(engine, "set")
    mark = museum.watch.mark()
    result = museum.command(engine, "ON", retain=True)
    assert result["status"] == "refused" and result["error"]
    museum.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    assert topic not in museum.retained(topic)
    assert museum.command(engine, "", leaf="get")["state"] == "OFF"
    assert not museum.relay(engine)


@pytest.mark.parametrize("topic", ["answers/me", "museum/reply/desk/1"])
def test_result_also_goes_to_the_response_topic(museum, engine, topic):
    with MqttClient(museum.broker.port, subscribe=[topic]) as asker:
        result = museum.command(
            engine, "ON", ResponseTopic=topic, CorrelationData=b"\x00which\xff"
        )
        answer = asker.wait_for(topic)
        assert answer.json == result and not answer.is_retained
        assert answer.properties.CorrelationData == b"\x00which\xff"


@pytest.mark.parametrize(
    "topic",
    [
        "museum/plug/fountain/set",
        "museum/plug/fountain/set/desk",
        "museum/plug/fountain/state",
        "museum/bridge/e2e/request/restart",
        "homeassistant/device/kasa_50c7bf000001/config",
        "$SYS/answer",
    ],
)
def test_response_topic_that_could_do_harm_is_ignored(museum, engine, topic):
    museum.command("fountain", "OFF")
    mark = museum.watch.mark()
    with MqttClient(museum.broker.port, subscribe=[topic]) as there:
        # An id that would read as a command if the result were taken for one.
        payload = json.dumps({"state": "ON", "id": "harmless"})
        result = museum.command(engine, payload, ResponseTopic=topic)
        assert result["status"] == "ok"
        museum.command("fountain", "", leaf="get")
        strangers = [m for m in there.on(topic) if b"harmless" in m.payload]
        assert not strangers
    assert not museum.relay("fountain")
    results = museum.watch.on(museum.topic("fountain", "result"), mark)
    assert [m.json["command"] for m in results] == ["GET"]


def test_get_reads_now_and_publishes_everything(museum, engine):
    museum.device(engine).put(relay=True)
    mark = museum.watch.mark()
    result = museum.command(engine, "whatever", leaf="get")
    assert (result["status"], result["command"], result["state"]) == ("ok", "GET", "ON")
    for leaf in ("state", "availability", "power", "voltage", "current", "energy", "rssi", "json"):
        museum.watch.wait_for(museum.topic(engine, leaf), after=mark)
    museum.watch.wait_for(museum.topic(engine, "state"), lambda m: m.text == "ON", after=mark)


def test_state_is_published_before_the_result_changed_or_not(museum, engine):
    for word in ("ON", "ON"):
        mark = museum.watch.mark()
        museum.command(engine, word)
        leaves = [
            message.topic.rsplit("/", 1)[1]
            for message in museum.watch.messages[mark:]
            if message.topic.startswith("museum/plug/engine/")
        ]
        assert "state" in leaves[: leaves.index("result")]


@pytest.mark.parametrize("outlet", [1, 4, 6])
def test_an_outlet_of_a_strip_switches_alone(museum, outlet):
    before = museum.relays("cases")
    result = museum.command(f"case-{outlet}", "TOGGLE")
    assert result["status"] == "ok"
    expected = [
        not on if index == outlet - 1 else on for index, on in enumerate(before)
    ]
    assert museum.relays("cases") == expected


@pytest.mark.parametrize("name", ["projector", "fountain", "gallery", "bulb"])
def test_every_family_switches(museum, name):
    for word in ("ON", "OFF"):
        result = museum.command(name, word)
        assert (result["status"], result["state"]) == ("ok", word)
        assert museum.relay(name) == (word == "ON")


def test_twenty_commanders_each_get_their_results(museum):
    """Six outlets of one strip and five devices, all at once: one result each."""
    mark = museum.watch.mark()
    names = museum.outlets
    commands = {
        f"{name}-{n}": (museum.topic(name, "set"), "ON" if n % 2 else "OFF")
        for n in range(4)
        for name in names
    }
    museum.watch.publish_all(
        [(topic, json.dumps({"state": word, "id": id_})) for id_, (topic, word) in commands.items()]
    )
    for name in names:
        results = museum.results(name, 4, after=mark)
        assert {result["id"] for result in results} == {f"{name}-{n}" for n in range(4)}
        assert {result["status"] for result in results} <= STATUSES
        assert museum.relay(name), name


def test_results_are_neither_retained_nor_lost(museum, engine):
    museum.command(engine, "ON")
    assert not museum.retained("museum/plug/+/result")
