"""plugctl from outside: what every verb says when its device is away, mute, or cannot do it."""
import concurrent.futures
import json
import re

import pytest

from harness.ctl import MODELS, PLUG, at
from harness.verbs import CALLS
from plugsim import Plugsim

TIMEOUT_S = 3
AT_ONCE = 28
# These speak to no device, or have tests of their own about whom they speak to.
OTHERS = {"discover", "replace", "encode", "decode"}
RAW = ("raw", '{"system":{"get_sysinfo":{}}}')
WORDS = [*(tuple(line.split()) for line in dict.fromkeys(line for line, _, _ in CALLS)), RAW]


@pytest.fixture(scope="module")
def plugs(programs):
    with Plugsim(programs, MODELS) as running:
        yield running


def test_no_verb_is_forgotten(ctl):
    out, _ = ctl.run("--help")
    verbs = {match[1] for line in out if (match := re.match(r"  ([a-z]+)  ", line))}
    assert verbs - OTHERS == {words[0] for words in WORDS}


# What is wrong with a device, and the words for it. A half reply is half a sysinfo, which each verb
# asks for first: nothing that could do harm is ever carried out here.
TROUBLE = {
    "refuse": "connection refused",
    "hang": "no answer in time",
    "truncate": "connection closed before the answer was complete",
}


@pytest.fixture(scope="module")
def failures(programs, ctl):
    """For each verb what it says of devices in trouble: (standard output, standard error)."""
    with Plugsim(programs, ["HS110v2"] * len(TROUBLE)) as sim:
        for number, fault in enumerate(TROUBLE, 1):
            sim.fault(number, fault)

        def run(words):
            # The one that writes identities takes a single device.
            alone = words[0] == "identity" and len(words) > 1
            numbers = (1,) if alone else range(1, len(TROUBLE) + 1)
            targets = [at(sim, number) for number in numbers]
            out, err = ctl.run(
                *words, "--timeout", TIMEOUT_S, *targets, status=1, told="secret-word\n"
            )
            return out, {line.split()[1].rstrip(":"): line for line in err}, targets

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = dict(zip(WORDS, pool.map(run, WORDS)))
        moves = sim.ask("counters", sum=True)["sum"]["relay_moves"]
    yield results
    assert moves == 0


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_verb_says_what_is_wrong_with_each_device(failures, words):
    out, err, targets = failures[words]
    assert out == [] and set(err) == set(targets)
    for target, expected in zip(targets, TROUBLE.values()):
        assert err[target].startswith(f"plugctl: {target}: ") and expected in err[target]


@pytest.mark.parametrize("line,device,method", CALLS, ids=[
    f"{line.split(' --')[0]} {method[1]}" for line, _, method in CALLS
])
def test_every_verb_says_that_a_device_does_not_support_it(ctl, plugs, line, device, method):
    module, name = method
    # Without its module "system" a device says nothing at all of itself.
    for level in ("method",) if module == "system" else ("method", "module"):
        plugs.fault(device, "err_code", err_code=-1, module=module, method=name, level=level)
        try:
            (result,) = ctl.json(*line.split(), at(plugs, device), status=1, told="secret-word\n")
        finally:
            plugs.clear()
        assert result["ok"] is False and "does not support this" in result["error"]
        assert result["err_code"] == -1


def test_the_old_script_s_form_fails_likewise(ctl, plugs):
    plugs.fault(PLUG, "refuse")
    _, err = ctl.run("-t", at(plugs, PLUG), "-c", "info", status=1)
    plugs.clear()
    assert any("connection refused" in line for line in err)
    out, _ = ctl.run("-t", at(plugs, PLUG), "-j", json.dumps({"nosuch": {"thing": {}}}))
    assert "module not support" in out[1]
