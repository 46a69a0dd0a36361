"""plugsim itself: every fault."""
import json
import socket
import struct
import time

import pytest

from harness.devices import (
    WITHIN_S,
    SILENCE_S,
    MODELS,
    NUMBER,
    SYSINFO,
    LIGHT,
    decrypt,
    is_turned_away,
    wait_until,
    is_refused,
)


def test_refuse(devices):
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "refuse")
        assert client.is_reset()
    assert is_refused(devices, "HS100")
    assert json.loads(devices.ask_datagram("HS100", SYSINFO))
    devices.sim.clear(NUMBER["HS100"])
    assert devices.sysinfo("HS100")["err_code"] == 0


def test_refuse_so_many_times(devices):
    devices.sim.fault(NUMBER["HS100"], "refuse", times=2)
    for _ in range(2):
        assert is_turned_away(devices.sim.address(NUMBER["HS100"]))
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert devices.sim.get(NUMBER["HS100"])["faults"] == []


def test_hang(devices):
    with devices.connect("HS100") as old:
        old.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "hang")
        with devices.connect("HS100") as new:
            for client in (old, new):
                client.send(SYSINFO)
                assert client.is_silent()
    devices.sim.clear(NUMBER["HS100"])
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert devices.sim.counters(NUMBER["HS100"])["faults"] == 1


@pytest.mark.parametrize("carried_out", [False, True])
def test_drop(devices, carried_out):
    number = NUMBER["HS100"]
    devices.sim.fault(number, "drop", times=1, carried_out=carried_out)
    with devices.connect("HS100") as client:
        client.send({"system": {"set_relay_state": {"state": 1}}})
        wait_until(lambda: devices.sim.counters(number)["faults"] == 1, "not struck")
        assert client.is_silent()
        assert client.ask(SYSINFO)["system"]["get_sysinfo"]["relay_state"] == carried_out


@pytest.mark.parametrize("carried_out", [False, True])
def test_reset(devices, carried_out):
    devices.sim.fault(NUMBER["HS100"], "reset", carried_out=carried_out)
    with devices.connect("HS100") as client:
        client.send({"system": {"set_relay_state": {"state": 1}}})
        assert client.is_reset()
    assert devices.sim.get(NUMBER["HS100"])["relay"] == [int(carried_out)]


def test_close_after_each_reply(devices):
    devices.sim.fault(NUMBER["HS100"], "close")
    for _ in range(2):
        with devices.connect("HS100") as client:
            assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0
            assert client.is_closed()


def test_idle_close(devices):
    with devices.connect("HS100") as old:
        old.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "idle_close", ms=100)
        assert old.is_closed()
    with devices.connect("HS100") as never_asked:
        assert never_asked.is_closed()
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        began = time.monotonic()
        assert client.is_closed()
        assert time.monotonic() - began >= 0.09
    assert devices.sim.counters(NUMBER["HS100"])["faults"] == 3


def test_slow_and_delay(devices):
    devices.sim.fault(NUMBER["HS100"], "slow", ms=150)
    devices.sim.set(NUMBER["HS100"], delay_ms=100)
    began = time.monotonic()
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert time.monotonic() - began >= 0.245
    began = time.monotonic()
    assert json.loads(devices.ask_datagram("HS100", SYSINFO))
    assert time.monotonic() - began >= 0.245


def test_drip(devices):
    devices.sim.fault(NUMBER["HS100"], "drip", ms=1, bytes=1)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        pieces, data = 0, b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            data += client.socket.recv(65536)
            pieces += 1
    assert pieces > 100
    assert json.loads(decrypt(data[4:]))["system"]["get_sysinfo"]["err_code"] == 0


def test_header_alone(devices):
    devices.sim.fault(NUMBER["HS100"], "header_alone", ms=100)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        header = client.socket.recv(65536)
        assert len(header) == 4
        began = time.monotonic()
        text = client.read(struct.unpack(">I", header)[0])
        assert time.monotonic() - began >= 0.09
    assert json.loads(decrypt(text))["system"]["get_sysinfo"]["err_code"] == 0


@pytest.mark.parametrize("settings,size", [({}, None), ({"bytes": 3}, 3), ({"bytes": 4}, 4)])
def test_truncate(devices, settings, size):
    devices.sim.fault(NUMBER["HS100"], "truncate", **settings)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        data = client.read_rest()
    assert len(data) == size if size else 4 < len(data) < struct.unpack(">I", data[:4])[0]


@pytest.mark.parametrize("off", [10, -10, -100000])
def test_wrong_length(devices, off):
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        true_size = len(client.read_text())
    devices.sim.fault(NUMBER["HS100"], "wrong_length", bytes=off)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        promised = struct.unpack(">I", client.read(4))[0]
        assert promised == max(true_size + off, 0)
        assert json.loads(decrypt(client.read(true_size)))
        assert client.is_silent()


@pytest.mark.parametrize("fault,promise", [("zero_length", 0), ("huge_length", 0xFFFFFFFF)])
def test_impossible_promise(devices, fault, promise):
    devices.sim.fault(NUMBER["HS100"], fault)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        assert struct.unpack(">I", client.read(4))[0] == promise


def test_garbage(devices):
    devices.sim.fault(NUMBER["HS100"], "garbage", bytes=40, times=2)
    seen = []
    for _ in range(2):
        with devices.connect("HS100") as client:
            client.send(SYSINFO)
            seen.append(client.read(40))
            assert client.is_silent()
    assert len(seen[0]) == 40 and seen[0] != seen[1]


def test_bad_json(devices):
    devices.sim.fault(NUMBER["HS100"], "bad_json", times=2)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        text = client.read_text()
        assert text.startswith(b'{"system":')
        with pytest.raises(ValueError):
            json.loads(text)
        with pytest.raises(ValueError):
            json.loads(devices.ask_datagram("HS100", SYSINFO))
        assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0


ERROR = {"err_code": -7, "err_msg": "unknown error"}


@pytest.mark.parametrize(
    "level,answer",
    [
        ("method", {"system": {"get_sysinfo": ERROR}, "emeter": {"get_realtime": ERROR}}),
        ("module", {"system": ERROR, "emeter": ERROR}),
        ("top", ERROR),
    ],
)
def test_err_code_at_every_level(devices, level, answer):
    devices.sim.fault(NUMBER["HS110v2"], "err_code", err_code=-7, level=level)
    assert devices.ask("HS110v2", {**SYSINFO, "emeter": {"get_realtime": {}}}) == answer


def test_err_code_of_one_method_alone(devices):
    number = NUMBER["HS110v2"]
    devices.sim.fault(number, "err_code", err_code=-3, module="emeter", method="get_realtime", times=1)
    assert devices.sysinfo("HS110v2")["err_code"] == 0
    answer = devices.ask("HS110v2", {**SYSINFO, "emeter": {"get_realtime": {}, "get_vgain_igain": {}}})
    assert answer["emeter"]["get_realtime"]["err_code"] == -3
    assert answer["emeter"]["get_vgain_igain"]["err_code"] == 0
    assert answer["system"]["get_sysinfo"]["err_code"] == 0
    assert devices.call("HS110v2", "emeter", "get_realtime")["err_code"] == 0


def test_busy_so_many_times(devices):
    devices.sim.fault(NUMBER["HS100"], "busy", times=2, method="set_relay_state")
    assert devices.sysinfo("HS100")["err_code"] == 0
    codes = [devices.call("HS100", "system", "set_relay_state", {"state": 1})["err_code"] for _ in range(3)]
    assert codes == [-32, -32, 0]


@pytest.mark.parametrize(
    "model,module,method,argument",
    [
        ("HS100", "system", "set_relay_state", {"state": 1}),
        ("HS220", "smartlife.iot.dimmer", "set_switch_state", {"state": 1}),
        ("KL110", LIGHT, "transition_light_state", {"on_off": 1}),
    ],
)
def test_stuck_relay(devices, model, module, method, argument):
    devices.sim.fault(NUMBER[model], "stuck_relay", times=1)
    devices.sysinfo(model)
    assert devices.call(model, module, method, argument)["err_code"] == 0
    assert devices.sim.get(NUMBER[model])["relay"] == [0]
    assert devices.call(model, module, method, argument)["err_code"] == 0
    assert devices.sim.get(NUMBER[model])["relay"] == [1]


@pytest.mark.parametrize("model,power", [("HS110v1", "power"), ("HS110v2", "power_mw")])
@pytest.mark.parametrize(
    "value,text",
    [
        ("negative", b"-2147483648"),
        ("huge", b"99999999999999"),
        ("nan", b"NaN"),
        ("infinite", b"1e999"),
        ("text", b'"out of order"'),
    ],
)
def test_bad_energy(devices, model, power, value, text):
    devices.sim.fault(NUMBER[model], "bad_energy", value=value, times=1)
    devices.sysinfo(model)
    with devices.connect(model) as client:
        client.send({"emeter": {"get_realtime": {}}})
        assert b'"%s":%s' % (power.encode(), text) in client.read_text()
        assert client.ask({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"][power] == 0


def test_other_device(devices):
    number = NUMBER["HS110v2"]
    own = devices.sysinfo("HS110v2")
    with devices.connect("HS110v2") as client:
        client.ask(SYSINFO)
        devices.sim.fault(number, "other_device")
        assert client.is_reset()
    stranger = devices.sysinfo("HS110v2")
    assert stranger["model"] == own["model"]
    for key in ("mac", "deviceId", "alias"):
        assert stranger[key] != own[key]
    devices.call("HS110v2", "system", "set_relay_state", {"state": 1})
    assert devices.sysinfo("HS110v2")["relay_state"] == 1
    counters = devices.sim.counters(number)
    assert (counters["relay_moves"], counters["stranger"]["relay_moves"]) == (0, 1)
    with devices.connect("HS110v2") as client:
        client.ask(SYSINFO)
        devices.sim.clear(number, fault="other_device")
        assert client.is_reset()
    assert devices.sysinfo("HS110v2") == own


def test_the_device_away_from_its_address_goes_on_unnoticed(devices):
    number = NUMBER["HS110v2"]
    with devices.sim.watch() as events:
        devices.sim.fault(number, "other_device")
        stranger = devices.sysinfo("HS110v2")
        devices.sim.set(number, relay=True)
        devices.sim.power(number, False)
        assert devices.sysinfo("HS110v2")["relay_state"] == stranger["relay_state"]
        devices.sim.power(number, True)
        devices.sim.clear(number)
        assert devices.sysinfo("HS110v2")["relay_state"] == 1
        devices.sim.set(number, relay=False)
        event = events.wait(within=WITHIN_S)
    assert (event["event"], event["on"], event["stranger"]) == ("relay", False, False)


@pytest.mark.parametrize("percent,transport,tcp,udp", [(100, "udp", 40, 0), (50, "both", 20, 20)])
def test_now_and_then_and_by_transport(devices, percent, transport, tcp, udp):
    number = NUMBER["HS100"]
    devices.sim.fault(number, "err_code", err_code=-7, percent=percent, transport=transport)

    def count(ask):
        answers = [json.loads(ask())["system"]["get_sysinfo"] for _ in range(40)]
        return sum(answer["err_code"] == 0 for answer in answers)

    with devices.connect("HS100") as client:
        def ask_stream():
            client.send(SYSINFO)
            return client.read_text()

        good_tcp = count(ask_stream)
    good_udp = count(lambda: devices.ask_datagram("HS100", SYSINFO))
    if percent == 100:
        assert (good_tcp, good_udp) == (tcp, udp)
    else:
        assert 0 < good_tcp < 40 and 0 < good_udp < 40


def test_dropped_datagrams_are_not_answered(devices):
    devices.sim.fault(NUMBER["HS100"], "drop", transport="udp")
    with pytest.raises(TimeoutError):
        devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
    assert devices.sysinfo("HS100")["err_code"] == 0


def test_faults_may_be_on_together_and_for_many(devices):
    devices.sim.fault("1-3", "slow", ms=50)
    devices.sim.fault([1, 2], "close")
    faults = [[f["fault"] for f in devices.sim.get(number)["faults"]] for number in (1, 2, 3, 4)]
    assert faults == [["slow", "close"], ["slow", "close"], ["slow"], []]
    with devices.connect("HS100") as client:
        began = time.monotonic()
        client.ask(SYSINFO)
        assert time.monotonic() - began >= 0.045
        assert client.is_closed()
    devices.sim.clear("all", fault="slow")
    assert [f["fault"] for f in devices.sim.get(1)["faults"]] == ["close"]


def test_every_fault_can_be_listed_set_and_cleared(devices):
    kinds = devices.sim.ask("faults")["faults"]
    assert len(kinds) == 20
    for kind in kinds:
        devices.sim.fault("all", kind["fault"])
    assert len(devices.sim.get(1)["faults"]) == 20
    devices.sim.clear()
    assert all(devices.sysinfo(model)["err_code"] == 0 for model in MODELS)
