"""plugctl from outside, against devices that were written by somebody else."""
import pytest

from harness.ctl import at
from harness.independent import IndependentDevices


@pytest.fixture(scope="module")
def independent():
    devices = IndependentDevices()
    yield devices
    # One of them closes each connection behind its reply, and our next request may cross that: the
    # package complains, and the request is sent again.
    assert [error for error in devices.errors() if "write after end" not in error] == []
    devices.stop()


def place(independent, name):
    told = independent.devices[name]
    return f"{told['address']}:{told['port']}"


def test_independent_devices_are_switched(ctl, independent):
    plugs = [place(independent, name) for name in ("hs110v1", "hs110v2", "hs100")]
    strip = place(independent, "hs300")
    for verb, state in (("on", 1), ("toggle", 0), ("on", 1), ("off", 0)):
        ctl.run(verb, *plugs, f"{strip}/2")
        told = independent.relays()
        assert [told[key] for key in ("hs110v1", "hs110v2", "hs100", "hs300/1")] == [state] * 4
        assert told["hs300/0"] == told["hs300/2"] == 0


def test_independent_devices_tell_their_energy(ctl, independent):
    for name, expected in (
        ("hs110v1", {"power_w": 61.753, "voltage_v": 230.837, "total_kwh": 16.323}),
        ("hs110v2", {"power_w": 1.25, "voltage_v": 121.5, "total_kwh": 2.048}),
    ):
        (reading,) = ctl.one("energy", place(independent, name))["readings"]
        assert {key: reading[key] for key in expected} == expected
        days = ctl.one("energy", "--day", place(independent, name))["readings"]
        assert days[-1]["energy_kwh"] == (1.234 if name == "hs110v1" else 0.512)
        # For the other days the package makes up to 28,000 kWh: nobody draws that.
        assert all(day["energy_kwh"] is None or day["energy_kwh"] <= 125 for day in days)
    readings = ctl.one("energy", place(independent, "hs300"))["readings"]
    assert [reading["power_w"] for reading in readings] == [11.5] * 6


@pytest.mark.parametrize("name", ["hs110v1", "hs110v2", "hs100", "hs300"])
def test_independent_devices_take_settings(ctl, independent, name):
    target = place(independent, name)
    assert ctl.one("info", target)["mac"] == independent.devices[name]["mac"]
    assert ctl.one("led", "off", target)["led"] == "off"
    assert ctl.one("blink", "--times", 1, target)["led"] == "off"
    assert ctl.one("led", "on", target)["led"] == "on"
    assert ctl.one("alias", "--set", "Ännchen", target)["alias"] == "Ännchen"
    assert ctl.one("location", "--set", "52.3702,-4.8952", target) == {
        "latitude": 52.3702, "longitude": -4.8952
    }
    assert ctl.one("time", "get", target)["time"] > "2020"
    assert "bound" in ctl.one("cloud", "info", target)
    assert ctl.one("wifi", "scan", target)["networks"] != []


@pytest.mark.parametrize("name", ["hs110v1", "hs100", "hs300"])
def test_independent_devices_keep_rules(ctl, independent, name):
    target = place(independent, name) + ("/3" if name == "hs300" else "")
    words = ("--at", "08:30", "--do", "on", "--days", "mon-fri")
    (rule,) = ctl.one("schedule", "add", *words, target)["rules"]
    assert rule["start"] == "08:30" and rule["days"] == "mon-fri" and rule["do"] == "on"
    (rule,) = ctl.one("schedule", "edit", "--rule", rule["id"], "--do", "off", target)["rules"]
    assert rule["do"] == "off" and rule["start"] == "08:30"
    assert ctl.one("schedule", "delete", "--rule", "1", target)["rules"] == []
    (rule,) = ctl.one("countdown", "add", "--in", "1h", "--do", "off", target)["rules"]
    assert rule["delay_s"] == 3600
    assert ctl.one("countdown", "clear", target)["rules"] == []
    words = ("--from", "18:00", "--to", "23:00", "--days", "daily")
    (rule,) = ctl.one("away", "add", *words, target)["rules"]
    assert rule["end"] == "23:00"
    assert ctl.one("away", "clear", target)["rules"] == []


def test_independent_devices_tell_their_usage(ctl, independent):
    readings = ctl.one("usage", place(independent, "hs110v1"))["readings"]
    assert all(reading["on_minutes"] >= 0 for reading in readings)


def test_independent_devices_forget_their_usage(ctl, independent):
    (told,) = ctl.one("usage", "--reset", place(independent, "hs100"))["readings"]
    assert told["erased"] is True
    assert independent.data("hs100")["schedule"]["daystat"]["day_list"] == []
    # Its total stays where it is, as on some real ones.
    assert "as before" in ctl.failure("energy", "--reset", place(independent, "hs110v2"))


@pytest.mark.parametrize("name", ["hs110v1", "hs100", "hs300"])
def test_independent_devices_keep_what_they_are_told(ctl, independent, name):
    target = place(independent, name)
    wanted = {"icon": "aWNvbg==", "hash": "77"}
    assert ctl.one("icon", "--set", wanted["icon"], "--hash", wanted["hash"], target) == wanted
    kept = independent.data(name)["system"]["dev_icon"]
    assert {key: kept[key] for key in wanted} == wanted
    assert ctl.one("cloud", "server", "--set", "cloud.example", "--yes", target)["server"] == (
        "cloud.example"
    )
    assert ctl.one("schedule", "next", target) == {"rules": []}


@pytest.mark.parametrize("name", ["hs110v1", "lb130", "kl430"])
def test_independent_devices_are_bound_to_an_account(ctl, independent, name):
    target = place(independent, name)
    words = ("--user", "somebody@museum.example", "--password-file", "-", "--yes")
    assert ctl.one("cloud", "bind", *words, target, told="secret-word\n")["bound"] is True
    assert independent.data(name)["cnCloud"]["info"]["username"] == "somebody@museum.example"
    assert ctl.one("cloud", "unbind", "--yes", target)["bound"] is False
    assert "not bound" in ctl.failure("cloud", "unbind", "--yes", target)
    assert ctl.one("cloud", "firmware", target) == {"firmwares": []}


def test_independent_devices_join_a_network(ctl, independent):
    for name in ("hs100", "lb130", "kl430"):
        words = ("--ssid", "Museum-Visitors", "--security", "open", "--yes")
        (told,) = ctl.one("wifi", "join", *words, place(independent, name))["networks"]
        assert told["joining"] is True
        assert ctl.one("wifi", "scan", place(independent, name))["networks"] != []
    for name in ("hs220", "hs300"):
        (told,) = ctl.one("wifi", "info", place(independent, name))["networks"]
        assert told["ssid"] == "wifi_network_1"
    assert "does not support" in ctl.failure("wifi", "info", place(independent, "hs100"))


def test_independent_devices_have_firmware(ctl, independent):
    target = place(independent, "hs100")
    assert ctl.one("firmware", "state", target) == {"status": "idle"}
    ctl.run("firmware", "download", "--url", "http://192.0.2.1/x", "--yes", target)
    assert "(-5)" in ctl.failure("firmware", "flash", "--yes", target)
    uboot = independent.data("hs100")["system"]["test_check_uboot"]["uboot"]
    assert ctl.one("check", "uboot", target) == {"uboot": uboot}
    assert "does not support" in ctl.failure("check", "config", target)
    assert ctl.one("testmode", "on", "--yes", target) == {"test_mode": "on"}


def test_independent_devices_are_calibrated(ctl, independent):
    target = place(independent, "hs110v1")
    words = ("--voltage", 13462, "--current", 16835, "--yes")
    (told,) = ctl.one("calibration", "set", *words, target)["calibrations"]
    assert (told["voltage_gain"], told["current_gain"]) == (13462, 16835)
    kept = independent.data("hs110v1")["emeter"]["get_vgain_igain"]
    assert (kept["vgain"], kept["igain"]) == (13462, 16835)
    ctl.run("calibration", "start", *words, target)


def test_independent_devices_take_another_identity(ctl, independent):
    target = place(independent, "hs100")
    before = ctl.one("identity", target)
    wanted = {"mac": "50:C7:BF:AA:99:99", "device_id": "0123456789" * 4, "hardware_id": "AB" * 16}

    def change(ids):
        options = ("--mac", ids["mac"], "--device-id", ids["device_id"],
                   "--hardware-id", ids["hardware_id"])
        return ctl.one("identity", *options, "--yes", target)

    assert change(wanted) == wanted
    kept = independent.data("hs100")["system"]["sysinfo"]
    assert (kept["deviceId"], kept["hwId"]) == (wanted["device_id"], wanted["hardware_id"])
    assert change(before) == before


def test_independent_lights_are_told_how_to_shine(ctl, independent):
    # The colours of a light strip are hidden behind an effect that this one never ends.
    colour = ("--hue", 120, "--saturation", 75, "--brightness", 40)
    told = ctl.one("light", "on", *colour, place(independent, "lb130"))
    assert (told["hue_degrees"], told["saturation_percent"]) == (120, 75)
    assert (told["state"], told["brightness_percent"]) == ("on", 40)
    assert independent.relays()["lb130"] == 1
    assert ctl.one("light", "on", "--kelvin", 4000, place(independent, "lb130"))["kelvin"] == 4000
    assert "2500 to 9000" in ctl.failure("light", "on", "--kelvin", 9001,
                                         place(independent, "lb130"))
    for name in ("lb130", "kl430"):
        assert ctl.one("light", "off", place(independent, name))["state"] == "off"
        assert ctl.one("light", "on", place(independent, name))["state"] == "on"
        assert ctl.one("light", "details", place(independent, name))["lumens"] > 0
    assert ctl.one("light", "get", place(independent, "kl430"))["effect"] == "Aurora"
    ctl.run("off", *(place(independent, name) for name in ("lb130", "kl430")))
    told = independent.relays()
    assert (told["lb130"], told["kl430"]) == (0, 0)


def test_an_independent_dimmer_is_told_how_to_fade(ctl, independent):
    target = place(independent, "hs220")
    assert ctl.one("brightness", "--set", 33, target)["brightness_percent"] == 33
    assert independent.data("hs220")["system"]["sysinfo"]["brightness"] == 33
    told = ctl.one("brightness", "--set", 44, "--transition", 1, target)
    assert told["brightness_percent"] == 44
    for name, key in (("fade-on", "fade_on_ms"), ("fade-off", "fade_off_ms"),
                      ("gentle-on", "gentle_on_ms"), ("gentle-off", "gentle_off_ms")):
        assert ctl.one("dimmer", "--set", f"{name}=555", target)[key] == 555
    for name, key in (("double-click", "double_click"), ("long-press", "long_press")):
        assert ctl.one("dimmer", "--set", f"{name}=none", target)[key] == "none"
    kept = independent.data("hs220")
    assert kept["dimmer_parameters"]["gentleOffTime"] == 555
    assert kept["default_behavior"]["double_click"]["mode"] == "none"
    assert "does not support" in ctl.failure("dimmer", "--set", "minimum=5", target)


def test_independent_devices_agree_to_leave(ctl, independent):
    target = place(independent, "hs110v2")
    assert ctl.one("reboot", target) == {"reboots_in_s": 1}
    assert ctl.one("reset", "--yes", target) == {"resets_in_s": 1}


def test_independent_devices_are_watched_and_asked_in_raw(ctl, independent):
    out, _ = ctl.run("watch", "--count", 1, place(independent, "hs110v1"))
    assert "61.753 W" in out[0]
    request = '{"system":{"get_dev_icon":{}}}'
    reply = ctl.one("raw", request, place(independent, "hs100"))["reply"]
    assert reply["system"]["get_dev_icon"]["err_code"] == 0


def test_a_clock_that_was_not_set_is_not_called_set(ctl, independent):
    """This simulator says yes to a time and keeps its own."""
    error = ctl.failure(
        "time", "set", "--at", "2031-05-06T07:08:09", place(independent, "hs100")
    )
    assert error.startswith("took the time, but its clock is -")
