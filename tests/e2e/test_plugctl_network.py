"""plugctl from outside: Wi-Fi, the vendor's cloud, and what takes a device away."""
import pytest

from harness.ctl import (
    BULB, COLOUR, OLD, PLAIN, PLUG, WITHIN_S, answer_question, at, type_at_terminal,
)


def test_wifi_and_cloud_are_told(ctl, sim):
    (network,) = ctl.one("wifi", "info", at(sim, PLUG))["networks"]
    assert network["security"] == "WPA2" and network["rssi_dbm"] == sim.get(PLUG)["rssi_dbm"]
    networks = ctl.one("wifi", "scan", at(sim, PLUG))["networks"]
    assert network["ssid"] in [seen["ssid"] for seen in networks]
    for device in (PLUG, BULB):
        assert "username" not in ctl.one("cloud", "info", at(sim, device))
        assert "@" in ctl.one("cloud", "info", "--unredacted", at(sim, device))["username"]


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text("secret-word\nand a second line\n")
    path.chmod(0o600)
    return path


def presence(events, is_on):
    events.wait(lambda event: event["event"] == "power" and event["on"] is is_on, within=WITHIN_S)


@pytest.mark.parametrize("device", [PLUG, COLOUR])
def test_wifi_join_sends_the_device_into_another_network(ctl, sim, device, password_file):
    sim.set(device, boot_ms=100)
    words = ("--ssid", "Museum-Office", "--password-file", password_file, "--yes")
    with sim.watch() as events:
        told = ctl.one("wifi", "join", *words, at(sim, device))
        (network,) = told["networks"]
        assert (network["ssid"], network["joining"]) == ("Museum-Office", True)
        presence(events, False)
        presence(events, True)
    assert sim.get(device)["ssid"] == "Museum-Office"
    (network,) = ctl.one("wifi", "info", at(sim, device))["networks"]
    assert network["ssid"] == "Museum-Office"


def test_wifi_join_takes_open_networks_and_passwords_from_standard_input(ctl, sim):
    sim.set("all", boot_ms=0)
    ctl.run("wifi", "join", "--ssid", "Museum-Visitors", "--security", "open", "--yes",
            at(sim, PLUG))
    ctl.run("wifi", "join", "--ssid", "Museum-Office", "--password-file", "-", "--yes",
            at(sim, OLD), told="secret-word\n")
    # What the answer promised happens a moment later.
    sim.ask("time", pass_ms=1000)
    assert sim.get(PLUG)["ssid"] == "Museum-Visitors"
    assert sim.get(OLD)["ssid"] == "Museum-Office"


def test_wifi_scan_can_look_anew(ctl, sim):
    for device in (PLUG, COLOUR):
        networks = ctl.one("wifi", "scan", "--refresh", at(sim, device))["networks"]
        assert 'Café "Zum Dampfross"' in [network["ssid"] for network in networks]
        assert {network["security"] for network in networks} == {"WPA2", "open"}


def test_secrets_are_never_shown(ctl, sim, password_file):
    words = ("--user", "somebody@museum.example", "--password-file", password_file, "--yes")
    _, err = ctl.run("cloud", "bind", *words, "-vv", "--unredacted", at(sim, PLUG))
    assert "secret-word" not in "\n".join(err)
    words = ("--ssid", "Museum-Office", "--password-file", password_file, "--yes")
    _, err = ctl.run("wifi", "join", *words, "-vv", "--unredacted", at(sim, OLD))
    assert err != [] and "secret-word" not in "\n".join(err)


def test_a_password_others_can_read_is_refused(ctl, sim, password_file):
    password_file.chmod(0o644)
    words = ("--ssid", "Museum-Office", "--password-file", password_file, "--yes", at(sim, PLUG))
    assert "chmod 600" in ctl.refusal("wifi", "join", *words)
    assert "terminal" in ctl.refusal("wifi", "join", "--ssid", "x", "--yes", at(sim, PLUG))
    assert sim.counters(PLUG)["methods"]["netif.set_stainfo"] == 0


@pytest.mark.parametrize("device", [PLUG, COLOUR])
def test_cloud_binds_unbinds_and_waits_until_that_is_done(ctl, sim, device, password_file):
    target = at(sim, device)
    told = ctl.one("cloud", "unbind", "--yes", target)
    assert (told["bound"], told["connected"]) == (False, False)
    assert sim.get(device)["account"] == ""
    assert "not bound" in ctl.failure("cloud", "unbind", "--yes", target)
    words = ("--user", "somebody@museum.example", "--password-file", password_file, "--yes")
    told = ctl.one("cloud", "bind", *words, target)
    assert told["bound"] is True and "username" not in told
    assert sim.get(device)["account"] == "somebody@museum.example"
    assert ctl.one("cloud", "server", "--set", "cloud.example", "--yes", target)["server"] == (
        "cloud.example"
    )
    assert sim.get(device)["server"] == "cloud.example"


def test_cloud_firmware_is_a_list_or_unknown(ctl, sim):
    assert ctl.one("cloud", "firmware", at(sim, PLUG)) == {"firmwares": []}
    sim.set(PLUG, internet=False)
    assert "(-7)" in ctl.failure("cloud", "firmware", at(sim, PLUG))


def test_a_device_that_is_busy_is_asked_again(ctl, sim):
    sim.fault(PLUG, "busy", module="cnCloud", method="get_info", times=1)
    assert ctl.one("cloud", "info", at(sim, PLUG))["bound"] is True
    assert sim.counters(PLUG)["faults"] == 1


def test_reboot_counts_as_done_when_the_device_goes_away(ctl, sim):
    assert ctl.one("reboot", at(sim, PLUG)) == {"reboots_in_s": 1}
    assert sim.counters(PLUG)["methods"]["system.reboot"] == 1
    sim.fault(PLAIN, "refuse")
    assert ctl.failure("reboot", at(sim, PLAIN)).startswith("connection refused: perhaps newer")


@pytest.mark.parametrize("form", [("reset",), ("-c", "reset", "-t")])
def test_reset_asks_first(ctl, sim, form):
    def resets():
        return sim.counters(PLUG)["methods"]["system.reset"]

    assert "without a terminal it needs --yes" in ctl.refusal(*form, at(sim, PLUG))
    assert answer_question(ctl, b"no\n", *form, at(sim, PLUG)) == 1
    assert answer_question(ctl, b"\n", *form, at(sim, PLUG)) == 1
    assert resets() == 0
    assert answer_question(ctl, b"yes\n", *form, at(sim, PLUG)) == 0
    assert resets() == 1


def test_reset_with_yes(ctl, sim):
    assert ctl.one("reset", "--yes", at(sim, PLUG)) == {"resets_in_s": 1}
    assert sim.counters(PLUG)["methods"]["system.reset"] == 1


@pytest.mark.parametrize("typed, expected", [
    (b"\n", "the password is empty"),
    (b"\x04", "no password was typed"),
    (b"x" * 200 + b"\n", "the password is longer than 128 bytes"),
])
def test_a_password_that_is_none_is_told_at_the_terminal(ctl, sim, typed, expected):
    words = ("wifi", "join", "--ssid", "Museum-Office", "--yes", at(sim, PLUG))
    status, shown = type_at_terminal(ctl, b"Password of Wi-Fi Museum-Office: ", typed, *words)
    assert status == 2 and shown.rstrip().endswith(f"plugctl: wifi: {expected}")
    assert sim.counters(PLUG)["methods"]["netif.set_stainfo"] == 0


def test_a_no_is_not_a_wrong_command_line(ctl, sim):
    status, shown = type_at_terminal(ctl, b"Type yes to go on: ", b"no\n", "reset", at(sim, PLUG))
    assert status == 1 and shown.rstrip().endswith("plugctl: reset: nothing was done")
    assert sim.counters(PLUG)["methods"]["system.reset"] == 0
