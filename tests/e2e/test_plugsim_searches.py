"""plugsim itself: newer firmware, found on other ports and closed on the old one."""
import json
import socket
import struct
import zlib

import pytest

from harness.devices import SILENCE_S, SYSINFO, WITHIN_S, Client, encrypt, is_turned_away
from plugsim import Plugsim, Refused, free_range

KLAP, SMART, OLD = 1, 2, 3
PORTS = [20002, 20004]
EMPTY = bytes.fromhex("020000010000000000000000463cb5d3")
KEY = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"


def keyed(serial=0x01020304):
    payload = json.dumps({"params": {"rsa_key": KEY}}, separators=(",", ":")).encode()

    def whole(crc):
        return struct.pack(">BBHHBBII", 2, 0, 1, len(payload), 0x11, 0, serial, crc) + payload

    return whole(zlib.crc32(whole(0x5A6B7C8D)))


@pytest.fixture(scope="module", params=["own", "shared"])
def sim(request, programs):
    options = [*isolated(), *(["--wildcard"] if request.param == "shared" else [])]
    with Plugsim(programs, ["HS100klap", "P100", "HS100"], *options, port=0) as running:
        yield running


def isolated():
    """Ports of searches cannot be chosen: others who search on this machine must not find us."""
    first = free_range()
    return ["--listen", first, "--broadcast", broadcast_of(first)]


def broadcast_of(first):
    return first.rpartition(".")[0] + ".255"


def ask(place, probe, within=WITHIN_S):
    """The answer, as header and JSON."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(within)
        udp.sendto(probe, place)
        data, peer = udp.recvfrom(65536)
    assert peer == place
    return data[:16], data[16:]


def is_silent(place, probe):
    try:
        ask(place, probe, SILENCE_S)
    except (TimeoutError, ConnectionRefusedError):
        return True
    return False


def sum_of_faults(sim):
    return sim.ask("counters", sum=True)["sum"]["faults"]


def is_refused(sim, number):
    try:
        return is_turned_away(sim.address(number))
    except ConnectionRefusedError:
        return True


@pytest.mark.parametrize("port", PORTS)
def test_a_plug_with_newer_firmware_tells_how_to_log_in(sim, port):
    address = sim.address(KLAP)[0]
    for probe in (EMPTY, keyed()):
        header, text = ask((address, port), probe)
        version, kind, operation, size, _, _, serial, crc = struct.unpack(">BBHHBBII", header)
        assert (version, kind, operation, size) == (2, 0, 1, len(text))
        assert serial == struct.unpack(">I", probe[8:12])[0]
        assert crc == zlib.crc32(header[:12] + bytes.fromhex("5a6b7c8d") + text)
        result = json.loads(text)["result"]
        assert result["device_type"] == "IOT.SMARTPLUGSWITCH"
        assert result["mac"].replace("-", ":") == sim.get(KLAP)["mac"]
        assert result["ip"] == address and len(result["device_id"]) == 32
        assert result["mgt_encrypt_schm"]["encrypt_type"] == "KLAP"


def test_a_tapo_plug_wants_a_key(sim):
    address = sim.address(SMART)[0]
    assert is_silent((address, 20002), EMPTY)
    _, text = ask((address, 20002), keyed())
    result = json.loads(text)["result"]
    assert (result["device_type"], result["device_model"]) == ("SMART.TAPOPLUG", "P100")


def test_a_broadcast_is_answered_by_those_it_is_for(sim):
    wanted = {sim.address(number)[0] for number in (KLAP, SMART)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(WITHIN_S)
        udp.sendto(keyed(), (broadcast_of(sim.first), 20002))
        assert {udp.recvfrom(65536)[1][0] for _ in wanted} == wanted
        udp.settimeout(SILENCE_S)
        with pytest.raises(TimeoutError):
            udp.recvfrom(65536)


@pytest.mark.parametrize("damage", [
    b"", EMPTY[:-1], EMPTY + b"x", b"\x01" + EMPTY[1:], EMPTY[:-1] + b"\x00", keyed()[:-1],
], ids=["nothing", "short", "long", "version", "sum", "no end"])
def test_what_is_no_search_is_not_answered(sim, damage):
    assert is_silent((sim.address(KLAP)[0], 20002), damage)


def test_the_old_port_is_closed_until_its_owner_opens_it(sim):
    assert is_refused(sim, KLAP) and is_refused(sim, SMART)
    sim.set(KLAP, xor=True)
    with Client(sim.address(KLAP)) as client:
        info = client.ask(SYSINFO)["system"]["get_sysinfo"]
        assert info["mac"] == sim.get(KLAP)["mac"]
    assert not is_silent(sim.address(KLAP), encrypt(b'{"system":{"get_sysinfo":{}}}'))
    sim.set(KLAP, xor=False)
    assert is_refused(sim, KLAP)
    for number in (SMART, OLD):
        with pytest.raises(Refused):
            sim.set(number, xor=True)


def test_faults_and_power_cuts_are_felt_on_these_ports(sim):
    place = (sim.address(KLAP)[0], 20002)
    sim.fault(KLAP, "drop", transport="udp", times=1)
    assert is_silent(place, EMPTY)
    ask(place, EMPTY)
    sim.power(KLAP, False)
    assert is_silent(place, EMPTY)
    sim.power(KLAP, True)
    ask(place, EMPTY)


def test_each_device_loses_datagrams_of_its_own(programs):
    with Plugsim(programs, [], "--count", "50", "--model", "HS100klap", *isolated()) as sim:
        sim.fault("all", "drop", transport="udp", percent=50)
        heard = set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(WITHIN_S)
            for device in sim.devices:
                udp.sendto(EMPTY, (device["address"], 20002))
            while len(heard) + sum_of_faults(sim) < 50:
                heard.add(udp.recvfrom(65536)[1])
        assert 5 < len(heard) < 45
