"""deploy/quickstart as a newcomer runs it: it serves its museum, and leaves nothing behind."""
import contextlib
import os
import pathlib
import pty
import re
import shlex
import signal
import socket
import subprocess
import time

import pytest

from harness.client import MqttClient, retained
from harness.impostor import free_address
from harness.process import Process
from plugsim import Plugsim

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
            env={
                **os.environ,
                "TMPDIR": str(self.temporary),
                "XDG_STATE_HOME": str(folder / "state"),
            },
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
    topic = "quickstart/bridge/quickstart/availability"
    with MqttClient(broker.port, subscribe=["quickstart/#"]) as watch:
        watch.wait_for(topic, lambda m: m.text == "online")
        assert len(retained(broker.port, "quickstart/plug/+/state")) >= 10
        quickstart.process.signal(signal.SIGINT)
        assert quickstart.process.wait(STOP_WITHIN_S) == 0
        watch.wait_for(topic, lambda m: m.text == "offline")
    # The user's broker is left as it was found.
    assert not retained(broker.port, "#")
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
    assert f"{config}:1:" in quickstart.process.output
    assert "is running" not in quickstart.process.output
    quickstart.assert_nothing_left([])


def on_loopback(text):
    """The example's plugs, where nothing beyond this machine is reached."""
    return text.replace('"192.168.1.', '"127.9.1.')


def test_named_broker_goes_before_that_of_the_example(make_quickstart, broker, tmp_path):
    """The README's recipe, in a file that takes the example in, below a misleading comment."""
    example = (SOURCE / "deploy" / "plugbridge.cfg.example").read_text()
    (tmp_path / "all.cfg").write_text(on_loopback(example))
    config = tmp_path / "my.cfg"
    config.write_text('/* broker = { host = "x }"; }; */\n@include "all.cfg"\n')
    quickstart = make_quickstart("--config", str(config), "--broker", f"127.0.0.1:{broker.port}")
    commands = quickstart.wait_lines()
    assert port_in(commands["mosquitto_sub"]) == broker.port
    assert "museum/plug/steam-engine/set" in commands["mosquitto_pub"]
    assert retained(broker.port, "museum/bridge/main/availability")
    assert (tmp_path / "state" / "plugbridge").is_dir()


def test_tells_the_broker_and_a_plug_of_the_file(make_quickstart, broker, tmp_path):
    config = tmp_path / "my.cfg"
    config.write_text(
        f'broker = {{ host = "127.0.0.1"; port = {broker.port}; username = "guard"; }};\n'
        f'bridge = {{ base_topic = "castle"; state_dir = "{tmp_path}/own"; }};\n'
        'devices = ( { name = "strip"; host = "127.9.1.1"; outlets = ( "left", "right" ); } );\n'
    )
    quickstart = make_quickstart("--config", str(config))
    switch = quickstart.wait_lines()["mosquitto_pub"]
    assert port_in(switch) == broker.port
    assert switch[switch.index("-u") + 1] == "guard"
    assert "castle/plug/left/set" in switch
    assert (tmp_path / "own").is_dir()
    assert not (tmp_path / "state").exists()


def test_keeps_notes_apart_from_the_service(make_quickstart, tmp_path):
    config = tmp_path / "my.cfg"
    config.write_text(
        'bridge = { base_topic = "castle"; };\n'
        'devices = ( { name = "mine"; host = "127.9.1.1"; } );\n'
    )
    switch = make_quickstart("--config", str(config)).wait_lines()["mosquitto_pub"]
    assert "castle/plug/mine/set" in switch
    assert list((tmp_path / "state" / "plugbridge").iterdir())


@pytest.fixture
def sim(programs):
    with Plugsim(programs, ["HS110v2=Steam engine", "HS300=Cases"], port=0) as running:
        yield running


def lan(sim, file, *more):
    where = ("--broadcast", "127.255.255.255", "--device-port", str(sim.port))
    return ("--lan", "--to", str(file), *where, *more)


def test_finds_own_plugs_and_runs_them(make_quickstart, sim, tmp_path):
    config = tmp_path / "my plugs.cfg"
    quickstart = make_quickstart(*lan(sim, config, "--yes"))
    commands = quickstart.wait_lines()
    assert 'name = "steam-engine"' in quickstart.process.output
    assert config.read_text() in quickstart.process.output + "\n"
    # What it prints runs the file again.
    again = commands["deploy/quickstart"]
    assert again[again.index("--config") + 1] == str(config)
    with MqttClient(port_in(commands["mosquitto_sub"]), subscribe=["museum/plug/#"]) as watch:
        for name in ("steam-engine", "cases-1", "cases-6"):
            watch.wait_for(f"museum/plug/{name}/availability", lambda m: m.text == "online")
    quickstart.process.signal(signal.SIGINT)
    assert quickstart.process.wait(STOP_WITHIN_S) == 0
    assert config.exists()


@pytest.mark.parametrize("answer, runs", [(b"no\n", False), (b"\n", False), (b"yes\n", True)])
def test_asks_before_it_runs_what_was_found(programs, sim, tmp_path, answer, runs):
    config = tmp_path / "my.cfg"
    command = ["bash", str(SOURCE / "deploy" / "quickstart"), "--no-install"]
    command += ["--programs", str(programs), *lan(sim, config)]
    ours, theirs = pty.openpty()
    with open(tmp_path / "output", "w+", encoding="utf-8") as output:
        quickstart = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        )
        try:
            os.write(ours, answer)
            deadline = time.monotonic() + WITHIN_S
            while runs and "is running" not in (tmp_path / "output").read_text():
                assert quickstart.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            if runs:
                quickstart.send_signal(signal.SIGINT)
            assert quickstart.wait(WITHIN_S) == 0
        finally:
            quickstart.kill()
            quickstart.wait()
            os.close(ours)
            os.close(theirs)
    assert config.exists()
    text = (tmp_path / "output").read_text()
    assert ("is running" in text) == runs and ("Not run. Later:" in text) != runs


def test_never_writes_over_a_file(make_quickstart, sim, tmp_path):
    config = tmp_path / "my.cfg"
    config.write_text("mine")
    quickstart = make_quickstart(*lan(sim, config, "--yes"))
    assert quickstart.process.wait(WITHIN_S) == 2
    assert "stays as it is" in quickstart.process.output
    assert config.read_text() == "mine"


def test_no_plugs_found_says_what_to_check(make_quickstart, tmp_path):
    config = tmp_path / "my.cfg"
    quickstart = make_quickstart(
        "--lan", "--yes", "--to", str(config), "--broadcast", free_address()
    )
    assert quickstart.process.wait(WITHIN_S) == 1
    assert "no device answered" in quickstart.process.output
    assert "What to check:" in quickstart.process.output
    assert not config.exists()
    quickstart.assert_nothing_left([])


def test_an_address_that_is_none_is_told(make_quickstart, tmp_path):
    config = tmp_path / "my.cfg"
    quickstart = make_quickstart("--lan", "--yes", "--to", str(config), "--broadcast", "nowhere")
    assert quickstart.process.wait(WITHIN_S) == 2
    assert "'nowhere' is no IPv4 address" in quickstart.process.output
    assert not config.exists()


def test_waits_for_an_absent_broker(make_quickstart):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        quickstart = make_quickstart("--broker", address)
        quickstart.process.wait_line(f"waiting for the broker at {address}", WITHIN_S)
    assert "is running" not in quickstart.process.output
    quickstart.process.signal(signal.SIGINT)
    assert quickstart.process.wait(STOP_WITHIN_S) == 0


def test_stops_when_the_bridge_cannot_start(make_quickstart, tmp_path):
    (tmp_path / "file").write_text("")
    config = tmp_path / "my.cfg"
    config.write_text(
        f'bridge = {{ state_dir = "{tmp_path}/file/below"; }};\n'
        'devices = ( { name = "mine"; host = "127.9.1.1"; } );\n'
    )
    quickstart = make_quickstart("--config", str(config))
    assert quickstart.process.wait(WITHIN_S) == 1
    assert "bridge.state_dir" in quickstart.process.output
    assert "is running" not in quickstart.process.output
    quickstart.assert_nothing_left([])


@pytest.mark.parametrize("name", ["plugsim", "plugbridge"])
def test_stops_when_a_program_ends(make_quickstart, name):
    quickstart = make_quickstart()
    quickstart.wait_lines()
    pids = children_of(quickstart.process.pid)
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):  # one that ended meanwhile
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                os.kill(pid, signal.SIGKILL)
    assert quickstart.process.wait(STOP_WITHIN_S) == 1
    assert f"{name} has ended" in quickstart.process.output
    quickstart.assert_nothing_left(pids)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--colour"],
        ["--config"],
        ["--config", "/does/not/exist"],
        ["--user", "somebody"],
        ["--broker", "127.0.0.1:port"],
        ["--broker", "127.0.0.1:99999"],
        ["--lan"],
        ["--yes"],
        ["--broadcast", "127.255.255.255"],
        ["--lan", "--yes", "--to", "/does/not/exist/my.cfg"],
        ["--lan", "--yes", "--config", "/dev/null"],
    ],
)
def test_wrong_usage_is_told(make_quickstart, arguments):
    quickstart = make_quickstart(*arguments)
    assert quickstart.process.wait(WITHIN_S) == 2
    assert "--help" in quickstart.process.output
