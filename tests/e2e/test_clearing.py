"""Retained readings go away when the device has them no more, and only then."""
import pytest

from harness.museum import Museum

METER = ("power", "voltage", "current", "apparent_power", "power_factor", "energy", "energy_today")


@pytest.fixture
def museum(programs, tmp_path):
    models = {"engine": ("HS110v1", ["engine"]), "plain": ("HS100", ["plain"])}
    museum = Museum(programs, tmp_path, models)
    yield museum
    museum.stop()


def wait_cleared(museum, leaves, after):
    for leaf in leaves:
        museum.watch.wait_for(museum.topic("engine", leaf), lambda m: not m.payload, after=after)


def start_with_engine(museum):
    """The other device is not configured; returns how it would be."""
    plain = museum.settings["devices"].pop()
    museum.device("engine").put(relay=True, power_mw=42500)
    museum.start()
    museum.wait_online({"engine"})
    for leaf in METER:
        museum.watch.wait_for(museum.topic("engine", leaf), lambda m: m.payload)
    return plain


def test_readings_of_a_meter_go_when_the_name_gets_a_plug_without(museum):
    plain = start_with_engine(museum)
    mark = museum.watch.mark()
    museum.settings["devices"][0].update({**plain, "name": "engine"})
    museum.bridge.write()
    museum.bridge.reload()
    wait_cleared(museum, METER, mark)
    left = {topic.rsplit("/", 1)[1] for topic in museum.retained("museum/plug/engine/#")}
    assert not left & set(METER)
    assert {"state", "availability", "rssi", "json"} <= left
    # Once is enough.
    polls = museum.watch.mark()
    museum.wait_polls("plain", 5)
    assert not [m for m in museum.watch.messages[polls:] if not m.payload]


def test_readings_an_earlier_run_left_go_as_well(museum):
    plain = start_with_engine(museum)
    museum.bridge.stop()
    museum.settings["devices"][0].update({**plain, "name": "engine"})
    mark = museum.watch.mark()
    museum.bridge.write()
    museum.bridge.start()
    wait_cleared(museum, METER, mark)


def test_power_factor_of_an_outlet_that_went_off_is_gone(museum):
    start_with_engine(museum)
    mark = museum.watch.mark()
    assert museum.command("engine", "OFF")["status"] == "ok"
    wait_cleared(museum, ["power_factor"], mark)
    power = museum.watch.wait_for(museum.topic("engine", "power"), after=mark)
    assert float(power.text) == 0
    mark = museum.watch.mark()
    assert museum.command("engine", "ON")["status"] == "ok"
    museum.watch.wait_for(museum.topic("engine", "power_factor"), lambda m: m.payload, after=mark)


def test_readings_of_a_device_that_is_offline_stay(museum):
    start_with_engine(museum)
    mark = museum.watch.mark()
    museum.device("engine").power_off()
    museum.wait_offline({"engine"}, after=mark)
    museum.watch.wait_for(
        museum.topic("engine", "json"), lambda m: not m.json["online"], after=mark
    )
    left = {topic.rsplit("/", 1)[1] for topic in museum.retained("museum/plug/engine/#")}
    assert set(METER) <= left
