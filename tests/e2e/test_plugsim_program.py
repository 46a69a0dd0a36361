"""plugsim itself: many devices, and the program."""
import json
import os
import resource
import signal
import socket
import subprocess

import pytest

from harness.devices import (
    WITHIN_S,
    SILENCE_S,
    MODELS,
    SYSINFO,
    encrypt,
    decrypt,
    Client,
    Devices,
    is_turned_away,
    wait_until,
)
from plugsim import Plugsim


def search(sim, within=WITHIN_S):
    """The addresses that answer a broadcast."""
    found = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        udp.settimeout(within)
        udp.sendto(encrypt(json.dumps(SYSINFO).encode()), ("127.255.255.255", sim.port))
        while len(found) < sim.count:
            text, place = udp.recvfrom(65536)
            json.loads(decrypt(text))
            found.add(place)
    return found


@pytest.mark.parametrize("sockets", ["own", "shared"])
def test_two_hundred_devices_are_told_apart(programs, sockets):
    options = ["--wildcard"] if sockets == "shared" else []
    with Plugsim(programs, [], "--count", "200", "--model", "HS110v1", *options, port=0) as sim:
        assert sim.ask("info")["sockets"] == sockets
        places = {(told["address"], told["port"]): told["mac"] for told in sim.devices}
        assert len(places) == len(set(places.values())) == 200
        assert search(sim) == set(places)
        for place, mac in places.items():
            with Client(place) as client:
                assert client.ask(SYSINFO)["system"]["get_sysinfo"]["mac"] == mac
        total = sim.ask("counters", sum=True)["sum"]
        assert (total["requests"], total["datagrams"]) == (200, 200)


def test_stops_with_everything_under_way(programs):
    sim = Plugsim(programs, ["HS100"] * 3, port=0)
    watcher = sim.watch()
    clients = [Client(sim.address(1)) for _ in range(3)]
    sim.fault("all", "slow", ms=60000)
    sim.fault(2, "drip", ms=60000)
    for client in [*clients, Client(sim.address(2))]:
        client.send(SYSINFO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for number in (1, 2, 3):
            udp.sendto(encrypt(json.dumps(SYSINFO).encode()), sim.address(number))
    wait_until(lambda: sim.ask("counters", sum=True)["sum"]["datagrams"] == 3, "not received")
    wait_until(lambda: sim.ask("counters", sum=True)["sum"]["requests"] == 4, "not received")
    sim.ask("set", device=3, relay=True)
    with watcher:
        watcher.wait(within=WITHIN_S)
        sim.stop()


def test_slow_datagrams_come_in_their_time(programs):
    with Plugsim(programs, ["HS100"] * 3, "--broadcast", "127.255.255.254", port=0) as sim:
        sim.set(1, delay_ms=300)
        sim.set(2, delay_ms=10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(WITHIN_S)
            for number in (1, 2, 3):
                udp.sendto(encrypt(json.dumps(SYSINFO).encode()), sim.address(number))
            order = [udp.recvfrom(65536)[1] for _ in range(3)]
    assert order == [sim.address(number) for number in (3, 2, 1)]


def test_nobody_answers_a_search_that_is_switched_off(programs):
    with Plugsim(programs, ["HS100"], "--broadcast", "none", "--wildcard", port=0) as sim:
        with pytest.raises(TimeoutError):
            search(sim, within=SILENCE_S)
        assert sim.counters(1)["datagrams"] == 0


def test_shared_sockets_know_power_and_faults_of_each(programs):
    with Plugsim(programs, ["HS100", "HS100"], "--wildcard", port=0) as sim:
        devices = Devices(sim)
        with Client(sim.address(1)) as client:
            client.ask(SYSINFO)
            sim.power(1, False)
            assert client.is_reset()
        assert is_turned_away(sim.address(1))
        with pytest.raises(TimeoutError):
            devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
        sim.fault(2, "refuse")
        assert is_turned_away(sim.address(2))
        sim.power(1, True)
        sim.clear()
        for number in (1, 2):
            with Client(sim.address(number)) as client:
                assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0
        assert is_turned_away(("127.0.0.1", sim.port))


def test_readings_vary_only_with_noise(programs):
    with Plugsim(programs, ["HS110v2"], "--noise", port=0) as sim:
        sim.set(1, relay=True, power_mw=100000)
        seen = set()
        with Client(sim.address(1)) as client:
            def read():
                reading = client.ask({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"]
                seen.add((reading["power_mw"], reading["voltage_mv"]))
                return len(seen) > 1

            wait_until(read, "always the same reading")
    assert all(99000 <= power <= 101000 for power, _ in seen)


def run(programs, *arguments):
    return subprocess.run(
        [str(programs / "plugsim"), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def test_help_and_version(programs):
    helped = run(programs, "--help")
    assert helped.returncode == 0 and helped.stderr == ""
    for word in [*MODELS, "--device", "--count", "--control", "--port", "usage: plugsim"]:
        assert word in helped.stdout
    version = run(programs, "--version")
    assert version.returncode == 0 and version.stdout.startswith("plugsim ")


@pytest.mark.parametrize(
    "arguments,complaint",
    [
        (["--fly"], "--fly: no such option"),
        (["device"], "device: no such option"),
        (["--device"], "--device: needs a value"),
        (["--quiet=1"], "--quiet: takes no value"),
        (["--device", "HS999"], "HS999: no such model"),
        (["--device", "HS100@nowhere"], "nowhere: not an IPv4 address"),
        (["--device", "HS100=" + "x" * 65], "not an alias"),
        (["--device", b"HS100=\xff\xfe"], "not an alias"),
        (["--port", "65536"], "65536: not a port"),
        (["--port", "http"], "http: not a port"),
        (["--count", "0"], "0: not a number of devices"),
        (["--count", "100001"], "100001: not a number of devices"),
        (["--model", "HS100"], "--model: needs --count"),
        (["--listen", "192.168.1.5"], "192.168.1.5: beyond 127.0.0.0/8"),
        (["--device", "HS100@127.1.0.1", "--device", "HS100"], "127.1.0.1: two devices"),
        (["--listen", "127.255.255.255"], "a device with the broadcast address"),
        (["--listen", "255.255.255.255", "--count", "2", "--allow-any-address"], "not enough addresses"),
    ],
)
def test_usage_errors_say_what_is_wrong(programs, arguments, complaint):
    ended = run(programs, *arguments)
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert ended.stdout == ""


def test_address_in_use_is_told(programs):
    with Plugsim(programs, ["HS100"], port=0) as sim:
        address, port = sim.address(1)
        ended = run(programs, "--device", f"HS100@{address}", "--port", str(port))
        assert ended.returncode == 1
        assert f"{address}, port {port}: address already in use" in ended.stderr
        assert "--listen" in ended.stderr


def test_control_path_must_be_free_and_possible(programs, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (str(file), str(tmp_path / "no" / "folder"), "/tmp/" + "x" * 200):
        ended = run(programs, "--port", "0", "--control", path)
        assert ended.returncode == 1 and f"cannot listen at {path}" in ended.stderr
    assert file.read_text() == "mine"
    with Plugsim(programs, ["HS100"], port=0) as sim:
        ended = run(programs, "--port", "0", "--control", sim.control)
        assert ended.returncode == 1 and "address already in use" in ended.stderr
        assert sim.ask("info")["ok"]


def test_control_path_of_a_killed_simulation_is_taken_over(programs, tmp_path):
    path = str(tmp_path / "control")
    argv = [str(programs / "plugsim"), "--port", "0", "--control", path, "--quiet"]
    for end in (signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline().startswith("ready: 1 devices from 127.1.0.1:")
        finally:
            process.send_signal(end)
            status = process.wait(WITHIN_S)
            process.stdout.close()
        assert status == (-end if end == signal.SIGKILL else 0)
        assert os.path.exists(path) == (end == signal.SIGKILL)


def test_too_low_a_limit_of_files_is_told(programs):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (50, 100))

    process = subprocess.Popen(
        [str(programs / "plugsim"), "--port", "0", "--count", "60", "--wildcard"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lower,
    )
    try:
        assert process.stdout.readline().startswith("ready: 60 devices")
    finally:
        process.terminate()
        _, complaint = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0
    assert "the limit of open files is 100" in complaint and "ulimit -n" in complaint


def test_relays_and_power_are_told_unless_quiet(programs, tmp_path):
    path = str(tmp_path / "control")
    process = subprocess.Popen(
        [str(programs / "plugsim"), "--port", "0", "--control", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdout.readline()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(WITHIN_S)
            connection.connect(path)
            connection.sendall(b'{"verb":"set","device":1,"relay":1}\n')
            assert json.loads(connection.makefile("rb").readline())["ok"]
    finally:
        process.terminate()
        _, told = process.communicate(timeout=WITHIN_S)
    assert told == "127.1.0.1 HS110v2, outlet 0: on\n"
