"""plugctl from outside: what goes over the wire, shown, and the form of an old script."""
import json
import re

import pytest

from harness.ctl import PLUG, STRIP, PLAIN, at, relays


def test_verbose_hides_location_ids_network_and_account_unless_told(ctl, sim):
    reply = json.loads(ctl.run("raw", '{"system":{"get_sysinfo":{}}}', at(sim, STRIP))[0][0]
                       .split(maxsplit=1)[1])["system"]["get_sysinfo"]
    secrets = [reply["deviceId"], reply["hwId"], reply["oemId"], str(reply["latitude_i"])]
    _, err = ctl.run("state", "-v", at(sim, STRIP))
    assert len(err) == 2 and " > " in err[0] and " < " in err[1]
    assert not any(secret in "\n".join(err) for secret in secrets)
    _, err = ctl.run("state", "-v", "--unredacted", at(sim, STRIP))
    assert all(secret in "\n".join(err) for secret in secrets)
    _, err = ctl.run("cloud", "info", "-v", at(sim, PLUG))
    assert "@" not in "\n".join(err)
    _, err = ctl.run("wifi", "info", "-v", at(sim, PLUG))
    assert "Museum" not in "\n".join(err)


def bytes_of(lines, sign):
    """The hex of a dump that stands between the offset and the text of each line."""
    dump = ""
    for line in lines:
        if match := re.match(rf"\S+ {sign} [0-9a-f]{{4}}  ((?:[0-9a-f]{{2}} {{1,2}})+)", line):
            dump += match[1].replace(" ", "")
    return dump


def test_the_bytes_on_the_wire_are_shown_beside_the_text(ctl, sim):
    _, err = ctl.run("state", "-vv", "--unredacted", at(sim, PLAIN))
    request, reply = bytes_of(err, ">"), bytes_of(err, "<")
    wire = "0000001dd0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6"
    assert request == wire
    (text,), _ = ctl.run("decode", reply)
    info = json.loads(text)["system"]["get_sysinfo"]
    assert info["alias"] == "Plain" and len(info["deviceId"]) == 40
    # The bytes end where the text begins to hide.
    _, err = ctl.run("state", "-vv", at(sim, PLAIN))
    assert any("bytes hidden" in line for line in err)
    assert reply.startswith(bytes_of(err, "<")) and len(bytes_of(err, "<")) < len(reply)
    (shown,), _ = ctl.run("decode", bytes_of(err, "<")[8:], status=1)
    assert '"sw_ver"' in shown and info["deviceId"] not in shown


SCRIPT = {
    "info": ("system", "get_sysinfo"), "on": ("system", "set_relay_state"),
    "off": ("system", "set_relay_state"), "ledoff": ("system", "set_led_off"),
    "ledon": ("system", "set_led_off"), "cloudinfo": ("cnCloud", "get_info"),
    "wlanscan": ("netif", "get_scaninfo"), "time": ("time", "get_time"),
    "schedule": ("schedule", "get_rules"), "countdown": ("count_down", "get_rules"),
    "antitheft": ("anti_theft", "get_rules"), "energy": ("emeter", "get_realtime"),
    "energy_reset": ("emeter", "erase_emeter_stat"),
    "runtime_reset": ("schedule", "erase_runtime_stat"), "reboot": ("system", "reboot"),
}


def test_the_old_script_s_form_sends_and_prints_the_same(ctl, sim):
    for name, (module, method) in SCRIPT.items():
        (sent, received), _ = ctl.run("-t", at(sim, PLUG), "-c", name)
        assert list(json.loads(sent.removeprefix("Sent:     "))[module]) == [method]
        assert method in json.loads(received.removeprefix("Received: "))[module]
        if name in ("on", "off"):
            assert relays(sim, PLUG) == [int(name == "on")]
        if name in ("ledon", "ledoff"):
            assert sim.get(PLUG)["led_off"] == int(name == "ledoff")
    request = '{"system":{"get_sysinfo":{}}}'
    (line,), _ = ctl.run("-q", "-p", "9999", "--timeout", "5", "-j", request, "-t", at(sim, PLAIN))
    assert json.loads(line)["system"]["get_sysinfo"]["alias"] == "Plain"


@pytest.mark.parametrize(
    "words, expected",
    [
        (("-t", "x"), "needs a target, and one of -c NAME and -j JSON"),
        (("-t", "x", "-c", "on", "-j", "{}"), "needs a target, and one of -c NAME and -j JSON"),
        (("-t", "x", "-c", "enrgy"), "there is no command 'enrgy'; did you mean 'energy'?"),
        (("-t", "x", "-j", "{"), "this is no JSON object"),
        (("-t", "x", "-c", "on", "-p", "0"), "no port"),
        (("-t", "x", "-c", "on", "-z"), "takes -t HOST"),
        (("-t", "x", "-c", "on", "more"), "takes -t HOST"),
    ],
)
def test_the_old_script_s_form_refuses_wrong_words(ctl, words, expected):
    assert expected in ctl.refusal(*words)


def test_an_option_s_value_may_look_like_the_old_script_s_option(ctl, sim):
    assert ctl.one("alias", "--set", "-test", at(sim, PLUG)) == {"alias": "-test"}


def test_raw_shows_what_the_device_says(ctl, sim):
    reply = ctl.one("raw", '{"nosuch":{"thing":{}}}', at(sim, PLUG))["reply"]
    assert reply["nosuch"]["err_code"] == -1
    ctl.run("raw", '{"system":{"set_relay_state":{"state":1}}}', at(sim, PLUG))
    assert relays(sim, PLUG) == [1]


def test_encode_and_decode_agree_with_the_known_vectors(ctl):
    text = '{"system":{"get_sysinfo":{}}}'
    wire = "0000001dd0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6"
    assert ctl.run("encode", text)[0] == [wire]
    assert ctl.run("encode", "--udp", text)[0] == [wire[8:]]
    assert ctl.run("decode", wire)[0] == [text] and ctl.run("decode", wire[8:])[0] == [text]
    assert ctl.run("decode", " ".join(re.findall("..", wire.upper())))[0] == [text]
    _, err = ctl.run("decode", "deadbeef", status=1)
    assert "this is no JSON" in err[0]
    base64 = "AAAAI9Dyl/qf64783uSfvdiqy7jdgueK75v+jNOg1LXB49mi36Lf"
    assert ctl.run("decode", base64)[0] == ['{"emeter":{"erase_emeter_stat":{}}}']
