"""A museum: simulated devices, a broker, the bridge between them, and a client that watches."""
import pathlib
import time

from plugsim import Plugsim

from . import wire
from .bridge import Bridge
from .broker import Broker
from .client import MqttClient, retained

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent.parent
WITHIN_S = 15
POLL_S = 0.5
TIMEOUT_S = 1.5
HEARTBEAT_S = 60
UNKNOWN_PORT = 1  # until the broker has one

# device: (model, outlets)
DEVICES = {
    "engine": ("HS110v1", ["engine"]),
    "projector": ("HS110v2", ["projector"]),
    "fountain": ("HS100", ["fountain"]),
    "cases": ("HS300", [f"case-{number}" for number in range(1, 7)]),
    "gallery": ("HS220", ["gallery"]),
    "bulb": ("KL110", ["bulb"]),
}
METERED = ("HS110v1", "HS110v2", "HS300")


class Device:
    """One simulated device, seen and touched past the bridge."""

    def __init__(self, sim, number, outlets):
        self._sim = sim
        self._number = number
        self.outlets = outlets
        told = self._get()
        self.address, self.port, self.mac = told["address"], told["port"], told["mac"]

    def _ask(self, verb, **members):
        return self._sim.ask(verb, device=self._number, **members)

    def _get(self):
        return self._ask("get")["devices"][0]

    def relays(self):
        return [bool(relay) for relay in self._get()["relay"]]

    def light(self):
        """(is it on, brightness in percent) of a dimmer or bulb"""
        told = self._get()
        return bool(told["relay"][0]), told["brightness"]

    def put(self, **settings):
        """relay=, power_mw=, energy_wh=, alias=, delay_ms=, ...: as by hand."""
        self._ask("set", **settings)

    def sysinfo(self):
        """Asked as any client would, not over the control socket."""
        return wire.sysinfo(self.address, self.port)

    def call(self, request):
        """The reply to a request, past the bridge as well."""
        return wire.ask(self.address, self.port, request)

    def power_off(self):
        self._ask("power", on=False)

    def power_on(self):
        self._ask("power", on=True)

    def fault(self, name, **settings):
        self._ask("fault", fault=name, **settings)

    def clear_faults(self):
        self._ask("clear")

    def counters(self):
        return self._ask("counters")["devices"][0]

    def moves(self):
        """How often a relay moved at this address, a stranger's included."""
        counters = self.counters()
        return counters["relay_moves"] + counters.get("stranger", {}).get("relay_moves", 0)


def make_settings(devices, state_dir):
    """The configuration that serves these devices; the broker's port is still to be filled in."""

    def device_settings(name, device):
        settings = {
            "name": name,
            "host": device.address,
            "port": device.port,
            "mac": device.mac,
        }
        return settings if device.outlets == [name] else {**settings, "outlets": device.outlets}

    return {
        "broker": {"host": "127.0.0.1", "port": UNKNOWN_PORT},
        "bridge": {"id": "e2e", "state_dir": str(state_dir)},
        "poll": {"interval_s": POLL_S, "timeout_s": TIMEOUT_S, "heartbeat_s": HEARTBEAT_S},
        # Nobody is looked for beyond the devices' own addresses.
        "discovery": {"broadcast": []},
        "devices": [device_settings(name, device) for name, device in devices.items()],
    }


class Museum:
    """settings may be changed, and devices touched, before start(). port 0 takes one that nobody
    else has, so that no other museum hears a search."""

    def __init__(self, programs, folder, devices=None, port=9999):
        self.source = SOURCE
        self.models = devices or DEVICES
        self.sim = Plugsim(programs, self.models, port=port)
        self.devices = {
            name: Device(self.sim, number, outlets)
            for number, (name, (_, outlets)) in enumerate(self.models.items(), 1)
        }
        self.outlets = [name for device in self.devices.values() for name in device.outlets]
        state_dir = folder / "state"
        state_dir.mkdir()
        self.settings = make_settings(self.devices, state_dir)
        self.broker = Broker(folder)
        self.bridge = Bridge(programs / "plugbridge", folder, self.settings)
        self.watch = None
        self.login = {}

    # The parts.

    def start_broker(self):
        if self.broker.process is None:
            self.broker.start()
            if self.watch:
                self.watch.close()
            self.watch = MqttClient(self.broker.port, subscribe=["#"], **self.login)

    def _start_bridge(self):
        broker = self.settings["broker"]
        if broker["port"] == UNKNOWN_PORT:
            broker["port"] = self.broker.port
        self.bridge.settings = self.settings
        self.bridge.write()
        self.bridge.start()

    def start(self):
        self.start_broker()
        self._start_bridge()

    def start_without_broker(self):
        """The broker will have this port, but does not run."""
        if self.broker.port is None:
            self.broker.start()
            self.broker.stop()
        self._start_bridge()

    def restart_broker(self, while_down=lambda: None):
        """The watching client starts anew with it."""
        self.stop_broker()
        while_down()
        self.start_broker()

    def stop_broker(self):
        """Waits for a quiet moment: what Paho 1.3.12 has queued when a connection dies, it leaks
        (eclipse-paho/paho.mqtt.c issue 1429), and the leak would be taken for ours."""
        if self.watch:
            self._wait_quiet()
            self.watch.close()
            self.watch = None
        self.broker.stop()

    def _wait_quiet(self, within=2 * WITHIN_S):
        """Returns when every device was polled twice and nothing was published meanwhile."""
        deadline = time.monotonic() + within
        while True:
            mark, requests = self.watch.mark(), self._requests()
            self._wait(lambda: self._requests() >= requests + 2 * len(self.models), within, "quiet")
            if self.watch.mark() == mark:
                return
            assert time.monotonic() < deadline, "it never stopped publishing"

    def stop(self):
        try:
            self.bridge.stop()
        finally:
            if self.watch:
                self.watch.close()
            self.broker.stop()
            self.sim.stop()

    # What is said over MQTT.

    def topic(self, outlet, leaf):
        return f"museum/plug/{outlet}/{leaf}"

    def retained(self, topics):
        return retained(self.broker.port, topics, **self.login)

    def command(self, outlet, payload, leaf="set", within=2 * WITHIN_S, **options):
        """Publishes a command and returns its result."""
        mark = self.watch.mark()
        self.watch.publish(self.topic(outlet, leaf), payload, **options)
        return self.results(outlet, 1, within=within, after=mark)[0]

    def results(self, outlet, count, predicate=None, within=2 * WITHIN_S, after=0):
        """The outlet's first count results since the mark."""
        messages = self.watch.wait_for_count(
            self.topic(outlet, "result"), count, predicate, within, after
        )
        return [message.json for message in messages]

    def _wait_availability(self, word, outlets, within, after):
        deadline = time.monotonic() + within
        for outlet in outlets:
            left = max(deadline - time.monotonic(), 0.1)
            topic = self.topic(outlet, "availability")
            self.watch.wait_for(topic, lambda m: m.text == word, left, after)

    def wait_online(self, outlets=None, within=2 * WITHIN_S, after=0):
        outlets = self.outlets if outlets is None else outlets
        self._wait_availability("online", outlets, within, after)

    def wait_offline(self, outlets, within=2 * WITHIN_S, after=0):
        self._wait_availability("offline", outlets, within, after)

    def wait_settled(self, without=()):
        """Returns when all that a start brings has been published."""
        for model, outlets in self.models.values():
            for outlet in set(outlets) - set(without):
                if model in METERED:
                    self.watch.wait_for(self.topic(outlet, "energy_today"), within=2 * WITHIN_S)
                mark = self.watch.mark()
                self.command(outlet, "", leaf="get")
                # The last of the outlet's topics, and of those the read brings.
                self.watch.wait_for(self.topic(outlet, "json"), after=mark)
        base = f"museum/bridge/{self.settings['bridge']['id']}"
        for leaf in ("info", "health", "inventory"):
            self.watch.wait_for(f"{base}/{leaf}")

    # What the devices say.

    def device(self, name):
        return self.devices[name]

    def _place(self, outlet):
        """(device, number of the outlet in it)"""
        for device in self.devices.values():
            if outlet in device.outlets:
                return device, device.outlets.index(outlet)
        raise KeyError(outlet)

    def relay(self, outlet):
        device, number = self._place(outlet)
        return device.relays()[number]

    def relays(self, device):
        return self.devices[device].relays()

    def moves(self, outlet):
        return self._place(outlet)[0].moves()

    def swap(self, one, other):
        """The two devices exchange their addresses."""
        numbers = [list(self.models).index(name) + 1 for name in (one, other)]
        self.sim.ask("swap", device=numbers)

    def wait_polls(self, device, count, within=60):
        """Returns after so many more requests, and says how many seconds they took."""
        device = self.devices[device]
        began, first = time.monotonic(), device.counters()["requests"]
        self._wait(lambda: device.counters()["requests"] >= first + count, within, "no polls")
        return time.monotonic() - began

    def _requests(self):
        return self.sim.ask("counters", sum=True)["sum"]["requests"]

    def wait_polls_of_all(self, count, within):
        first = self._requests()
        self._wait(lambda: self._requests() >= first + count, within, "no polls")

    def wait_fault_hit(self, device, within=WITHIN_S):
        device = self.devices[device]

        def strikes():
            counters = device.counters()
            return counters["faults"] + counters.get("stranger", {}).get("requests", 0)

        self._wait(lambda: strikes() > 0, within, "the fault did not strike")

    @staticmethod
    def _wait(is_done, within, complaint):
        """For what only asking again can tell."""
        deadline = time.monotonic() + within
        while not is_done():
            assert time.monotonic() < deadline, f"{complaint} within {within} s"
            time.sleep(0.02)
