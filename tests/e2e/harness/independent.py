"""Devices of the npm package tplink-smarthome-simulator: nothing of ours is in them."""
import json
import os
import pathlib
import shutil

from .process import Process

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "simulator"
START_WITHIN_S = 30


def own_addresses(count):
    """Loopback addresses that no other test uses: the process id is in them."""
    pid = os.getpid()
    return [f"127.{100 + index}.{pid >> 8 & 255}.{pid & 255}" for index in range(count)]


class IndependentDevices:
    """devices: {name: {"address", "port", "mac"}}. Relays are asked of the program itself."""

    def __init__(self):
        node = shutil.which("node")
        assert node, "node is not installed: tests/run installs it"
        installed = FOLDER / "node_modules" / "tplink-smarthome-simulator"
        assert installed.is_dir(), "npm packages are missing: tests/run installs them"
        self._process = Process([node, str(FOLDER / "devices.js"), *own_addresses(7)])
        self.devices = self._wait_json("ready", START_WITHIN_S)

    def _wait_json(self, key, within, after=0):
        match = self._process.wait_line(rf'^{{"{key}":.*', within, after)
        return json.loads(match.group(0))[key]

    def relays(self):
        """{"hs100": 0, "hs300/3": 1, ...} as they are now."""
        mark = self._process.mark()
        self._process.write_line("relays")
        return self._wait_json("relays", 15, mark)

    def data(self, name):
        """What the device of that name keeps, by module."""
        mark = self._process.mark()
        self._process.write_line("data")
        return self._wait_json("data", 15, mark)[name]

    def mark(self):
        return self._process.mark()

    def wait_move(self, relay, state, within=15, after=0):
        """The simulator says that this relay moved to this state."""
        self._process.wait_line(rf'^{{"relay":"{relay}","state":{state}}}$', within, after)

    def moves(self, after=0):
        """What the simulator said of relays since the mark."""
        return [line for line in self._process.lines[after:] if line.startswith('{"relay":')]

    def errors(self):
        return [line for line in self._process.lines if line.startswith('{"error"')]

    def stop(self):
        self._process.kill()
