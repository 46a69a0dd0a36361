"""plugctl from outside: every failure has words and a status."""
import socket
import subprocess
import time

import pytest

from harness.ctl import WITHIN_S, PLUG, PLAIN, at
from harness.process import Process


def test_a_relay_that_stays_is_told(ctl, sim):
    sim.fault(PLUG, "stuck_relay")
    assert "did not move" in ctl.failure("on", at(sim, PLUG))


@pytest.mark.parametrize(
    "fault, parameters, words",
    [
        ("refuse", {}, "connection refused"),
        ("hang", {}, "no answer in time"),
        ("drop", {}, "no answer in time"),
        ("reset", {}, "connection closed before the answer was complete"),
        ("truncate", {}, "connection closed before the answer was complete"),
        ("wrong_length", {}, "no answer in time"),
        ("drip", {"ms": 100}, "no answer in time"),
        ("bad_json", {}, "answer is not a Smart Home reply"),
        ("garbage", {}, "answer is not a Smart Home reply"),
        ("zero_length", {}, "answer is not a Smart Home reply"),
        ("huge_length", {}, "answer is not a Smart Home reply"),
        ("err_code", {"err_code": -7}, "device answered with an error: unknown error (-7)"),
        ("err_code", {"level": "module"}, "does not support this: module not supported (-1)"),
        ("busy", {}, "another command is running (-32)"),
    ],
)
def test_every_failure_has_words_and_a_status(ctl, sim, fault, parameters, words):
    sim.fault(PLUG, fault, **parameters)
    out, err = ctl.run("state", "--timeout", "1", at(sim, PLUG), at(sim, PLAIN), status=1)
    assert [line.split()[0] for line in out] == [at(sim, PLAIN)]
    (line,) = err
    assert line.startswith(f"plugctl: {at(sim, PLUG)}: ") and words in line


def test_too_few_descriptors_are_told(ctl, sim):
    ended = subprocess.run(
        ["bash", "-c", 'ulimit -n 16; exec "$@"', "bash",
         *ctl.argv("state", *(at(sim, number) for number in range(1, 9)))],
        capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False)
    assert ended.returncode == 1 and "too many open files: raise the limit" in ended.stderr


def test_failures_come_last_in_json_too(ctl, sim):
    sim.fault(PLUG, "refuse")
    results = ctl.json("state", at(sim, PLUG), at(sim, PLAIN), status=1)
    assert [result["ok"] for result in results] == [True, False]
    sim.clear(PLUG)
    sim.fault(PLUG, "err_code", err_code=-11)
    (result,) = ctl.json("state", at(sim, PLUG), status=1)
    assert result["err_code"] == -11 and "clock is not set" in result["error"]


def test_half_a_reply_and_then_silence_takes_one_timeout(ctl):
    with socket.create_server(("127.0.0.1", 0)) as server:
        begin = time.monotonic()
        plugctl = Process([ctl.path, "state", "--timeout", "1",
                           f"127.0.0.1:{server.getsockname()[1]}"])
        try:
            connection, _ = server.accept()
            with connection:
                connection.sendall(bytes.fromhex("0000001dd0f281f8"))
                assert plugctl.wait(WITHIN_S) == 1
                assert "no answer in time" in plugctl.output
                assert 1 <= time.monotonic() - begin < 10
        finally:
            plugctl.kill()
