"""Devices that come and go, what is published about them, and the start and end of the bridge."""
import datetime
import json
import socket
import time

import pytest

from harness.museum import HEARTBEAT_S, POLL_S, Museum

WITHIN_S = 15
READINGS = ("power", "voltage", "current", "energy", "energy_today", "rssi")
EXPIRING = ("power", "voltage", "current", "rssi", "json")
LASTING = ("state", "availability", "energy", "energy_today")


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path)
    yield museum
    museum.stop()


def summary(museum, name):
    return museum.watch.on(museum.topic(name, "json"))[-1].json


def test_json_says_everything_in_one_object(museum):
    museum.device("engine").put(relay=True, power_mw=42500, energy_wh=7250)
    museum.settings["devices"][0].update({"label": "Steam engine", "room": "Engine hall"})
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    told = summary(museum, "engine")
    assert (told["label"], told["room"]) == ("Steam engine", "Engine hall")
    assert (told["state"], told["online"]) == ("ON", True)
    assert (told["power"], told["energy"]) == (42.5, 7.25)
    info = museum.device("engine").sysinfo()
    assert (told["alias"], told["model"], told["rssi"]) == tuple(
        info[key] for key in ("alias", "model", "rssi")
    )
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(
        told["time"].replace("Z", "+00:00")
    )
    assert abs(age.total_seconds()) < WITHIN_S
    assert all(not isinstance(value, (dict, list)) for value in told.values())
    for leaf in READINGS:
        assert float(museum.watch.on(museum.topic("engine", leaf))[-1].text) == told[leaf]


def test_offline_is_told_first_and_readings_become_null(museum):
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    retained = museum.retained(museum.topic("engine", "#"))
    mark = museum.watch.mark()
    museum.device("engine").power_off()
    museum.watch.wait_for(
        museum.topic("engine", "json"), lambda m: not m.json["online"], after=mark
    )
    about = [m for m in museum.watch.messages[mark:] if "/engine/" in m.topic]
    kinds = [(m.topic.rsplit("/", 1)[1], m.payload == b"offline") for m in about]
    summaries = [m.topic.endswith("/json") and not m.json["online"] for m in about]
    assert kinds.index(("availability", True)) < summaries.index(True)
    told = summary(museum, "engine")
    assert told["reason"] and all(told[leaf] is None for leaf in READINGS)
    still = museum.retained(museum.topic("engine", "#"))
    for leaf in READINGS[:5]:
        topic = museum.topic("engine", leaf)
        assert still[topic].payload == retained[topic].payload
    museum.device("engine").power_on()
    museum.wait_online({"engine"}, after=mark)
    museum.watch.wait_for(museum.topic("engine", "json"), lambda m: m.json["online"], after=mark)


def test_a_relay_moved_by_hand_is_told_by_the_next_poll(museum):
    museum.start()
    museum.wait_online()
    for is_on, word in ((True, "ON"), (False, "OFF")):
        mark = museum.watch.mark()
        museum.device("engine").put(relay=is_on)
        museum.watch.wait_for(museum.topic("engine", "state"), lambda m: m.text == word, 3, mark)


def test_small_changes_wait_and_large_ones_do_not(museum):
    museum.settings["poll"]["heartbeat_s"] = 600
    museum.device("engine").put(relay=True, power_mw=40000)
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    mark = museum.watch.mark()
    museum.device("engine").put(power_mw=40300)
    museum.wait_polls("engine", 5)
    assert not museum.watch.on(museum.topic("engine", "power"), mark)
    # A changed time alone does not bring json either.
    assert not museum.watch.on(museum.topic("engine", "json"), mark)
    museum.device("engine").put(power_mw=41000)
    power = museum.watch.wait_for(museum.topic("engine", "power"), after=mark)
    assert float(power.text) == 41.0


def test_unchanged_readings_come_with_each_heartbeat(museum):
    museum.settings["poll"]["heartbeat_s"] = 1
    museum.device("engine").put(relay=True, power_mw=40000)
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    mark = museum.watch.mark()
    for leaf in ("power", "json"):
        museum.watch.wait_for_count(museum.topic("engine", leaf), 3, within=9, after=mark)


def test_energy_never_goes_backwards(museum):
    museum.device("engine").put(relay=True, power_mw=0, energy_wh=5000)
    museum.start()
    museum.wait_online()
    topic = museum.topic("engine", "energy")
    museum.watch.wait_for(topic, lambda m: float(m.text) == 5.0)
    # It counts, is reset, and counts again.
    for energy_wh in (5010, 3, 8):
        museum.device("engine").put(energy_wh=energy_wh)
        museum.wait_polls("engine", 3)
    museum.watch.wait_for(topic, lambda m: float(m.text) == 5.018)
    seen = [float(message.text) for message in museum.watch.on(topic)]
    assert seen == sorted(seen)


def test_expiry_and_content_type(museum):
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    retained = museum.retained("museum/plug/engine/#")
    for leaf in EXPIRING:
        left_s = retained[museum.topic("engine", leaf)].properties.MessageExpiryInterval
        assert 0 < left_s <= 3 * HEARTBEAT_S
    for leaf in LASTING:
        properties = retained[museum.topic("engine", leaf)].properties
        assert not hasattr(properties, "MessageExpiryInterval")
    for topic, message in museum.retained("museum/#").items():
        kind = getattr(message.properties, "ContentType", None)
        is_json = topic.rsplit("/", 1)[1] in ("json", "info", "health", "inventory")
        assert kind == ("application/json" if is_json else None), topic


def test_retained_and_qos_are_as_promised(museum):
    museum.start()
    museum.wait_online()
    museum.command("engine", "ON")
    museum.wait_settled()
    for message in museum.watch.messages:
        leaf = message.topic.rsplit("/", 1)[1]
        if leaf in ("set", "get") or not message.topic.startswith("museum/plug/"):
            continue
        assert message.is_retained == (leaf != "result"), message
        # A number comes again, a cleared topic does not.
        must_arrive = leaf in ("state", "availability", "result") or not message.payload
        assert message.qos == (1 if must_arrive else 0), message


def test_strip_with_outlets_that_have_no_name_says_whose_sum_it_tells(museum):
    museum.settings["devices"][3]["outlets"].pop()
    museum.start()
    museum.wait_online(set(museum.outlets) - {"case-6"})
    process = museum.bridge.process
    museum.bridge.stop()
    assert process.output.count("cases: 5 of its 6 outlets are named") == 1


def test_the_bridge_tells_about_itself(museum):
    museum.settings["devices"][0].update({"label": "Steam engine", "room": "Engine hall"})
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    told = museum.retained("museum/bridge/#")
    base = f"museum/bridge/{museum.settings['bridge']['id']}/"
    assert set(told) == {base + leaf for leaf in ("availability", "info", "health", "inventory")}
    inventory = json.dumps(told[base + "inventory"].json)
    for name in museum.outlets:
        assert f'"{name}"' in inventory
    assert "Steam engine" in inventory and "Engine hall" in inventory
    assert told[base + "info"].json and told[base + "health"].json


def test_nothing_private_leaves_the_bridge(museum):
    museum.start()
    museum.wait_online()
    museum.command("engine", "ON")
    museum.device("projector").power_off()
    museum.wait_offline({"projector"})
    told = museum.bridge.process.output + "".join(
        f"{m.topic} {m.payload!r}\n" for m in museum.watch.messages
    )
    secrets = ("deviceId", "hwId", "oemId", "latitude", "longitude", "latitude_i", "longitude_i")
    looked_at = 0
    for name in museum.devices:
        if name == "projector":
            continue
        info = museum.device(name).sysinfo()
        for key in secrets:
            assert key not in told
            if key in info and len(str(info[key])) > 3:
                assert str(info[key]) not in told, f"{key} of {name}"
                looked_at += 1
        for child in info.get("children", []):
            assert child["id"] not in told
    assert looked_at >= 3


def test_toggle_of_an_unknown_state_is_refused(museum):
    museum.device("engine").power_off()
    museum.start()
    museum.wait_online(set(museum.outlets) - {"engine"})
    result = museum.command("engine", "TOGGLE")
    assert result["status"] == "refused" and result["error"]
    museum.device("engine").power_on()
    museum.wait_online({"engine"})
    museum.command("engine", "", leaf="get")
    assert not museum.relay("engine")


def test_order_waits_for_its_device(museum):
    museum.device("engine").power_off()
    museum.start()
    museum.wait_online(set(museum.outlets) - {"engine"})
    mark = museum.watch.mark()
    topic = museum.topic("engine", "set")
    for number, word in enumerate(("OFF", "ON", "OFF", "ON")):
        museum.watch.publish(topic, json.dumps({"state": word, "id": f"w{number}"}))
    superseded = museum.results("engine", 3, after=mark)
    assert {r["status"] for r in superseded} == {"superseded"}
    museum.device("engine").power_on()
    result = museum.results("engine", 4, after=mark)[3]
    assert (result["id"], result["status"], result["state"]) == ("w3", "ok", "ON")
    assert museum.relay("engine")


def test_expired_order_is_never_carried_out(museum):
    museum.device("engine").power_off()
    museum.start()
    museum.wait_online(set(museum.outlets) - {"engine"})
    result = museum.command("engine", '{"state":"ON","ttl_s":1}')
    assert result["status"] == "expired" and result["error"]
    mark = museum.watch.mark()
    museum.device("engine").power_on()
    museum.wait_online({"engine"}, after=mark)
    museum.command("engine", "", leaf="get")
    museum.wait_polls("engine", 3)
    assert not museum.relay("engine")


def test_message_expiry_shortens_the_time_to_live(museum):
    museum.device("engine").power_off()
    museum.start()
    museum.wait_online(set(museum.outlets) - {"engine"})
    began = time.monotonic()
    result = museum.command("engine", "ON", MessageExpiryInterval=2)
    assert result["status"] == "expired"
    assert time.monotonic() - began < 15  # well under the 30 s it would have had


def test_another_device_on_the_address_gets_no_commands(museum):
    engine = museum.device("engine")
    museum.settings["devices"][0]["mac"] = "50:C7:BF:FF:FF:FE"
    museum.start()
    museum.wait_online(set(museum.outlets) - {"engine"})
    told = museum.watch.wait_for(
        museum.topic("engine", "json"), lambda m: m.json["online"] is False and m.json["reason"]
    )
    assert engine.mac.lower() in told.json["reason"].lower()
    result = museum.command("engine", '{"state":"ON","ttl_s":2}')
    assert result["status"] in ("expired", "refused", "failed")
    assert not museum.relay("engine") and museum.moves("engine") == 0


def test_the_mac_learned_at_first_contact_is_kept(museum):
    for device in museum.settings["devices"]:
        device.pop("mac", None)
    museum.start()
    museum.wait_online()
    museum.bridge.stop()
    # The two plugs change their addresses, as after new leases.
    museum.swap("engine", "fountain")
    mark = museum.watch.mark()
    museum.bridge.start()
    museum.wait_online(set(museum.outlets) - {"engine", "fountain"}, after=mark)
    for name in ("engine", "fountain"):
        museum.watch.wait_for(
            museum.topic(name, "json"),
            lambda m: not m.json["online"] and m.json["reason"],
            after=mark,
        )
        result = museum.command(name, '{"state":"ON","ttl_s":2}')
        assert result["status"] != "ok"
        assert not museum.relay(name)


def test_clean_stop_with_hung_devices_and_waiting_orders(museum):
    museum.start()
    museum.wait_online()
    for name in ("engine", "projector", "fountain"):
        museum.device(name).fault("hang")
    museum.watch.publish_all(
        [(museum.topic(name, "set"), "ON") for name in ("engine", "projector", "fountain")]
    )
    museum.wait_fault_hit("engine")
    mark = museum.watch.mark()
    museum.bridge.stop()
    last = museum.watch.wait_for(museum.bridge.availability, after=mark)
    assert last.text == "offline"


def test_systemd_is_told_what_happens(museum, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(WITHIN_S)

        def wait_told(what):
            while what not in listener.recv(4096).decode().splitlines():
                pass

        museum.bridge.environment["NOTIFY_SOCKET"] = path
        museum.start()
        wait_told("READY=1")
        for _ in range(3):
            wait_told("WATCHDOG=1")
        museum.bridge.reload()
        wait_told("RELOADING=1")
        wait_told("READY=1")
        museum.bridge.stop()
        wait_told("STOPPING=1")


def test_a_second_start_finds_its_way(museum):
    """Started, stopped and started again: nothing is left that hinders."""
    for _ in range(3):
        mark = museum.watch.mark() if museum.watch else 0
        if museum.watch:
            museum.bridge.start()
        else:
            museum.start()
        museum.wait_online(after=mark)
        assert museum.command("engine", "ON")["status"] == "ok"
        museum.bridge.stop()


def test_hundred_devices_with_ten_hung(programs, tmp_path):
    devices = {f"plug-{n:03}": ("hs110v1", [f"plug-{n:03}"]) for n in range(100)}
    museum = Museum(programs, tmp_path, devices)
    hung = set(list(devices)[::10])
    try:
        for name in hung:
            museum.device(name).fault("hang")
        museum.start()
        healthy = set(devices) - hung
        museum.wait_online(healthy)
        museum.wait_offline(hung)
        mark = museum.watch.mark()
        museum.watch.publish_all([(museum.topic(name, "set"), "ON") for name in sorted(healthy)])
        for name in healthy:
            assert museum.results(name, 1, after=mark)[0]["status"] == "ok"
        assert museum.wait_polls("plug-001", 10) < 3 * 10 * POLL_S
        assert all(museum.relay(name) for name in healthy)
        # Nothing but the ten was ever said to be offline once it had been online.
        for name in healthy:
            seen = [m.text for m in museum.watch.on(museum.topic(name, "availability"))]
            assert "offline" not in seen[seen.index("online"):]
    finally:
        museum.stop()
