"""plugctl from outside: its command line, its help, and what it refuses."""
import os
import re
import subprocess

import pytest

from harness.ctl import WITHIN_S, SOURCE, at


def test_wrong_words_get_the_nearest_right_one(ctl):
    assert ctl.refusal("toogle", "x") == "there is no verb 'toogle'; did you mean 'toggle'?"
    assert ctl.refusal("qwertz") == "there is no verb 'qwertz'"
    assert ctl.refusal("led", "onn", "x") == "led: there is no 'led onn'; did you mean 'on'?"
    assert "get, set, sync" in ctl.refusal("time", "qwertz", "x")
    assert "get, set, sync" in ctl.refusal("time")
    assert "did you mean --timeout?" in ctl.refusal("on", "--tiemout", "3", "x")
    assert ctl.refusal("on", "--qwertz", "x") == "there is no option --qwertz"
    assert ctl.refusal("on", "-q", "x") == "there is no option -q"
    assert "did you mean --timeout?" in ctl.refusal("on", "--tim", "3", "x")
    assert ctl.refusal("rename", "x") == "there is no verb 'rename'; did you mean 'alias'?"
    assert "did you mean 'on', 'off' or 'toggle'?" in ctl.refusal("switch", "x")
    assert ctl.refusal("engine", "on") == "the verb comes first: plugctl on engine"
    assert "plugctl schedule list engine" in ctl.refusal("schedule", "engine", "list")


@pytest.mark.parametrize(
    "words, expected",
    [
        ((), "what is to be done?"),
        (("on",), "for which target?"),
        (("on", "--timeout"), "--timeout needs a value"),
        (("on", "--timeout", "0", "x"), "--timeout takes seconds up to 3600, not '0'"),
        (("on", "--timeout", "soon", "x"), "--timeout takes seconds up to 3600, not 'soon'"),
        (("on", "--timeout", "0x10", "x"), "--timeout takes seconds up to 3600, not '0x10'"),
        (("on", "--timeout", "inf", "x"), "--timeout takes seconds up to 3600, not 'inf'"),
        (("on", "--timeout", "1", "--timeout", "2", "x"), "--timeout is given twice"),
        (("on", "--config", "", "x"), "--config needs a file"),
        (("on", "--outlet", "", "x"), "--outlet needs a number"),
        (("on", "--day", "x"), "--day has no meaning here"),
        (("on", "x:0"), "'x:0' has no port"),
        (("on", "x:65536"), "'x:65536' has no port"),
        (("on", "50:C7:BF:4D:00"), "is no MAC"),
        (("on", "50:C7:BF:4D:00:ZZ"), "is no MAC"),
        (("on", "http://127.77.0.1/"), "is a URL"),
        (("on", "127.77.0.1:abc"), "something around its address"),
        (("on", "127.77.0.1 "), "something around its address"),
        (("on", "127.77.0.256"), "is no address"),
        (("on", "x/"), "'x/' names no outlet"),
        (("on", ""), "'' is no address, MAC, name or alias"),
        (("on", "--outlet", "1", "--all-outlets", "x"), "which?"),
        (("blink", "--times", "0", "x"), "--times takes a whole number from 1 to 600, not '0'"),
        (("alias", "--set", "", "x"), "is no name"),
        (("location", "--set", "91,0", "x"), "latitude,longitude"),
        (("location", "--set", "north", "x"), "latitude,longitude"),
        (("brightness", "--set", "0", "x"), "--set takes a whole number from 1 to 100"),
        (("brightness", "--set", "1.5", "x"), "--set takes a whole number from 1 to 100"),
        (("energy", "--day", "--month", "x"), "one of them"),
        (("energy", "--day", "--of", "2026-13", "x"), "a month as 2026-11"),
        (("energy", "--year", "--of", "26", "x"), "a year as 2026"),
        (("energy", "--of", "2026", "x"), "--of needs"),
        (("watch", "--count", "0", "x"), "--count takes a whole number"),
        (("watch", "--interval", "never", "x"), "--interval takes seconds"),
        (("time", "set", "x"), "set needs --at"),
        (("time", "set", "--at", "2026-02-29T12:00", "x"), "--at takes a time"),
        (("time", "sync", "--zone", "Europe/Atlantis", "x"), "no zone 'Europe/Atlantis'"),
        (("time", "get", "--zone", "41", "x"), "--zone goes with"),
        (("reboot", "--delay", "0", "x"), "--delay takes a whole number"),
        (("raw", "{", "x"), "this is no JSON object"),
        (("raw",), "JSON is missing"),
        (("encode",), "TEXT is missing"),
        (("encode", "a", "b"), "takes no target"),
        (("decode", "0g"), "neither hex nor base64"),
        (("wifi", "info", "--refresh", "x"), "--refresh does not go with 'wifi info'"),
        (("schedule", "add", "--at", "24:00", "x"), "--at takes 08:30"),
        (("schedule", "add", "--at", "08:30", "--do", "on", "x"), "add needs"),
        (("schedule", "add", "--at", "8", "--do", "on", "--days", "mon", "x"), "--at takes"),
        (("schedule", "add", "--do", "maybe", "x"), "--do takes on or off"),
        (("schedule", "add", "--days", "mon-xyz", "x"), "--days takes"),
        (("schedule", "add", "--date", "2026-02-30", "x"), "--date takes"),
        (("schedule", "delete", "x"), "delete needs --rule"),
        (("schedule", "edit", "--rule", "1", "x"), "edit needs something to change"),
        (("schedule", "list", "--do", "on", "x"), "list does not take --do"),
        (("icon", "--set", "x", "x"), "--set ICON and --hash HASH go together"),
        (("light", "on", "--hue", "361", "x"), "--hue takes a whole number from 0 to 360"),
        (("light", "on", "--saturation", "101", "x"), "--saturation takes a whole number"),
        (("light", "on", "--brightness", "-1", "x"), "--brightness takes a whole number"),
        (("light", "on", "--kelvin", "warm", "x"), "--kelvin takes a whole number"),
        (("light", "off", "--hue", "5", "x"), "--hue does not go with 'light off'"),
        (("light", "on", "--transition", "soon", "x"), "--transition takes seconds"),
        (("dimmer", "--set", "x=5", "x"), "names are minimum, fade-on"),
        (("dimmer", "--set", "fade-on=-1", "x"), "takes milliseconds up to 3600000"),
        (("dimmer", "--set", "long-press=fly", "x"), "long-press is none, last_status"),
        (("firmware", "download", "x"), "--url"),
        (("firmware", "download", "--url", "ftp://x", "x"), "http"),
        (("firmware", "flash", "--url", "http://x", "x"), "--url does not go with"),
        (("calibration", "set", "--voltage", "1", "x"), "--current"),
        (("calibration", "start", "--voltage", "-1", "--current", "2", "x"), "--voltage takes"),
        (("identity", "--mac", "50:C7", "x"), "is not the MAC of one device"),
        (("identity", "--device-id", "00", "x"), "is not 40 hex digits"),
        (("identity", "--hardware-id", "0" * 40, "x"), "is not 32 hex digits"),
        (("cloud", "bind", "x"), "--user"),
        (("cloud", "server", "x"), "--set"),
        (("wifi", "join", "x"), "--ssid"),
        (("wifi", "join", "--ssid", "x" * 33, "--security", "open", "--yes", "x"), "1 to 32 bytes"),
        (("wifi", "join", "--ssid", "x", "--security", "wpa9", "x"), "--security"),
        (("countdown", "add", "--in", "25h", "--do", "on", "x"), "--in takes"),
        (("away", "add", "--from", "18:00", "--days", "daily", "x"), "add needs"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_sent(ctl, words, expected):
    assert expected in ctl.refusal(*words)


def test_help_names_every_verb_and_every_verb_has_help(ctl):
    out, _ = ctl.run("--help")
    verbs = [match[1] for line in out if (match := re.match(r"  ([a-z]+)  ", line))]
    assert {"info", "on", "energy", "schedule", "raw"} <= set(verbs)
    for verb in verbs:
        assert ctl.run(verb, "--help")[0][0].startswith(f"usage: plugctl [option]... {verb}")
        assert ctl.run("help", verb)[0] == ctl.run(verb, "--help")[0]
    assert ctl.run("help")[0] == out
    assert re.fullmatch(r"plugctl \d+\.\d+\.\d+", ctl.run("--version")[0][0])


def test_every_verb_wants_a_target_and_knows_its_options(ctl):
    out, _ = ctl.run("--help")
    verbs = [match[1] for line in out if (match := re.match(r"  ([a-z]+)  ", line))]
    for verb in verbs:
        assert "there is no option --qwertz" in ctl.refusal(verb, "--qwertz", "x"), verb
        first = ctl.run(verb, "--help")[0][0]
        word = re.search(r" ([a-z]+)\|", first)
        words = [verb, word[1]] if word else [verb]
        if "target..." in first:
            assert re.search("target|needs|JSON|without", ctl.refusal(*words)), verb


def complete(programs, *words):
    """What bash would offer for the last word."""
    script = (
        f'source "{SOURCE}/deploy/completion/plugctl.bash"; COMP_WORDS=("$@"); '
        'COMP_CWORD=$(($# - 1)); _plugctl; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    ended = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", "plugctl", *words],
        env=environment, capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=True,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


def test_completion_offers_verbs_words_options_and_names(ctl, programs, tmp_path):
    out, _ = ctl.run("--help")
    verbs = [match[1] for line in out if (match := re.match(r"  ([a-z]+)  ", line))]
    assert complete(programs, "") == verbs
    assert complete(programs, "to") == ["toggle"]
    assert complete(programs, "time", "") == ["get", "set", "sync"]
    assert complete(programs, "schedule", "add", "--d") == ["--date", "--days", "--do"]
    assert complete(programs, "schedule", "add", "--do", "") == ["on", "off"]
    config = tmp_path / "some.cfg"
    config.write_text('devices = ( { name = "engine"; host = "192.0.2.1"; } );\n')
    assert complete(programs, "--config", str(config), "on", "e") == ["engine"]


def test_the_manual_tells_of_every_verb_and_option(ctl):
    manual = (SOURCE / "deploy" / "man" / "plugctl.1").read_text()
    out, _ = ctl.run("--help")
    verbs = [match[1] for line in out if (match := re.match(r"  ([a-z]+)  ", line))]
    for verb in verbs:
        assert re.search(rf"^\.It Cm [a-z ,]*\b{verb}\b", manual, re.M), verb
        for line in ctl.run(verb, "--help")[0]:
            if option := re.match(r"  --([a-z-]+)", line):
                assert re.search(rf"-{option[1]}\b", manual), option[1]
