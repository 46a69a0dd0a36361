"""plugctl from outside: dimmers, bulbs and light strips."""
import pytest

from harness.ctl import BULB, COLOUR, DIMMER, PLUG, RIBBON, at, relays


@pytest.mark.parametrize("device", [COLOUR, RIBBON])
def test_light_is_told_and_changed(ctl, sim, device):
    target = at(sim, device)
    told = ctl.one("light", "get", target)
    assert told["state"] == "off" and told["brightness_percent"] == 80 and told["kelvin"] == 2700
    assert (told["kelvin_min"], told["kelvin_max"]) == (2500, 9000)
    colour = ("--hue", 120, "--saturation", 75, "--brightness", 40, "--transition", 0.5)
    told = ctl.one("light", "on", *colour, target)
    assert (told["state"], told["brightness_percent"]) == ("on", 40)
    assert (told["hue_degrees"], told["saturation_percent"]) == (120, 75) and "kelvin" not in told
    assert relays(sim, device) == [1] and sim.get(device)["brightness"] == 40
    assert ctl.one("light", "on", "--kelvin", 4000, target)["kelvin"] == 4000
    assert ctl.one("light", "off", target)["state"] == "off"
    assert relays(sim, device) == [0]
    told = ctl.one("light", "on", target)
    assert (told["state"], told["brightness_percent"], told["kelvin"]) == ("on", 40, 4000)


def test_each_family_is_asked_in_its_own_words(ctl, sim):
    ctl.run("light", "on", "--brightness", 5, *(at(sim, d) for d in (BULB, COLOUR, RIBBON)))
    lamp = "smartlife.iot.smartbulb.lightingservice.transition_light_state"
    strip = "smartlife.iot.lightStrip.set_light_state"
    methods = [sim.counters(device)["methods"] for device in (BULB, COLOUR, RIBBON)]
    assert [(count[lamp], count[strip]) for count in methods] == [(1, 0), (1, 0), (0, 1)]


def test_what_a_light_cannot_do_is_said(ctl, sim):
    assert "shows no colours" in ctl.failure("light", "on", "--hue", 5, at(sim, BULB))
    error = ctl.failure("light", "on", "--kelvin", 2400, at(sim, COLOUR))
    assert "2500 to 9000 K" in error
    for device in (PLUG, DIMMER):
        assert "no light of this kind" in ctl.failure("light", "get", at(sim, device))
    assert [relays(sim, device) for device in (BULB, COLOUR)] == [[0], [0]]


def test_a_light_that_stays_dark_is_told(ctl, sim):
    sim.fault(COLOUR, "stuck_relay")
    assert "took the order, but" in ctl.failure("light", "on", at(sim, COLOUR))


def test_light_details_have_units(ctl, sim):
    told = ctl.one("light", "details", at(sim, COLOUR))
    assert (told["power_w"], told["lumens"], told["beam_degrees"]) == (10, 800, 270)
    out, _ = ctl.run("light", "details", at(sim, COLOUR))
    assert "W" in "\n".join(out) and "V" in "\n".join(out)


def test_brightness_can_take_its_time(ctl, sim):
    for device, state in ((DIMMER, "on"), (BULB, "on"), (RIBBON, "on")):
        told = ctl.one("brightness", "--set", 20, "--transition", 1, at(sim, device))
        assert told == {"brightness_percent": 20, "state": state}
        assert relays(sim, device) == [1]
    dimmer = sim.counters(DIMMER)["methods"]
    assert dimmer["smartlife.iot.dimmer.set_dimmer_transition"] == 1


DIMMING = {
    "minimum": ("minimum", 16), "fade-on": ("fade_on_ms", 11), "fade-off": ("fade_off_ms", 12),
    "gentle-on": ("gentle_on_ms", 13), "gentle-off": ("gentle_off_ms", 14),
    "ramp-rate": ("ramp_rate", 15), "double-click": ("double_click", "none"),
    "long-press": ("long_press", "gentle_on_off"),
}


def test_every_property_of_a_dimmer_is_changed_and_no_other(ctl, sim):
    expected = ctl.one("dimmer", at(sim, DIMMER))
    assert set(expected) == {key for key, _ in DIMMING.values()}
    for name, (key, value) in DIMMING.items():
        expected[key] = value
        assert ctl.one("dimmer", "--set", f"{name}={value}", at(sim, DIMMER)) == expected
    assert "not a dimmer" in ctl.failure("dimmer", at(sim, PLUG))
