"""plugsim itself: power, addresses, and all that is said to the control socket."""
import json
import os
import select
import socket
import time

import pytest

from harness.devices import WITHIN_S, SILENCE_S, NUMBER, SYSINFO, is_refused
from plugsim import Plugsim, Refused


def test_power_off_and_on(devices):
    number = NUMBER["HS100"]
    devices.sim.set(number, relay=True)
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        devices.sim.power(number, False)
        assert client.is_reset()
    assert is_refused(devices, "HS100")
    assert devices.sim.get(number)["power"] == "off"
    with pytest.raises((TimeoutError, ConnectionRefusedError)):
        devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
    devices.sim.power(number, True)
    info = devices.sysinfo("HS100")
    assert (info["relay_state"], info["on_time"]) == (1, 0)


def test_power_cut_without_internet_loses_the_clock(devices):
    number = NUMBER["HS100"]
    devices.sim.set(number, internet=False)
    devices.sim.power(number, False)
    devices.sim.power(number, True)
    assert devices.call("HS100", "time", "get_time")["year"] == 2000
    assert devices.sim.get(number)["clock_set"] is False
    devices.sim.set(number, internet=True, clock="right")


def test_devices_swap_addresses(devices):
    one, other = devices.sysinfo("HS110v1"), devices.sysinfo("HS110v2")
    numbers = [NUMBER["HS110v1"], NUMBER["HS110v2"]]
    with devices.connect("HS110v1") as client:
        client.ask(SYSINFO)
        devices.sim.ask("swap", device=numbers)
        assert client.is_reset()
    assert devices.sysinfo("HS110v1") == other
    assert devices.sim.ask("get", device=other["mac"])["devices"][0]["device"] == numbers[0]
    devices.sim.ask("swap", device=numbers)
    assert devices.sysinfo("HS110v1") == one


def test_selecting_devices(devices):
    sim = devices.sim

    def numbers(device):
        return [told["device"] for told in sim.ask("list", device=device)["devices"]]

    first = sim.devices[0]
    assert numbers("all") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert numbers(2) == numbers("2") == [2]
    assert numbers("2-4") == [2, 3, 4]
    assert numbers(first["address"]) == numbers(first["mac"]) == numbers(first["mac"].lower()) == [1]
    assert numbers([1, "3-4"]) == [1, 3, 4]


@pytest.mark.parametrize(
    "line,error",
    [
        ({"verb": "fly"}, "verb must be"),
        ({}, "verb must be"),
        ({"verb": "get", "device": 9}, "no such device"),
        ({"verb": "get", "device": 0}, "no such device"),
        ({"verb": "get", "device": "4-2"}, "no such device"),
        ({"verb": "get", "device": "127.9.9.9"}, "no such device"),
        ({"verb": "get", "device": "x"}, "device must be"),
        ({"verb": "get", "device": ["all", 1]}, "named twice"),
        ({"verb": "get", "device": 1, "colour": 2}, "unknown member: colour"),
        ({"verb": "set", "relay": 1}, "device must be"),
        ({"verb": "set", "device": 1, "relay": 2}, "cannot set, or not to that: relay"),
        ({"verb": "set", "device": 1, "power_mw": -1}, "power_mw"),
        ({"verb": "set", "device": 1, "power_mw": 1e30}, "power_mw"),
        ({"verb": "set", "device": 1, "alias": "x" * 65}, "alias"),
        ({"verb": "set", "device": 1, "clock": "2026-02-30T00:00:00"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20T00:00:00Z"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20 00:00:00"}, "clock"),
        ({"verb": "set", "device": 1, "mac": "50:C7"}, "mac"),
        ({"verb": "set", "device": 1, "wings": 2}, "wings"),
        ({"verb": "set", "device": 1, "outlet": 1, "relay": 1}, "no such outlet"),
        ({"verb": "power", "device": 1}, "power needs"),
        ({"verb": "swap", "device": [1]}, "swap needs two"),
        ({"verb": "fault", "device": 1, "fault": "flood"}, "no such fault"),
        ({"verb": "fault", "device": 1}, "no such fault"),
        ({"verb": "fault", "device": 1, "fault": "close", "ms": 5}, "ms"),
        ({"verb": "fault", "device": 1, "fault": "drip", "bytes": 0}, "bytes"),
        ({"verb": "fault", "device": 1, "fault": "drip", "percent": 101}, "percent"),
        ({"verb": "fault", "device": 1, "fault": "close", "transport": "udp"}, "transport"),
        ({"verb": "fault", "device": 1, "fault": "err_code", "level": "high"}, "level"),
        ({"verb": "clear", "device": 1, "fault": "flood"}, "no such fault"),
    ],
)
def test_control_says_what_is_wrong_and_changes_nothing(devices, line, error):
    before = devices.sim.get(1)
    members = {key: value for key, value in line.items() if key != "verb"}
    with pytest.raises(Refused, match=error):
        devices.sim.ask(line.get("verb"), **members)
    after = devices.sim.get(1)
    for changing in ("clock",):
        before.pop(changing), after.pop(changing)
    assert after == before


def control_socket(sim):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(WITHIN_S)
    connection.connect(sim.control)
    return connection


def test_control_takes_any_bytes(devices):
    for line in (b"\n", b"[]\n", b"nonsense\n", b'{"verb":"info","verb":"list"}\n', b"\xff\n"):
        with control_socket(devices.sim) as connection:
            connection.sendall(line)
            answer = json.loads(connection.makefile("rb").readline())
            assert answer == {"ok": False, "error": "a line must be one JSON object"}


def test_control_bounds_a_line(devices):
    with control_socket(devices.sim) as connection:
        connection.sendall(b"x" * (64 * 1024 + 2))
        reader = connection.makefile("rb")
        assert b"shorter than 64 KiB" in reader.readline()
        assert reader.readline() == b""


def test_control_answers_many_lines_of_many_clients_in_order(devices):
    lines = b'{"verb":"get","device":1}\n{"verb":"info"}\n' * 2000
    connections = [control_socket(devices.sim) for _ in range(3)]
    for connection in connections:
        connection.setblocking(False)
    left = {connection: memoryview(lines) for connection in connections}
    got = {connection: b"" for connection in connections}
    deadline = time.monotonic() + 3 * WITHIN_S
    while any(answer.count(b"\n") < 4000 for answer in got.values()):
        writers = [connection for connection in connections if left[connection]]
        readable, writable, _ = select.select(connections, writers, [], WITHIN_S)
        assert time.monotonic() < deadline
        for connection in writable:
            left[connection] = left[connection][connection.send(left[connection][:4096]) :]
        for connection in readable:
            got[connection] += connection.recv(65536)
    for connection, answer in got.items():
        answers = [json.loads(line) for line in answer.splitlines()]
        assert all("devices" in a and isinstance(a["devices"], list) for a in answers[::2])
        assert all("version" in a for a in answers[1::2])
        connection.close()


def test_control_answers_who_ended_its_side_before(programs):
    with Plugsim(programs, [], "--count", "3000", "--model", "HS300", "--wildcard", port=0) as sim:
        with control_socket(sim) as connection:
            connection.sendall(b'{"verb":"get"}\n' * 2)
            connection.shutdown(socket.SHUT_WR)
            answers = connection.makefile("rb").read().splitlines()
    assert [len(json.loads(answer)["devices"]) for answer in answers] == [3000, 3000]


def test_only_the_owner_can_control(devices):
    assert os.stat(devices.sim.control).st_mode & 0o777 == 0o600
