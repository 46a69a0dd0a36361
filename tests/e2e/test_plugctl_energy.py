"""plugctl from outside: energy, usage and live readings."""
import re
import signal

import pytest

from harness.ctl import WITHIN_S, PLUG, STRIP, PLAIN, BULB, OLD, at
from harness.process import Process


def test_energy_now_in_both_dialects_and_by_outlet(ctl, sim):
    sim.set(PLUG, relay=True, power_mw=61753, voltage_mv=230837, current_ma=451, energy_wh=16323)
    sim.set(OLD, relay=True, power_mw=61753, voltage_mv=230837, current_ma=451, energy_wh=16323)
    for device in (PLUG, OLD):
        (reading,) = ctl.one("energy", at(sim, device))["readings"]
        assert reading["power_w"] == 61.753 and reading["voltage_v"] == 230.837
        assert reading["current_a"] == 0.451 and reading["total_kwh"] == 16.323
    (line,), _ = ctl.run("energy", at(sim, PLUG))
    assert line.split()[1:] == ["61.753", "W", "230.837", "V", "0.451", "A", "16.323", "kWh"]
    sim.set(STRIP, outlet=4, relay=True, power_mw=9000)
    readings = ctl.one("energy", at(sim, STRIP))["readings"]
    assert [reading["power_w"] for reading in readings] == [0, 0, 0, 0, 9, 0]
    (reading,) = ctl.one("energy", f"{at(sim, STRIP)}/5")["readings"]
    assert reading["power_w"] == 9
    (reading,) = ctl.one("energy", at(sim, BULB))["readings"]
    assert set(reading) == {"power_w"}


def test_energy_asks_nothing_of_a_device_without_meter(ctl, sim):
    assert ctl.failure("energy", at(sim, PLAIN)) == "has no energy meter"
    assert not any("emeter" in method for method in sim.counters(PLAIN)["methods"])
    sim.fault(PLUG, "bad_energy", value="huge")
    assert "no meter can have" in ctl.failure("energy", at(sim, PLUG))


def test_energy_by_day_month_and_year_agree(ctl, sim):
    year = int(sim.get(PLUG)["clock"][:4])
    for device in (PLUG, OLD):
        months = ctl.one("energy", "--month", at(sim, device))["readings"]
        (whole,) = ctl.one("energy", "--year", at(sim, device))["readings"]
        assert whole["period"] == str(year)
        assert whole["energy_kwh"] == pytest.approx(sum(m["energy_kwh"] for m in months))
        for month in months:
            days = ctl.one("energy", "--day", "--of", month["period"], at(sim, device))["readings"]
            assert all(day["period"].startswith(month["period"]) for day in days)
            assert sum(d["energy_kwh"] for d in days) == pytest.approx(month["energy_kwh"])
    assert ctl.one("energy", "--day", "--of", "1999-01", at(sim, PLUG)) == {"readings": []}


def test_energy_reset_is_checked_by_reading_back(ctl, sim):
    (reading,) = ctl.one("energy", "--reset", at(sim, PLUG))["readings"]
    assert reading["erased"] is True and reading["total_kwh"] == 0
    assert sim.get(PLUG)["outlets"][0]["energy_wh"] == 0
    assert "--all-outlets" in ctl.failure("energy", "--reset", at(sim, STRIP))
    before = [outlet["energy_wh"] for outlet in sim.get(STRIP)["outlets"]]
    ctl.run("energy", "--reset", f"{at(sim, STRIP)}/2")
    after = [outlet["energy_wh"] for outlet in sim.get(STRIP)["outlets"]]
    assert after[1] == 0 and after[0] == before[0] and after[2:] == before[2:]


def test_usage_is_told_in_days_months_and_years(ctl, sim):
    year = sim.get(PLUG)["clock"][:4]
    for device in (PLUG, BULB):
        months = ctl.one("usage", "--month", at(sim, device))["readings"]
        (whole,) = ctl.one("usage", "--year", at(sim, device))["readings"]
        assert whole["period"] == year
        assert whole["on_minutes"] == sum(month["on_minutes"] for month in months) > 0
        days = ctl.one("usage", "--day", "--of", months[0]["period"], at(sim, device))["readings"]
        assert sum(day["on_minutes"] for day in days) == months[0]["on_minutes"]


def test_usage_follows_the_relay_and_is_erased(ctl, sim):
    sim.set(STRIP, outlet=1, relay=True, clock="2026-11-21T08:00:00")
    assert "needs --yes" in ctl.refusal("usage", "--reset", "--all-outlets", at(sim, STRIP))
    ctl.run("usage", "--reset", "--all-outlets", "--yes", at(sim, STRIP))
    sim.ask("time", pass_ms=90 * 60000)
    readings = ctl.one("usage", "--day", "--of", "2026-11", at(sim, STRIP))["readings"]
    minutes = {reading["outlet"]: reading["on_minutes"] for reading in readings}
    assert minutes == {outlet: 90 if outlet == 2 else 0 for outlet in range(1, 7)}
    ctl.run("usage", "--reset", f"{at(sim, STRIP)}/2")
    assert sim.counters(STRIP)["methods"]["schedule.erase_runtime_stat"] == 7
    assert "--all-outlets" in ctl.failure("usage", "--reset", at(sim, STRIP))


def test_watch_ends_by_count_and_by_interrupt(ctl, sim):
    sim.set(PLUG, relay=True)
    out, _ = ctl.run("watch", "--count", 3, "--interval", 0.01, at(sim, PLUG), at(sim, PLAIN))
    assert len(out) == 6
    assert re.search(r"\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d  on  .* W  .* V  .* A  .* kWh$",
                     next(line for line in out if at(sim, PLUG) in line))
    watch = Process([ctl.path, "--json", "watch", "--interval", "0.01", at(sim, PLUG)])
    try:
        watch.wait_line('"ok":true', WITHIN_S)
        sim.fault(PLUG, "refuse")
        watch.wait_line('"connection refused"', WITHIN_S)
        mark = watch.mark()
        sim.clear(PLUG)
        watch.wait_line('"ok":true', WITHIN_S, mark)
        watch.signal(signal.SIGINT)
        assert watch.wait(WITHIN_S) == 1  # some readings failed
    finally:
        watch.kill()
