"""The devices' clocks are set to the time of the museum, by a clock that is right, or not at all."""
import datetime
import zoneinfo

import pytest

from harness import wire
from harness.bridge import SANITIZER_ENVIRONMENT
from harness.museum import DEVICES, Museum

BASE = "museum/bridge/e2e"
ZONE, ZONE_INDEX = "Australia/Sydney", 96
WITHIN_S = 30
TOLERANCE_S = 5
OLD = "2019-06-01T12:00:00"


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path, {name: DEVICES[name] for name in ("engine", "cases", "bulb")})
    museum.settings["time"] = {"sync": True, "zone": ZONE}
    museum.synchronised = tmp_path / "synchronised"
    museum.synchronised.touch()
    museum.bridge.environment = {
        "LD_PRELOAD": str(programs / "libplug_test_hostclock.so"),
        "PLUG_TEST_SYNCHRONISED": str(museum.synchronised),
        # The library comes before the sanitizer's.
        "ASAN_OPTIONS": SANITIZER_ENVIRONMENT["ASAN_OPTIONS"] + ":verify_asan_link_order=0",
    }
    for device in museum.devices.values():
        device.put(internet=False, clock=OLD)
    yield museum
    museum.stop()


def clock(device, module="time"):
    """(its time, the number of its zone), asked as any client would."""
    answer = wire.ask(
        device.address, device.port, {module: {"get_time": {}, "get_timezone": {}}}
    )[module]
    told = answer["get_time"]
    return (
        datetime.datetime(*(told[key] for key in ("year", "month", "mday", "hour", "min", "sec"))),
        answer["get_timezone"]["index"],
    )


def module_of(name):
    return "smartlife.iot.common.timesetting" if name == "bulb" else "time"


def error_s(device, module="time"):
    now = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)).replace(tzinfo=None)
    return abs((clock(device, module)[0] - now).total_seconds())


def is_right(device, module="time"):
    return error_s(device, module) < TOLERANCE_S and clock(device, module)[1] == ZONE_INDEX


def health(museum):
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/health", "")
    return museum.watch.wait_for(f"{BASE}/response/health", after=mark).json["data"]["clock"]


def wait_clocks(museum, count):
    museum._wait(lambda: health(museum)["set"] >= count, WITHIN_S, f"{count} clocks set")


def calls(device, method):
    return device.counters()["methods"].get(method, 0)


def writes(device):
    methods = device.counters()["methods"]
    return sum(count for method, count in methods.items() if "set_time" in method)


def test_clock_and_zone_of_every_device_are_set(museum):
    museum.start()
    museum.wait_online()
    wait_clocks(museum, 3)
    for name, device in museum.devices.items():
        assert is_right(device, module_of(name)), name
    told = health(museum)
    assert (told["sync"], told["zone"], told["host_synchronised"]) == (True, ZONE, True)
    assert told["wrong"] == []
    assert all(writes(device) == 1 for device in museum.devices.values())


def test_a_clock_that_is_right_is_left_alone(museum):
    engine = museum.device("engine")
    now = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)) - datetime.timedelta(seconds=30)
    told = {"year": now.year, "month": now.month, "mday": now.day, "hour": now.hour,
            "min": now.minute, "sec": now.second}
    wire.ask(
        engine.address, engine.port, {"time": {"set_timezone": {"index": ZONE_INDEX, **told}}}
    )
    before = writes(engine)
    museum.start()
    museum.wait_online()
    museum._wait(lambda: health(museum)["compared"] >= 3 + 2, WITHIN_S, "not compared")
    assert writes(engine) == before
    assert 25 < error_s(engine) < 40


def test_nothing_is_written_while_our_own_clock_is_not_synchronised(museum):
    museum.synchronised.unlink()
    museum.start()
    museum.wait_online()
    museum.bridge.process.wait_line("clock is not synchronised", WITHIN_S)
    for name in museum.devices:
        museum.wait_polls(name, 3)
    told = health(museum)
    assert (told["host_synchronised"], told["compared"], told["set"]) == (False, 0, 0)
    assert all(writes(device) == 0 for device in museum.devices.values())
    assert museum.bridge.process.output.count("not synchronised") == 1
    museum.synchronised.touch()
    wait_clocks(museum, 3)
    assert is_right(museum.device("engine"))


def test_a_clock_lost_in_a_power_cut_is_set_again(museum):
    museum.start()
    museum.wait_online()
    wait_clocks(museum, 3)
    mark = museum.watch.mark()
    engine = museum.device("engine")
    engine.power_off()
    museum.wait_offline(["engine"], after=mark)
    engine.power_on()
    assert not is_right(engine)
    wait_clocks(museum, 4)
    assert is_right(engine)


def test_a_device_that_refuses_zones_gets_the_time_alone(museum):
    engine = museum.device("engine")
    zone = clock(engine)[1]
    engine.fault("err_code", err_code=-3, method="set_timezone")
    museum.start()
    museum.wait_online()
    wait_clocks(museum, 3)
    assert error_s(engine) < TOLERANCE_S and clock(engine)[1] == zone


def test_a_clock_that_cannot_be_set_is_named(museum):
    engine = museum.device("engine")
    engine.fault("err_code", err_code=-3, module="time")
    museum.start()
    museum.wait_online()
    museum._wait(lambda: health(museum)["wrong"] == ["engine"], WITHIN_S, "not named")
    museum.bridge.process.wait_line("engine: its clock is wrong and cannot be set", WITHIN_S)


def test_without_sync_no_clock_is_touched(museum):
    museum.settings["time"]["sync"] = False
    museum.start()
    museum.wait_online()
    for name in museum.devices:
        museum.wait_polls(name, 3)
    assert health(museum)["sync"] is False
    assert all(writes(device) == 0 for device in museum.devices.values())
    # A reload turns it on; the zone stays until a restart.
    museum.settings["time"]["sync"] = True
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    museum.bridge.reload()
    wait_clocks(museum, 3)
    museum.settings["time"]["zone"] = "Europe/Amsterdam"
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    museum.bridge.reload()
    museum.bridge.process.wait_line("time.zone changes only with a restart", WITHIN_S)


def test_a_zone_that_no_device_knows_is_refused(museum):
    museum.settings["time"]["zone"] = "Australia/Lord_Howe"
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    status, output = museum.bridge.check()
    assert status == 1
    assert "none of the time zones that devices know" in output
    # For the days of energy_today it will do.
    museum.settings["time"]["sync"] = False
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    assert museum.bridge.check()[0] == 0
