"""plugctl from outside: on and off, light, and what a device is called."""
import signal
import time

import pytest

from harness.ctl import WITHIN_S, PLUG, STRIP, PLAIN, DIMMER, BULB, OLD, at, relays
from harness.process import Process


def test_state_shows_every_outlet_of_every_family(ctl, sim):
    sim.set(PLUG, relay=True)
    sim.set(STRIP, outlet=2, relay=True)
    out, err = ctl.run("state", *(at(sim, device) for device in range(1, 7)))
    assert err == []
    assert [line.split()[:2] for line in out] == [
        [at(sim, PLUG), "on"],
        *([f"{at(sim, STRIP)}/{n}", "on" if n == 3 else "off"] for n in range(1, 7)),
        *([at(sim, device), "off"] for device in (PLAIN, DIMMER, BULB, OLD)),
    ]
    # Columns are aligned: the aliases of plugs begin below each other.
    places = {line.index(alias) for line in out for alias in ("Engine", "Plain") if alias in line}
    assert len(places) == 1


@pytest.mark.parametrize("device", [PLUG, PLAIN, DIMMER, BULB, OLD])
def test_on_off_and_toggle_move_the_relay(ctl, sim, device):
    for verb, state in (("on", 1), ("on", 1), ("off", 0), ("toggle", 1), ("toggle", 0)):
        outlet = ctl.one(verb, at(sim, device))["outlets"][0]
        assert outlet["state"] == ("on" if state else "off")
        assert relays(sim, device) == [state]


def test_info_tells_a_device_and_its_ids_only_when_asked(ctl, sim):
    told = sim.get(PLUG)
    info = ctl.one("info", at(sim, PLUG))
    assert info["alias"] == "Engine" and info["mac"] == told["mac"]
    assert info["rssi_dbm"] == told["rssi_dbm"] and info["family"] == "plug"
    assert info["meter"] is True and info["states"] == ["off"] and info["led"] == "on"
    assert not any(key.endswith("_id") for key in info)
    assert len(ctl.one("info", "--unredacted", at(sim, PLUG))["device_id"]) == 40
    assert ctl.one("info", at(sim, STRIP))["states"] == ["off"] * 6
    block, _ = ctl.run("info", at(sim, PLUG))
    assert block[0] == at(sim, PLUG) and "  alias" in block[1]
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in block[1:]}
    assert rows["rssi"].endswith(" dBm") and rows["states"] == "off"
    assert rows["meter"] == "yes" and rows["updating"] == "no"
    block, _ = ctl.run("info", at(sim, STRIP))
    assert "off off off off off off" in "\n".join(block)


def test_an_alias_cannot_steer_the_terminal(ctl, sim):
    sim.set(PLUG, alias="\x1b[31mred\x07\u009b")
    out, _ = ctl.run("state", at(sim, PLUG))
    assert out[0].endswith("?[31mred??")
    sim.set(PLUG, alias="\u202egnp.\u200b\u2066x\ufeff \u2013 \U0001f469\u200d\U0001f680")
    out, _ = ctl.run("state", at(sim, PLUG))
    assert out[0].endswith("?gnp.??x? \u2013 \U0001f469\u200d\U0001f680")


def test_led_and_blink_leave_the_light_as_told(ctl, sim):
    assert ctl.one("led", "off", at(sim, PLUG)) == {"led": "off"}
    assert sim.get(PLUG)["led_off"] == 1
    assert ctl.one("blink", "--times", "1", at(sim, PLUG)) == {"blinked": 1, "led": "off"}
    assert sim.counters(PLUG)["methods"]["system.set_led_off"] == 3
    assert ctl.one("led", "on", at(sim, PLUG)) == {"led": "on"}
    assert sim.get(PLUG)["led_off"] == 0
    assert "no light" in ctl.failure("blink", at(sim, BULB))
    assert "does not support" in ctl.failure("led", "on", at(sim, BULB))


def test_an_interrupted_blink_brings_the_light_back(ctl, sim):
    blink = Process([ctl.path, "blink", "--times", "100", at(sim, PLUG)])
    try:
        deadline = time.monotonic() + WITHIN_S
        while sim.get(PLUG)["led_off"] == 0:
            assert time.monotonic() < deadline and blink.is_running()
        blink.signal(signal.SIGINT)
        assert blink.wait(WITHIN_S) == 0
    finally:
        blink.kill()
    assert sim.get(PLUG)["led_off"] == 0


def test_alias_names_device_and_outlet(ctl, sim):
    strip = at(sim, STRIP)
    assert ctl.one("alias", at(sim, PLUG)) == {"alias": "Engine"}
    for device in (PLUG, BULB):
        ctl.run("alias", "--set", 'Café "Zum\\Rad"', at(sim, device))
        assert sim.get(device)["alias"] == 'Café "Zum\\Rad"'
    ctl.run("alias", "--set", "Vitrinen", strip)
    ctl.run("alias", "--set", "Uhr", f"{strip}/2")
    told = sim.get(STRIP)
    assert told["alias"] == "Vitrinen"
    assert [outlet["alias"] for outlet in told["outlets"]][:3] == ["Plug 1", "Uhr", "Plug 3"]


def test_a_name_that_is_none_is_refused_and_a_long_one_explained(ctl, sim):
    for name in (" ", "a\x1bb", "a\nb", "\u202eabc"):
        assert "control characters" in ctl.refusal("alias", "--set", name, at(sim, PLUG))
    sim.fault(PLUG, "err_code", err_code=-3, module="system", method="set_dev_alias")
    assert "too long" not in ctl.failure("alias", "--set", "x" * 31, at(sim, PLUG))
    error = ctl.failure("alias", "--set", "x" * 100, at(sim, PLUG))
    assert "(-3)" in error and "perhaps the name is too long, it has 100 bytes" in error


def test_brightness_of_dimmer_and_bulb(ctl, sim):
    for device in (DIMMER, BULB):
        assert ctl.one("brightness", at(sim, device))["brightness_percent"] == 80
        assert ctl.one("brightness", "--set", 33, at(sim, device))["brightness_percent"] == 33
        assert sim.get(device)["brightness"] == 33
    assert relays(sim, DIMMER) == [0]
    assert ctl.failure("brightness", "--set", 33, at(sim, PLUG)) == "cannot be dimmed"


def test_icon_is_told_and_changed(ctl, sim):
    assert ctl.one("icon", at(sim, PLUG)) == {"icon": "", "hash": ""}
    wanted = {"icon": "aWNvbg==", "hash": "00F1"}
    told = ctl.one("icon", "--set", wanted["icon"], "--hash", wanted["hash"], at(sim, PLUG))
    assert told == wanted and sim.get(PLUG)["icon"] == wanted["icon"]
    assert "does not support" in ctl.failure("icon", at(sim, BULB))


@pytest.mark.parametrize("device", [PLUG, OLD])
def test_location_is_set_in_the_dialect_of_the_device(ctl, sim, device):
    place = ctl.one("location", "--set", "52.3702,-4.8952", at(sim, device))
    assert place == {"latitude": 52.3702, "longitude": -4.8952}
    told = sim.get(device)
    assert (told["latitude"], told["longitude"]) == (52.3702, -4.8952)


def test_a_device_that_was_told_no_place_says_so(ctl, sim):
    with sim.watch() as events:
        ctl.run("reset", "--yes", at(sim, PLUG))
        events.wait(lambda event: event["event"] == "power", within=WITHIN_S)
    sim.power(PLUG, True)
    assert ctl.failure("location", at(sim, PLUG)) == "knows no location"


def test_location_is_shown_when_asked_for(ctl, sim):
    place = ctl.one("location", at(sim, PLUG))
    assert -90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180
    assert ctl.failure("location", at(sim, BULB)) == "knows no location"
