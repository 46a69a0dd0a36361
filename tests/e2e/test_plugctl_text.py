"""plugctl from outside: every verb at a healthy device, in words for people."""
import pytest

from harness.ctl import MODELS, at
from harness.verbs import CALLS
from plugsim import Plugsim


@pytest.fixture(scope="module")
def plugs(programs):
    with Plugsim(programs, MODELS) as running:
        yield running


# One after the other, each at the device that the one before left behind.
@pytest.mark.parametrize("line,device", [call[:2] for call in CALLS], ids=[
    f"{line.split(' --')[0]} {method[1]}" for line, _, method in CALLS
])
def test_every_verb_tells_what_it_did(ctl, plugs, line, device):
    # Downloads and reboots come to their end, and who was reset is plugged in again.
    plugs.ask("time", pass_ms=10000)
    plugs.power(device, True)
    out, err = ctl.run(*line.split(), at(plugs, device), told="secret-word\n")
    assert err == []
    # A list that is empty says so.
    assert at(plugs, device) in out[0] and all(row.isprintable() for row in out)
