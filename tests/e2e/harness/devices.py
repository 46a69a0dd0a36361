"""Simulated devices asked over TCP and UDP, with no code of ours between."""
import json
import select
import socket
import struct
import time

WITHIN_S = 20
# How long nothing must come before we believe that nothing will; only ever waited for in vain.
SILENCE_S = 0.3
MODELS = ["HS100", "HS110v1", "HS110v2", "HS300", "HS220", "KL110", "KL130", "KL430"]
NUMBER = {model: number for number, model in enumerate(MODELS, 1)}
SYSINFO = {"system": {"get_sysinfo": {}}}
LIGHT = "smartlife.iot.smartbulb.lightingservice"
BULB_METER = "smartlife.iot.common.emeter"


def encrypt(text):
    key, out = 171, bytearray()
    for byte in text:
        key ^= byte
        out.append(key)
    return bytes(out)


def decrypt(cipher):
    return bytes(byte ^ key for byte, key in zip(cipher, b"\xab" + cipher))


def frame(request):
    text = request if isinstance(request, bytes) else json.dumps(request).encode()
    return struct.pack(">I", len(text)) + encrypt(text)


class Client:
    """One TCP connection to a device."""

    def __init__(self, place):
        self.socket = socket.create_connection(place, WITHIN_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request):
        self.socket.sendall(frame(request))

    def read(self, size):
        """Exactly so many bytes, or fewer when the connection ends before."""
        data = b""
        while len(data) < size and (part := self.socket.recv(size - len(data))):
            data += part
        return data

    def read_rest(self):
        rest = bytearray()
        while part := self.socket.recv(65536):
            rest += part
        return bytes(rest)

    def read_text(self):
        header = self.read(4)
        assert len(header) == 4, "closed without a reply"
        return decrypt(self.read(struct.unpack(">I", header)[0]))

    def ask(self, request):
        self.send(request)
        return json.loads(self.read_text())

    def is_silent(self, within=SILENCE_S):
        return not select.select([self.socket], [], [], within)[0]

    def is_closed(self):
        """In order: no byte more, no reset."""
        return self.socket.recv(1) == b""

    def is_reset(self):
        try:
            self.socket.recv(1)
        except ConnectionResetError:
            return True
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Devices:
    """One device of each model and a client for it."""

    def __init__(self, sim):
        self.sim = sim

    def connect(self, model):
        return Client(self.sim.address(NUMBER[model]))

    def ask(self, model, request):
        with self.connect(model) as client:
            return client.ask(request)

    def call(self, model, module, method, arguments=None, children=None):
        """The answer of one method."""
        request = {module: {method: arguments or {}}}
        if children is not None:
            request["context"] = {"child_ids": children}
        return self.ask(model, request)[module][method]

    def sysinfo(self, model):
        return self.call(model, "system", "get_sysinfo")

    def ask_datagram(self, model, request, within=WITHIN_S):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(within)
            udp.sendto(encrypt(json.dumps(request).encode()), self.sim.address(NUMBER[model]))
            answer, place = udp.recvfrom(65536)
        assert place == self.sim.address(NUMBER[model])
        return decrypt(answer)


def is_turned_away(place):
    """A connection is accepted and reset, which may be before we know that it was accepted."""
    try:
        with Client(place) as client:
            return client.is_reset()
    except ConnectionResetError:
        return True


def is_refused(devices, model):
    try:
        with devices.connect(model):
            return False
    except ConnectionRefusedError:
        return True


def wait_until(is_done, complaint, within=WITHIN_S):
    """For what only asking again can tell."""
    deadline = time.monotonic() + within
    while not is_done():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)
