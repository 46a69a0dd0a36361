"""Relays that move without a command of ours: what is said of them, and what is remembered."""
import json

import pytest

from harness.museum import Museum

BASE = "museum/bridge/e2e"
DEVICES = {
    "engine": ("HS110v1", ["engine"]),
    "projector": ("HS110v2", ["projector"]),
    "cases": ("HS300", [f"case-{number}" for number in range(1, 7)]),
}


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path, DEVICES)
    museum.settings["devices"][0].update({"label": "Steam engine"})
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    yield museum
    museum.stop()


def ask(museum, verb, name):
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/{verb}", json.dumps({"name": name}))
    answer = museum.watch.wait_for(f"{BASE}/response/{verb}", after=mark).json
    assert answer["status"] == "ok", answer
    return answer["data"]


def sentences(museum, name):
    return " ".join(ask(museum, "explain", name)["sentences"])


def moves(museum, name):
    return [entry for entry in ask(museum, "history", name)["history"] if "cause" in entry]


def events(museum, topic, mark):
    return [m.json for m in museum.watch.on(topic, after=mark)]


def wait_move(museum, name, mark):
    return museum.watch.wait_for(
        museum.topic(name, "event"), lambda m: m.json["type"] == "relay_moved", after=mark
    )


def test_button_is_told_within_a_poll_behind_the_state(museum):
    mark = museum.watch.mark()
    museum.device("engine").put(relay=True)
    event = wait_move(museum, "engine", mark)
    assert event.qos == 1 and not event.is_retained
    assert (event.json["state"], event.json["cause"]) == ("ON", "button_or_app")
    assert event.json["name"] == "engine" and event.json["label"] == "Steam engine"
    state = museum.watch.wait_for(museum.topic("engine", "state"), after=mark)
    assert museum.watch.messages.index(state) < museum.watch.messages.index(event)
    copy = museum.watch.wait_for(
        f"{BASE}/event", lambda m: m.json["type"] == "relay_moved", after=mark
    )
    assert copy.json == event.json


def test_one_outlet_of_a_strip_alone_is_told(museum):
    mark = museum.watch.mark()
    museum.device("cases").put(outlet=2, relay=True)
    assert wait_move(museum, "case-3", mark).json["cause"] == "button_or_app"
    museum.wait_polls("cases", 4)
    told = [m.topic for m in museum.watch.messages[mark:] if m.topic.endswith("/event")]
    assert sorted(told) == [f"{BASE}/event", museum.topic("case-3", "event")]


def test_our_own_command_is_remembered_but_no_event(museum):
    mark = museum.watch.mark()
    assert museum.command("engine", '{"state":"ON","source":"panel"}')["status"] == "ok"
    museum.wait_polls("engine", 4)
    assert events(museum, museum.topic("engine", "event"), mark) == []
    assert [(m["state"], m["cause"], m.get("source")) for m in moves(museum, "engine")] == [
        ("ON", "command", "panel")
    ]


def test_power_cut_of_a_plug_that_was_on_is_told_when_it_is_back(museum):
    assert museum.command("engine", "ON")["status"] == "ok"
    museum.sim.ask("time", pass_ms=600000)
    museum.wait_polls("engine", 4)
    mark = museum.watch.mark()
    museum.device("engine").power_off()
    museum.wait_offline(["engine"], after=mark)
    museum.device("engine").power_on()
    event = wait_move(museum, "engine", mark)
    assert (event.json["state"], event.json["cause"]) == ("ON", "power_cut_or_reboot")
    kinds = [e.get("availability") for e in ask(museum, "history", "engine")["history"]]
    assert [kind for kind in kinds if kind] == ["offline", "online"]
    absences = [e for e in ask(museum, "history", "engine")["history"] if "reason" in e]
    assert len(absences) == 1 and len(absences[0]["reason"]) > 5


def clock_of(museum, name):
    """Seconds after midnight, by the device's own clock."""
    time = museum.device(name).call({"time": {"get_time": {}}})["time"]["get_time"]
    return (time["hour"] * 60 + time["min"]) * 60 + time["sec"]


# The first tells of a countdown in its mode only.
@pytest.mark.parametrize(
    "name, words", [("engine", "A countdown that"), ("projector", "by its countdown")]
)
def test_countdown_that_the_device_keeps_is_told_as_one(museum, name, words):
    rule = {"enable": 1, "delay": 3600, "act": 1, "name": "soon"}
    museum.device(name).call({"count_down": {"add_rule": rule}})
    museum.wait_polls(name, 4)
    assert words in sentences(museum, name)
    mark = museum.watch.mark()
    museum.sim.ask("time", pass_ms=3600 * 1000)
    event = wait_move(museum, name, mark)
    assert (event.json["state"], event.json["cause"]) == ("ON", "countdown")


@pytest.mark.parametrize("name", ["projector", "cases"])
def test_schedule_that_the_device_keeps_is_told_as_one(museum, name):
    outlet = museum.device(name).outlets[0]
    context = {}
    if outlet != name:
        context = {"context": {"child_ids": [museum.device(name).sysinfo()["children"][0]["id"]]}}
    # What comes after it is announced then: the clocks of device and host differ in this test.
    for later_min, action in ((10, 1), (60, 0)):
        rule = {
            "name": "open", "enable": 1, "repeat": 1, "wday": [1] * 7, "stime_opt": 0,
            "smin": (clock_of(museum, name) // 60 + later_min) % (24 * 60), "sact": action,
            "etime_opt": -1, "emin": 0, "eact": -1,
        }
        museum.device(name).call({**context, "schedule": {"add_rule": rule}})
    museum.device(name).call({**context, "schedule": {"set_overall_enable": {"enable": 1}}})
    museum.wait_polls(name, 4)
    assert "by its schedule" in sentences(museum, outlet)
    mark = museum.watch.mark()
    museum.sim.ask("time", pass_ms=11 * 60 * 1000)
    event = wait_move(museum, outlet, mark)
    assert (event.json["state"], event.json["cause"]) == ("ON", "schedule")


def test_history_is_bounded_and_in_order(museum):
    for number in range(53):
        museum.watch.publish(museum.topic("engine", "set"), "ON")
        museum.watch.publish(museum.topic("engine", "set"), "OFF")
        museum.results("engine", 2 * (number + 1))
    history = ask(museum, "history", "engine")["history"]
    assert 0 < len(history) <= 100
    times = [entry["time"] for entry in history]
    assert times == sorted(times)


def test_explain_says_in_sentences_what_is_known(museum):
    assert "Steam engine (engine) is off" in sentences(museum, "engine")
    assert "has not moved" in sentences(museum, "engine")
    assert museum.command("engine", '{"state":"ON","source":"panel"}')["status"] == "ok"
    told = sentences(museum, "engine")
    assert "is on" in told and "by a command of panel" in told and "dBm" in told
    mark = museum.watch.mark()
    museum.device("engine").power_off()
    museum.wait_offline(["engine"], after=mark)
    museum.watch.publish(museum.topic("engine", "set"), '{"state":"OFF","source":"desk"}')
    told = sentences(museum, "engine")
    assert "offline" in told and "A command OFF of desk has been waiting" in told


@pytest.mark.parametrize("verb", ["history", "explain"])
@pytest.mark.parametrize("payload", ["", "{}", '{"name":7}', '{"name":"nobody"}'])
def test_outlets_that_are_not_ours_are_an_error(museum, verb, payload):
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/{verb}", payload)
    answer = museum.watch.wait_for(f"{BASE}/response/{verb}", after=mark).json
    assert answer["status"] == "error" and "outlet" in answer["error"]
