"""plugctl from outside: firmware, calibration, identity: what the maker alone does as a rule."""
import pytest

from harness.ctl import BULB, OLD, PLAIN, PLUG, STRIP, WITHIN_S, answer_question, at

URL = "http://192.0.2.1/hs110.bin"
DEVICE_ID = "0123456789ABCDEF0123456789ABCDEF01234567"
HARDWARE_ID = "0123456789ABCDEF0123456789ABCDEF"


def test_firmware_is_fetched_and_flashed(ctl, sim):
    plug = at(sim, PLUG)
    assert ctl.one("firmware", "state", plug)["status"] == "idle"
    assert ctl.one("firmware", "state", at(sim, OLD)) == {"status": "idle"}
    assert "(-5)" in ctl.failure("firmware", "flash", "--yes", plug)
    assert ctl.one("firmware", "download", "--url", URL, "--yes", plug)["status"] == "downloading"
    sim.ask("time", pass_ms=1500)
    assert 50 <= ctl.one("firmware", "state", plug)["progress_percent"] < 100
    sim.ask("time", pass_ms=1500)
    assert ctl.one("firmware", "state", plug)["progress_percent"] == 100
    with sim.watch() as events:
        assert ctl.one("firmware", "flash", "--yes", plug) == {"flashing": True}
        sim.ask("time", pass_ms=1000)
        assert events.wait(lambda event: event["event"] == "power", within=WITHIN_S)["on"] is False
        sim.ask("time", pass_ms=3000)
        assert events.wait(lambda event: event["event"] == "power", within=WITHIN_S)["on"] is True
    assert ctl.one("firmware", "state", plug)["status"] == "idle"


def test_a_firmware_that_does_not_come_is_told(ctl, sim):
    sim.set(PLUG, internet=False)
    ctl.run("firmware", "download", "--url", URL, "--yes", at(sim, PLUG))
    sim.ask("time", pass_ms=3000)
    assert ctl.one("firmware", "state", at(sim, PLUG))["status"] == "failed"


def test_check_shows_what_the_device_says(ctl, sim):
    assert ctl.one("check", "config", at(sim, PLUG)) == {"answer": {}}
    uboot = ctl.one("check", "uboot", at(sim, PLUG))["uboot"]
    assert len(uboot) == 128 and set(uboot) <= set("0123456789ABCDEF")


def test_test_mode_is_switched(ctl, sim):
    assert ctl.one("testmode", "on", "--yes", at(sim, PLUG)) == {"test_mode": "on"}
    assert sim.get(PLUG)["test_mode"] is True
    assert ctl.one("testmode", "off", at(sim, PLUG)) == {"test_mode": "off"}
    assert sim.get(PLUG)["test_mode"] is False


def gains(sim, device):
    return [(outlet["vgain"], outlet["igain"]) for outlet in sim.get(device)["outlets"]]


@pytest.mark.parametrize("word", ["set", "start"])
def test_calibration_is_told_and_changed(ctl, sim, word):
    untouched = (13398, 16712)
    (told,) = ctl.one("calibration", "get", at(sim, PLUG))["calibrations"]
    assert (told["voltage_gain"], told["current_gain"]) == untouched
    words = ("calibration", word, "--voltage", 13462, "--current", 16835, "--yes")
    (told,) = ctl.one(*words, at(sim, PLUG))["calibrations"]
    assert (told["voltage_gain"], told["current_gain"]) == (13462, 16835)
    assert gains(sim, PLUG) == [(13462, 16835)]
    assert len(ctl.one("calibration", "get", at(sim, STRIP))["calibrations"]) == 6
    assert "is a strip" in ctl.failure(*words, at(sim, STRIP))
    ctl.run(*words, f"{at(sim, STRIP)}/3")
    assert gains(sim, STRIP) == [untouched] * 2 + [(13462, 16835)] + [untouched] * 3
    assert ctl.failure("calibration", "get", at(sim, PLAIN)) == "has no energy meter"


def test_identity_is_told_and_changed(ctl, sim):
    plug = at(sim, PLUG)
    before = ctl.one("identity", plug)
    assert before["mac"] == sim.get(PLUG)["mac"]
    told = ctl.one("identity", "--device-id", DEVICE_ID, "--yes", plug)
    assert told == {**before, "device_id": DEVICE_ID}
    told = ctl.one("identity", "--hardware-id", HARDWARE_ID, "--mac", "50c7bf990001", "--yes", plug)
    assert told == {
        "mac": "50:C7:BF:99:00:01", "device_id": DEVICE_ID, "hardware_id": HARDWARE_ID
    }
    assert sim.get(PLUG)["mac"] == told["mac"]
    assert "does not support" in ctl.failure("identity", "--mac", "50c7bf990002", "--yes",
                                             at(sim, BULB))
    assert "one" in ctl.refusal("identity", "--mac", "50c7bf990002", "--yes", plug, at(sim, OLD))


ASKING = {
    "firmware download": (("--url", URL), "system.download_firmware"),
    "firmware flash": ((), "system.flash_firmware"),
    "testmode on": ((), "system.set_test_mode"),
    "calibration set": (("--voltage", "1", "--current", "2"), "emeter.set_vgain_igain"),
    "calibration start": (("--voltage", "1", "--current", "2"), "emeter.start_calibration"),
    "identity": (("--device-id", DEVICE_ID), "system.set_device_id"),
    "cloud unbind": ((), "cnCloud.unbind"),
    "cloud server": (("--set", "cloud.example"), "cnCloud.set_server_url"),
    "reset": ((), "system.reset"),
}


def test_what_may_do_harm_asks_first(ctl, sim):
    for words, (options, method) in ASKING.items():
        line = (*words.split(), *options, at(sim, PLUG))
        assert "needs --yes" in ctl.refusal(*line)
        assert answer_question(ctl, b"no\n", *line) == 1, words
        assert sim.counters(PLUG)["methods"][method] == 0, words


def test_a_yes_at_the_terminal_is_enough(ctl, sim):
    line = ("calibration", "set", "--voltage", "1", "--current", "2", at(sim, PLUG))
    assert answer_question(ctl, b"yes\n", *line) == 0
    assert gains(sim, PLUG) == [(1, 2)]
