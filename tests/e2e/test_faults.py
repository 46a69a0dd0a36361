"""Every fault a device can have, switched on and off again while the bridge runs.

All scenarios run at once, each on a plug of its own, and are looked at one by one afterwards: no
fault may touch another plug, nothing untrue may be published, each command gets one result, and
the plug is back within a poll of the fault's end."""
import dataclasses
import json
import time

import pytest

from harness.museum import POLL_S, Museum

WITHIN_S = 15
# A waiting order caps the back-off at 2 s, give or take a fifth; then comes one poll. Three times.
RECOVERY_S = 3 * (2 * 1.2 + POLL_S)
POWER_W = 42.0


@dataclasses.dataclass(frozen=True)
class Scenario:
    fault: str
    settings: dict = dataclasses.field(default_factory=dict)
    # The plug cannot be read meanwhile: it goes offline and the order waits for it.
    goes_offline: bool = True
    # What becomes of an order that is given meanwhile.
    status: str = "ok"


def stays(fault, status="ok", **settings):
    return Scenario(fault, settings, goes_offline=False, status=status)


SWITCHING = {"module": "system", "method": "set_relay_state"}
SCENARIOS = {
    "refuse": Scenario("refuse"),
    "hang": Scenario("hang"),
    "drop": Scenario("drop"),
    "drop-but-do": Scenario("drop", {"carried_out": True}),
    "drop-once": stays("drop", times=1),
    "reset": Scenario("reset"),
    "reset-but-do": Scenario("reset", {"carried_out": True}),
    "reset-once": stays("reset", times=1),
    "close": stays("close"),
    "idle-close": stays("idle_close", ms=100),
    "slow": stays("slow", ms=300),
    "drip": stays("drip", bytes=100, ms=10),
    "drip-for-ever": Scenario("drip", {"bytes": 1, "ms": 50}),
    "header-alone": stays("header_alone", ms=100),
    "truncate": Scenario("truncate"),
    "truncate-header": Scenario("truncate", {"bytes": 3}),
    "promise-more": Scenario("wrong_length", {"bytes": 10}),
    "promise-less": Scenario("wrong_length", {"bytes": -10}),
    "zero-length": Scenario("zero_length"),
    "huge-length": Scenario("huge_length"),
    "garbage": Scenario("garbage"),
    "bad-json": Scenario("bad_json"),
    "error-top": Scenario("err_code", {"level": "top"}),
    "error-module": Scenario("err_code", {"level": "module"}),
    "error-method": Scenario("err_code", {"level": "method"}),
    "error-meter": stays("err_code", module="emeter"),
    "error-switch": stays("err_code", status="failed", err_code=-3, **SWITCHING),
    "busy-switch": stays("busy", times=2, **SWITCHING),
    "stuck-relay": stays("stuck_relay", status="failed"),
    "energy-negative": stays("bad_energy", value="negative"),
    "energy-huge": stays("bad_energy", value="huge"),
    # NaN is no JSON: of a reply with it nothing can be taken, so the state must be asked alone.
    "energy-nan": stays("bad_energy", value="nan"),
    "energy-infinite": stays("bad_energy", value="infinite"),
    "energy-text": stays("bad_energy", value="text"),
    "impostor": Scenario("other_device"),
}
NEIGHBOUR = "neighbour"


class Story:
    """Runs all scenarios side by side and keeps what is needed to judge each."""

    def __init__(self, museum):
        self.museum = museum
        self.offline = [name for name, s in SCENARIOS.items() if s.goes_offline]
        self.late = {}  # name -> what did not come in time
        self.neighbour = []
        self.moves_before_end = {}

    def expect(self, names, what, wait):
        """Notes for which names wait(name, seconds left) fails, within one deadline for all."""
        deadline = time.monotonic() + 2 * WITHIN_S
        for name in names:
            try:
                wait(name, max(deadline - time.monotonic(), 0.1))
            except AssertionError as error:
                self.late.setdefault(name, f"{what}: {error}")

    def await_availability(self, word, after):
        def wait(name, within):
            topic = self.museum.topic(name, "availability")
            self.museum.watch.wait_for(topic, lambda m: m.text == word, within, after)

        return wait

    def await_result(self, id_):
        def wait(name, within):
            topic = self.museum.topic(name, "result")
            self.museum.watch.wait_for(topic, lambda m: m.json.get("id") == id_, within)

        return wait

    def ask_neighbour(self, words):
        for word in words:
            self.neighbour.append(self.museum.command(NEIGHBOUR, word))

    def begin_faults(self):
        self.mark = self.museum.watch.mark()
        for name, scenario in SCENARIOS.items():
            self.museum.device(name).fault(scenario.fault, **scenario.settings)

    def end_faults(self):
        self.ended = time.monotonic()
        self.end_mark = self.museum.watch.mark()
        for name in SCENARIOS:
            self.museum.device(name).clear_faults()

    def order(self, word, id_):
        payload = json.dumps({"state": word, "id": id_, "ttl_s": 120})
        self.museum.watch.publish_all(
            [(self.museum.topic(name, "set"), payload) for name in SCENARIOS]
        )

    def run(self):
        museum = self.museum
        self.begin_faults()
        self.expect(self.offline, "offline", self.await_availability("offline", self.mark))
        self.order("ON", "during")
        self.ask_neighbour(("ON", "OFF", "ON"))
        steady = set(SCENARIOS) - set(self.offline)
        self.expect(steady, "result during the fault", self.await_result("during"))
        # A closed port sees nobody who is refused.
        counting = [name for name, s in SCENARIOS.items() if s.fault != "refuse"]
        self.expect(counting, "the fault strikes", lambda n, w: museum.wait_fault_hit(n, w))
        self.moves_before_end = {name: museum.moves(name) for name in SCENARIOS}
        self.end_faults()
        self.expect(self.offline, "online", self.await_availability("online", self.end_mark))
        self.expect(self.offline, "result after the fault", self.await_result("during"))
        self.order("ON", "after")
        self.expect(SCENARIOS, "result of the order after", self.await_result("after"))
        self.run_second_round()
        museum.watch.publish_all([(museum.topic(name, "get"), "") for name in SCENARIOS])
        for name in SCENARIOS:
            museum.results(name, 1, predicate=lambda m: m.json["command"] == "GET")

    def run_second_round(self):
        """Offline and back with no order waiting."""
        museum = self.museum
        mark = museum.watch.mark()
        for name in self.offline:
            museum.device(name).fault(SCENARIOS[name].fault, **SCENARIOS[name].settings)
        self.expect(self.offline, "offline again", self.await_availability("offline", mark))
        self.second_ended = time.monotonic()
        self.second_mark = museum.watch.mark()
        for name in self.offline:
            museum.device(name).clear_faults()
        online = self.await_availability("online", self.second_mark)
        self.expect(self.offline, "online again", online)


@pytest.fixture(scope="module")
def story(programs, tmp_path_factory):
    models = ("HS110v1", "HS110v2")
    devices = {name: (models[n % 2], [name]) for n, name in enumerate([*SCENARIOS, NEIGHBOUR])}
    museum = Museum(programs, tmp_path_factory.mktemp("faults"), devices)
    for name in devices:
        museum.device(name).put(power_mw=int(POWER_W * 1000))
    try:
        museum.start()
        museum.wait_online()
        story = Story(museum)
        story.run()
        yield story
    finally:
        museum.stop()


def texts(story, name, leaf, after=0):
    return [m.text for m in story.museum.watch.on(story.museum.topic(name, leaf), after)]


def numbers(story, name, leaf):
    """Without the empty payloads that clear the topic when the device has no number."""
    return [float(text) for text in texts(story, name, leaf) if text]


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_came_in_time(story, name):
    assert name not in story.late, story.late[name]


@pytest.mark.parametrize("name", SCENARIOS)
def test_one_truthful_result(story, name):
    topic = story.museum.topic(name, "result")
    results = [m.json for m in story.museum.watch.on(topic) if m.json.get("id") == "during"]
    assert [result["status"] for result in results] == [SCENARIOS[name].status], results
    expected = "OFF" if SCENARIOS[name].status == "failed" else "ON"
    assert results[0]["state"] == expected
    after = [m.json for m in story.museum.watch.on(topic) if m.json.get("id") == "after"]
    assert [result["status"] for result in after] == ["ok"]
    assert story.museum.relay(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_availability_is_what_it_was(story, name):
    seen = texts(story, name, "availability", story.mark)
    if SCENARIOS[name].goes_offline:
        # Told again only when the reason changes, never flapping.
        changes = [word for n, word in enumerate(seen) if n == 0 or seen[n - 1] != word]
        assert changes == ["offline", "online", "offline", "online"]
    else:
        assert "offline" not in seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_untrue_is_published(story, name):
    states = texts(story, name, "state")
    if name == "stuck-relay":
        # The plug itself says yes to each order, and shows the old state when asked.
        assert set(states) == {"OFF", "ON"}
    else:
        assert "OFF" not in states[states.index("ON") :]
    assert states[-1] == "ON"
    assert set(numbers(story, name, "power")) <= {0.0, POWER_W}
    assert all(200 < volts < 260 for volts in numbers(story, name, "voltage"))
    assert all(0 <= amperes < 1 for amperes in numbers(story, name, "current"))
    energy = numbers(story, name, "energy")
    assert energy == sorted(energy) and all(0 <= value < 100000 for value in energy)


@pytest.mark.parametrize("name", [n for n, s in SCENARIOS.items() if s.goes_offline])
def test_back_within_one_poll(story, name):
    for mark, ended in (
        (story.end_mark, story.ended),
        (story.second_mark, story.second_ended),
    ):
        topic = story.museum.topic(name, "availability")
        online = [m for m in story.museum.watch.on(topic, mark) if m.text == "online"]
        assert online and online[0].at - ended < RECOVERY_S


def test_the_impostor_got_no_order(story):
    assert story.moves_before_end["impostor"] == 0


def test_the_neighbour_noticed_nothing(story):
    assert [result["status"] for result in story.neighbour] == ["ok"] * 3
    assert max(result["ms"] for result in story.neighbour) < 1500
    assert "offline" not in texts(story, NEIGHBOUR, "availability", story.mark)


@pytest.mark.parametrize("name", [*SCENARIOS, NEIGHBOUR])
def test_never_two_requests_at_once(story, name):
    assert story.museum.device(name).counters()["max_in_flight"] <= 1


def test_bridge_still_runs(story):
    assert story.museum.bridge.process.is_running()
