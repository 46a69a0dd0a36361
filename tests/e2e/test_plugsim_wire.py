"""plugsim itself: what clients may do to a device."""
import json
import os
import signal
import socket
import struct

import pytest

from harness.devices import NUMBER, SYSINFO, frame, wait_until


@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b"null", b"1", b'{"a":NaN}', b"{'a':1}", b"\xff\xfe", b"{" * 100, b'{"a":{}}x'],
)
def test_bad_requests_are_closed_without_a_reply(devices, text):
    with devices.connect("HS100") as client:
        client.send(text)
        assert client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["bad_requests"] == 1


@pytest.mark.parametrize("size", [0, 16 * 1024 + 1, 0xFFFFFFFF])
def test_impossible_lengths_are_closed_without_a_reply(devices, size):
    with devices.connect("HS100") as client:
        client.socket.sendall(struct.pack(">I", size))
        assert client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["bad_requests"] == 1


def test_requests_come_in_pieces_of_any_size(devices):
    data = frame(SYSINFO)
    with devices.connect("HS100") as client:
        for cut in (1, 3, 4, 5, 20, len(data) - 1):
            client.socket.sendall(data[:cut])
            assert client.is_silent(0.01)
            client.socket.sendall(data[cut:])
            assert json.loads(client.read_text())["system"]["get_sysinfo"]["err_code"] == 0
        for byte in data:
            client.socket.sendall(bytes([byte]))
        assert json.loads(client.read_text())["system"]["get_sysinfo"]["err_code"] == 0
    assert devices.sim.counters(NUMBER["HS100"])["requests"] == 7


def test_counters_tell_what_was_asked(devices):
    number = NUMBER["HS110v2"]
    with devices.connect("HS110v2") as client:
        for _ in range(3):
            client.ask({**SYSINFO, "emeter": {"get_realtime": {}}})
    devices.call("HS110v2", "system", "set_relay_state", {"state": 1})
    counters = devices.sim.counters(number)
    assert (counters["connections"], counters["requests"], counters["replies"]) == (2, 4, 4)
    assert counters["methods"] == {
        "system.get_sysinfo": 3,
        "emeter.get_realtime": 3,
        "system.set_relay_state": 1,
    }
    assert counters["bytes_in"] > 4 * 40 and counters["bytes_out"] > 3 * 600
    assert counters["max_in_flight"] == 1
    total = devices.sim.ask("counters", sum=True, reset=True)["sum"]
    assert total["requests"] == 4
    assert devices.sim.counters(number)["requests"] == 0


def test_requests_in_flight_are_counted_on_one_connection_and_over_several(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=100)
    with devices.connect("HS100") as one, devices.connect("HS100") as other:
        one.socket.sendall(frame(SYSINFO) + frame(SYSINFO))
        wait_until(lambda: devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 2, "not 2")
        other.send(SYSINFO)
        for client in (one, one, other):
            client.read_text()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 3


def test_requests_that_wait_in_the_kernel_are_in_flight(devices):
    with devices.connect("HS100") as one, devices.connect("HS100") as other:
        for client in (one, other):
            client.ask(SYSINFO)
        os.kill(devices.sim.pid, signal.SIGSTOP)
        try:
            for client in (one, other):
                client.send(SYSINFO)
        finally:
            os.kill(devices.sim.pid, signal.SIGCONT)
        for client in (one, other):
            client.read_text()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 2


def test_who_hangs_up_is_not_in_flight_any_more(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=60000)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        wait_until(lambda: devices.sim.counters(NUMBER["HS100"])["requests"] == 1, "not read")
    wait_until(lambda: devices.sim.get(NUMBER["HS100"])["connections"] == 0, "still there")
    devices.sim.set(NUMBER["HS100"], delay_ms=0)
    devices.sysinfo("HS100")
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 1


def test_a_client_that_does_not_read_is_served_later(devices):
    number, count = NUMBER["HS100"], 40
    rule = {"schedule": {"add_rule": {"name": "x" * 12000}}}
    request = {"schedule": {"get_rules": {}}}
    with devices.connect("HS100") as slow, devices.connect("HS100") as other:
        for _ in range(32):
            other.ask(rule)
        devices.sim.ask("counters", reset=True)
        # 384 kB a reply, which is more than the sockets hold.
        for _ in range(count):
            slow.send(request)
            other.ask(SYSINFO)
        assert count < devices.sim.counters(number)["replies"] < 2 * count
        assert devices.sim.get(number)["connections"] == 2
        for _ in range(count):
            assert len(json.loads(slow.read_text())["schedule"]["get_rules"]["rule_list"]) == 32
        other.ask({"schedule": {"delete_all_rules": {}}})
    assert devices.sim.counters(number)["requests"] == 2 * count + 1


def test_a_client_with_too_much_in_flight_is_closed(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=60000)
    with devices.connect("HS100") as client:
        client.socket.sendall(frame(SYSINFO) * 70)
        # What came after the close is answered by the kernel with a reset.
        assert client.is_reset() or client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] <= 64


def test_what_is_set_by_hand_is_what_the_device_tells(devices):
    number = NUMBER["HS110v2"]
    mac = devices.sim.get(number)["mac"]
    devices.sim.set(
        number, rssi_dbm=-81, led_off=True, mac="50-c7-bf-aa-bb-cc", clock="2031-02-28T23:59:00"
    )
    info = devices.sysinfo("HS110v2")
    assert (info["rssi"], info["led_off"], info["mac"]) == (-81, 1, "50:C7:BF:AA:BB:CC")
    told = devices.call("HS110v2", "time", "get_time")
    assert (told["year"], told["month"], told["mday"], told["hour"]) == (2031, 2, 28, 23)
    devices.sim.set(number, led_off=False, mac=mac)
