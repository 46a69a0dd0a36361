"""Home Assistant's discovery: what becomes of it when the configuration, the broker or Home
Assistant changes."""
import dataclasses
import pathlib
import time

import pytest

from harness.announcements import (
    BOX,
    BRIDGE,
    METER,
    WITHIN_S,
    change,
    discovery,
    id_of,
    newest,
    small_museum,
    topics_of,
    wait_config,
    wait_right,
)

MIGRATION = {"migrate_discovery": True}


@pytest.fixture
def small(programs, tmp_path):
    museum = small_museum(programs, tmp_path)
    yield museum
    museum.stop()


def test_the_bridge_is_announced_before_its_plugs_and_both_before_their_states(small):
    small.start()
    wait_right(small)
    small.restart_broker()
    wait_right(small)
    first = {}
    for number, message in enumerate(small.watch.messages):
        first.setdefault(message.topic, number)
    order = [
        "museum/bridge/e2e/availability",
        f"homeassistant/device/{BRIDGE}/config",
        f"homeassistant/device/{id_of(small.device('engine'))}/config",
        "museum/plug/engine/state",
    ]
    assert [first[topic] for topic in order] == sorted(first[topic] for topic in order)


def test_renaming_keeps_what_history_hangs_on(small):
    small.start()
    topic = f"homeassistant/device/{id_of(small.device('engine'))}/config"
    wait_right(small)
    before = newest(small, {topic})[topic].json
    settings = small.bridge.settings["devices"][0]
    settings.update(name="locomotive", label="Locomotive")
    mark = change(small)
    after = small.watch.wait_for(
        topic, lambda m: m.payload and m.json["dev"]["name"] == "Locomotive", WITHIN_S, mark
    ).json
    assert after["dev"]["identifiers"] == before["dev"]["identifiers"]
    for key, component in before["cmps"].items():
        assert after["cmps"][key]["uniq_id"] == component["uniq_id"]
    assert after["cmps"]["switch"]["command_topic"] == "museum/plug/locomotive/set"
    assert all(m.payload for m in small.watch.on(topic, mark))


def test_only_what_changed_is_announced_after_a_reload(small):
    small.start()
    wait_right(small)
    small.bridge.settings["devices"][1]["room"] = "Gallery"
    mark = change(small)
    topic = f"homeassistant/device/{id_of(small.device('gallery'))}/config"
    message = small.watch.wait_for(topic, None, WITHIN_S, mark)
    assert message.json["dev"]["suggested_area"] == "Gallery"
    small.wait_settled()
    assert {m.topic for m in discovery(small.watch.messages[mark:])} == {topic}


def test_a_replaced_device_keeps_the_old_ones_id(small):
    small.settings["devices"][0]["ha_id"] = "50:C7:BF:99:99:99"
    small.start()
    topic = "homeassistant/device/kasa_50c7bf999999/config"
    message = wait_config(small, topic).json
    assert message["cmps"]["power"]["uniq_id"] == "kasa_50c7bf999999_power"


@pytest.mark.parametrize("form", ["device", "components"])
@pytest.mark.parametrize("while_running", [True, False])
def test_what_left_the_configuration_is_cleared(small, form, while_running):
    small.settings["homeassistant"] = {"discovery": form}
    small.start()
    expected, _ = wait_right(small, form)
    small.bridge.settings["devices"].pop(0)
    if while_running:
        mark = change(small)
    else:
        small.bridge.stop()
        small.bridge.write()
        mark = small.watch.mark()
        small.bridge.start()
    gone = {t for t in topics_of(expected, form) if id_of(small.device("engine")) in t}
    for topic in gone:
        small.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    small.wait_settled(without={"engine"})
    left = {topic for topic in small.retained("homeassistant/#")}
    assert left == topics_of(expected, form) - gone


@pytest.mark.parametrize("form", ["device", "components"])
def test_what_a_replacement_cannot_do_is_taken_back(small, form):
    """A plug without a meter takes the place of one with it."""
    small.settings["homeassistant"] = {"discovery": form}
    small.start()
    expected, _ = wait_right(small, form)
    engine, lamp = small.device("engine"), small.device("lamp")
    devices = [d for d in small.bridge.settings["devices"] if d["name"] != "lamp"]
    devices[0].update(host=lamp.address, port=lamp.port, mac=lamp.mac, ha_id=engine.mac)
    small.bridge.settings["devices"] = devices
    mark = change(small)
    if form == "device":
        topic = f"homeassistant/device/{id_of(engine)}/config"
        small.watch.wait_for(
            topic, lambda m: m.payload and not METER & m.json["cmps"].keys(), WITHIN_S, mark
        )
        first, last = small.watch.on(topic, mark)
        assert {key: value for key, value in first.json["cmps"].items() if key in METER} == {
            key: {"p": "sensor"} for key in METER
        }
        assert last.json["cmps"].keys() == {"switch"} | BOX
    else:
        for component in METER:
            topic = f"homeassistant/sensor/{id_of(engine)}/{component}/config"
            small.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    small.watch.wait_for(
        f"homeassistant/device/{id_of(lamp)}/config"
        if form == "device"
        else f"homeassistant/switch/{id_of(lamp)}/switch/config",
        lambda m: not m.payload,
        WITHIN_S,
        mark,
    )
    kept = expected[id_of(engine)]
    expected[id_of(engine)] = dataclasses.replace(kept, components=frozenset({"switch"} | BOX))
    del expected[id_of(lamp)]
    assert small.retained("homeassistant/#").keys() == topics_of(expected, form)


@pytest.mark.parametrize("old, new", [("device", "components"), ("components", "device")])
@pytest.mark.parametrize("while_running", [True, False])
def test_the_other_form_is_reached_by_migration(small, old, new, while_running):
    small.settings["homeassistant"] = {"discovery": old}
    small.start()
    expected, _ = wait_right(small, old)
    small.bridge.settings["homeassistant"]["discovery"] = new
    if while_running:
        mark = change(small)
    else:
        small.bridge.stop()
        small.bridge.write()
        mark = small.watch.mark()
        small.bridge.start()
    for topic in topics_of(expected, old):
        small.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    wait_right(small, new, mark)
    for device_id in expected:
        steps = [
            step_of(m, topics_of(expected, old))
            for m in discovery(small.watch.messages[mark:])
            if f"/{device_id}/" in m.topic
        ]
        kinds = sorted(set(steps), key=steps.index)
        assert kinds == ["migrate", "config", "clear"], steps
        assert steps == sorted(steps, key=kinds.index)
        # Home Assistant takes the old form apart in its own time.
        times = {kind: [] for kind in kinds}
        for message in discovery(small.watch.messages[mark:]):
            if f"/{device_id}/" in message.topic:
                times[step_of(message, topics_of(expected, old))].append(message.at)
        assert min(times["config"]) - max(times["migrate"]) > 0.9
        assert min(times["clear"]) - max(times["config"]) > 0.9
    assert small.retained("homeassistant/#").keys() == topics_of(expected, new)


def wait_recorded(museum, expected):
    """The bridge knows after a crash what it has announced; half a second later."""
    path = pathlib.Path(museum.settings["bridge"]["state_dir"]) / "plugbridge.state"
    deadline = time.monotonic() + WITHIN_S
    while not all(f"discovery {device_id} device " in path.read_text() for device_id in expected):
        assert time.monotonic() < deadline, path.read_text()
        museum.wait_polls_of_all(1, WITHIN_S)


@pytest.mark.parametrize(
    "who, step", [("broker", "migrate"), ("bridge", "migrate"), ("bridge", "config")]
)
def test_a_migration_that_is_cut_short_is_taken_up_again(small, who, step):
    small.start()
    expected, _ = wait_right(small)
    wait_recorded(small, expected)
    old = topics_of(expected, "device")
    switch = f"homeassistant/switch/{id_of(small.device('engine'))}/switch/config"
    small.bridge.settings["homeassistant"] = {"discovery": "components"}
    mark = change(small)
    for topic in old if step == "migrate" else [switch]:
        small.watch.wait_for(topic, lambda m: step_of(m, old) == step, WITHIN_S, mark)
    if who == "broker":
        # In the pause, when nothing is on its way.
        small.broker.stop()
        small.start_broker()
        mark = 0
    else:
        small.bridge.kill_hard()
        mark = small.watch.mark()
        small.bridge.start()
    for topic in old:
        small.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    expected, _ = wait_right(small, "components", mark)
    assert small.retained("homeassistant/#").keys() == topics_of(expected, "components")


def step_of(message, old_topics):
    if message.topic not in old_topics:
        return "config"
    if not message.payload:
        return "clear"
    return "migrate" if message.json == MIGRATION else "old"


@pytest.mark.parametrize(
    "homeassistant", [{"discovery": "off"}, {"prefix": "ha/one"}], ids=["off", "prefix"]
)
def test_what_is_not_said_any_more_is_cleared(small, homeassistant):
    small.start()
    old = topics_of(wait_right(small)[0], "device")
    small.bridge.settings["homeassistant"] = homeassistant
    mark = change(small)
    for topic in old:
        small.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, mark)
    if "prefix" in homeassistant:
        for topic in old:
            wait_config(small, topic.replace("homeassistant", "ha/one"), mark)
    small.wait_online(after=mark)
    assert not small.retained("homeassistant/#")


def test_home_assistants_start_brings_everything_again(small):
    small.start()
    wait_right(small)
    mark = small.watch.mark()
    small.watch.publish("homeassistant/status", "offline")
    small.watch.publish("homeassistant/status", "online")
    wait_right(small, after=mark)
    for outlet in small.outlets:
        for leaf in ("availability", "state", "json", "rssi"):
            small.watch.wait_for(small.topic(outlet, leaf), None, WITHIN_S, mark)
    small.watch.wait_for("museum/bridge/e2e/info", None, WITHIN_S, mark)


def test_a_status_that_somebody_retained_is_old_news(small):
    small.start_broker()
    small.watch.publish("homeassistant/status", "online", retain=True)
    small.start()
    wait_right(small)
    assert len(small.watch.on(f"homeassistant/device/{BRIDGE}/config")) == 1


def test_nothing_is_said_of_a_device_before_it_says_what_it_is(small):
    small.device("engine").power_off()
    small.start()
    small.wait_online(["gallery", "bulb"])
    topic = f"homeassistant/device/{id_of(small.device('engine'))}/config"
    small.wait_offline(["engine"])
    small.wait_polls("gallery", 3)
    assert not small.watch.on(topic)
    small.device("engine").power_on()
    wait_config(small, topic)


def test_what_was_announced_before_a_restart_stays_while_its_device_is_away(small):
    small.start()
    topics = topics_of(wait_right(small)[0], "device")
    small.bridge.stop()
    small.device("engine").power_off()
    mark = small.watch.mark()
    small.bridge.start()
    small.wait_online(["gallery", "bulb"], after=mark)
    small.wait_polls("gallery", 3)
    assert all(m.payload for m in discovery(small.watch.messages[mark:]))
    assert small.retained("homeassistant/#").keys() == topics


def test_a_renamed_device_without_a_mac_in_the_file_is_not_cleared(small):
    del small.settings["devices"][0]["mac"]
    small.start()
    topic = f"homeassistant/device/{id_of(small.device('engine'))}/config"
    wait_config(small, topic)
    small.wait_settled()
    small.bridge.settings["devices"][0].update(name="locomotive", label="Locomotive")
    mark = change(small)
    small.watch.wait_for(
        topic, lambda m: m.payload and m.json["dev"]["name"] == "Locomotive", WITHIN_S, mark
    )
    assert all(m.payload for m in small.watch.on(topic, mark))
