"""A new device in the place of a dead one: plugctl replace, and what the bridge keeps for it.

What came to the new device is asked of it over the wire, with no code of ours between."""
import json
import pathlib
import stat
import time

import pytest

from harness import wire
from harness.bridge import SANITIZER_ENVIRONMENT
from harness.ctl import Ctl
from harness.independent import IndependentDevices
from harness.middle import Middle
from harness.museum import Museum
from plugsim import Plugsim

WITHIN_S = 30
BROADCAST = "127.255.255.255"
OPENING = {
    "name": "Opening", "enable": 1, "repeat": 1, "wday": [0, 1, 1, 1, 1, 1, 0],
    "stime_opt": 0, "smin": 510, "soffset": 0, "sact": 1,
    "etime_opt": -1, "emin": 0, "eoffset": 0, "eact": -1, "year": 0, "month": 0, "day": 0,
}
DUSK = {**OPENING, "name": "Dusk", "stime_opt": 2, "smin": 0, "soffset": -30, "sact": 0}
CHRISTMAS = {
    **OPENING, "name": "Christmas", "repeat": 0, "enable": 0, "sact": 0,
    "year": 2031, "month": 12, "day": 24,
}
NIGHT = {
    **{key: OPENING[key] for key in ("enable", "repeat", "wday", "stime_opt", "soffset")},
    "name": "Night", "smin": 1080, "etime_opt": 1, "emin": 0, "eoffset": 15,
    "frequency": 5, "duration": 2, "lastfor": 1, "year": 0, "month": 0, "day": 0,
}
SAME_KEYS = ("name", "enable", "repeat", "wday", "stime_opt", "soffset", "sact")


def call(place, module, method, arguments=None, child=None):
    request = {module: {method: arguments or {}}}
    if child:
        request["context"] = {"child_ids": [child]}
    answer = wire.ask(*place, request)[module][method]
    assert answer["err_code"] == 0, answer
    return answer


def rules(place, module, child=None):
    return call(place, module, "get_rules", child=child)["rule_list"]


def fill(place, child=None):
    """Gives a device all that there is to be carried over."""
    for rule in (OPENING, DUSK, CHRISTMAS):
        call(place, "schedule", "add_rule", rule, child)
    call(place, "anti_theft", "add_rule", NIGHT, child)
    call(place, "anti_theft", "set_overall_enable", {"enable": 0}, child)
    countdown = {"enable": 1, "delay": 1800, "act": 0, "name": "Late"}
    call(place, "count_down", "add_rule", countdown, child)


def assert_filled(place, child=None):
    schedule = call(place, "schedule", "get_rules", child=child)
    wanted = (OPENING, DUSK, CHRISTMAS)
    assert [{key: rule[key] for key in SAME_KEYS} for rule in schedule["rule_list"]] == [
        {key: rule[key] for key in SAME_KEYS} for rule in wanted
    ]
    assert schedule["rule_list"][0]["smin"] == 510
    assert [schedule["rule_list"][2][key] for key in ("year", "month", "day")] == [2031, 12, 24]
    assert schedule["enable"] == 1
    away = call(place, "anti_theft", "get_rules", child=child)
    assert [(rule["name"], rule["smin"], rule["eoffset"]) for rule in away["rule_list"]] == [
        ("Night", 1080, 15)
    ]
    assert away["enable"] == 0
    (countdown,) = rules(place, "count_down", child)
    assert (countdown["enable"], countdown["act"]) == (1, 0)
    assert 1700 < countdown["remain"] <= 1800


class Site:
    """Simulated devices and a configuration that a person has written."""

    def __init__(self, programs, folder, *models):
        # On a port of its own: devices of other tests hear the same searches.
        self.sim = Plugsim(programs, models, port=0)
        self.port = self.sim.port
        self.ctl = Ctl(programs)
        self.folder = folder
        self.path = folder / "plugbridge.cfg"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sim.stop()

    def place(self, device):
        """(address, port)"""
        return self.sim.address(device)

    def address(self, device):
        return self.place(device)[0]

    def entry(self, device, name, more=""):
        """A device of the configuration in one line."""
        return (
            f'{{ name = "{name}"; host = "{self.address(device)}"; port = {self.port}; {more} }}'
        )

    def mac(self, device):
        return self.sim.devices[device - 1]["mac"]

    def write(self, devices):
        self.path.write_text(
            f"# The museum\r\nbridge = {{ state_dir = \"{self.folder}/state\"; }};\r\n"
            f'discovery = {{ broadcast = ( "{BROADCAST}" ); }};\n'
            f"devices = (\n{devices}\n);  # all of them\n"
        )
        return self.path.read_bytes().decode()

    def text(self):
        return self.path.read_bytes().decode()

    def replace(self, *words, status=0):
        """(JSON object, lines of standard error)"""
        out, err = self.ctl.run(
            "--json", "--config", self.path, "--port", self.port, "replace", *words, status=status
        )
        return (json.loads(out[0]) if out else None), err

    def leftovers(self):
        """What is beside the configuration but its backup."""
        return sorted(
            path.name for path in self.folder.glob("plugbridge.cfg*")
            if path.name not in ("plugbridge.cfg", "plugbridge.cfg.bak")
        )


@pytest.fixture
def site(programs, tmp_path):
    with Site(programs, tmp_path, "HS110v2=Steam engine", "HS110v2=Fresh", "HS300=Cases",
              "HS300=New cases", "HS100=Plain") as site:
        yield site


PLUG, FRESH, STRIP, FRESH_STRIP, PLAIN = range(1, 6)


def results(report):
    return {(row.get("name"), row["item"]): row["result"] for row in report["items"]}


def write_plug(site):
    return site.write(
        f'  {{ name = "engine"; host = "{site.address(PLUG)}"; port = {site.port};  # by the door\n'
        f'    mac = "{site.mac(PLUG)}"; label = "Engine"; }}'
    )


def test_all_of_a_living_plug_goes_to_the_new_one(site):
    before = write_plug(site)
    old, new = site.place(PLUG), site.place(FRESH)
    fill(old)
    call(old, "system", "set_led_off", {"off": 1})
    call(new, "schedule", "add_rule", {**OPENING, "name": "Of its life before"})
    report, err = site.replace("engine", "--with", new[0], "--yes")
    assert set(results(report).values()) == {"done"}
    assert_filled(new)
    there = wire.sysinfo(*new)
    assert (there["alias"], there["led_off"]) == ("Steam engine", 1)
    assert report["new"]["mac"] == site.mac(FRESH)
    assert (report["old"]["mac"], report["old"]["known_from"]) == (site.mac(PLUG), "device")
    # Comments, line ends and all the rest stand as they stood.
    assert site.text() == before.replace(f'"{old[0]}"', f'"{new[0]}"').replace(
        f'"{site.mac(PLUG)}";', f'"{site.mac(FRESH)}"; ha_id = "{site.mac(PLUG)}";'
    )
    assert (site.folder / "plugbridge.cfg.bak").read_bytes().decode() == before
    assert site.leftovers() == []
    assert any("reload" in line for line in err)
    # The old one is as it was.
    assert wire.sysinfo(*old)["alias"] == "Steam engine" and len(rules(old, "schedule")) == 3


def test_every_outlet_of_a_strip_gets_its_own(site):
    site.write(site.entry(STRIP, "cases", 'outlets = ( "case-1" );'))
    children = [child["id"] for child in wire.sysinfo(*site.place(STRIP))["children"]]
    fill(site.place(STRIP), children[4])
    call(site.place(STRIP), "system", "set_dev_alias", {"alias": "Gold watch"}, children[1])
    report, _ = site.replace("cases", "--with", site.address(FRESH_STRIP), "--yes")
    assert set(results(report).values()) == {"done"}
    there = wire.sysinfo(*site.place(FRESH_STRIP))
    assert there["alias"] == "Cases"
    assert there["children"][1]["alias"] == "Gold watch"
    assert_filled(site.place(FRESH_STRIP), there["children"][4]["id"])
    assert rules(site.place(FRESH_STRIP), "schedule", there["children"][3]["id"]) == []


def test_a_dry_run_changes_nothing(site):
    before = write_plug(site)
    fill(site.place(PLUG))
    report, err = site.replace("engine", "--with", site.address(FRESH), "--dry-run")
    assert set(results(report).values()) == {"planned"}
    assert any(site.mac(FRESH) in line for line in err)
    assert site.text() == before and site.leftovers() == []
    assert rules(site.place(FRESH), "schedule") == []
    assert wire.sysinfo(*site.place(FRESH))["alias"] == "Fresh"


def test_it_asks_first(site):
    before = write_plug(site)
    _, err = site.replace("engine", "--with", site.address(FRESH), status=2)
    assert "--yes" in err[0]
    assert site.text() == before
    assert wire.sysinfo(*site.place(FRESH))["alias"] == "Fresh"


def test_the_only_new_device_of_its_kind_is_found(site):
    write_plug(site)
    site.sim.power(PLAIN, False)
    report, _ = site.replace("engine", "--yes")
    assert report["new"]["host"] == site.address(FRESH)
    assert f'host = "{site.address(FRESH)}"' in site.text()


def test_of_several_new_devices_the_user_chooses(site):
    before = write_plug(site)
    _, err = site.replace("engine", "--yes", status=1)
    assert "2 devices could take the place" in err[0]
    listed = [line.split()[1] for line in err[1:]]
    assert sorted(listed) == sorted([site.address(FRESH), site.address(PLAIN)])
    assert site.text() == before


@pytest.mark.parametrize(
    "chosen, why",
    [
        (STRIP, "it is a strip, the old one a plug"),
        (PLUG, "it is the device that has this name already"),
        (PLAIN, "the configuration has it as plain already"),
    ],
)
def test_a_device_that_cannot_take_the_place_is_refused(site, chosen, why):
    before = site.write(
        site.entry(PLUG, "engine") + ",\n"
        + site.entry(PLAIN, "plain", f'mac = "{site.mac(PLAIN)}";')
    )
    _, err = site.replace("engine", "--with", site.address(chosen), "--yes", status=1)
    assert err[-1] == (
        f"plugctl: engine: the device at {site.address(chosen)} cannot take the place: {why}"
    )
    assert site.text() == before


def test_a_missing_meter_is_told(site):
    write_plug(site)
    _, err = site.replace("engine", "--with", site.address(PLAIN), "--yes")
    assert any("the new one has none" in line for line in err)


def test_of_an_unknown_dead_plug_the_name_is_taken(site):
    write_plug(site)
    site.sim.power(PLUG, False)
    report, _ = site.replace("engine", "--with", site.address(FRESH), "--yes")
    assert report["old"]["known_from"] == "configuration"
    assert results(report)[(None, "name")] == "done"
    assert results(report)[(None, "schedule")] == "skipped"
    assert wire.sysinfo(*site.place(FRESH))["alias"] == "Engine"
    assert f'ha_id = "{site.mac(PLUG)}"' in site.text()


def test_a_plug_replaced_twice_keeps_its_first_id(site):
    pinned = f'mac = "{site.mac(PLUG)}"; ha_id = "50:C7:BF:00:00:01";'
    site.write(site.entry(PLUG, "engine", pinned))
    site.replace("engine", "--with", site.address(FRESH), "--yes")
    assert 'ha_id = "50:C7:BF:00:00:01"' in site.text()


def test_a_plug_that_hangs_midway_leaves_the_configuration_alone(site):
    before = write_plug(site)
    fill(site.place(PLUG))
    with Middle(*site.place(FRESH)) as middle:
        middle.hang_from("schedule.add_rule")
        report, err = site.replace(
            "--timeout", "0.5", "engine", "--with", middle.address, "--yes", status=1
        )
        assert report["ok"] is False
        told = results(report)
        assert told[(None, "name")] == "done"
        assert told[(None, "schedule")] == "failed"
        assert told[(None, "away")] == told[(None, "countdown")] == "not tried"
        assert told[(None, "configuration")] == "not tried"
        assert f'mac = "{site.mac(FRESH)}"' in err[-1]
    assert site.text() == before and site.leftovers() == []
    assert not (site.folder / "plugbridge.cfg.bak").exists()


def test_a_full_table_is_told_and_the_rest_is_done(site):
    before = write_plug(site)
    fill(site.place(PLUG))
    site.sim.fault(FRESH, "err_code", err_code=-10, method="add_rule", module="schedule")
    report, _ = site.replace("engine", "--with", site.address(FRESH), "--yes", status=1)
    failed = [row for row in report["items"] if row["result"] == "failed"]
    assert [row["item"] for row in failed] == ["schedule"]
    assert "table is full" in failed[0]["why"] and "after 0 of 3 rules" in failed[0]["why"]
    assert len(rules(site.place(FRESH), "anti_theft")) == 1
    assert site.text() == before
    # A second attempt begins anew.
    site.sim.clear(FRESH)
    site.replace("engine", "--with", site.address(FRESH), "--yes")
    assert_filled(site.place(FRESH))


def test_a_rule_whose_answer_is_lost_is_not_sent_twice(site):
    write_plug(site)
    fill(site.place(PLUG))
    with Middle(*site.place(FRESH)) as middle:
        for method in ("schedule.add_rule", "schedule.add_rule", "count_down.add_rule"):
            middle.swallow(method)
        report, _ = site.replace("engine", "--with", middle.address, "--yes")
        assert set(results(report).values()) == {"done"}
        assert middle.requests.count("schedule.add_rule") == 3
        assert middle.requests.count("count_down.add_rule") == 1
    assert_filled(site.place(FRESH))


def test_a_file_that_cannot_be_written_is_told_before_anything_else(site):
    write_plug(site)
    # There is no room in its name for that of the copy beside it.
    site.path = site.path.rename(site.folder / ("x" * 250 + ".cfg"))
    _, err = site.replace("engine", "--with", "127.0.0.0:1", "--dry-run", status=1)
    assert "the configuration cannot be changed from here" in err[0]
    assert "File name too long" in err[0] and len(err) > 1
    assert not any("cannot be changed" in line for line in err[1:])


def test_an_included_device_is_left_to_the_owner(site):
    included = site.folder / "more.cfg"
    included.write_text(f'devices = ( {site.entry(PLUG, "engine")} );\n')
    site.path.write_text(
        f'bridge = {{ state_dir = "{site.folder}/state"; }};\n@include "more.cfg"\n'
    )
    before = site.text()
    report, err = site.replace("engine", "--with", site.address(FRESH), "--yes", status=1)
    (row,) = [row for row in report["items"] if row["item"] == "configuration"]
    assert row["result"] == "failed" and "does not stand in this file" in row["why"]
    assert row["line"] in err[-1] and f'mac = "{site.mac(FRESH)}"' in row["line"]
    assert site.text() == before and site.leftovers() == []
    # The plug itself has everything.
    assert wire.sysinfo(*site.place(FRESH))["alias"] == "Steam engine"


@pytest.mark.parametrize(
    "name, why",
    [("nobody", "the configuration has no device 'nobody'"),
     ("case-1", "'case-1' is an outlet: replace the strip it belongs to, 'cases'")],
)
def test_what_is_no_device_is_refused(site, name, why):
    site.write(site.entry(STRIP, "cases", 'outlets = ( "case-1" );'))
    _, err = site.replace(name, "--with", site.address(FRESH), "--yes", status=2)
    assert err[0] == f"plugctl: replace: {why}"


def test_independent_devices_replace_each_other(programs, tmp_path, monkeypatch):
    # The package's clocks are the computer's, whatever they are told.
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    ctl, devices = Ctl(programs), IndependentDevices()
    old, new = devices.devices["hs110v1"], devices.devices["hs110v2"]
    fill((old["address"], old["port"]))
    path = tmp_path / "plugbridge.cfg"
    path.write_text(
        f'bridge = {{ state_dir = "{tmp_path}/state"; }};\ndevices = (\n'
        f'  {{ name = "engine"; host = "{old["address"]}"; port = {old["port"]}; }}\n);\n'
    )
    out, err = ctl.run(
        "--json", "--config", path, "replace", "engine", "--with",
        f"{new['address']}:{new['port']}", "--yes", status=1,
    )
    told = results(json.loads(out[0]))
    assert told.pop((None, "clock")) == "failed" and "plugctl time sync" in err[-1]
    assert set(told.values()) == {"done"}
    there = (new["address"], new["port"])
    assert [rule["name"] for rule in rules(there, "schedule")] == ["Opening", "Dusk", "Christmas"]
    assert [rule["name"] for rule in rules(there, "anti_theft")] == ["Night"]
    text = path.read_text()
    assert f'mac = "{new["mac"]}"' in text and f'ha_id = "{old["mac"]}"' in text
    assert devices.errors() == []
    devices.stop()


# With the bridge.

MUSEUM = {"engine": ("HS110v2", ["engine"]), "spare": ("HS110v2", ["spare"])}


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path, MUSEUM)
    museum.settings["devices"] = museum.settings["devices"][:1]
    museum.settings["poll"]["interval_s"] = 0.3
    museum.settings["homeassistant"] = {"discovery": "device"}
    yield museum
    museum.stop()


def wait_for(condition, complaint):
    deadline = time.monotonic() + WITHIN_S
    while not (found := condition()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)
    return found


def known_file(museum, name="engine"):
    return pathlib.Path(museum.settings["bridge"]["state_dir"]) / "known" / f"{name}.json"


def start_and_wait_known(museum):
    museum.start()
    museum.wait_online(["engine"])
    path = known_file(museum)
    wait_for(path.exists, "nothing was kept of the plug")
    return path


def test_a_dead_plug_is_replaced_with_what_the_bridge_kept(programs, museum):
    old, new = museum.device("engine"), museum.device("spare")
    fill((old.address, old.port))
    path = start_and_wait_known(museum)
    kept = json.loads(path.read_text())
    assert len(kept["outlets"][0]["schedule"]["rules"]) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    museum.watch.wait_for(museum.topic("engine", "json"))
    topics_before = set(museum.retained("museum/plug/#"))
    old.power_off()
    museum.wait_offline(["engine"])
    out, _ = Ctl(programs).run(
        "--json", "--config", museum.bridge.path, "replace", "engine",
        "--with", f"{new.address}:{new.port}", "--yes",
    )
    assert json.loads(out[0])["old"]["known_from"] == "bridge"
    assert_filled((new.address, new.port))
    mark = museum.watch.mark()
    museum.bridge.reload()
    museum.wait_online(["engine"], after=mark)
    assert set(museum.retained("museum/plug/#")) == topics_before
    result = museum.command("engine", "ON")
    assert result["status"] == "ok"
    assert new.relays() == [True] and old.moves() == 0
    # Home Assistant goes on with the identity of the old one.
    discovery = museum.retained("homeassistant/#")
    old_id = old.mac.replace(":", "").lower()
    assert f"homeassistant/device/kasa_{old_id}/config" in discovery
    assert not any(new.mac.replace(":", "").lower() in topic for topic in discovery)


def test_where_the_plug_is_stays_out_of_topics_and_log(museum):
    path = start_and_wait_known(museum)
    kept = json.loads(path.read_text())
    latitude, longitude = kept["latitude_i"], kept["longitude_i"]
    museum.watch.wait_for(museum.topic("engine", "json"))
    said = " ".join(m.text for m in museum.watch.messages) + museum.bridge.process.output
    for value in (latitude, longitude):
        assert str(value) not in said and f"{value / 10000:.4f}" not in said


def test_orders_go_first_while_a_plug_is_read_whole(museum):
    old = museum.device("engine")
    old.put(delay_ms=100)
    museum.start()
    museum.wait_online(["engine"])
    wait_for(lambda: old.counters()["methods"].get("schedule.get_rules", 0) > 0, "not read")
    began = time.monotonic()
    assert museum.command("engine", "ON")["status"] == "ok"
    # The question under way, the order, the read that confirms it: never all five questions.
    assert time.monotonic() - began < 3 * 3 * 0.1
    wait_for(known_file(museum).exists, "the reading did not end")


def test_a_file_that_cannot_be_written_is_told_once(museum):
    known_file(museum).parent.write_text("in the way")
    museum.start()
    museum.wait_online(["engine"])
    museum.bridge.process.wait_line(r"known/engine.json: cannot be written: Not a directory", 30)
    assert museum.command("engine", "ON")["status"] == "ok"


def ask_replace(museum, **arguments):
    """The answer to request/replace."""
    mark = museum.watch.mark()
    museum.watch.publish("museum/bridge/e2e/request/replace", json.dumps(arguments))
    topic = "museum/bridge/e2e/response/replace"
    return museum.watch.wait_for(topic, within=WITHIN_S, after=mark).json


def test_a_request_over_mqtt_does_the_same(museum):
    old, new = museum.device("engine"), museum.device("spare")
    fill((old.address, old.port))
    start_and_wait_known(museum)
    old.power_off()
    museum.wait_offline(["engine"])
    mark = museum.watch.mark()
    answer = ask_replace(museum, name="engine", host=new.address, port=new.port, transaction="7")
    assert (answer["status"], answer["transaction"]) == ("ok", "7")
    data = answer["data"]
    assert data["old"] == {"mac": old.mac, "known_from": "bridge"}
    assert data["new"]["mac"] == new.mac
    done = {item["item"]: item["result"] for item in data["items"]}
    assert done.pop("clock") == "skipped"  # no time.zone is configured
    assert set(done.values()) == {"done"}
    assert data["configuration"]["result"] == "done"
    assert_filled((new.address, new.port))
    assert f'ha_id = "{old.mac}"' in museum.bridge.path.read_text()
    # It is in use already: no reload is needed.
    museum.wait_online(["engine"], after=mark)
    assert museum.command("engine", "ON")["status"] == "ok"
    assert new.relays() == [True]
    place = wire.sysinfo(new.address, new.port)
    assert str(place["latitude_i"]) not in json.dumps(answer)


# Of the vendor's numbers. Belgrade's has the same time.
AMSTERDAM, BELGRADE = 41, 42


@pytest.mark.parametrize("is_synchronised", [True, False])
def test_the_new_plug_gets_the_zone_that_is_configured(programs, museum, tmp_path, is_synchronised):
    old, new = museum.device("engine"), museum.device("spare")
    museum.settings["time"] = {"zone": "Europe/Amsterdam"}
    synchronised = tmp_path / "synchronised"
    if is_synchronised:
        synchronised.touch()
    museum.bridge.environment = {
        "LD_PRELOAD": str(programs / "libplug_test_hostclock.so"),
        "PLUG_TEST_SYNCHRONISED": str(synchronised),
        # The library comes before the sanitizer's.
        "ASAN_OPTIONS": SANITIZER_ENVIRONMENT["ASAN_OPTIONS"] + ":verify_asan_link_order=0",
    }
    moment = {"year": 2026, "month": 6, "mday": 1, "hour": 12, "min": 0, "sec": 0}
    call((old.address, old.port), "time", "set_timezone", {**moment, "index": BELGRADE})
    before = call((new.address, new.port), "time", "get_timezone")["index"]
    start_and_wait_known(museum)
    old.power_off()
    museum.wait_offline(["engine"])
    answer = ask_replace(museum, name="engine", host=new.address, port=new.port)
    assert answer["status"] == "ok", answer
    clock = next(item for item in answer["data"]["items"] if item["item"] == "clock")
    after = call((new.address, new.port), "time", "get_timezone")["index"]
    if is_synchronised:
        assert (clock["result"], after) == ("done", AMSTERDAM)
    else:
        assert clock["result"] == "skipped" and "clock is not synchronised" in clock["why"]
        assert after == before


WRONG_REQUESTS = [
    ({}, '"name" must be'),
    ({"name": "engine"}, 'either "host" or "mac"'),
    ({"name": "engine", "host": "127.0.0.1", "mac": "50:C7:BF:00:00:01"}, 'either "host"'),
    ({"name": "engine", "host": "no host"}, '"host" must be'),
    ({"name": "engine", "mac": "50:C7"}, '"mac" must be'),
    ({"name": "engine", "host": "127.0.0.1", "port": 0}, '"port" must be'),
    ({"name": "nobody", "host": "127.0.0.1"}, 'there is no device "nobody"'),
    ({"name": "engine", "host": "127.0.0.1", "port": 1}, "cannot be read: connection refused"),
    ({"name": "engine", "mac": "50:C7:BF:00:00:01"}, "nothing can be searched for"),
]


def test_a_wrong_request_is_told_what_is_wrong(museum):
    museum.start()
    museum.wait_online(["engine"])
    for arguments, why in WRONG_REQUESTS:
        answer = ask_replace(museum, **arguments)
        assert answer["status"] == "error" and why in answer["error"], arguments


def test_a_request_cannot_take_a_device_that_has_a_name(museum):
    museum.start()
    museum.wait_online(["engine"])
    old = museum.device("engine")
    before = museum.bridge.path.read_text()
    answer = ask_replace(museum, name="engine", host=old.address, port=old.port)
    assert "it is the device that has this name already" in answer["error"]
    assert museum.bridge.path.read_text() == before


def test_a_stop_midway_answers_and_ends(museum):
    museum.start()
    museum.wait_online(["engine"])
    new = museum.device("spare")
    with Middle(new.address, new.port) as middle:
        middle.hang_from("system.set_dev_alias")
        mark = museum.watch.mark()
        museum.watch.publish(
            "museum/bridge/e2e/request/replace",
            json.dumps({"name": "engine", "host": middle.address, "port": new.port}),
        )
        wait_for(lambda: "system.set_dev_alias" in middle.requests, "it was never asked")
        museum.bridge.stop()
        answer = museum.watch.wait_for("museum/bridge/e2e/response/replace", after=mark).json
    assert "the bridge is stopping" in answer["error"]


def test_what_cannot_be_written_is_given_to_the_owner(museum):
    old, new = museum.device("engine"), museum.device("spare")
    included = museum.bridge.path.with_name("devices.cfg")
    museum.bridge.settings["broker"]["port"] = museum.settings["broker"]["port"]
    museum.start()
    museum.wait_online(["engine"])
    whole = museum.bridge.path.read_text()
    at = whole.index("devices = (")
    included.write_text(whole[at:])
    museum.bridge.path.write_text(whole[:at] + '@include "devices.cfg"\n')
    answer = ask_replace(museum, name="engine", host=new.address, port=new.port)
    assert "the new device has everything" in answer["error"]
    assert f'mac = "{new.mac}"; ha_id = "{old.mac}"' in answer["error"]


def test_a_request_may_name_the_new_plug_by_its_mac(museum):
    new = museum.device("spare")
    museum.settings["discovery"] = {"broadcast": [BROADCAST], "port": new.port}
    museum.start()
    museum.wait_online(["engine"])
    answer = ask_replace(museum, name="engine", mac=new.mac)
    assert answer["status"] == "ok", answer
    assert answer["data"]["new"]["host"] == new.address
    assert f'host = "{new.address}"' in museum.bridge.path.read_text()
