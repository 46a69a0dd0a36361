"""deploy/quickstart as a newcomer runs it: it serves its museum, and leaves nothing behind."""
import contextlib
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

import pytest

from harness.client import MqttClient, retained
from harness.process import Process

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
WITHIN_S = 60
STOP_WITHIN_S = 15


def children_of(pid):
    """Every process below pid, by number."""
    found, parents = set(), {pid}
    while parents:
        below = set()
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                # The name in brackets may hold spaces.
                parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent in parents:
                below.add(int(stat.parent.name))
        found |= below
        parents = below
    return found


class Quickstart:
    def __init__(self, programs, folder, *arguments):
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.process = Process(
            ["bash", str(SOURCE / "deploy" / "quickstart"), "--no-install"]
            + ["--programs", str(programs), *arguments],
            env={**os.environ, "TMPDIR": str(self.temporary)},
            cwd="/",
        )

    def wait_lines(self):
        """The commands it tells the user to type, by their program's name."""
        commands = {}
        for name in ("mosquitto_sub", "mosquitto_pub", "deploy/quickstart"):
            match = self.process.wait_line(rf"{name} .*", WITHIN_S)
            commands[name] = shlex.split(match.group(0))
        return commands

    def assert_nothing_left(self, pids):
        left = [pid for pid in pids if pathlib.Path(f"/proc/{pid}").exists()]
        assert not left, left
        assert not list(self.temporary.iterdir())


@pytest.fixture
def make_quickstart(programs, tmp_path):
    made = []

    def make(*arguments):
        made.append(Quickstart(programs, tmp_path, *arguments))
        return made[-1]

    yield make
    for quickstart in made:
        if quickstart.process.is_running():
            quickstart.process.signal(signal.SIGTERM)
            quickstart.process.wait(STOP_WITHIN_S)
        quickstart.process.kill()


def port_in(command):
    return int(command[command.index("-p") + 1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serves_a_museum_and_leaves_nothing_behind(make_quickstart, number):
    quickstart = make_quickstart()
    commands = quickstart.wait_lines()
    port = port_in(commands["mosquitto_sub"])
    # Four devices and the outlets of a strip, served before it says so.
    assert len(retained(port, "museum/plug/+/state")) >= 10
    watch = MqttClient(port, subscribe=["museum/#"])
    # The line it prints switches a plug.
    switch = commands["mosquitto_pub"]
    topic = switch[switch.index("-t") + 1]
    subprocess.run(switch, check=True, timeout=WITHIN_S)
    result = watch.wait_for(topic.removesuffix("/set") + "/result").json
    assert result["status"] == "ok"
    watch.close()
    pids = children_of(quickstart.process.pid)
    assert len(pids) >= 3
    quickstart.process.signal(number)
    assert quickstart.process.wait(STOP_WITHIN_S) == 0
    quickstart.assert_nothing_left(pids)


def test_killed_outright_it_leaves_nothing_running(make_quickstart):
    quickstart = make_quickstart()
    quickstart.wait_lines()
    pids = children_of(quickstart.process.pid)
    quickstart.process.signal(signal.SIGKILL)
    quickstart.process.wait(STOP_WITHIN_S)
    deadline = time.monotonic() + STOP_WITHIN_S
    while any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, pids
        time.sleep(0.02)


def test_listens_on_loopback_only(make_quickstart):
    quickstart = make_quickstart()
    quickstart.wait_lines()
    inodes = set()
    for pid in children_of(quickstart.process.pid):
        with contextlib.suppress(FileNotFoundError):  # one that ended meanwhile
            inodes |= {os.readlink(link) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
    listening = 0
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" not in inodes:
                continue
            # Addresses are hexadecimal, the lowest byte first: 127.x is ...7F.
            assert re.fullmatch("[0-9A-F]{6}7F:[0-9A-F]{4}", fields[1]), (table, line)
            listening += fields[3] == "0A"
    assert listening >= 2


def test_uses_the_broker_that_is_named(make_quickstart, broker):
    quickstart = make_quickstart("--broker", f"127.0.0.1:{broker.port}")
    commands = quickstart.wait_lines()
    assert port_in(commands["mosquitto_sub"]) == broker.port
    with MqttClient(broker.port, subscribe=["museum/#"]) as watch:
        watch.wait_for("museum/bridge/quickstart/availability", lambda m: m.text == "online")
        quickstart.process.signal(signal.SIGINT)
        assert quickstart.process.wait(STOP_WITHIN_S) == 0
        watch.wait_for("museum/bridge/quickstart/availability", lambda m: m.text == "offline")
    assert broker.process.is_running()


def test_runs_own_plugs_from_a_file(make_quickstart, tmp_path):
    """No broker in the file: a private one; no simulated plugs beside those of the file."""
    config = tmp_path / "own plugs.cfg"
    config.write_text('devices = ( { name = "mine"; host = "127.0.0.1"; port = 9; } );\n')
    quickstart = make_quickstart("--config", str(config))
    commands = quickstart.wait_lines()
    with MqttClient(port_in(commands["mosquitto_sub"]), subscribe=["museum/plug/#"]) as watch:
        watch.wait_for("museum/plug/mine/availability", lambda m: m.text == "offline")
        names = {message.topic.split("/")[2] for message in watch.messages}
    assert names == {"mine"}


def test_problem_in_the_file_is_told_and_nothing_is_left(make_quickstart, tmp_path):
    config = tmp_path / "wrong.cfg"
    config.write_text('devices = ( { name = "Not A Name"; host = "127.0.0.1"; } );\n')
    quickstart = make_quickstart("--config", str(config))
    assert quickstart.process.wait(WITHIN_S) == 1
    assert "devices[0].name" in quickstart.process.output
    assert ":1:" in quickstart.process.output
    quickstart.assert_nothing_left([])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--colour"],
        ["--config"],
        ["--config", "/does/not/exist"],
        ["--user", "somebody"],
        ["--broker", "127.0.0.1:port"],
    ],
)
def test_wrong_usage_is_told(make_quickstart, arguments):
    quickstart = make_quickstart(*arguments)
    assert quickstart.process.wait(WITHIN_S) == 2
    assert "--help" in quickstart.process.output
