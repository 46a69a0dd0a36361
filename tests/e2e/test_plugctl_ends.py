"""plugctl from outside: standard streams that are closed, full or left, and interrupts."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from harness.ctl import WITHIN_S, PLUG, PLAIN, OLD, at, relays
from plugsim import SANITIZER_REPORT

FULL = "cannot write: No space left on device"


def run_shell(ctl, redirection, *words):
    """plugctl below a shell that redirects something: (status, standard error)."""
    ended = subprocess.run(
        ["bash", "-c", f'exec "$@" {redirection}', "bash", *ctl.argv(*words)],
        capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False,
    )
    assert not SANITIZER_REPORT.search(ended.stderr), ended.stderr
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("words", [
    ("state", "HOST"), ("--json", "state", "HOST"), ("on", "HOST"), ("energy", "--day", "HOST"),
    ("raw", '{"system":{"get_sysinfo":{}}}', "HOST"), ("watch", "HOST"), ("info", "HOST"),
    ("discover",), ("discover", "--config"), ("--help",), ("on", "--help"), ("--version",),
    ("encode", "{}"), ("-t", "HOST", "-c", "info"),
], ids=" ".join)
def test_a_full_disk_is_told(ctl, sim, words):
    words = [at(sim, PLUG) if word == "HOST" else word for word in words]
    status, err = run_shell(ctl, ">/dev/full", *words)
    assert status == 1 and err.endswith(f"plugctl: {FULL}\n")


@pytest.mark.parametrize("program, words", [
    ("plugbridge", ("--reference",)), ("plugbridge", ("--help",)), ("plugsim", ("--help",)),
])
def test_the_other_programs_tell_it_too(programs, program, words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run([programs / program, *words], stdout=full, stderr=subprocess.PIPE,
                               encoding="utf-8", timeout=WITHIN_S, check=False)
    assert (ended.returncode, ended.stderr) == (1, f"{program}: {FULL}\n")


def test_watch_ends_when_its_reader_has_gone(ctl, sim):
    reader, writer = os.pipe()
    with subprocess.Popen(ctl.argv("watch", "--interval", "0.01", at(sim, PLUG)), stdout=writer,
                          stderr=subprocess.PIPE, encoding="utf-8") as watch:
        os.close(writer)
        assert os.read(reader, 1)
        os.close(reader)
        assert watch.wait(WITHIN_S) == 1 and watch.stderr.read() == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_keeps_nobody_from_anything(ctl, sim, closed):
    assert run_shell(ctl, closed, "on", at(sim, PLUG)) == (0, "")
    assert relays(sim, PLUG) == [1]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_the_bridge_runs_without_a_stream_too(programs, closed, tmp_path):
    path = tmp_path / "plugbridge.cfg"
    with socket.create_server(("127.0.0.1", 0)) as broker:
        path.write_text('devices = ( { name = "engine"; host = "127.0.0.1"; } );\n'
                        'broker = { host = "127.0.0.1"; port = '
                        f"{broker.getsockname()[1]}; }};\n")
        with subprocess.Popen(["bash", "-c", f'exec "$@" {closed}', "bash",
                               programs / "plugbridge", "--config", path]) as bridge:
            broker.settimeout(WITHIN_S)
            broker.accept()[0].close()
            bridge.terminate()
            assert bridge.wait(WITHIN_S) == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_the_simulator_runs_without_a_stream_too(programs, closed, tmp_path):
    control = tmp_path / "control"
    deadline = time.monotonic() + WITHIN_S
    with subprocess.Popen(["bash", "-c", f'exec "$@" {closed}', "bash", programs / "plugsim",
                           "--device", "HS100", "--port", "0", "--control", control]) as plugsim:
        while not control.exists():
            assert plugsim.poll() is None and time.monotonic() < deadline
        plugsim.terminate()
        assert plugsim.wait(WITHIN_S) == 0


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_tells_what_is_known(ctl, sim, number, status):
    # This one got the order and says that it is busy; the other has told nothing of itself.
    sim.fault(PLAIN, "busy", module="system", method="set_relay_state")
    sim.fault(OLD, "hang")
    words = ("--json", "on", "--timeout", "50", *(at(sim, n) for n in (PLAIN, OLD, PLUG)))
    deadline = time.monotonic() + WITHIN_S
    with subprocess.Popen(ctl.argv(*words), stdout=subprocess.PIPE, encoding="utf-8") as plugctl:
        # It asks the busy one again after a second: the third is done by then.
        while sim.counters(PLAIN)["faults"] < 2:
            assert plugctl.poll() is None and time.monotonic() < deadline
        plugctl.send_signal(number)
        out, _ = plugctl.communicate(timeout=WITHIN_S)
    assert plugctl.returncode == status and relays(sim, PLUG) == [1]
    results = {line["target"]: line for line in map(json.loads, out.splitlines())}
    assert results[at(sim, PLUG)]["ok"] is True
    assert results[at(sim, PLAIN)]["error"] == "interrupted, outcome unknown"
    assert results[at(sim, OLD)]["error"] == "interrupted, nothing was done"
