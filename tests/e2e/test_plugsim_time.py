"""plugsim itself: time that passes faster, and what happens in it without being asked for."""
import time

import pytest

from harness.devices import MODELS, NUMBER, WITHIN_S, Devices, wait_until
from plugsim import Plugsim, Refused

HOUR_MS = 3600 * 1000
PLUG, STRIP = "HS110v2", "HS300"


@pytest.fixture(scope="module")
def running(programs):
    with Plugsim(programs, MODELS, port=0) as sim:
        yield Devices(sim)


def pass_hours(sim, hours):
    sim.ask("time", pass_ms=int(hours * HOUR_MS))


def daily(minute, action, **more):
    return {"enable": 1, "repeat": 1, "wday": [1] * 7, "stime_opt": 0, "smin": minute,
            "sact": action, **more}


def test_energy_and_minutes_follow_time(running):
    sim = running.sim
    sim.set(NUMBER[PLUG], relay=True, power_mw=100000, clock="2026-11-21T12:00:00")
    running.call(PLUG, "emeter", "erase_emeter_stat")
    running.call(PLUG, "schedule", "erase_runtime_stat")
    pass_hours(sim, 30)
    reading = running.call(PLUG, "emeter", "get_realtime")
    assert reading["total_wh"] == pytest.approx(3000, abs=5)
    month = {"year": 2026, "month": 11}
    for module, key, of_hour in (("emeter", "energy_wh", 100), ("schedule", "time", 60)):
        days = running.call(PLUG, module, "get_daystat", month)["day_list"]
        assert [day["day"] for day in days] == [21, 22]
        hours = [day[key] / of_hour for day in days]
        assert hours == pytest.approx([12, 18], abs=0.1)
    assert running.sysinfo(PLUG)["on_time"] == pytest.approx(30 * 3600, abs=WITHIN_S)


def test_time_goes_as_fast_as_it_is_told(running):
    sim = running.sim
    before = sim.ask("info")
    assert sim.ask("time", speed=3600)["speed"] == 3600
    wait_until(lambda: sim.ask("info")["now_ms"] > before["now_ms"] + HOUR_MS, "time stands still")
    told = sim.ask("time", speed=1)
    assert sim.ask("info")["now_ms"] < told["now_ms"] + WITHIN_S * 1000
    for wrong in ({"speed": 0}, {"speed": 100001}, {"pass_ms": -1}, {"hours": 1}):
        with pytest.raises(Refused):
            sim.ask("time", **wrong)


def test_an_alarm_rings_at_the_speed_of_time(running):
    sim = running.sim
    sim.set(NUMBER["HS100"], relay=False)
    with sim.watch() as events:
        rule = {"enable": 1, "delay": 3600, "act": 1, "name": "x"}
        running.call("HS100", "count_down", "add_rule", rule)
        assert running.sysinfo("HS100")["active_mode"] == "count_down"
        sim.ask("time", speed=7200)
        event = events.wait(lambda event: event["device"] == NUMBER["HS100"], within=WITHIN_S)
    sim.ask("time", speed=1)
    assert (event["event"], event["on"], event["by"]) == ("relay", True, "itself")
    running.call("HS100", "count_down", "delete_all_rules")


def test_a_schedule_is_carried_out_on_the_outlet_it_is_for(running):
    sim = running.sim
    sim.set(NUMBER[STRIP], relay=False, clock="2026-11-21T12:00:00")
    child = running.sysinfo(STRIP)["children"][3]["id"]
    added = running.call(STRIP, "schedule", "add_rule", daily(13 * 60, 1), [child])["id"]
    expected = {"type": 1, "id": added, "schd_sec": 13 * 3600, "action": 1}
    children = running.sysinfo(STRIP)["children"]
    assert [told["next_action"] for told in children] == [
        expected if index == 3 else {"type": -1} for index in range(6)
    ]
    pass_hours(sim, 1)
    assert sim.get(NUMBER[STRIP])["relay"] == [0, 0, 0, 1, 0, 0]
    running.call(STRIP, "schedule", "delete_all_rules", children=[child])


def test_rules_by_the_sun_tell_their_minute(running):
    running.sim.set(NUMBER[PLUG], clock="2026-11-21T12:00:00")
    rule = {**daily(0, 0), "stime_opt": 2, "soffset": -10}
    running.call(PLUG, "schedule", "add_rule", rule)
    (stored,) = running.call(PLUG, "schedule", "get_rules")["rule_list"]
    assert stored["smin"] != 0 and stored["soffset"] == -10
    action = running.call(PLUG, "schedule", "get_next_action")
    assert action["type"] == 1
    # It may be tomorrow's, and the sun is never on time.
    assert action["schd_time"] == pytest.approx(stored["smin"] * 60, abs=180)
    running.call(PLUG, "schedule", "delete_all_rules")


def test_a_rule_can_want_a_light(running):
    sim = running.sim
    light = {"on_off": 1, "hue": 240, "saturation": 75, "color_temp": 0, "brightness": 30}
    sim.set(NUMBER["KL130"], relay=False, clock="2026-11-21T12:00:00")
    module = "smartlife.iot.common.schedule"
    running.call("KL130", module, "add_rule", daily(12 * 60 + 30, 2, s_light=light))
    pass_hours(sim, 1)
    state = running.sysinfo("KL130")["light_state"]
    assert {key: state[key] for key in light} == light
    running.call("KL130", module, "delete_all_rules")


def test_causes_can_be_told_apart(running):
    sim, number = running.sim, NUMBER[PLUG]
    sim.set(number, relay=True, boot_ms=100)
    pass_hours(sim, 1)
    assert running.sysinfo(PLUG)["on_time"] >= 3600
    with sim.watch() as events:
        sim.ask("press", device=number)
        assert events.wait(within=WITHIN_S)["on"] is False
        sim.ask("press", device=number)
        event = events.wait(within=WITHIN_S)
        assert (event["on"], event["by"]) == (True, "control")
        pass_hours(sim, 1)
        sim.ask("reboot", device=number)
        assert events.wait(within=WITHIN_S)["on"] is False
        event = events.wait(within=WITHIN_S)
        assert (event["event"], event["on"], event["by"]) == ("power", True, "itself")
    info = running.sysinfo(PLUG)
    assert info["relay_state"] == 1 and info["on_time"] < WITHIN_S
    for wrong in ({"device": number, "outlet": 1}, {"device": number, "outlet": "x"}, {}):
        with pytest.raises(Refused):
            sim.ask("press", **wrong)


def test_a_total_may_be_lost_with_the_power(running):
    sim, number = running.sim, NUMBER["HS110v1"]
    sim.set(number, relay=False, energy_wh=5000, boot_ms=0)
    for forgets, total in ((False, 5.0), (True, 0.0)):
        sim.set(number, forgets_energy=forgets)
        sim.power(number, False)
        sim.power(number, True)
        assert running.call("HS110v1", "emeter", "get_realtime")["total"] == total


def test_the_machine_s_time_is_where_a_simulation_begins(programs):
    with Plugsim(programs, ["HS100"], "--speed", "1000", port=0) as sim:
        info = sim.ask("info")
        assert info["speed"] == 1000
        assert info["now_ms"] >= (time.time() - WITHIN_S) * 1000
