"""plugsim itself: every model and what it can do."""
import json
import time

import pytest

from harness.devices import WITHIN_S, MODELS, NUMBER, SYSINFO, LIGHT, BULB_METER, wait_until


FIELDS = {
    "HS100": {"type", "mac", "relay_state", "latitude_i", "fwId", "next_action", "dev_name"},
    "HS110v1": {"type", "mac", "relay_state", "latitude", "longitude", "fwId", "dev_name"},
    "HS110v2": {"mic_type", "mac", "relay_state", "latitude_i", "status", "next_action"},
    "HS300": {"mic_type", "mac", "children", "child_num", "latitude_i", "status"},
    "HS220": {"mic_type", "mac", "relay_state", "brightness", "preferred_state", "next_action"},
    "KL110": {"mic_type", "mic_mac", "light_state", "preferred_state", "is_dimmable", "heapsize"},
    "KL130": {"mic_type", "mic_mac", "light_state", "preferred_state", "is_color", "heapsize"},
    "KL430": {"mic_type", "mic_mac", "light_state", "length", "lighting_effect_state", "status"},
}
ABSENT = {
    "HS100": {"mic_type", "status", "latitude"},
    "HS110v1": {"mic_type", "status", "latitude_i", "next_action"},
    "HS110v2": {"type", "fwId", "latitude"},
    "HS300": {"type", "relay_state", "on_time", "dev_name", "icon_hash", "active_mode"},
    "HS220": {"type", "status"},
    "KL110": {"mac", "relay_state", "feature", "led_off", "updating", "latitude_i"},
    "KL130": {"mac", "relay_state", "feature", "led_off", "updating", "latitude_i"},
    "KL430": {"mac", "relay_state", "feature", "led_off", "updating", "heapsize"},
}
# Bytes of the get_sysinfo object of such devices.
SIZES = {
    "HS100": (540, 650),
    "HS110v1": (540, 650),
    "HS110v2": (540, 650),
    "HS300": (1100, 1250),
    "HS220": (680, 760),
    "KL110": (980, 1060),
    "KL130": (980, 1060),
    "KL430": (840, 1290),
}


@pytest.mark.parametrize("model", MODELS)
def test_sysinfo_has_the_fields_and_the_size_of_its_kind(devices, model):
    with devices.connect(model) as client:
        client.send(SYSINFO)
        text = client.read_text()
    info = json.loads(text)["system"]["get_sysinfo"]
    assert info["err_code"] == 0
    assert FIELDS[model] <= set(info)
    assert not ABSENT[model] & set(info)
    low, high = SIZES[model]
    assert low <= len(text) - len(b'{"system":{"get_sysinfo":}}') <= high
    assert len(info["deviceId"]) == 40 and len(info["hwId"]) == 32


def test_every_device_has_a_mac_and_an_id_of_its_own(devices):
    infos = [devices.sysinfo(model) for model in MODELS]
    macs = {info.get("mac", info.get("mic_mac", "")).replace(":", "") for info in infos}
    assert len(macs) == len({info["deviceId"] for info in infos}) == len(MODELS)
    assert all(mac.startswith("50C7BF") for mac in macs)


@pytest.mark.parametrize("model", ["HS100", "HS110v1", "HS110v2", "HS220"])
def test_relay_moves_and_tells(devices, model):
    with devices.sim.watch() as events:
        assert devices.call(model, "system", "set_relay_state", {"state": 1}) == {"err_code": 0}
        event = events.wait(within=WITHIN_S)
    assert event["event"] == "relay" and event["by"] == "request"
    assert (event["device"], event["outlet"], event["on"]) == (NUMBER[model], 0, True)
    assert abs(time.monotonic_ns() - event["ns"]) < WITHIN_S * 1e9
    assert devices.sysinfo(model)["relay_state"] == 1
    assert devices.sim.get(NUMBER[model])["relay"] == [1]
    assert devices.call(model, "system", "set_relay_state", {"state": 0}) == {"err_code": 0}
    assert devices.sysinfo(model)["relay_state"] == 0
    assert devices.sim.counters(NUMBER[model])["relay_moves"] == 2


@pytest.mark.parametrize("argument", [{}, {"state": 2}, {"state": "on"}, {"state": None}])
def test_relay_wants_a_state(devices, argument):
    answer = devices.call("HS100", "system", "set_relay_state", argument)
    assert answer == {"err_code": -3, "err_msg": "invalid argument"}


def test_meter_of_the_first_hardware_speaks_in_floats(devices):
    devices.sim.set(NUMBER["HS110v1"], relay=True, power_mw=61753, energy_wh=16323)
    with devices.connect("HS110v1") as client:
        client.send({"emeter": {"get_realtime": {}}})
        text = client.read_text()
    reading = json.loads(text)["emeter"]["get_realtime"]
    assert reading["power"] == 61.753 and b'"power":61.753000' in text
    assert reading["total"] == 16.323 and b'"total":16.323000' in text
    assert 225 < reading["voltage"] < 235
    assert 0.2 < reading["current"] < 0.6


def test_meter_of_later_hardware_speaks_in_thousandths(devices):
    devices.sim.set(NUMBER["HS110v2"], relay=True, power_mw=61753, energy_wh=16323)
    reading = devices.call("HS110v2", "emeter", "get_realtime")
    assert reading["power_mw"] == 61753 and reading["total_wh"] == 16323
    assert 225000 < reading["voltage_mv"] < 235000
    assert 200 < reading["current_ma"] < 600
    assert all(isinstance(value, int) for value in reading.values())


def test_nothing_is_drawn_while_off(devices):
    reading = devices.call("HS110v2", "emeter", "get_realtime")
    assert (reading["power_mw"], reading["current_ma"]) == (0, 0)
    assert reading["voltage_mv"] > 225000


def test_voltage_and_current_can_be_set(devices):
    number = NUMBER["HS110v2"]
    devices.sim.set(number, relay=True, voltage_mv=172000, current_ma=451)
    reading = devices.call("HS110v2", "emeter", "get_realtime")
    assert (reading["voltage_mv"], reading["current_ma"]) == (172000, 451)
    devices.sim.set(number, voltage_mv=230000, current_ma=-1)
    assert devices.call("HS110v2", "emeter", "get_realtime")["current_ma"] != 451


@pytest.mark.parametrize("model,key", [("HS110v1", "energy"), ("HS110v2", "energy_wh")])
def test_statistics_add_up_to_the_total(devices, model, key):
    devices.call(model, "emeter", "erase_emeter_stat")
    now = devices.call(model, "time", "get_time")
    arguments = {"year": now["year"], "month": now["month"]}
    days = devices.call(model, "emeter", "get_daystat", arguments)["day_list"]
    assert [(day["day"], day[key]) for day in days] == [(now["mday"], 0)]
    months = devices.call(model, "emeter", "get_monthstat", {"year": now["year"]})["month_list"]
    assert [(month["month"], month[key]) for month in months] == [(now["month"], 0)]
    assert devices.call(model, "emeter", "get_daystat", {"year": now["year"]})["err_code"] == -3


def test_strip_moves_only_the_outlets_named(devices):
    children = devices.sysinfo("HS300")["children"]
    assert len(children) == 6 and all(len(child["id"]) == 42 for child in children)
    ids = [child["id"] for child in children]
    answer = devices.call("HS300", "system", "set_relay_state", {"state": 1}, [ids[1], ids[4]])
    assert answer == {"err_code": 0}
    states = [child["state"] for child in devices.sysinfo("HS300")["children"]]
    assert states == [0, 1, 0, 0, 1, 0]
    devices.call("HS300", "system", "set_relay_state", {"state": 1})
    assert devices.sim.get(NUMBER["HS300"])["relay"] == [1] * 6


@pytest.mark.parametrize(
    "more,err_code", [("0" * 42, -14), ("00", -14), (3, -3), (None, -3), ({}, -3)]
)
def test_one_bad_outlet_spoils_the_order(devices, more, err_code):
    good = devices.sysinfo("HS300")["children"][0]["id"]
    answer = devices.call("HS300", "system", "set_relay_state", {"state": 1}, [good, more])
    assert answer["err_code"] == err_code
    assert devices.sim.get(NUMBER["HS300"])["relay"] == [0] * 6


def test_no_outlet_named_means_nobody(devices):
    answer = devices.call("HS300", "system", "set_relay_state", {"state": 1}, [])
    assert answer == {"err_code": 0}
    assert devices.sim.get(NUMBER["HS300"])["relay"] == [0] * 6


@pytest.mark.parametrize("context", [{}, {"child_ids": "x"}, "", 5])
def test_bad_context_is_an_invalid_argument(devices, context):
    request = {"system": {"set_relay_state": {"state": 1}, "get_sysinfo": {}}, "context": context}
    answer = devices.ask("HS300", request)
    assert set(answer) == {"system"}
    assert answer["system"]["set_relay_state"]["err_code"] == -3
    assert answer["system"]["get_sysinfo"]["err_code"] == 0


def test_a_plug_does_not_mind_a_context(devices):
    answer = devices.call("HS100", "system", "set_relay_state", {"state": 1}, ["nobody"])
    assert answer == {"err_code": 0}
    assert devices.sim.get(NUMBER["HS100"])["relay"] == [1]


def test_each_outlet_has_a_meter_and_without_context_the_first_answers(devices):
    number = NUMBER["HS300"]
    for outlet in range(6):
        devices.sim.set(number, outlet=outlet, relay=True, power_mw=1000 * (outlet + 1))
    ids = [child["id"] for child in devices.sysinfo("HS300")["children"]]
    for outlet, child in enumerate(ids):
        reading = devices.call("HS300", "emeter", "get_realtime", children=[child])
        assert (reading["slot_id"], reading["power_mw"]) == (outlet, 1000 * (outlet + 1))
    reading = devices.call("HS300", "emeter", "get_realtime")
    assert (reading["slot_id"], reading["power_mw"]) == (0, 1000)
    several = devices.call("HS300", "emeter", "get_realtime", children=[ids[3], ids[1]])
    assert several["slot_id"] == 3


def test_outlets_and_strip_have_aliases_of_their_own(devices):
    child = devices.sysinfo("HS300")["children"][2]["id"]
    devices.call("HS300", "system", "set_dev_alias", {"alias": 'Gold "Café"/+#'}, [child])
    devices.call("HS300", "system", "set_dev_alias", {"alias": "Cases"})
    info = devices.sysinfo("HS300")
    assert info["alias"] == "Cases"
    assert info["children"][2]["alias"] == 'Gold "Café"/+#'
    assert devices.sim.get(NUMBER["HS300"])["outlets"][2]["alias"] == 'Gold "Café"/+#'


def test_datagrams_shorten_the_ids_of_outlets(devices):
    answer = json.loads(devices.ask_datagram("HS300", SYSINFO))
    ids = [child["id"] for child in answer["system"]["get_sysinfo"]["children"]]
    assert ids == ["00", "01", "02", "03", "04", "05"]
    assert devices.sim.counters(NUMBER["HS300"])["datagrams"] == 1


def test_dimmer_keeps_brightness_apart_from_the_relay(devices):
    dimmer = "smartlife.iot.dimmer"
    assert devices.call("HS220", dimmer, "set_brightness", {"brightness": 33})["err_code"] == 0
    assert devices.call("HS220", dimmer, "set_brightness", {"brightness": 0})["err_code"] == -3
    info = devices.sysinfo("HS220")
    assert (info["brightness"], info["relay_state"]) == (33, 0)
    devices.call("HS220", dimmer, "set_switch_state", {"state": 1})
    assert devices.sysinfo("HS220")["relay_state"] == 1
    transition = {"brightness": 0, "duration": 100}
    devices.call("HS220", dimmer, "set_dimmer_transition", transition)
    info = devices.sysinfo("HS220")
    assert (info["brightness"], info["relay_state"]) == (33, 0)


def test_bulb_hides_its_light_while_off(devices):
    state = devices.sysinfo("KL110")["light_state"]
    assert state["on_off"] == 0 and "brightness" not in state
    wanted = {"on_off": 1, "brightness": 50, "ignore_default": 1}
    answer = devices.call("KL110", LIGHT, "transition_light_state", wanted)
    assert (answer["on_off"], answer["brightness"], answer["err_code"]) == (1, 50, 0)
    state = devices.sysinfo("KL110")["light_state"]
    assert (state["on_off"], state["brightness"], state["mode"]) == (1, 50, "normal")
    assert "dft_on_state" not in state
    devices.call("KL110", LIGHT, "transition_light_state", {"on_off": 0})
    state = devices.call("KL110", LIGHT, "get_light_state")
    assert state["on_off"] == 0 and state["dft_on_state"]["brightness"] == 50


def test_bulb_reports_its_power_alone(devices):
    devices.sim.set(NUMBER["KL110"], relay=True, power_mw=10000, brightness=100)
    assert devices.call("KL110", BULB_METER, "get_realtime") == {"power_mw": 10000, "err_code": 0}
    devices.sim.set(NUMBER["KL110"], brightness=40)
    assert devices.call("KL110", BULB_METER, "get_realtime")["power_mw"] == 4000


NOT_THERE = {"err_code": -1, "err_msg": "module not support"}
BULB_NOT_THERE = {"err_code": -2001, "err_msg": "Module not support"}


@pytest.mark.parametrize(
    "model,answer",
    [
        ("HS100", {"get_realtime": NOT_THERE}),
        ("HS220", {"get_realtime": NOT_THERE}),
        ("KL110", BULB_NOT_THERE),
    ],
)
def test_who_has_no_meter_says_so_where_its_firmware_does(devices, model, answer):
    assert devices.ask(model, {"emeter": {"get_realtime": {}}, **SYSINFO})["emeter"] == answer


@pytest.mark.parametrize("model", ["HS110v1", "HS110v2", "HS300"])
def test_an_unknown_module_does_not_spoil_the_others(devices, model):
    answer = devices.ask(model, {"no.such.module": {"get": {}}, **SYSINFO})
    assert answer["no.such.module"] == NOT_THERE
    assert answer["system"]["get_sysinfo"]["err_code"] == 0


@pytest.mark.parametrize(
    "model,error",
    [(model, {"err_code": -2, "err_msg": "member not support"}) for model in MODELS[:5]]
    + [("KL110", {"err_code": -2000, "err_msg": "Method not support"})],
)
def test_an_unknown_method_is_refused(devices, model, error):
    assert devices.call(model, "system", "no_such_method") == error
    assert devices.sim.counters(NUMBER[model])["unknown_methods"] == 1


@pytest.mark.parametrize("arguments", [5, "x", [], True])
def test_arguments_that_are_no_object_are_invalid(devices, arguments):
    answer = devices.ask("HS100", {"system": {"get_sysinfo": arguments}})
    assert answer["system"]["get_sysinfo"]["err_code"] == -3
    assert devices.ask("HS100", {"system": arguments})["system"]["err_code"] == -3


def test_several_modules_are_answered_in_one_reply(devices):
    answer = devices.ask("HS110v2", {**SYSINFO, "emeter": {"get_realtime": {}}, "time": {"get_time": None}})
    assert set(answer) == {"system", "emeter", "time"}
    assert all(reply["err_code"] == 0 for module in answer.values() for reply in module.values())
    assert devices.ask("HS110v2", {}) == {}


@pytest.mark.parametrize("model", ["HS100", "KL110"])
def test_clock_is_right_set_and_lost(devices, model):
    module = "time" if model == "HS100" else "smartlife.iot.common.timesetting"
    now = devices.call(model, module, "get_time")
    told = time.mktime((now["year"], now["month"], now["mday"], now["hour"], now["min"], now["sec"], 0, 0, -1))
    assert abs(told - time.time()) < WITHIN_S
    wanted = {"year": 2031, "month": 2, "mday": 28, "hour": 23, "min": 59, "sec": 30}
    assert devices.call(model, module, "set_timezone", {"index": 39, **wanted})["err_code"] == 0
    assert devices.call(model, module, "get_timezone")["index"] == 39
    assert devices.sim.get(NUMBER[model])["clock"].startswith(("2031-02-28T23:59", "2031-03-01"))
    assert devices.call(model, module, "set_time", {**wanted, "mday": 29})["err_code"] == -3
    devices.sim.set(NUMBER[model], clock="lost")
    assert devices.call(model, module, "get_time")["year"] == 2000


def test_a_lost_clock_knows_no_next_action(devices):
    assert devices.call("HS100", "schedule", "get_next_action") == {"type": -1, "err_code": 0}
    devices.sim.set(NUMBER["HS100"], clock="lost")
    answer = devices.call("HS100", "schedule", "get_next_action")
    assert answer == {"err_code": -11, "err_msg": "time not sync"}


@pytest.mark.parametrize("module", ["schedule", "anti_theft"])
def test_rules_are_kept(devices, module):
    rule = {"name": "open", "enable": 1, "repeat": 1, "wday": [0, 1, 1, 1, 1, 1, 0], "smin": 510}
    added = devices.call("HS100", module, "add_rule", rule)["id"]
    assert len(added) == 32
    stored = devices.call("HS100", module, "get_rules")
    assert stored["rule_list"] == [{**rule, "id": added}] and stored["enable"] == 1
    changed = {**rule, "id": added, "smin": 600}
    assert devices.call("HS100", module, "edit_rule", changed)["err_code"] == 0
    assert devices.call("HS100", module, "get_rules")["rule_list"] == [changed]
    assert devices.call("HS100", module, "delete_rule", {"id": "0" * 32})["err_code"] == -14
    assert devices.call("HS100", module, "delete_rule", {"id": added})["err_code"] == 0
    assert devices.call("HS100", module, "get_rules")["rule_list"] == []


def test_a_countdown_is_carried_out(devices):
    rule = {"enable": 1, "delay": 1, "act": 1, "name": "x"}
    with devices.sim.watch() as events:
        assert devices.call("HS110v2", "count_down", "add_rule", rule)["err_code"] == 0
        answer = devices.call("HS110v2", "count_down", "add_rule", rule)
        assert answer == {"err_code": -10, "err_msg": "table is full"}
        event = events.wait(within=WITHIN_S)
    assert (event["event"], event["on"], event["by"]) == ("relay", True, "itself")
    (ended,) = devices.call("HS110v2", "count_down", "get_rules")["rule_list"]
    assert (ended["enable"], ended["remain"]) == (0, 0)
    devices.call("HS110v2", "count_down", "delete_all_rules")
    assert devices.call("HS110v2", "count_down", "get_rules")["rule_list"] == []


def test_network_and_cloud_are_told(devices):
    assert devices.call("HS100", "netif", "get_stainfo")["key_type"] == 3
    networks = devices.call("HS100", "netif", "get_scaninfo", {"refresh": 1})["ap_list"]
    assert 'Café "Zum Dampfross"' in [network["ssid"] for network in networks]
    assert devices.call("HS100", "cnCloud", "get_info")["binded"] == 1


def test_led_and_alias_are_set(devices):
    devices.call("HS110v1", "system", "set_led_off", {"off": 1})
    devices.call("HS110v1", "system", "set_dev_alias", {"alias": "Steam engine"})
    info = devices.sysinfo("HS110v1")
    assert (info["led_off"], info["alias"]) == (1, "Steam engine")
    too_long = {"alias": "x" * 65}
    assert devices.call("HS110v1", "system", "set_dev_alias", too_long)["err_code"] == -3


def test_reboot_goes_away_and_comes_back(devices):
    number = NUMBER["HS110v2"]
    devices.sim.set(number, relay=True, boot_ms=300)
    with devices.sim.watch() as events, devices.connect("HS110v2") as client:
        assert client.ask({"system": {"reboot": {"delay": 1}}}) == {"system": {"reboot": {"err_code": 0}}}
        assert events.wait(within=WITHIN_S)["on"] is False
        assert client.is_reset()
        with pytest.raises(ConnectionRefusedError):
            devices.connect("HS110v2")
        assert events.wait(within=WITHIN_S)["on"] is True
    info = devices.sysinfo("HS110v2")
    assert (info["relay_state"], info["on_time"]) == (1, 0)


def test_reboot_at_once_does_not_answer(devices):
    devices.sim.set(NUMBER["HS100"], boot_ms=0)
    with devices.sim.watch() as events, devices.connect("HS100") as client:
        client.send({"system": {"reboot": {"delay": 0}}})
        assert client.is_reset()
        assert events.wait(within=WITHIN_S)["event"] == "power"
    wait_until(lambda: devices.sim.get(NUMBER["HS100"])["power"] == "on", "not back")
    assert devices.sysinfo("HS100")["err_code"] == 0


def test_reset_forgets_everything_and_leaves_the_network(devices):
    number = NUMBER["HS110v1"]
    devices.sim.set(number, alias="Mine", relay=True)
    with devices.sim.watch() as events:
        assert devices.call("HS110v1", "system", "reset", {"delay": 1})["err_code"] == 0
        events.wait(lambda event: event["event"] == "power", within=WITHIN_S)
    assert devices.sim.get(number)["power"] == "off"
    devices.sim.power(number, True)
    info = devices.sysinfo("HS110v1")
    assert info["alias"].startswith("TP-LINK_Smart Plug_") and info["relay_state"] == 0
