"""The lifetime counters: what a device forgets, the bridge and the broker remember."""
import pathlib
import random
import re
import time

import pytest

from harness.museum import Museum

WITHIN_S = 15
# A step that a plug can have counted between two polls.
STEP_WH = 12
ROUNDS = 6


@pytest.fixture
def museum(programs, tmp_path):
    devices = {
        "engine": ("HS110v1", ["engine"]),
        "projector": ("HS110v2", ["projector"]),
        "cases": ("HS300", [f"case-{number}" for number in range(1, 7)]),
        "bulb": ("KL110", ["bulb"]),
    }
    museum = Museum(programs, tmp_path, devices, port=0)
    for name in ("engine", "projector"):
        museum.device(name).put(relay=True, power_mw=0, energy_wh=5000)
    yield museum
    museum.stop()


def state_file(museum):
    return pathlib.Path(museum.settings["bridge"]["state_dir"]) / "energy.state"


def wait_written(museum, outlet, total_wh):
    """What has just begun, or was reset, is written within a second or so."""
    pattern = re.compile(rf"(?m)^{museum.device(outlet).mac}/0 .* total {total_wh} ")
    deadline = time.monotonic() + WITHIN_S
    while not pattern.search(state_file(museum).read_text()):
        assert time.monotonic() < deadline, "the counter was not written"
        time.sleep(0.05)


def energies(museum, outlet, after=0):
    messages = museum.watch.on(museum.topic(outlet, "energy"), after)
    return [float(message.text) for message in messages if message.payload]


def wait_energy(museum, outlet, kwh, after=0):
    museum.watch.wait_for(
        museum.topic(outlet, "energy"),
        lambda m: m.payload and float(m.text) == kwh,
        2 * WITHIN_S,
        after,
    )


def health(museum, predicate):
    topic = "museum/bridge/e2e/health"
    return museum.watch.wait_for(topic, lambda m: predicate(m.json["energy"]), 2 * WITHIN_S).json


def forget_retained(museum, outlet):
    """As after the loss of the broker's own state; the mark of what comes then."""
    museum.watch.publish(museum.topic(outlet, "energy"), "", retain=True)
    return museum.watch.mark()


def reset(museum, outlet, energy_wh):
    """As after a reboot of a device that forgets; returns what it has counted since."""
    museum.device(outlet).put(energy_wh=energy_wh)
    return energy_wh


@pytest.mark.parametrize("protocol", (5, 4))
def test_counter_outlives_kills_and_resets(museum, protocol):
    """Killed at any moment, and the device reset meanwhile: nothing is lost or goes back."""
    chance = random.Random(protocol)
    museum.settings["broker"]["protocol"] = protocol
    museum.start()
    true_wh, total_wh = 5000, 5000
    wait_energy(museum, "engine", 5.0)
    wait_written(museum, "engine", total_wh)
    for turn in range(ROUNDS):
        time.sleep(chance.random())  # the moment is the point
        museum.bridge.kill_hard()
        if turn % 2:
            total_wh = 0
        total_wh += STEP_WH
        true_wh += STEP_WH
        museum.device("engine").put(energy_wh=total_wh)
        museum.bridge.start()
        wait_energy(museum, "engine", true_wh / 1000)
        if turn % 2:
            wait_written(museum, "engine", total_wh)
        total_wh += STEP_WH
        true_wh += STEP_WH
        museum.device("engine").put(energy_wh=total_wh)
        wait_energy(museum, "engine", true_wh / 1000)
    seen = energies(museum, "engine")
    assert seen == sorted(seen)


def test_counter_comes_from_the_broker_when_the_file_is_lost(museum):
    museum.start()
    wait_energy(museum, "engine", 5.0)
    museum.bridge.kill_hard()
    state_file(museum).unlink()
    mark = museum.watch.mark()
    reset(museum, "engine", 7)
    museum.bridge.start()
    museum.wait_online(["engine"], after=mark)
    wait_energy(museum, "engine", 5.0, mark)
    museum.device("engine").put(energy_wh=9)
    wait_energy(museum, "engine", 5.002, mark)
    assert min(energies(museum, "engine")) == 5.0


def test_counter_comes_from_the_file_when_the_broker_forgot(museum):
    museum.start()
    wait_energy(museum, "engine", 5.0)
    museum.bridge.stop()
    assert state_file(museum).read_text().startswith("plugbridge energy 1\n")
    reset(museum, "engine", 7)
    mark = forget_retained(museum, "engine")
    museum.bridge.start()
    wait_energy(museum, "engine", 5.007, mark)
    assert min(energies(museum, "engine", mark)) == 5.007


def test_file_of_a_newer_version_is_refused_and_left_alone(museum):
    text = "plugbridge energy 2\nsomething else\n"
    state_file(museum).write_text(text)
    museum.start()
    assert museum.bridge.process.wait(WITHIN_S) == 1
    assert "was written by a newer plugbridge" in museum.bridge.process.output
    museum.bridge.forget()
    assert state_file(museum).read_text() == text


def test_damaged_lines_are_told_and_the_others_kept(museum):
    museum.start()
    for outlet in ("engine", "projector"):
        wait_energy(museum, outlet, 5.0)
    museum.bridge.stop()
    engine = museum.device("engine").mac
    lines = state_file(museum).read_text().splitlines()
    damaged = [line.replace("energy 5000", "energy 9000") if engine in line else line for line in lines]
    assert damaged != lines
    state_file(museum).write_text("\n".join(damaged) + "\n")
    mark = museum.watch.mark()
    for outlet in ("engine", "projector"):
        reset(museum, outlet, 7)
        forget_retained(museum, outlet)
    museum.bridge.start()
    museum.bridge.process.wait_line("energy.state: 1 damaged lines skipped", WITHIN_S)
    wait_energy(museum, "engine", 0.007, mark)
    wait_energy(museum, "projector", 5.007, mark)


def test_health_counts_what_was_dropped_and_absorbed(museum):
    museum.settings["poll"]["heartbeat_s"] = 1
    museum.start()
    wait_energy(museum, "engine", 5.0)
    museum.device("engine").fault("bad_energy", value="negative")
    health(museum, lambda counts: counts["glitches"] >= 2)
    museum.device("engine").clear_faults()
    assert health(museum, lambda counts: True)["energy"]["resets"] == 0
    reset(museum, "engine", 1)
    told = health(museum, lambda counts: counts["resets"] == 1)["energy"]
    assert set(told) == {"glitches", "resets", "gaps_filled"}
    assert energies(museum, "engine")[-1] >= 5.0


def test_today_is_the_devices_when_its_clock_is_right_and_else_begins_now(museum):
    museum.device("projector").put(clock="lost")
    for name in ("engine", "projector"):
        museum.device(name).put(power_mw=2000 * 1000)
    time.sleep(4)  # 2 Wh and more go by before anybody looks
    museum.start()
    firsts = [
        float(museum.watch.wait_for(museum.topic(name, "energy_today"), within=WITHIN_S).text)
        for name in ("engine", "projector")
    ]
    assert firsts[0] >= 0.002 > firsts[1]
    for name, first in zip(("engine", "projector"), firsts):
        museum.watch.wait_for(
            museum.topic(name, "energy_today"),
            lambda m, first=first: first < float(m.text) < first + 0.02,
            WITHIN_S,
        )


def test_apparent_power_and_power_factor(museum):
    museum.device("engine").put(power_mw=61753, voltage_mv=230837, current_ma=451)
    museum.start()
    wait = museum.watch.wait_for
    wait(museum.topic("engine", "apparent_power"), lambda m: m.text == "104.107", WITHIN_S)
    wait(museum.topic("engine", "power_factor"), lambda m: m.text == "0.593", WITHIN_S)
    wait(
        museum.topic("engine", "json"),
        lambda m: (m.json["apparent_power"], m.json["power_factor"]) == (104.107, 0.593),
        WITHIN_S,
    )
    # A factor of nothing is none; a bulb measures neither volts nor amperes.
    off = wait(museum.topic("projector", "json"), lambda m: m.json["power"] == 0, WITHIN_S).json
    bulb = wait(museum.topic("bulb", "json"), lambda m: m.json["power"] is not None, WITHIN_S).json
    assert off["power_factor"] is None and off["apparent_power"] is not None
    assert bulb["power_factor"] is None and bulb["apparent_power"] is None
    assert not any(m.payload for m in museum.watch.on(museum.topic("bulb", "apparent_power")))


def test_strip_is_told_as_a_whole_beside_its_outlets(museum):
    cases = museum.device("cases")
    for number in range(6):
        cases.put(outlet=number, relay=True, power_mw=10000 * (number + 1), energy_wh=1000)
    museum.start()
    wait = museum.watch.wait_for
    wait("museum/strip/cases/power", lambda m: float(m.text) == 210, 2 * WITHIN_S)
    wait("museum/strip/cases/energy", lambda m: 6 <= float(m.text) < 6.1, 2 * WITHIN_S)
    wait("museum/strip/cases/availability", lambda m: m.text == "online", WITHIN_S)
    told = wait("museum/strip/cases/json", lambda m: m.json["energy"], WITHIN_S).json
    assert (told["label"], told["power"]) == ("cases", 210)
    # What is summed up over museum/plug/+ does not hold it twice.
    assert not museum.watch.on("museum/plug/cases/power")
    mark = museum.watch.mark()
    cases.put(outlet=0, power_mw=20000)
    wait("museum/strip/cases/power", lambda m: float(m.text) == 220, 2 * WITHIN_S, mark)
    del museum.settings["devices"][2]
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    museum.bridge.reload()
    wait("museum/strip/cases/power", lambda m: m.payload == b"", WITHIN_S, mark)
