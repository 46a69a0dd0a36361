"""Fixtures of the end-to-end tests: a broker, bridges and clients of a test's own."""
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from harness.bridge import Bridge
from harness.broker import Broker
from harness.client import MqttClient
from harness.ctl import MODELS as CTL_MODELS
from harness.ctl import EVERYWHERE, Ctl
from harness.devices import MODELS, Devices
from plugsim import Plugsim, free_range

SOURCE = HERE.parent.parent


@pytest.fixture(scope="session")
def programs():
    """Where plugbridge and plugsim were built."""
    folder = pathlib.Path(os.environ.get("PLUG_BIN", SOURCE / "build" / "debug" / "bin"))
    assert os.access(folder / "plugbridge", os.X_OK), f"plugbridge is not built in {folder}"
    return folder


@pytest.fixture(scope="module")
def all_models(programs):
    """One simulated device of each model."""
    with Plugsim(programs, MODELS, port=0) as sim:
        yield Devices(sim)


@pytest.fixture
def devices(all_models):
    """The same without faults, off, and with nothing counted."""
    sim = all_models.sim
    sim.clear()
    sim.set("all", relay=False, delay_ms=0, clock="right")
    sim.ask("counters", reset=True)
    yield all_models
    sim.clear()


@pytest.fixture(scope="session")
def ctl(programs):
    return Ctl(programs)


@pytest.fixture
def sim(programs, ctl):
    """The devices that plugctl is tried on. They are searched for at an address of their own:
    tests that run at the same time have devices of the same names."""
    first = free_range()
    ctl.broadcast = first.rsplit(".", 1)[0] + ".255"
    options = ("--listen", first, "--broadcast", ctl.broadcast)
    with Plugsim(programs, CTL_MODELS, *options) as running:
        yield running
    ctl.broadcast = EVERYWHERE


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path).start()
    yield broker
    broker.stop()


@pytest.fixture
def make_client():
    """make_client(port, ...) -> MqttClient, closed after the test."""
    clients = []

    def make(*arguments, **options):
        clients.append(MqttClient(*arguments, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def make_bridge(programs, tmp_path):
    """make_bridge(settings) -> Bridge, not started; stopped cleanly after the test."""
    bridges = []

    def make(settings, name="bridge"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        bridges.append(Bridge(programs / "plugbridge", folder, settings))
        return bridges[-1]

    yield make
    for bridge in bridges:
        bridge.stop()
