"""plugctl from outside: which devices and outlets are meant, many at once, and names."""
import time

import pytest

from harness.ctl import WITHIN_S, PLUG, STRIP, at, relays
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


def test_a_target_given_twice_is_done_once(ctl, sim):
    ctl.run("toggle", at(sim, PLUG), f"{at(sim, PLUG)}:9999")
    assert relays(sim, PLUG) == [1]


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
    assert out == [] and any(f"{path}:2" in line and "hots" in line for line in err)
