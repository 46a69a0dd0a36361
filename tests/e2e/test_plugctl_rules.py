"""plugctl from outside: clock, schedule, countdown and away mode."""
import json
import time

from harness.ctl import WITHIN_S, PLUG, STRIP, BULB, OLD, answer_question, at, relays


def test_time_is_told_set_and_synced(ctl, sim):
    for device in (PLUG, OLD, BULB):
        told = ctl.one("time", "get", at(sim, device))
        assert told["zone_index"] == 42 and told["zone"] == "Europe/Belgrade"
        told = ctl.one("time", "set", "--at", "2030-02-03T04:05:06", at(sim, device))
        assert told["time"].startswith("2030-02-03T04:05:") and told["zone_index"] == 42
        assert told["offset_s"] > 0
        told = ctl.one("time", "sync", "--zone", "Europe/Berlin", at(sim, device))
        assert told["zone_index"] == 41 and abs(told["offset_s"]) <= 2
        told = ctl.one("time", "sync", "--zone", "87", at(sim, device))
        assert told["zone"] == "Australia/Perth" and abs(told["offset_s"]) <= 2
        assert sim.get(device)["clock"][:13] == told["time"][:13]


def test_schedule_is_added_edited_and_deleted(ctl, sim):
    plug = at(sim, PLUG)

    def rules(*words):
        return ctl.one("schedule", *words, plug)["rules"]

    assert rules("list") == []
    assert ctl.run("schedule", "list", plug)[0] == [f"{plug}  none"]
    rules("add", "--at", "08:30", "--do", "on", "--days", "mon-fri", "--name", "open")
    first, second = rules("add", "--at", "sunset-30m", "--do", "off", "--date", "2026-12-24")
    assert first["start"] == "08:30" and first["days"] == "mon-fri" and first["title"] == "open"
    assert first["do"] == "on" and first["active"] is True and first["rule"] == 1
    assert second["start"].startswith("sunset-30m") and second["days"] == "2026-12-24"
    first, _ = rules("edit", "--rule", "1", "--at", "9:05")
    assert first["start"] == "09:05" and first["days"] == "mon-fri" and first["title"] == "open"
    first, _ = rules("disable", "--rule", first["id"].lower())
    assert first["enabled"] is False and first["active"] is False
    first, second = rules("disable")
    assert second["enabled"] is True and second["active"] is False
    _, second = rules("enable")
    assert second["active"] is True
    assert [rule["id"] for rule in rules("delete", "--rule", "1")] == [second["id"]]
    assert "has no rule '7'; it has 1" == ctl.failure("schedule", "delete", "--rule", "7", plug)
    assert rules("clear") == []
    # Weekly rules go out as devices know them: Sunday first.
    rules("add", "--at", "sunrise+1h", "--do", "on", "--days", "sat,sun")
    (line,), _ = ctl.run("raw", '{"schedule":{"get_rules":{}}}', plug)
    (rule,) = json.loads(line.split(maxsplit=1)[1])["schedule"]["get_rules"]["rule_list"]
    assert rule["wday"] == [1, 0, 0, 0, 0, 0, 1] and rule["stime_opt"] == 1
    assert rule["soffset"] == 60 and rule["sact"] == 1 and rule["etime_opt"] == -1


def test_a_day_that_is_over_is_refused(ctl, sim):
    words = ("schedule", "add", "--at", "8:05", "--do", "off", "--date")
    assert "--date 2020-01-01 is over" in ctl.refusal(*words, "2020-01-01", at(sim, PLUG))
    assert "is over" in ctl.refusal("schedule", "edit", "--rule", "1", "--date", "2020-01-01", "x")
    today = time.strftime("%Y-%m-%d")
    assert ctl.one(*words, today, at(sim, PLUG))["rules"][0]["days"] == today


def test_a_lost_clock_is_told_where_it_matters(ctl, sim):
    add = ("schedule", "add", "--at", "8:05", "--do", "off", "--days", "daily", at(sim, PLUG))
    _, err = ctl.run(*add)
    assert err == []
    sim.set(PLUG, clock="2000-01-01T00:00:00")
    for words in (add, ("energy", "--day", at(sim, PLUG))):
        _, (line,) = ctl.run(*words)
        assert "its clock says 2000-01-01" in line and "time sync" in line
    (line,), _ = ctl.run("time", "get", at(sim, PLUG))
    assert line.endswith(" s behind") and " -" not in line


def test_several_lists_are_cleared_only_when_told_so(ctl, sim):
    both = (at(sim, PLUG), at(sim, BULB))
    for words in ("schedule clear", "away clear", "countdown clear", "usage --reset"):
        assert "needs --yes" in ctl.refusal(*words.split(), *both)
        ctl.run(*words.split(), "--yes", *both)
        assert ctl.run(*words.split(), at(sim, PLUG))[1] == []
    assert answer_question(ctl, b"no\n", "schedule", "clear", *both) == 1


def test_a_rule_that_is_enabled_in_a_disabled_list_is_told(ctl, sim):
    plug = at(sim, PLUG)
    ctl.run("schedule", "add", "--at", "8:05", "--do", "off", "--days", "daily", plug)
    ctl.run("schedule", "disable", plug)
    _, (line,) = ctl.run("schedule", "enable", "--rule", "1", plug)
    assert line.endswith(f"the list as a whole is disabled: plugctl schedule enable {plug}")
    assert ctl.run("schedule", "enable", plug)[1] == []


def test_schedule_tells_what_comes_next_and_does_it(ctl, sim):
    strip = at(sim, STRIP)
    sim.set(STRIP, clock="2026-11-21T08:00:00")
    assert ctl.one("schedule", "next", f"{strip}/2") == {"rules": []}
    words = ("--at", "08:30", "--do", "on", "--days", "daily")
    (rule,) = ctl.one("schedule", "add", *words, f"{strip}/2")["rules"]
    (due,) = ctl.one("schedule", "next", f"{strip}/2")["rules"]
    assert (due["start"], due["do"], due["id"]) == ("08:30", "on", rule["id"])
    sim.ask("time", pass_ms=30 * 60000)
    assert relays(sim, STRIP) == [0, 1, 0, 0, 0, 0]
    sim.set(STRIP, clock="lost")
    assert "clock is not set" in ctl.failure("schedule", "next", f"{strip}/2")


def test_schedule_of_a_strip_belongs_to_an_outlet(ctl, sim):
    strip = at(sim, STRIP)
    words = ("--at", "08:30", "--do", "on", "--days", "daily")
    assert "--all-outlets" in ctl.failure("schedule", "add", *words, strip)
    ctl.run("schedule", "add", *words, f"{strip}/2")
    rules = ctl.one("schedule", "list", strip)["rules"]
    assert [(rule["outlet"], rule["days"]) for rule in rules] == [(2, "daily")]


def test_a_rule_is_added_once_though_the_device_closes_after_each_reply(ctl, sim):
    sim.fault(PLUG, "close")
    words = ("--at", "08:30", "--do", "on", "--days", "daily")
    ctl.run("schedule", "add", *words, at(sim, PLUG))
    assert sim.counters(PLUG)["methods"]["schedule.add_rule"] == 1
    assert len(ctl.one("schedule", "list", at(sim, PLUG))["rules"]) == 1


def test_countdown_has_room_for_one(ctl, sim):
    plug = at(sim, PLUG)
    (rule,) = ctl.one("countdown", "add", "--in", "30m", "--do", "on", plug)["rules"]
    assert rule["delay_s"] == 1800 and rule["do"] == "on" and 1790 <= rule["remain_s"] <= 1800
    again = ("--in", "1h", "--do", "on", plug)
    assert "counts down already" in ctl.failure("countdown", "add", *again)
    (rule,) = ctl.one("countdown", "edit", "--in", "1h", plug)["rules"]
    assert rule["delay_s"] == 3600
    (rule,) = ctl.one("countdown", "disable", plug)["rules"]
    assert rule["enabled"] is False
    (rule,) = ctl.one("countdown", "add", "--in", "1s", "--do", "on", plug)["rules"]
    with sim.watch() as events:
        if relays(sim, PLUG) == [0]:
            events.wait(lambda event: event["event"] == "relay" and event["by"] == "itself",
                        within=WITHIN_S)
    assert relays(sim, PLUG) == [1]
    assert ctl.one("countdown", "clear", plug)["rules"] == []


def test_away_mode(ctl, sim):
    for device in (PLUG, BULB):
        words = ("--from", "sunset", "--to", "23:00", "--days", "fri-mon")
        (rule,) = ctl.one("away", "add", *words, at(sim, device))["rules"]
        assert rule["start"].startswith("sunset") and rule["end"] == "23:00"
        assert rule["days"] == "mon,fri-sun" and "do" not in rule
        assert ctl.one("away", "clear", at(sim, device))["rules"] == []
