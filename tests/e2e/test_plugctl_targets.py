"""plugctl from outside: which devices and outlets are meant, many at once, and names."""
import time

import pytest

from harness.ctl import WITHIN_S, PLAIN, PLUG, STRIP, at, relays
from plugsim import Plugsim


def test_an_outlet_is_meant_by_number_alias_or_id(ctl, sim):
    sim.set(STRIP, outlet=3, alias="Gold watch")
    ids = [outlet["child_id"] for outlet in sim.get(STRIP)["outlets"]]
    strip = at(sim, STRIP)
    for words, index in (
        ((f"{strip}/1",), 0),
        (("--outlet", "2", strip), 1),
        ((f"{strip}/02",), 2),
        ((f"{strip}/Gold watch",), 3),
        ((f"{strip}/{ids[4]}",), 4),
    ):
        expected = [int(n == index) for n in range(6)]
        (outlet,) = ctl.one("on", *words)["outlets"]
        assert outlet["outlet"] == index + 1 and relays(sim, STRIP) == expected
        ctl.run("off", *words)
    assert ctl.failure("on", f"{strip}/7") == "has no outlet '7'; it has 6"
    sim.set(STRIP, outlet=5, alias="Gold watch")
    assert "more than one outlet" in ctl.failure("on", f"{strip}/Gold watch")
    assert "it has one outlet" in ctl.failure("on", f"{at(sim, PLUG)}/1")
    assert relays(sim, STRIP) == [0] * 6 and relays(sim, PLUG) == [0]


def test_a_strip_is_switched_as_a_whole_only_when_told_so(ctl, sim):
    strip = at(sim, STRIP)
    for verb in ("on", "off", "toggle"):
        assert "--all-outlets" in ctl.failure(verb, strip)
    assert sim.counters(STRIP)["relay_moves"] == 0
    sim.set(STRIP, outlet=1, relay=True)
    ctl.run("toggle", "--all-outlets", strip)
    assert relays(sim, STRIP) == [1, 0, 1, 1, 1, 1]


def test_outlets_of_one_strip_are_asked_one_after_the_other(ctl, sim):
    ctl.run("on", *(f"{at(sim, STRIP)}/{n}" for n in range(1, 7)))
    assert relays(sim, STRIP) == [1] * 6
    assert sim.counters(STRIP)["max_in_flight"] == 1


def test_what_several_words_mean_is_done_once_and_told_for_each(ctl, sim):
    mac = sim.get(PLUG)["mac"]
    words = [at(sim, PLUG), mac, "Engine", f"{at(sim, PLUG)}:9999", "ENGINE", at(sim, PLUG)]
    results = ctl.json("toggle", *words)
    assert [result["target"] for result in results] == words
    assert {result["outlets"][0]["state"] for result in results} == {"on"}
    assert relays(sim, PLUG) == [1] and sim.counters(PLUG)["relay_moves"] == 1
    # Outlets of strips keep the names they were given.
    strip = at(sim, STRIP)
    words = [f"{strip}/1", "Cases/1", f"{strip}/Plug 1"]
    results = ctl.json("toggle", *words)
    assert [result["outlets"][0]["name"] for result in results] == words
    assert sim.counters(STRIP)["relay_moves"] == 1
    # What cannot be done twice neither.
    ctl.run("schedule", "add", "--at", "8:00", "--do", "on", "--days", "mon", at(sim, PLUG), mac)
    assert sim.counters(PLUG)["methods"]["schedule.add_rule"] == 1


def test_an_outlet_and_its_strip_are_toggled_once(ctl, sim):
    strip = at(sim, STRIP)
    for words in ((f"{strip}/2", strip), (strip, f"{strip}/2")):
        before = sim.counters(STRIP)["relay_moves"]
        ctl.run("toggle", "--all-outlets", *words)
        assert sim.counters(STRIP)["relay_moves"] == before + 6


def test_what_is_nearly_an_address_reaches_nobody(ctl, sim):
    first = at(sim, 1).split(".")
    octal = ".".join([*first[:3], "0" + first[3]])
    assert "is no address" in ctl.refusal("on", octal)
    assert "is no address" in ctl.refusal("on", f"{first[0]}.{first[3]}")
    assert "is no address" in ctl.refusal("on", "2130771969:9999")
    sim.set(PLAIN, alias="1")
    ctl.run("on", "1")
    assert relays(sim, PLAIN) == [1]


def test_a_mac_that_two_devices_have_is_refused(ctl, sim):
    sim.set(PLAIN, mac=sim.get(PLUG)["mac"])
    error = ctl.failure("on", sim.get(PLUG)["mac"])
    assert error.startswith("2 have this MAC: ")
    assert at(sim, PLUG) in error and at(sim, PLAIN) in error
    assert relays(sim, PLUG) == [0] and relays(sim, PLAIN) == [0]


WHOLE = ["reboot", "reset --yes", "wifi info", "cloud info", "led off", "blink", "location",
         "info", "time get", "firmware state", "icon", "identity", "testmode off", "check uboot",
         'raw {"system":{"get_sysinfo":{}}}']


@pytest.mark.parametrize("words", WHOLE)
def test_what_is_about_the_whole_strip_takes_no_outlet(ctl, sim, words):
    verb = words.split()[0]
    strip = at(sim, STRIP)
    expected = f"is an outlet, but {verb} means the whole strip: say {strip}"
    assert ctl.failure(*words.split(), f"{strip}/2") == expected
    sim.set(STRIP, outlet=2, alias="Crown")
    assert ctl.failure(*words.split(), "Crown") == expected
    assert "whole devices" in ctl.refusal(*words.split(), "--outlet", "2", strip)
    assert sim.counters(STRIP)["methods"]["system.reboot"] == 0


def test_outlets_do_not_all_get_one_name(ctl, sim):
    assert "same name" in ctl.refusal("alias", "--all-outlets", "--set", "X", at(sim, STRIP))
    assert sim.get(STRIP)["alias"] == "Cases"


def test_an_outlet_may_be_written_in_other_letters_and_behind_an_option(ctl, sim):
    sim.set(STRIP, outlet=3, alias="Gold watch")
    sim.set(STRIP, outlet=4, alias="GOLD watch")
    strip = at(sim, STRIP)
    (outlet,) = ctl.one("state", f"{strip}/GOLD watch")["outlets"]
    assert outlet["outlet"] == 5
    assert "more than one" in ctl.failure("state", f"{strip}/gold watch")
    sim.set(STRIP, outlet=4, alias="Crown")
    (outlet,) = ctl.one("state", f"{strip}/gold watch")["outlets"]
    assert outlet["outlet"] == 4
    (outlet,) = ctl.one("state", "--outlet", "2", strip)["outlets"]
    assert outlet["name"] == f"{strip}/2"


def test_a_hundred_plugs_of_which_ten_hang_take_one_timeout(ctl, programs):
    timeout_s = 3
    with Plugsim(programs, (), "--count", "100", "--model", "HS110v2") as sim:
        sim.fault("1-10", "hang")
        targets = [device["address"] for device in sim.devices]
        with sim.watch() as events:
            begin_s = time.monotonic()
            out, err = ctl.run("on", "--timeout", timeout_s, *targets, status=1)
            took_s = time.monotonic() - begin_s
            moves = [events.wait(within=WITHIN_S) for _ in range(90)]
        assert len(out) == 90 and len(err) == 10
        assert all(line.endswith("no answer in time") for line in err)
        assert sorted(event["device"] for event in moves) == list(range(11, 101))
        # Nobody waits for those that hang: measured 0.3 s.
        assert moves[-1]["ns"] / 1e9 - begin_s < timeout_s
        # Once, not ten times: with room for a slow machine.
        assert timeout_s <= took_s < 3 * timeout_s
        results = ctl.json("off", "--timeout", timeout_s, *targets, status=1)
        assert [result["ok"] for result in results] == [True] * 90 + [False] * 10
        assert [result["target"] for result in results[90:]] == targets[:10]


def test_an_unknown_name_fails_alone(ctl, sim):
    out, err = ctl.run("state", "no-such-host.invalid", at(sim, PLUG), status=1)
    assert len(out) == 1 and err == ["plugctl: no-such-host.invalid: host name not found"]


CONFIG = """
discovery = {{ broadcast = ( "127.255.255.255" ); }};
devices = (
  {{ name = "engine"; host = "{engine}"; mac = "{mac}"; }},
  {{ name = "cases"; host = "{cases}"; outlets = ( "case-1", "gold-watch" ); }},
  {{ name = "lost"; mac = "50:C7:BF:00:00:99"; }}
);
"""


@pytest.fixture
def config(sim, tmp_path):
    path = tmp_path / "plugbridge.cfg"
    mac = sim.get(PLUG)["mac"]
    path.write_text(CONFIG.format(engine=at(sim, PLUG), cases=at(sim, STRIP), mac=mac))
    return path


def test_names_of_the_configuration_are_targets(ctl, sim, config):
    out, _ = ctl.run("on", "--config", config, "engine", "gold-watch", "cases/case-1", "cases/4")
    assert [line.split()[:2] for line in out] == [
        [name, "on"] for name in ("engine", "gold-watch", "cases/case-1", "cases/4")
    ]
    assert relays(sim, PLUG) == [1] and relays(sim, STRIP) == [1, 1, 0, 1, 0, 0]
    assert "an outlet itself" in ctl.refusal("on", "--config", config, "gold-watch/1")


def test_all_means_the_whole_configuration(ctl, sim, config):
    out, err = ctl.run("state", "--all", "--config", config, status=1)
    assert [line.split()[0] for line in out] == ["engine", *(f"cases/{n}" for n in range(1, 7))]
    assert err == ["plugctl: lost: no device with this MAC answered the search"]


def test_a_name_that_is_almost_right_gets_the_right_one(ctl, config):
    error = ctl.failure("state", "--config", config, "engin")
    assert error == "host name not found; did you mean 'engine'?"


def test_another_device_at_a_pinned_address_is_left_alone(ctl, sim, config):
    sim.fault(PLUG, "other_device")
    assert "another device" in ctl.failure("on", "--config", config, "engine")
    assert sim.counters(PLUG)["methods"]["system.set_relay_state"] == 0


def test_a_wrong_configuration_is_told_with_its_line(ctl, tmp_path):
    path = tmp_path / "wrong.cfg"
    path.write_text('devices = (\n  { name = "engine"; hots = "1.2.3.4"; }\n);\n')
    out, err = ctl.run("state", "--config", path, "engine", status=2)
    assert out == [] and any(
        line.startswith(f"plugctl: {path}:2") and "hots" in line for line in err)
