"""plugctl discover, and targets that are found by it.

Everything stays on 127.255.255.255, on addresses of 127.0.0.0/8, or in network namespaces that a
test makes for itself."""
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from harness import impostor
from harness.bridge import SANITIZER_ENVIRONMENT, assert_no_sanitizer_report
from harness.client import MqttClient
from harness.process import Process
from harness.impostor import free_address
from harness.responder import Responder, tdp
from plugsim import SANITIZER_REPORT, Plugsim

WITHIN_S = 60
BROADCAST = "127.255.255.255"
MODELS = ["HS110v2=Steam engine", "HS300=Cases", "HS220=Größe \"x\" */", "KL110=Fountain"]
ENGINE, CASES, DIMMER, FOUNTAIN = range(1, 5)
SECRETS = ("SECRET", "latitude", "longitude", "deviceId", "hwId", "oemId", "owner")


class Ctl:
    """Runs plugctl, which searches on loopback only."""

    def __init__(self, programs, port):
        self.path = str(programs / "plugctl")
        self.where = ["--broadcast", BROADCAST, "--port", str(port)]
        self.port = port

    def call(self, *words, status=0):
        """(standard output, standard error) of exactly these words."""
        ended = subprocess.run(
            [self.path, *map(str, words)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=WITHIN_S,
            check=False,
            env={**os.environ, **SANITIZER_ENVIRONMENT},
        )
        assert not SANITIZER_REPORT.search(ended.stderr), ended.stderr
        assert ended.returncode == status, f"{words}: {ended.stdout}{ended.stderr}"
        return ended.stdout, ended.stderr

    def run(self, *words, status=0):
        out, err = self.call(*self.where, *words, status=status)
        return out.splitlines(), err.splitlines()

    def at(self, *words, status=0):
        """Asks the addresses among words, and nobody else."""
        out, err = self.call("--port", self.port, *words, status=status)
        return out.splitlines(), err.splitlines()

    def json(self, *words, status=0):
        return [json.loads(line) for line in self.run("--json", *words, status=status)[0]]


@pytest.fixture(scope="module")
def sim(programs):
    with Plugsim(programs, MODELS, port=0) as running:
        yield running


@pytest.fixture
def ctl(programs, sim):
    sim.clear()
    return Ctl(programs, sim.port)


def host(sim, device):
    return sim.address(device)[0]


def mac(sim, device):
    return sim.get(device)["mac"]


def sysinfo(number, **members):
    return impostor.sysinfo(number, **{"deviceId": "SECRET-DEVICE", **members})


def assert_no_secret(*texts):
    for text in texts:
        assert not [secret for secret in SECRETS if secret in text], text


# The list.


def test_each_device_is_a_line(ctl, sim):
    sim.set(ENGINE, relay=True)
    sim.set(CASES, outlet=2, relay=True)
    out, err = ctl.run("discover")
    assert err == []
    lines = {line.split()[0]: line for line in out}
    assert sorted(lines) == sorted(host(sim, device) for device in range(1, 5))
    for device, rest in (
        (ENGINE, r"HS110\(EU\) +plug +xor +on +Steam engine"),
        (CASES, r"HS300\(US\) +strip +xor +1 of 6 on +Cases"),
        (DIMMER, r"HS220\(US\) +dimmer +xor +off +Größe \"x\" \*/"),
        (FOUNTAIN, r"KL110\(US\) +bulb +xor +off +Fountain"),
    ):
        address = re.escape(host(sim, device))
        assert re.fullmatch(f"{address} +{mac(sim, device)} +{rest}", lines[host(sim, device)])
    assert_no_secret(*out)


def test_json_is_one_object_for_each_device(ctl, sim):
    devices = {device["mac"]: device for device in ctl.json("discover")}
    cases = devices[mac(sim, CASES)]
    assert len(devices) == 4
    assert cases["ok"] is True and cases["confirmed"] is True and cases["doubled"] is False
    assert cases["target"] == cases["host"] == host(sim, CASES)
    assert cases["port"] == sim.port and cases["dialect"] == "xor" and cases["family"] == "strip"
    assert [outlet["outlet"] for outlet in cases["outlets"]] == [1, 2, 3, 4, 5, 6]
    assert {outlet["state"] for outlet in cases["outlets"]} <= {"on", "off"}
    assert cases["outlets"][0]["alias"] == "Plug 1"
    assert "advice" not in cases
    assert_no_secret(json.dumps(devices))


def test_single_addresses_are_asked_alone(ctl, sim):
    (line,), _ = ctl.at("discover", host(sim, CASES))
    assert line.startswith(host(sim, CASES))


def test_lines_come_while_the_search_goes_on(ctl, sim):
    process = Process([ctl.path, *ctl.where, "discover", "--wait", "30"])
    process.wait_line(re.escape(host(sim, ENGINE)), WITHIN_S)
    assert process.is_running()
    process.kill()


def test_nothing_found_says_what_to_check(ctl):
    out, err = ctl.at("discover", free_address(), "--wait", "0.5", status=1)
    assert out == []
    assert err[0] == "plugctl: discover: no device answered"
    assert err[1] == "What to check:" and len(err) > 4
    out, err = ctl.at("--json", "discover", free_address(), "--wait", "0.5", status=1)
    assert json.loads(out[0])["error"] == "no device answered"


def test_devices_of_other_dialects_come_with_advice(ctl):
    klap = tdp("50:C7:BF:00:00:01")
    smart = tdp("50:C7:BF:00:00:02", device_type="SMART.TAPOPLUG", encryption="AES")
    with Responder(ctl.port, tdp_answer=klap) as one, Responder(ctl.port, tdp_answer=smart) as two:
        out, err = ctl.at("discover", one.address, two.address, "--wait", "3")
        lines = {line.split()[0]: line.split() for line in out}
        assert lines[one.address][1:3] == ["50:C7:BF:00:00:01", "HS100(UK)"]
        assert "klap" in lines[one.address] and "smart" in lines[two.address]
        assert any(one.address in line and "Third-Party Compatibility" in line for line in err)
        assert any(two.address in line and "not supported" in line for line in err)
        assert_no_secret(*out, *err)
        out, _ = ctl.at("--json", "discover", one.address, two.address, "--wait", "3")
        found = {device["host"]: device for device in map(json.loads, out)}
        assert found[one.address]["confirmed"] is False
        assert "Third-Party Compatibility" in found[one.address]["advice"]
        out, err = ctl.at("discover", "--config", one.address, "--wait", "3", status=1)
        assert out == [] and "none of the devices" in err[0]


def test_a_device_that_answers_both_ways_is_told_once(ctl):
    number = "50:C7:BF:00:00:03"
    both = {"udp": sysinfo(number), "tcp": sysinfo(number), "tdp_answer": tdp(number)}
    with Responder(ctl.port, **both) as device:
        (line,), err = ctl.at("discover", device.address)
        assert " xor " in line and err == []


def test_garbage_is_ignored_and_counted(ctl):
    for raw in (b"", b"\x00" * 40, os.urandom(900), b"{}"):
        with Responder(ctl.port, raw=raw) as noise:
            words = ("discover", "--verbose", noise.address, "--wait", "1")
            _, err = ctl.at(*words, status=1)
            assert err[0] == "plugctl: discover: no device answered"
            told = re.search(r"0 found, 0 of them usable; (\d+) answers ignored", err[-1])
            assert told and int(told[1]) >= 1


def test_an_alias_cannot_steer_the_terminal(ctl):
    number = "50:C7:BF:00:00:04"
    text = json.dumps(sysinfo(number, alias="ALIAS")).encode()
    for alias in (b"\\u001b[31mred", b"two\\nlines", b"\\u0000", "\x9b".encode(), b"\\ud83d"):
        says = text.replace(b"ALIAS", alias)
        with Responder(ctl.port, udp=says, tcp=says) as device:
            ended = subprocess.run(
                [ctl.path, "--port", str(ctl.port), "discover", device.address, "--wait", "1"],
                capture_output=True, timeout=WITHIN_S, check=False,
            )
            assert ended.stdout.count(b"\n") <= 1
            assert not re.search(rb"[\x00-\x09\x0b-\x1f]|\xc2[\x80-\x9f]", ended.stdout)


# An answer over UDP is a claim.


def test_a_claim_that_tcp_denies_is_not_believed(ctl, sim):
    claimed = mac(sim, ENGINE)
    with Responder(
        ctl.port, udp=sysinfo(claimed), tcp=sysinfo("50:C7:BF:00:00:05")
    ) as liar:
        both = ("--json", "discover", liar.address, host(sim, ENGINE))
        found = {d["host"]: d for d in map(json.loads, ctl.at(*both)[0])}
        assert found[liar.address]["confirmed"] is False
        assert "another MAC" in found[liar.address]["advice"]
        assert found[host(sim, ENGINE)]["confirmed"] is True
        assert found[host(sim, ENGINE)]["mac"] == claimed
        # The configuration has the device itself, whoever answered first.
        out, _ = ctl.at("discover", "--config", liar.address, host(sim, ENGINE))
        entries = [line for line in out if "mac =" in line]
        assert len(entries) == 1 and f'"{host(sim, ENGINE)}"' in entries[0]
        # Orders go to the device itself.
        where = ("--broadcast", f"{liar.address},{BROADCAST}")
        ctl.call(*where, "--port", ctl.port, "on", claimed)
        assert sim.get(ENGINE)["relay"] == [1]
        # Where nobody else has the MAC, nothing is done.
        _, err = ctl.call(
            "--broadcast", liar.address, "--port", ctl.port, "--wait", "1", "on", claimed, status=1
        )
        assert f"an answer came for it from {liar.address}" in err


def test_who_is_silent_over_tcp_is_told(ctl):
    with Responder(ctl.port, udp=sysinfo("50:C7:BF:00:00:06", alias="Mute")) as mute:
        where = ("--broadcast", mute.address, "--port", ctl.port)
        out, err = ctl.call(*where, "discover")
        assert mute.address in out and "not over TCP" in err
        _, err = ctl.call(*where, "on", "Mute", status=1)
        assert err.startswith(
            f"plugctl: Mute: answered the search from {mute.address}, but not over TCP"
        )


# Targets.


def test_a_mac_in_any_form_is_a_target(ctl, sim):
    number = mac(sim, ENGINE)
    plain = number.replace(":", "").lower()
    forms = (number, number.lower(), number.replace(":", "-"), plain)
    forms += (".".join((plain[:4], plain[4:8], plain[8:])),)
    for state, form in zip(("on", "off", "on", "off", "on"), forms):
        (line,), _ = ctl.run(state, form)
        assert line.split()[:2] == [form, state]
        assert sim.get(ENGINE)["relay"] == [state == "on"]
    before = time.monotonic()
    ctl.run("state", number)
    # The first answer ends the search, though its window is much longer.
    ctl.run("--wait", "100", "--timeout", "300", "state", number)
    assert time.monotonic() - before < 20


def test_an_alias_is_a_target(ctl, sim):
    sim.set("all", relay=False)
    sim.set(CASES, outlet=4, alias="Gold watch")
    ctl.run("on", "steam engine", "Fountain", "Cases/2", "Gold watch")
    assert sim.get(ENGINE)["relay"] == [1] and sim.get(FOUNTAIN)["relay"] == [1]
    assert sim.get(CASES)["relay"] == [0, 1, 0, 0, 1, 0]
    _, err = ctl.run("on", "Fontain", "Steam engine", status=1)
    assert err[0].startswith("plugctl: Fontain: ")
    assert err[0].endswith("did you mean 'Fountain'?")


def test_an_ambiguous_alias_names_the_candidates(ctl, sim):
    sim.set(FOUNTAIN, alias="Steam engine")
    try:
        (answer,) = ctl.json("off", "Steam engine", status=1)
        assert answer["error"].startswith("2 are called so: ")
        for device in (ENGINE, FOUNTAIN):
            assert f"{host(sim, device)} ({mac(sim, device)})" in answer["error"]
    finally:
        sim.set(FOUNTAIN, alias="Fountain")


def test_all_without_a_configuration_is_all_that_answer(ctl, sim):
    sim.set("all", relay=False)
    ctl.run("--all", "--all-outlets", "on")
    assert all(all(sim.get(device)["relay"]) for device in range(1, 5))
    sim.fault(DIMMER, "hang")
    before = time.monotonic()
    out, err = ctl.run("--timeout", "6", "--all", "--all-outlets", "off", status=1)
    assert time.monotonic() - before < 20
    assert len(out) == 8 and len(err) == 1 and err[0].startswith(f"plugctl: {host(sim, DIMMER)}")
    sim.clear()
    (answer,) = map(
        json.loads,
        ctl.call(
            "--json", "--broadcast", free_address(), "--wait", "0.5", "--all", "off", status=1
        )[0].splitlines(),
    )
    assert answer["error"] == "no device answered the search"


def test_what_is_not_there_fails_in_time(ctl, sim):
    for word, told in (
        ("50:C7:BF:FF:FF:FF", "no device with this MAC answered the search"),
        ("No such thing", "no device that answered the search has this alias"),
    ):
        before = time.monotonic()
        out, err = ctl.run("--timeout", "2", "state", word, host(sim, ENGINE), status=1)
        assert time.monotonic() - before < 10
        assert len(out) == 1 and err == [f"plugctl: {word}: {told}"]


def test_the_configuration_says_where_to_search_and_keeps_its_secrets(ctl, sim, tmp_path):
    config = tmp_path / "my.cfg"
    config.write_text(
        f'broker = {{ username = "x"; password_file = "{tmp_path}/not-there"; }};\n'
        f'discovery = {{ broadcast = ( "{BROADCAST}" ); }};\n'
        f'devices = ( {{ name = "engine"; mac = "{mac(sim, ENGINE)}"; }},\n'
        '             { name = "gone"; mac = "50:C7:BF:FF:FF:FF"; } );\n'
    )
    where = ("--config", config, "--port", ctl.port)
    out, _ = ctl.call(*where, "on", "engine")
    assert out.startswith("engine  on")
    assert sim.get(ENGINE)["relay"] == [1]
    out, err = ctl.call(*where, "--all", "state", status=1)
    assert out.startswith("engine  on") and "gone: no device with this MAC" in err
    out, _ = ctl.call(*where, "discover")
    assert len(out.splitlines()) == 4
    config.write_text("discovery = { broadcast = ( ); };\n")
    _, err = ctl.call(*where, "discover", status=2)
    assert "discovery.broadcast in the configuration is empty" in err


@pytest.mark.parametrize(
    "words, told",
    [
        (("discover", "plug.lan"), "'plug.lan' is no IPv4 address"),
        (("discover", "--config", "my.cfg"), "discover --config >FILE"),
        (("discover", "--config=my.cfg"), "--config takes no value here"),
        (("--broadcast", "127.0.0", "discover"), "'127.0.0' is no IPv4 address"),
        (("--broadcast", "127.0.0.1,", "discover"), "'' is no IPv4 address"),
        (("--wait", "0", "discover"), "--wait takes seconds up to 600, not '0'"),
        (("--wait", "3", "--timeout", "2", "discover"), "--wait must be less than --timeout"),
        (("--port", "0", "discover"), "--port takes a whole number from 1 to 65535, not '0'"),
        (("discovre",), "did you mean 'discover'?"),
        (("on", "--config"), "--config needs a value"),
    ],
)
def test_wrong_words_are_told(ctl, words, told):
    out, err = ctl.call(*words, status=2)
    assert out == "" and told in err


# The configuration that is printed.


def check(programs, path):
    checker = Process([str(programs / "plugbridge"), "--check", str(path)])
    status = checker.wait(WITHIN_S)
    output = checker.output
    checker.kill()
    return status, output


def test_the_printed_configuration_loads(ctl, sim, programs, tmp_path):
    path = tmp_path / "plugbridge.cfg"
    out, err = ctl.call(*ctl.where, "discover", "--config")
    assert err == ""
    path.write_text(out)
    status, told = check(programs, path)
    assert status == 0, told
    assert f'name = "steam-engine";  host = "{host(sim, ENGINE)}";' in out
    assert f'mac = "{mac(sim, ENGINE)}"' in out
    assert 'name = "groesse-x"' in out and r'label = "Größe \"x\" */"' in out
    # Names of it are targets, and its pinned MACs are held to.
    out, _ = ctl.call("--config", path, "on", "cases-1")
    assert out.startswith("cases-1  on")
    sim.fault(ENGINE, "other_device")
    raw = ("raw", '{"system":{"set_relay_state":{"state":1}}}')
    for words in (["on"], raw):
        _, err = ctl.call("--config", path, *words, "steam-engine", status=1)
        assert "another device is at this address" in err
    assert sim.counters(ENGINE)["stranger"]["relay_moves"] == 0


def test_json_has_the_configuration_as_a_member(ctl, programs, tmp_path):
    (answer,) = ctl.json("discover", "--config")
    path = tmp_path / "plugbridge.cfg"
    path.write_text(answer["config"])
    assert check(programs, path)[0] == 0
    assert answer["ok"] is True and len(answer["devices"]) == 4
    assert {device["dialect"] for device in answer["devices"]} == {"xor"}
    assert_no_secret(json.dumps(answer))


COUNT = 200


@pytest.mark.parametrize("drop_percent", [0, 19])
def test_200_devices_are_found_and_served(programs, broker, tmp_path, drop_percent):
    """A tenth lost each way is 19 of a hundred that get no answer. TCP is not lost."""
    with Plugsim(programs, [], "--count", str(COUNT), "--noise", port=0) as sim:
        if drop_percent:
            sim.fault("all", "drop", percent=drop_percent, transport="udp")
        ctl = Ctl(programs, sim.port)
        (answer,) = ctl.json("discover", "--config")
        expected = {device["mac"] for device in sim.devices}
        assert len(expected) == COUNT
        assert {device["mac"] for device in answer["devices"]} == expected
        assert all(device["confirmed"] for device in answer["devices"])
        sim.clear()
        path = tmp_path / "plugbridge.cfg"
        path.write_text(
            answer["config"]
            + f'broker = {{ host = "127.0.0.1"; port = {broker.port}; }};\n'
            + f'bridge = {{ state_dir = "{tmp_path}"; }};\n'
        )
        bridge = Process(
            [str(programs / "plugbridge"), "--config", str(path)],
            env={**os.environ, **SANITIZER_ENVIRONMENT},
        )
        try:
            with MqttClient(broker.port, subscribe=["museum/plug/+/availability"]) as watch:
                names = re.findall(r'name = "([a-z0-9_-]+)"', answer["config"])
                assert len(names) == len(set(names)) == COUNT
                for name in names:
                    watch.wait_for(
                        f"museum/plug/{name}/availability", lambda m: m.text == "online", WITHIN_S
                    )
            assert bridge.stop(WITHIN_S) == 0, bridge.output
            assert_no_sanitizer_report(bridge)
        finally:
            bridge.kill()


# Networks of their own.

NETWORK = """
set -e
mkfifo "$FOLDER/go"
unshare --net sh -c '
    read -r go <"$FOLDER/go"
    ip link set lo up
    ip address add 10.9.9.11/24 broadcast + dev there
    ip address add 10.9.9.12/24 broadcast + dev there
    ip link set there up
    exec "$PLUGSIM" --allow-any-address --listen 10.9.9.11 --broadcast 10.9.9.255 \
        --device HS100=Plain --device HS300=Cases' >"$FOLDER/sim.log" 2>&1 &
sim=$!
ip link set lo up
ip link add here type veth peer name there
ip link set there netns $sim
ip address add 10.9.9.1/24 broadcast + dev here
ip link set here up
ip route add default dev here
ip route add prohibit 10.8.8.0/24
ip route add unreachable 10.7.7.0/24
echo go >"$FOLDER/go"
tries=0
until grep -q '^ready' "$FOLDER/sim.log"; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] && kill -0 $sim || { cat "$FOLDER/sim.log"; exit 1; }
    sleep 0.05
done
set +e
"$@"
status=$?
kill $sim
wait $sim
exit $status
"""


def in_namespace(script, folder, programs, *words, flags=()):
    return subprocess.run(
        ["unshare", "--map-root-user", "--net", *flags, "sh", "-c", script, "sh"]
        + [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
        env={
            **os.environ,
            **SANITIZER_ENVIRONMENT,
            "FOLDER": str(folder),
            "PLUGSIM": str(programs / "plugsim"),
        },
    )


@pytest.fixture
def network(programs, tmp_path):
    """network(words...): plugctl on 10.9.9.1, two devices at 10.9.9.11 and 12, and nothing else."""
    probe = in_namespace("ip link add here type veth peer name there", tmp_path, programs)
    if not shutil.which("ip") or probe.returncode != 0:
        pytest.skip(f"no network namespaces here: {probe.stderr.strip()}")

    def run(*words):
        for old in tmp_path.iterdir():
            old.unlink()
        return in_namespace(NETWORK, tmp_path, programs, programs / "plugctl", *words)

    return run


def addresses(ended):
    return [line.split()[0] for line in ended.stdout.splitlines()]


def test_without_a_word_every_interface_is_searched(network):
    for words in ((), ("--interface", "here"), ("--broadcast", "10.9.9.255")):
        ended = network("discover", *words)
        assert ended.returncode == 0, ended.stderr
        assert sorted(addresses(ended)) == ["10.9.9.11", "10.9.9.12"]
    assert network("on", "Plain").returncode == 0


def test_where_nothing_may_or_can_be_sent_is_told(network):
    for words, told in (
        (["--broadcast", "10.8.8.255"], "10.8.8.255: no permission to send there"),
        (["--broadcast", "10.7.7.255"], "10.7.7.255: no route to it"),
        (["--interface", "nosuch0"], "nosuch0: no network interface with a broadcast address"),
    ):
        ended = network("discover", *words)
        assert ended.returncode == 1 and told in ended.stderr and ended.stdout == ""
    # One way that is closed does not keep the others from being used.
    ended = network("discover", "--broadcast", "10.8.8.255,10.9.9.255")
    assert ended.returncode == 0 and "no permission" in ended.stderr
    assert len(addresses(ended)) == 2
    ended = network("--json", "--broadcast", "10.8.8.255", "on", "Plain")
    assert ended.returncode == 1
    assert "cannot be searched for: no permission" in json.loads(ended.stdout)["error"]


def test_without_a_network_it_says_so(programs, tmp_path):
    ended = in_namespace('"$@"', tmp_path, programs, programs / "plugctl", "discover")
    if "unshare" in ended.stderr:
        pytest.skip(ended.stderr.strip())
    assert ended.returncode == 1
    assert "nothing could be sent: 255.255.255.255: no route to it" in ended.stderr


SILENT_NAME_SERVER = """
printf 'nameserver 127.0.0.9\\noptions timeout:30 attempts:1\\n' >"$FOLDER/resolv.conf"
mount --bind "$FOLDER/resolv.conf" /etc/resolv.conf || exit 77
ip link set lo up
/usr/bin/python3 -c '
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.9", 53))
print("ready", flush=True)
while True: server.recv(512)' >"$FOLDER/names.log" &
names=$!
until grep -q ready "$FOLDER/names.log" || ! kill -0 $names; do sleep 0.05; done
"$@"
status=$?
kill $names
exit $status
"""


def test_a_name_server_that_hangs_does_not_hold_it_up(programs, sim, tmp_path):
    """The word is searched for as an alias then; and a host name fails in time."""
    # Devices live outside the namespace: only the time is of interest here.
    for word, told in (
        ("Engine", "no host has this name and no device that answered the search this alias"),
        ("engine.lan", "no answer in time"),
    ):
        where = ("--broadcast", BROADCAST, "--port", sim.port, "--timeout", "4")
        before = time.monotonic()
        ended = in_namespace(
            SILENT_NAME_SERVER, tmp_path, programs, programs / "plugctl", *where, "on", word,
            flags=["--mount"],
        )
        if ended.returncode == 77 or "unshare" in ended.stderr:
            pytest.skip(ended.stderr.strip())
        assert ended.returncode == 1
        assert f"plugctl: {word}: {told}" in ended.stderr
        assert time.monotonic() - before < 15
