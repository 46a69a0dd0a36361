"""The shipped Node-RED flow in a real Node-RED, over a real Mosquitto and the bridge, with devices
that were written by somebody else; and what restarts of any of them leave behind."""
import itertools
import json

import pytest

from harness.independent import IndependentDevices
from harness.museum import SOURCE
from harness.nodered import DashboardPage, NodeRed

WITHIN_S = 30
RIGHT_WITHIN_S = 5
EXAMPLES = SOURCE / "deploy" / "examples" / "node-red"
TAB = "plugbridge-tab"
# outlet -> relay of the simulator; the flow's buttons are for steam-engine.
RELAYS = {"steam-engine": "hs110v1", "projector": "hs110v2", "fountain": "hs100"}


def shipped_flow(name, broker):
    nodes = json.loads((EXAMPLES / name).read_text())
    for node in nodes:
        if node["type"] == "mqtt-broker":
            assert (node["broker"], node["port"]) == ("localhost", "1883")
            node.update({"broker": "127.0.0.1", "port": str(broker.port)})
    return nodes


@pytest.fixture
def independent():
    devices = IndependentDevices()
    yield devices
    devices.stop()


@pytest.fixture
def bridge(broker, independent, make_bridge, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    devices = [
        {
            "name": name,
            "host": independent.devices[key]["address"],
            "port": independent.devices[key]["port"],
            "mac": independent.devices[key]["mac"],
        }
        for name, key in RELAYS.items()
    ]
    return make_bridge(
        {
            "broker": {"host": "127.0.0.1", "port": broker.port},
            "bridge": {"id": "flow", "state_dir": str(state)},
            "poll": {"interval_s": 0.5},
            "discovery": {"broadcast": []},
            "devices": devices,
        }
    ).start()


@pytest.fixture
def nodered(tmp_path):
    nodered = NodeRed(tmp_path / "node-red").start()
    yield nodered
    nodered.stop()


def wait_plugs(nodered, is_good=lambda plug: plug["online"]):
    return nodered.wait_context(
        TAB, lambda c: all(is_good(c["plugs"][name]) for name in RELAYS), WITHIN_S
    )


def assert_no_complaint(nodered):
    assert "error" not in nodered.context(TAB)
    assert nodered.complaints() == []


def test_flow_switches_a_plug_and_shows_what_it_measures(broker, bridge, independent, nodered):
    nodered.import_flow(shipped_flow("flow.json", broker))
    context = wait_plugs(nodered)
    assert context["plugs"]["steam-engine"]["power"] == pytest.approx(61.753)
    assert context["plugs"]["steam-engine"]["energy"] == pytest.approx(16.323)
    before = independent.relays()["hs110v1"]
    for word, state in (("OFF", 0), ("ON", 1)) if before else (("ON", 1), ("OFF", 0)):
        mark = independent.mark()
        nodered.press(f"plugbridge-{word.lower()}")
        independent.wait_move("hs110v1", state, WITHIN_S, mark)
        nodered.wait_context(
            TAB,
            lambda c, word=word: c["plugs"]["steam-engine"]["state"] == word
            and c["results"]["steam-engine"]["state"] == word,
        )
        result = nodered.context(TAB)["results"]["steam-engine"]
        assert (result["status"], result["source"]) == ("ok", "node-red")
    assert_no_complaint(nodered)


def test_all_off_button_switches_every_outlet_of_the_inventory(
    broker, bridge, independent, nodered, make_client
):
    nodered.import_flow(shipped_flow("flow.json", broker))
    wait_plugs(nodered)
    client = make_client(broker.port)
    for name in RELAYS:
        client.publish(f"museum/plug/{name}/set", "ON")
    wait_plugs(nodered, lambda plug: plug["state"] == "ON")
    nodered.press("plugbridge-all-off")
    wait_plugs(nodered, lambda plug: plug["state"] == "OFF")
    relays = independent.relays()
    assert [relays[relay] for relay in RELAYS.values()] == [0, 0, 0]
    assert_no_complaint(nodered)


def test_an_outlet_that_does_not_answer_is_shown_as_offline(broker, bridge, independent, nodered):
    nodered.import_flow(shipped_flow("flow.json", broker))
    wait_plugs(nodered)
    independent.stop()
    context = wait_plugs(nodered, lambda plug: not plug["online"])
    assert context["plugs"]["steam-engine"]["power"] is None
    assert_no_complaint(nodered)


class Parts:
    """Broker, bridge and Node-RED, to be ended and started again; the last two by kill -9."""

    def __init__(self, broker, bridge, nodered):
        self._parts = {"broker": broker, "bridge": bridge, "nodered": nodered}

    def kill(self, name):
        if name == "broker":
            self._parts[name].stop()
        else:
            self._parts[name].kill_hard()

    def start(self, name):
        self._parts[name].start()


@pytest.mark.parametrize("order", itertools.permutations(("broker", "bridge", "nodered")))
def test_restart_of_everything_in_each_order_leaves_all_right_and_moves_nothing(
    order, broker, bridge, independent, nodered, make_client
):
    nodered.import_flow(shipped_flow("flow.json", broker))
    wait_plugs(nodered)
    client = make_client(broker.port)
    client.publish("museum/plug/steam-engine/set", "ON")
    client.publish("museum/plug/projector/set", "OFF")
    nodered.wait_context(
        TAB,
        lambda c: c["plugs"]["steam-engine"]["state"] == "ON"
        and c["plugs"]["projector"]["state"] == "OFF",
    )
    client.close()
    relays, mark = independent.relays(), independent.mark()
    parts = Parts(broker, bridge, nodered)
    for name in order:
        parts.kill(name)
        parts.start(name)
    watch = make_client(broker.port, subscribe=["museum/#"])
    expected = {
        "museum/bridge/flow/availability": "online",
        "museum/plug/steam-engine/availability": "online",
        "museum/plug/steam-engine/state": "ON",
        "museum/plug/projector/availability": "online",
        "museum/plug/projector/state": "OFF",
        "museum/plug/fountain/availability": "online",
    }
    for topic, text in expected.items():
        watch.wait_for(topic, lambda m, text=text: m.text == text, 3 * RIGHT_WITHIN_S)
    wait_plugs(nodered)
    assert independent.relays() == relays
    assert independent.moves(mark) == []
    # What Paho leaks when a broker goes is looked for elsewhere.
    bridge.kill_hard()


def test_dashboard_switch_and_button_work_and_its_page_is_served(
    broker, bridge, independent, nodered
):
    tab = "plugbridge-dashboard"
    nodered.import_flow(shipped_flow("dashboard.json", broker))
    rows = nodered.wait_context(
        tab, lambda c: all(c["rows"][name]["state"] in ("ON", "OFF") for name in RELAYS)
    )["rows"]
    assert rows["steam-engine"]["W"] == pytest.approx(61.753)
    assert b"<html" in nodered.get("/dashboard/plugs").lower()
    page = DashboardPage(nodered)
    wanted = "OFF" if rows["steam-engine"]["state"] == "ON" else "ON"
    mark = independent.mark()
    page.act("widget-change", "plugbridge-d-switch", wanted)
    independent.wait_move("hs110v1", int(wanted == "ON"), WITHIN_S, mark)
    page.act("widget-change", "plugbridge-d-switch", "ON")
    nodered.wait_context(tab, lambda c: c["rows"]["steam-engine"]["state"] == "ON")
    page.act("widget-action", "plugbridge-d-all-off", {"topic": "all"})
    nodered.wait_context(
        tab, lambda c: all(c["rows"][name]["state"] == "OFF" for name in RELAYS)
    )
    assert "error" not in nodered.context(tab)
    assert nodered.complaints() == []
