"""Devices are found by MAC or alias, followed when their address changes, and never mistaken.

A UDP answer is only a hint. Nothing is searched for while nobody is missing."""
import json
import pathlib

import pytest

from harness import impostor, wire
from harness.impostor import Impostor
from harness.museum import Museum

BASE = "museum/bridge/e2e"
BROADCAST = "127.255.255.255"
HEAL_WITHIN_S = 10
TDP_PORT = 20002
MISSING = "50:C7:BF:00:00:77"

# The guest is nobody the bridge knows.
DEVICES = {
    "engine": ("HS110v2", ["engine"]),
    "projector": ("HS100", ["projector"]),
    "cases": ("HS300", [f"case-{number}" for number in range(1, 7)]),
    "guest": ("HS110v1", ["guest"]),
}
OURS = ["engine", "projector", *DEVICES["cases"][1]]


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path, DEVICES, port=0)
    museum.settings["discovery"] = {"broadcast": [BROADCAST], "port": museum.sim.port}
    museum.settings["devices"] = [
        device for device in museum.settings["devices"] if device["name"] != "guest"
    ]
    yield museum
    museum.stop()


def settings_of(museum, name):
    return next(device for device in museum.settings["devices"] if device["name"] == name)


def start(museum):
    museum.start()
    museum.wait_online(OURS)


def wait_event(museum, kind, after=0, within=HEAL_WITHIN_S, **members):
    """The first event of that type with these members."""

    def is_it(message):
        told = message.json
        return told["type"] == kind and all(told[key] == value for key, value in members.items())

    return museum.watch.wait_for(f"{BASE}/event", is_it, within, after).json


def events(museum, kind):
    return [m.json for m in museum.watch.on(f"{BASE}/event") if m.json["type"] == kind]


def ask(museum, verb, payload="", within=30):
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/{verb}", payload)
    return museum.watch.wait_for(f"{BASE}/response/{verb}", within=within, after=mark).json


def search_health(museum):
    return ask(museum, "health")["data"]["search"]


def put_up(museum, mac=MISSING, name="lost", **more):
    """One more device, which nothing answers for."""
    museum.settings["devices"].append(
        {"name": name, "mac": mac, "port": museum.sim.port, **more}
    )


def swap(museum, one, other):
    """The two exchange their addresses, in the museum's book too: plugsim counts addresses."""
    museum.swap(one, other)
    first, second = museum.devices[one], museum.devices[other]
    first.address, second.address = second.address, first.address
    first._number, second._number = second._number, first._number


def test_a_device_without_a_host_is_found_by_its_mac(museum):
    engine = museum.device("engine")
    del settings_of(museum, "engine")["host"]
    start(museum)
    told = wait_event(museum, "device_found", name="engine")
    assert (told["mac"], told["address"]) == (engine.mac, engine.address)
    assert museum.command("engine", "ON")["status"] == "ok"
    assert museum.relay("engine")


def test_a_device_is_found_by_its_alias_and_then_known_by_its_mac(museum):
    for key in ("host", "mac"):
        del settings_of(museum, "projector")[key]
    settings_of(museum, "projector")["alias"] = "projector"
    start(museum)
    assert museum.command("projector", "ON")["status"] == "ok"
    assert museum.relay("projector")
    museum.bridge.stop()
    # Whoever has the name now is not the device.
    museum.device("guest").put(alias="projector")
    museum.device("projector").put(alias="renamed")
    mark = museum.watch.mark()
    museum.bridge.start()
    museum.wait_online(OURS, after=mark)
    assert museum.command("projector", "OFF")["status"] == "ok"
    assert not museum.relay("projector") and museum.moves("guest") == 0


def test_two_devices_of_one_alias_are_told_apart_by_nobody(museum):
    for key in ("host", "mac"):
        del settings_of(museum, "projector")[key]
    settings_of(museum, "projector")["alias"] = "projector"
    museum.device("guest").put(alias="projector")
    museum.start()
    museum.watch.wait_for(
        museum.topic("projector", "json"),
        lambda m: "several devices are called" in (m.json["reason"] or ""),
    )
    assert museum.retained(museum.topic("projector", "availability"))[
        museum.topic("projector", "availability")
    ].text == "offline"


@pytest.mark.parametrize("is_taken", [False, True], ids=["free", "taken"])
def test_a_new_address_is_found_and_the_command_of_the_outage_carried_out_once(museum, is_taken):
    """The guest, when it is on, has the old address."""
    engine, guest = museum.device("engine"), museum.device("guest")
    start(museum)
    assert search_health(museum)["searches"] == 0
    if not is_taken:
        guest.power_off()
    old = engine.address
    engine.power_off()
    swap(museum, "engine", "guest")
    mark = museum.watch.mark()
    museum.watch.publish(museum.topic("engine", "set"), '{"state":"ON","ttl_s":30}')
    museum.wait_offline(["engine"], after=mark)
    engine.power_on()
    back = museum.watch.mark()
    told = wait_event(museum, "device_moved", after=back, name="engine")
    assert (told["from"], told["to"], told["mac"]) == (old, engine.address, engine.mac)
    result = museum.results("engine", 1, within=HEAL_WITHIN_S, after=mark)[0]
    assert (result["status"], result["state"]) == ("ok", "ON")
    museum.wait_online(["engine"], after=mark)
    assert museum.relay("engine") and museum.moves("engine") == 1
    assert museum.moves("guest") == 0
    if is_taken:
        told = wait_event(museum, "device_swapped", name="engine")
        assert (told["address"], told["found_mac"]) == (old, guest.mac)
        assert wait_event(museum, "unknown_device", mac=guest.mac)["alias"] == "guest"


def test_a_change_of_address_heals_within_ten_seconds_of_the_first_missed_poll(museum):
    """The address changes under way, without a moment offline: the swap itself is before the first
    missed poll."""
    start(museum)
    for _ in range(2):
        mark = museum.watch.mark()
        swap(museum, "engine", "guest")
        museum.watch.publish(museum.topic("engine", "set"), "TOGGLE")
        result = museum.results("engine", 1, within=HEAL_WITHIN_S, after=mark)[0]
        assert result["status"] == "ok"
        museum.watch.wait_for(
            f"{BASE}/event", lambda m: m.json["type"] == "device_moved", HEAL_WITHIN_S, mark
        )
    assert museum.moves("engine") + museum.moves("guest") == 2
    assert not museum.relay("guest")


def test_two_devices_that_swapped_their_addresses_are_both_followed(museum):
    start(museum)
    mark = museum.watch.mark()
    swap(museum, "engine", "projector")
    wait_event(museum, "device_moved", after=mark, name="engine")
    wait_event(museum, "device_moved", after=mark, name="projector")
    assert museum.command("engine", "ON")["status"] == "ok"
    assert museum.relay("engine") and not museum.relay("projector")
    assert museum.command("projector", "ON")["status"] == "ok"


def test_a_found_address_outlives_the_bridge(museum):
    engine = museum.device("engine")
    start(museum)
    mark = museum.watch.mark()
    swap(museum, "engine", "guest")
    wait_event(museum, "device_moved", after=mark, name="engine")
    museum.bridge.stop()
    # Nobody hears this search.
    museum.settings["discovery"]["broadcast"] = ["127.255.255.254"]
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    mark = museum.watch.mark()
    museum.bridge.start()
    museum.wait_online(OURS, after=mark)
    devices = {d["name"]: d for d in ask(museum, "devices")["data"]["devices"]}
    assert devices["engine"]["host"] == engine.address
    # Home again: the configured host is tried without a search that finds it.
    mark = museum.watch.mark()
    swap(museum, "engine", "guest")
    told = wait_event(museum, "device_moved", after=mark, name="engine")
    assert told["to"] == engine.address == settings_of(museum, "engine")["host"]


def test_who_only_claims_a_mac_gets_no_order_and_no_address(museum):
    put_up(museum)
    claim = wire.datagram(impostor.sysinfo(MISSING))
    truth = impostor.sysinfo("50:C7:BF:00:00:78")
    with Impostor(museum.sim.port, claim, truth) as liar:
        start(museum)
        museum.watch.publish(museum.topic("lost", "set"), '{"state":"ON","ttl_s":3}')
        assert museum.results("lost", 1)[0]["status"] == "expired"
        assert liar.requests and all(
            request == {"system": {"get_sysinfo": {}}} for request in liar.requests
        )
    health = search_health(museum)
    assert health["disbelieved"] >= 1 and health["names"] == ["lost"]
    assert not [e for e in events(museum, "device_found") if e["name"] == "lost"]


def test_who_claims_the_mac_of_a_device_that_moved_does_not_keep_it_from_being_found(museum):
    engine = museum.device("engine")
    claim = wire.datagram(impostor.sysinfo(engine.mac))
    with Impostor(museum.sim.port, claim, impostor.sysinfo("50:C7:BF:00:00:78")) as liar:
        start(museum)
        mark = museum.watch.mark()
        swap(museum, "engine", "guest")
        assert museum.command("engine", "ON", within=HEAL_WITHIN_S)["status"] == "ok"
        told = wait_event(museum, "duplicate_mac", after=mark, mac=engine.mac)
        assert sorted(told["addresses"]) == sorted([liar.address, engine.address])
        assert told["name"] == "engine"
    assert museum.relay("engine") and museum.moves("guest") == 0


def test_unknown_devices_are_told_once(museum):
    guest = museum.device("guest")
    put_up(museum)
    start(museum)
    told = wait_event(museum, "unknown_device")
    assert told["mac"] == guest.mac and told["address"] == guest.address
    assert (told["alias"], told["dialect"], told["advice"]) == ("guest", "xor", None)
    museum._wait(lambda: search_health(museum)["searches"] >= 2, 30, "no second search")
    assert len(events(museum, "unknown_device")) == 1


def test_two_devices_of_one_mac_are_told(museum):
    engine, guest = museum.device("engine"), museum.device("guest")
    start(museum)
    guest.put(mac=engine.mac)
    assert ask(museum, "discover")["status"] == "ok"
    told = wait_event(museum, "duplicate_mac", mac=engine.mac)
    assert sorted(told["addresses"]) == sorted([engine.address, guest.address])
    assert told["name"] == "engine"


def assert_is_refused(museum, name, owner):
    """The device of that name has the owner's address, and is not it."""
    address = museum.device(owner).address
    museum.watch.wait_for(
        museum.topic(name, "json"),
        lambda m: m.json.get("reason") == f"the device at {address} is {owner}",
    )
    moves = museum.moves(owner)
    result = museum.command(name, "OFF" if museum.relay(owner) else "ON")
    assert (result["status"], result["error"]) == ("expired", f"the device at {address} is {owner}")
    assert museum.moves(owner) == moves


def is_pinned(museum, name):
    """Whether a MAC that it has learned outlives the bridge."""
    state = pathlib.Path(museum.settings["bridge"]["state_dir"]) / "plugbridge.state"
    if not state.exists():
        return False
    lines = [line.split() for line in state.read_text().splitlines()]
    return any(line[0] == "pin" and name in line for line in lines)


def add_nameless(museum, owner, name="lift"):
    """An entry without a MAC that leads to a device of another name."""
    place = museum.device(owner)
    museum.settings["bridge"]["command_ttl_s"] = 3
    museum.settings["devices"].append({"name": name, "host": place.address, "port": place.port})


def reload(museum):
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    museum.bridge.reload()


def test_the_mac_of_another_entry_is_not_learned(museum):
    engine = museum.device("engine")
    settings_of(museum, "engine")["host"] = "127.1.9.9"
    add_nameless(museum, "engine")
    start(museum)
    told = wait_event(museum, "device_swapped", name="lift")
    assert (told["address"], told["mac"], told["found_mac"]) == (engine.address, None, engine.mac)
    assert_is_refused(museum, "lift", "engine")
    assert len(events(museum, "device_swapped")) == 1
    assert not is_pinned(museum, "lift")
    # The device that is meant comes to the address: now it is learned.
    mark = museum.watch.mark()
    swap(museum, "engine", "guest")
    museum.wait_online(["lift"], after=mark)
    museum._wait(lambda: is_pinned(museum, "lift"), 15, "not written down")
    assert museum.command("lift", "ON")["status"] == "ok"
    assert museum.relay("guest") and not museum.relay("engine")


def test_what_was_learned_goes_to_the_entry_that_names_the_mac(museum):
    engine = settings_of(museum, "engine")
    museum.settings["devices"].remove(engine)
    engine["host"] = "127.1.9.9"
    add_nameless(museum, "engine")
    museum.start()
    museum.wait_online(["lift"])
    museum._wait(lambda: is_pinned(museum, "lift"), 15, "not written down")
    mark = museum.watch.mark()
    museum.settings["devices"].append(engine)
    reload(museum)
    museum.wait_online(["engine"], after=mark)
    assert_is_refused(museum, "lift", "engine")
    museum.bridge.stop()
    mark = museum.watch.mark()
    museum.bridge.start()
    museum.wait_online(["engine"], after=mark)
    assert_is_refused(museum, "lift", "engine")
    museum.bridge.stop()
    assert not is_pinned(museum, "lift")


def test_of_two_entries_without_a_mac_the_first_keeps_the_device(museum):
    del settings_of(museum, "projector")["mac"]
    add_nameless(museum, "guest")
    museum.device("guest").power_off()
    start(museum)
    mark = museum.watch.mark()
    swap(museum, "projector", "guest")
    wait_event(museum, "device_moved", after=mark, name="projector")
    assert_is_refused(museum, "lift", "projector")
    assert museum.command("projector", "ON")["status"] == "ok"


def test_a_device_that_answers_and_cannot_be_used_is_not_searched_for(museum):
    settings_of(museum, "engine")["outlets"] = ["left", "right"]
    museum.start()
    museum.watch.wait_for(
        museum.topic("left", "json"),
        lambda m: "is not a strip: remove outlets" in (m.json["reason"] or ""),
    )
    requests = museum.device("engine").counters()["requests"]
    museum._wait(
        lambda: museum.device("engine").counters()["requests"] >= requests + 2, 30, "no retry"
    )
    health = search_health(museum)
    assert (health["missing"], health["names"], health["searches"]) == (0, [], 0)


def test_newer_firmware_is_named_with_what_its_owner_can_do(museum):
    put_up(museum)
    stranger = "50:C7:BF:00:00:79"
    with Impostor(TDP_PORT, impostor.tdp(MISSING)) as ours:
        with Impostor(TDP_PORT, impostor.tdp(stranger, encryption="AES")):
            start(museum)
            told = wait_event(museum, "device_unsupported", name="lost")
            assert (told["mac"], told["address"]) == (MISSING, ours.address)
            assert told["dialect"] == "klap" and "Third-Party Compatibility" in told["advice"]
            museum.watch.wait_for(
                museum.topic("lost", "json"),
                lambda m: "Third-Party Compatibility" in (m.json["reason"] or ""),
            )
            assert wait_event(museum, "unknown_device", mac=stranger)["advice"]
    (named,) = ask(museum, "health")["data"]["unsupported"]
    assert (named["name"], named["dialect"]) == ("lost", "klap")


def test_nobody_is_searched_for_while_nobody_is_missing(museum):
    start(museum)
    museum.wait_polls("engine", 3)
    health = search_health(museum)
    assert (health["enabled"], health["missing"], health["searches"]) == (True, 0, 0)


def test_without_a_broadcast_address_nothing_is_searched_for(museum):
    museum.settings["discovery"]["broadcast"] = []
    put_up(museum)
    start(museum)
    museum.watch.wait_for(
        museum.topic("lost", "json"),
        lambda m: "discovery.broadcast is empty" in (m.json["reason"] or ""),
    )
    assert "discovery.broadcast is empty" in ask(museum, "discover")["error"]
    assert search_health(museum)["searches"] == 0
    # A reload turns it on.
    museum.settings["discovery"]["broadcast"] = [BROADCAST]
    next(d for d in museum.settings["devices"] if d["name"] == "lost")["mac"] = museum.device(
        "guest"
    ).mac
    museum.bridge.settings = museum.settings
    museum.bridge.write()
    assert ask(museum, "reload")["status"] == "ok"
    museum.wait_online(["lost"])


def test_discover_tells_everything_that_answers_and_nothing_private(museum):
    start(museum)
    answer = ask(museum, "discover")
    assert answer["status"] == "ok"
    told = {device["address"]: device for device in answer["data"]["devices"]}
    assert set(told) == {device.address for device in museum.devices.values()}
    for name, device in museum.devices.items():
        here = told[device.address]
        assert here["mac"] == device.mac and here["dialect"] == "xor" and here["advice"] is None
        assert here["configured"] == (name != "guest")
        assert here["name"] == (None if name == "guest" else name)
        assert len(here["outlets"]) == len(device.outlets)
    cases = told[museum.device("cases").address]
    assert (cases["alias"], cases["family"]) == ("cases", "strip")
    text = json.dumps(answer)
    info = museum.device("engine").sysinfo()
    for private in ("deviceId", "hwId", "oemId"):
        assert info[private] not in text
    assert "latitude" not in text


def test_one_discover_at_a_time_and_each_is_answered(museum):
    start(museum)
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/discover", '{"transaction":"one"}')
    museum.watch.publish(f"{BASE}/request/discover", '{"transaction":"two"}')
    answers = museum.watch.wait_for_count(f"{BASE}/response/discover", 2, after=mark)
    told = {answer.json["transaction"]: answer.json for answer in answers}
    assert told["one"]["status"] == "ok"
    assert told["two"]["status"] == "error" and "under way" in told["two"]["error"]


def test_discover_is_answered_when_the_bridge_stops(museum):
    start(museum)
    mark = museum.watch.mark()
    museum.watch.publish(f"{BASE}/request/discover", "")
    # It has begun when another is refused.
    ask(museum, "discover")
    museum.bridge.stop()
    answers = museum.watch.wait_for_count(f"{BASE}/response/discover", 2, after=mark)
    assert any("stopping" in answer.json.get("error", "") for answer in answers)


def test_a_search_that_cannot_be_sent_says_why(museum):
    museum.settings["discovery"]["interface"] = "nosuch0"
    start(museum)
    assert "no such network interface" in ask(museum, "discover")["error"]
    assert "no such network interface" in search_health(museum)["problem"]
