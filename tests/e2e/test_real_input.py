"""The bridge between a real Mosquitto and devices that were written by somebody else.

Commands go in through mosquitto_pub and readings come out through mosquitto_sub; whether a relay
moved is asked of the devices, not of the bridge."""
import json
import subprocess

import pytest

from harness.independent import IndependentDevices

WITHIN_S = 15
STRIP = [f"case-{number}" for number in range(1, 7)]
# outlet of the bridge -> relay of the simulator
RELAYS = {
    "engine": "hs110v1",
    "projector": "hs110v2",
    "fountain": "hs100",
    **{name: f"hs300/{index}" for index, name in enumerate(STRIP)},
}
READINGS = {
    "engine": {"power": 61.753, "voltage": 230.837, "current": 0.451, "energy": 16.323},
    "projector": {"power": 1.25, "voltage": 121.5, "current": 0.022, "energy": 2.048},
    **{
        name: {"power": 11.5, "voltage": 119.25, "current": 0.1, "energy": 0.75}
        for name in STRIP
    },
}
ENERGY_TODAY = {"engine": 1.234, "projector": 0.512, **{name: 0.096 for name in STRIP}}


def settings(broker, devices, folder):
    def at(key):
        return {"host": devices[key]["address"], "port": devices[key]["port"]}

    return {
        "broker": {"host": "127.0.0.1", "port": broker.port},
        "bridge": {"id": "real", "state_dir": str(folder)},
        "poll": {"interval_s": 1.0},
        "devices": [
            {"name": "engine", **at("hs110v1"), "mac": devices["hs110v1"]["mac"]},
            {"name": "projector", **at("hs110v2")},
            {"name": "fountain", **at("hs100")},
            {"name": "cases", **at("hs300"), "outlets": STRIP},
        ],
    }


@pytest.fixture
def independent():
    devices = IndependentDevices()
    yield devices
    devices.stop()


@pytest.fixture
def bridge(broker, independent, make_bridge, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    return make_bridge(settings(broker, independent.devices, state)).start()


def pub(broker, topic, payload):
    subprocess.run(
        ["mosquitto_pub", "-V", "5", "-q", "1", "-h", "127.0.0.1", "-p", str(broker.port)]
        + ["-t", topic, "-m", payload],
        check=True,
        timeout=WITHIN_S,
    )


def sub(broker, *arguments):
    """The messages that mosquitto_sub prints, each as (topic, payload, retained)."""
    run = subprocess.run(
        ["mosquitto_sub", "-V", "5", "-q", "1", "-h", "127.0.0.1", "-p", str(broker.port)]
        + ["-F", "%t %r %p", "-W", str(WITHIN_S), *arguments],
        check=True,
        timeout=2 * WITHIN_S,
        capture_output=True,
        text=True,
    )
    lines = [line.split(" ", 2) for line in run.stdout.splitlines()]
    return [(topic, payload, retained == "1") for topic, retained, payload in lines]


def retained(broker, topic):
    """The one retained message of a topic, waited for if it is not there yet."""
    [(_, payload, _)] = sub(broker, "-C", "1", "-t", topic)
    [(_, payload, is_retained)] = sub(broker, "-C", "1", "--retained-only", "-t", topic)
    assert is_retained
    return payload


def wait_online(watch, outlets=RELAYS):
    for name in outlets:
        topic = f"museum/plug/{name}/availability"
        watch.wait_for(topic, lambda m: m.text == "online", 2 * WITHIN_S)


def test_each_outlet_switches_and_only_that(broker, independent, bridge, make_client):
    watch = make_client(broker.port, subscribe=["museum/#"])
    wait_online(watch)
    # All of them: those that the bridge does not know of must not move either.
    expected = {relay: 0 for relay in independent.relays()}
    assert independent.relays() == expected
    assert set(RELAYS.values()) < set(expected)
    for payload, state in (("ON", 1), ("off", 0), ("TOGGLE", 1)):
        for name, relay in RELAYS.items():
            mark, moves = watch.mark(), independent.mark()
            pub(broker, f"museum/plug/{name}/set", payload)
            independent.wait_move(relay, state, WITHIN_S, moves)
            result = watch.wait_for(f"museum/plug/{name}/result", after=mark).json
            word = "ON" if state else "OFF"
            assert (result["status"], result["state"]) == ("ok", word)
            expected[relay] = state
            assert independent.relays() == expected
            assert retained(broker, f"museum/plug/{name}/state") == word
    assert bridge.process.is_running()
    # The plug that closes after each reply may get the next request before its end is noticed;
    # the bridge finds out what became of it. Nobody else may have had anything to complain about.
    assert all("hs100: write after end" in error for error in independent.errors())


def test_readings_are_retained(broker, bridge, make_client):
    wait_online(make_client(broker.port, subscribe=["museum/#"]))
    for name, readings in READINGS.items():
        for leaf, value in readings.items():
            assert float(retained(broker, f"museum/plug/{name}/{leaf}")) == pytest.approx(value)
        today = float(retained(broker, f"museum/plug/{name}/energy_today"))
        assert today == pytest.approx(ENERGY_TODAY[name])
    for name in RELAYS:
        rssi = -68 if name in STRIP else -65
        assert int(retained(broker, f"museum/plug/{name}/rssi")) == rssi
        summary = json.loads(retained(broker, f"museum/plug/{name}/json"))
        assert summary["online"] is True and summary["state"] == "OFF"
    assert bridge.process.is_running()


def test_plug_without_a_meter_has_no_power_topic(broker, bridge, make_client):
    watch = make_client(broker.port, subscribe=["museum/#"])
    wait_online(watch)
    # Each poll asks everything at once, so a second good read has seen all there is to see.
    watch.publish("museum/plug/fountain/get", "")
    watch.wait_for("museum/plug/fountain/result")
    told = [m.topic for m in watch.messages if "/fountain/" in m.topic and m.payload]
    leaves = {topic.rsplit("/", 1)[1] for topic in told}
    assert not leaves & {"power", "voltage", "current", "energy", "energy_today"}
    summary = watch.on("museum/plug/fountain/json")[-1].json
    assert summary.get("power") is None
    assert bridge.process.is_running()
