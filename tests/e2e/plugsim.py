"""plugsim as a test uses it: a process with devices, and its control socket.

    with Plugsim(programs, ["HS110v2", "HS300=Cases"]) as sim:
        sim.ask("set", device=1, relay=True, power_mw=61000)
        with sim.watch() as events:
            ...
            moved = events.wait(lambda event: event["event"] == "relay", within=5)
"""
import collections
import itertools
import json
import os
import random
import re
import socket
import tempfile

from harness.process import Process

START_WITHIN_S = 60  # 10,000 devices under the sanitizers
STOP_WITHIN_S = 30
ANSWER_WITHIN_S = 60
ADDRESS_TRIES = 10
READY = r"^ready: (\d+) devices from ([\d.]+):(\d+)"
SANITIZER_REPORT = re.compile(r"Sanitizer|runtime error:")

_ranges = itertools.count(random.Random(os.getpid()).randrange(1 << 14))


class Refused(Exception):
    """The control socket answered with an error."""


def free_range():
    """The first address of a part of 127.0.0.0/8 that nobody else is likely to use."""
    number = next(_ranges) % (1 << 14)
    return f"127.{64 + number // 256}.{number % 256}.1"


class _Line:
    """A connection to the control socket that speaks lines of JSON."""

    def __init__(self, path, within):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(within)
        self._socket.connect(path)
        self._reader = self._socket.makefile("r", encoding="utf-8")

    def write(self, line):
        self._socket.sendall((json.dumps(line) + "\n").encode())

    def read(self, within=ANSWER_WITHIN_S):
        self._socket.settimeout(within)
        try:
            line = self._reader.readline()
        except TimeoutError:
            raise AssertionError(f"plugsim said nothing within {within} s") from None
        assert line.endswith("\n"), "plugsim closed its control socket"
        return json.loads(line)

    def ask(self, verb, **members):
        self.write({"verb": verb, **members})
        answer = self.read()
        if not answer["ok"]:
            raise Refused(answer["error"])
        return answer

    def close(self):
        self._reader.close()
        self._socket.close()


class Events:
    """What happens to devices, as dicts; ns is comparable with time.monotonic_ns()."""

    def __init__(self, path):
        self._line = _Line(path, ANSWER_WITHIN_S)
        self._line.ask("watch")
        self.seen = []

    def wait(self, is_wanted=lambda event: True, within=10):
        """The next event that is wanted; those before it are skipped."""
        while True:
            event = self._line.read(within)
            self.seen.append(event)
            if is_wanted(event):
                return event

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._line.close()


class Plugsim:
    """Starts at once and returns when all devices listen.

    programs   the folder that plugsim was built in
    devices    "MODEL", "MODEL@ADDRESS", "MODEL=alias", ...; or {alias: (model, ...)}
    port       0 takes any that is free; otherwise devices get addresses that are free
    options    more of the command line, as "--noise", "--wildcard", "--count", "200"
    """

    def __init__(self, programs, devices=(), *options, port=9999):
        if isinstance(devices, dict):
            devices = [f"{model}={alias}" for alias, (model, *_) in devices.items()]
        self._folder = tempfile.TemporaryDirectory(prefix="plugsim-")
        self.control = os.path.join(self._folder.name, "control")
        self._line = None
        argv = [str(programs / "plugsim"), "--control", self.control, "--quiet", *options]
        argv += [f"--device={device}" for device in devices]
        self._start(argv, port)

    def _start(self, argv, port):
        for tries_left in reversed(range(ADDRESS_TRIES)):
            listen = [] if "--listen" in argv else ["--listen", free_range()]
            self.process = Process([*argv, *listen, "--port", str(port)])
            try:
                ready = self.process.wait_line(READY, START_WITHIN_S)
                break
            except AssertionError:
                is_taken = "address already in use" in self.process.output
                self.process.kill()
                if not is_taken or tries_left == 0:
                    self._folder.cleanup()
                    raise
        self.count, self.first, self.port = int(ready[1]), ready[2], int(ready[3])
        self._line = _Line(self.control, ANSWER_WITHIN_S)
        self.devices = self.ask("list")["devices"]

    @property
    def pid(self):
        return self.process.pid

    def address(self, device):
        """(address, port) of a device, the first of which is number 1."""
        told = self.devices[device - 1]
        return told["address"], told["port"]

    def ask(self, verb, **members):
        """One line of the control socket and its answer; Refused when that is an error."""
        return self._line.ask(verb, **members)

    def get(self, device):
        return self.ask("get", device=device)["devices"][0]

    def set(self, device, **settings):
        self.ask("set", device=device, **settings)

    def power(self, device, is_on):
        self.ask("power", device=device, on=is_on)

    def fault(self, device, name, **settings):
        self.ask("fault", device=device, fault=name, **settings)

    def clear(self, device="all", **fault):
        self.ask("clear", device=device, **fault)

    def counters(self, device):
        """Numbers by name; what was never counted is 0, as are methods never called."""
        counters = self.ask("counters", device=device)["devices"][0]
        counters["methods"] = collections.Counter(counters["methods"])
        return counters

    def watch(self):
        return Events(self.control)

    def stop(self):
        """Ends it; it must do so in order, and without a word of the sanitizers."""
        if self._line:
            self._line.close()
            self._line = None
        try:
            status = self.process.stop(STOP_WITHIN_S)
            assert status == 0, f"plugsim ended with {status}:\n{self.process.output}"
            assert not SANITIZER_REPORT.search(self.process.output), self.process.output
        finally:
            self.process.kill()
            self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
