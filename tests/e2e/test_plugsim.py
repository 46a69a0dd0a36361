"""plugsim itself: every model and every fault, over TCP and UDP, with no code of ours between."""
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import time

import pytest

from plugsim import Plugsim, Refused

WITHIN_S = 20
# How long nothing must come before we believe that nothing will; only ever waited for in vain.
SILENCE_S = 0.3
MODELS = ["HS100", "HS110v1", "HS110v2", "HS300", "HS220", "KL110"]
NUMBER = {model: number for number, model in enumerate(MODELS, 1)}
SYSINFO = {"system": {"get_sysinfo": {}}}
LIGHT = "smartlife.iot.smartbulb.lightingservice"
BULB_METER = "smartlife.iot.common.emeter"


def encrypt(text):
    key, out = 171, bytearray()
    for byte in text:
        key ^= byte
        out.append(key)
    return bytes(out)


def decrypt(cipher):
    return bytes(byte ^ key for byte, key in zip(cipher, b"\xab" + cipher))


def frame(request):
    text = request if isinstance(request, bytes) else json.dumps(request).encode()
    return struct.pack(">I", len(text)) + encrypt(text)


class Client:
    """One TCP connection to a device."""

    def __init__(self, place):
        self.socket = socket.create_connection(place, WITHIN_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request):
        self.socket.sendall(frame(request))

    def read(self, size):
        """Exactly so many bytes, or fewer when the connection ends before."""
        data = b""
        while len(data) < size and (part := self.socket.recv(size - len(data))):
            data += part
        return data

    def read_rest(self):
        rest = bytearray()
        while part := self.socket.recv(65536):
            rest += part
        return bytes(rest)

    def read_text(self):
        header = self.read(4)
        assert len(header) == 4, "closed without a reply"
        return decrypt(self.read(struct.unpack(">I", header)[0]))

    def ask(self, request):
        self.send(request)
        return json.loads(self.read_text())

    def is_silent(self, within=SILENCE_S):
        return not select.select([self.socket], [], [], within)[0]

    def is_closed(self):
        """In order: no byte more, no reset."""
        return self.socket.recv(1) == b""

    def is_reset(self):
        try:
            self.socket.recv(1)
        except ConnectionResetError:
            return True
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Devices:
    """One device of each model and a client for it."""

    def __init__(self, sim):
        self.sim = sim

    def connect(self, model):
        return Client(self.sim.address(NUMBER[model]))

    def ask(self, model, request):
        with self.connect(model) as client:
            return client.ask(request)

    def call(self, model, module, method, arguments=None, children=None):
        """The answer of one method."""
        request = {module: {method: arguments or {}}}
        if children is not None:
            request["context"] = {"child_ids": children}
        return self.ask(model, request)[module][method]

    def sysinfo(self, model):
        return self.call(model, "system", "get_sysinfo")

    def ask_datagram(self, model, request, within=WITHIN_S):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(within)
            udp.sendto(encrypt(json.dumps(request).encode()), self.sim.address(NUMBER[model]))
            answer, place = udp.recvfrom(65536)
        assert place == self.sim.address(NUMBER[model])
        return decrypt(answer)


def is_turned_away(place):
    """A connection is accepted and reset, which may be before we know that it was accepted."""
    try:
        with Client(place) as client:
            return client.is_reset()
    except ConnectionResetError:
        return True


@pytest.fixture(scope="module")
def all_models(programs):
    with Plugsim(programs, MODELS, port=0) as sim:
        yield Devices(sim)


@pytest.fixture
def devices(all_models):
    """The devices without faults, off, and with nothing counted."""
    sim = all_models.sim
    sim.clear()
    sim.set("all", relay=False, delay_ms=0, clock="right")
    sim.ask("counters", reset=True)
    yield all_models
    sim.clear()


def wait_until(is_done, complaint, within=WITHIN_S):
    """For what only asking again can tell."""
    deadline = time.monotonic() + within
    while not is_done():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)


# Models

FIELDS = {
    "HS100": {"type", "mac", "relay_state", "latitude_i", "fwId", "next_action", "dev_name"},
    "HS110v1": {"type", "mac", "relay_state", "latitude", "longitude", "fwId", "dev_name"},
    "HS110v2": {"mic_type", "mac", "relay_state", "latitude_i", "status", "next_action"},
    "HS300": {"mic_type", "mac", "children", "child_num", "latitude_i", "status"},
    "HS220": {"mic_type", "mac", "relay_state", "brightness", "preferred_state", "next_action"},
    "KL110": {"mic_type", "mic_mac", "light_state", "preferred_state", "is_dimmable", "heapsize"},
}
ABSENT = {
    "HS100": {"mic_type", "status", "latitude"},
    "HS110v1": {"mic_type", "status", "latitude_i", "next_action"},
    "HS110v2": {"type", "fwId", "latitude"},
    "HS300": {"type", "relay_state", "on_time", "dev_name", "icon_hash", "active_mode"},
    "HS220": {"type", "status"},
    "KL110": {"mac", "relay_state", "feature", "led_off", "updating", "latitude_i"},
}
# Bytes of the get_sysinfo object of such devices.
SIZES = {
    "HS100": (540, 650),
    "HS110v1": (540, 650),
    "HS110v2": (540, 650),
    "HS300": (1100, 1250),
    "HS220": (680, 760),
    "KL110": (980, 1060),
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


# What reaches a device

@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b"null", b"1", b'{"a":NaN}', b"{'a':1}", b"\xff\xfe", b"{" * 100, b'{"a":{}}x'],
)
def test_bad_requests_are_closed_without_a_reply(devices, text):
    with devices.connect("HS100") as client:
        client.send(text)
        assert client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["bad_requests"] == 1


@pytest.mark.parametrize("size", [0, 16 * 1024 + 1, 0xFFFFFFFF])
def test_impossible_lengths_are_closed_without_a_reply(devices, size):
    with devices.connect("HS100") as client:
        client.socket.sendall(struct.pack(">I", size))
        assert client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["bad_requests"] == 1


def test_requests_come_in_pieces_of_any_size(devices):
    data = frame(SYSINFO)
    with devices.connect("HS100") as client:
        for cut in (1, 3, 4, 5, 20, len(data) - 1):
            client.socket.sendall(data[:cut])
            assert client.is_silent(0.01)
            client.socket.sendall(data[cut:])
            assert json.loads(client.read_text())["system"]["get_sysinfo"]["err_code"] == 0
        for byte in data:
            client.socket.sendall(bytes([byte]))
        assert json.loads(client.read_text())["system"]["get_sysinfo"]["err_code"] == 0
    assert devices.sim.counters(NUMBER["HS100"])["requests"] == 7


def test_counters_tell_what_was_asked(devices):
    number = NUMBER["HS110v2"]
    with devices.connect("HS110v2") as client:
        for _ in range(3):
            client.ask({**SYSINFO, "emeter": {"get_realtime": {}}})
    devices.call("HS110v2", "system", "set_relay_state", {"state": 1})
    counters = devices.sim.counters(number)
    assert (counters["connections"], counters["requests"], counters["replies"]) == (2, 4, 4)
    assert counters["methods"] == {
        "system.get_sysinfo": 3,
        "emeter.get_realtime": 3,
        "system.set_relay_state": 1,
    }
    assert counters["bytes_in"] > 4 * 40 and counters["bytes_out"] > 3 * 600
    assert counters["max_in_flight"] == 1
    total = devices.sim.ask("counters", sum=True, reset=True)["sum"]
    assert total["requests"] == 4
    assert devices.sim.counters(number)["requests"] == 0


def test_requests_in_flight_are_counted_on_one_connection_and_over_several(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=100)
    with devices.connect("HS100") as one, devices.connect("HS100") as other:
        one.socket.sendall(frame(SYSINFO) + frame(SYSINFO))
        wait_until(lambda: devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 2, "not 2")
        other.send(SYSINFO)
        for client in (one, one, other):
            client.read_text()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 3


def test_requests_that_wait_in_the_kernel_are_in_flight(devices):
    with devices.connect("HS100") as one, devices.connect("HS100") as other:
        for client in (one, other):
            client.ask(SYSINFO)
        os.kill(devices.sim.pid, signal.SIGSTOP)
        try:
            for client in (one, other):
                client.send(SYSINFO)
        finally:
            os.kill(devices.sim.pid, signal.SIGCONT)
        for client in (one, other):
            client.read_text()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 2


def test_who_hangs_up_is_not_in_flight_any_more(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=60000)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        wait_until(lambda: devices.sim.counters(NUMBER["HS100"])["requests"] == 1, "not read")
    wait_until(lambda: devices.sim.get(NUMBER["HS100"])["connections"] == 0, "still there")
    devices.sim.set(NUMBER["HS100"], delay_ms=0)
    devices.sysinfo("HS100")
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] == 1


def test_a_client_that_does_not_read_is_served_later(devices):
    number, count = NUMBER["HS100"], 40
    rule = {"schedule": {"add_rule": {"name": "x" * 12000}}}
    request = {"schedule": {"get_rules": {}}}
    with devices.connect("HS100") as slow, devices.connect("HS100") as other:
        for _ in range(32):
            other.ask(rule)
        devices.sim.ask("counters", reset=True)
        # 384 kB a reply, which is more than the sockets hold.
        for _ in range(count):
            slow.send(request)
            other.ask(SYSINFO)
        assert count < devices.sim.counters(number)["replies"] < 2 * count
        assert devices.sim.get(number)["connections"] == 2
        for _ in range(count):
            assert len(json.loads(slow.read_text())["schedule"]["get_rules"]["rule_list"]) == 32
        other.ask({"schedule": {"delete_all_rules": {}}})
    assert devices.sim.counters(number)["requests"] == 2 * count + 1


def test_a_client_with_too_much_in_flight_is_closed(devices):
    devices.sim.set(NUMBER["HS100"], delay_ms=60000)
    with devices.connect("HS100") as client:
        client.socket.sendall(frame(SYSINFO) * 70)
        # What came after the close is answered by the kernel with a reset.
        assert client.is_reset() or client.is_closed()
    assert devices.sim.counters(NUMBER["HS100"])["max_in_flight"] <= 64


def test_what_is_set_by_hand_is_what_the_device_tells(devices):
    number = NUMBER["HS110v2"]
    mac = devices.sim.get(number)["mac"]
    devices.sim.set(
        number, rssi_dbm=-81, led_off=True, mac="50-c7-bf-aa-bb-cc", clock="2031-02-28T23:59:00"
    )
    info = devices.sysinfo("HS110v2")
    assert (info["rssi"], info["led_off"], info["mac"]) == (-81, 1, "50:C7:BF:AA:BB:CC")
    told = devices.call("HS110v2", "time", "get_time")
    assert (told["year"], told["month"], told["mday"], told["hour"]) == (2031, 2, 28, 23)
    devices.sim.set(number, led_off=False, mac=mac)


# Faults

def is_refused(devices, model):
    try:
        with devices.connect(model):
            return False
    except ConnectionRefusedError:
        return True


def test_refuse(devices):
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "refuse")
        assert client.is_reset()
    assert is_refused(devices, "HS100")
    assert json.loads(devices.ask_datagram("HS100", SYSINFO))
    devices.sim.clear(NUMBER["HS100"])
    assert devices.sysinfo("HS100")["err_code"] == 0


def test_refuse_so_many_times(devices):
    devices.sim.fault(NUMBER["HS100"], "refuse", times=2)
    for _ in range(2):
        assert is_turned_away(devices.sim.address(NUMBER["HS100"]))
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert devices.sim.get(NUMBER["HS100"])["faults"] == []


def test_hang(devices):
    with devices.connect("HS100") as old:
        old.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "hang")
        with devices.connect("HS100") as new:
            for client in (old, new):
                client.send(SYSINFO)
                assert client.is_silent()
    devices.sim.clear(NUMBER["HS100"])
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert devices.sim.counters(NUMBER["HS100"])["faults"] == 1


@pytest.mark.parametrize("carried_out", [False, True])
def test_drop(devices, carried_out):
    number = NUMBER["HS100"]
    devices.sim.fault(number, "drop", times=1, carried_out=carried_out)
    with devices.connect("HS100") as client:
        client.send({"system": {"set_relay_state": {"state": 1}}})
        wait_until(lambda: devices.sim.counters(number)["faults"] == 1, "not struck")
        assert client.is_silent()
        assert client.ask(SYSINFO)["system"]["get_sysinfo"]["relay_state"] == carried_out


@pytest.mark.parametrize("carried_out", [False, True])
def test_reset(devices, carried_out):
    devices.sim.fault(NUMBER["HS100"], "reset", carried_out=carried_out)
    with devices.connect("HS100") as client:
        client.send({"system": {"set_relay_state": {"state": 1}}})
        assert client.is_reset()
    assert devices.sim.get(NUMBER["HS100"])["relay"] == [int(carried_out)]


def test_close_after_each_reply(devices):
    devices.sim.fault(NUMBER["HS100"], "close")
    for _ in range(2):
        with devices.connect("HS100") as client:
            assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0
            assert client.is_closed()


def test_idle_close(devices):
    with devices.connect("HS100") as old:
        old.ask(SYSINFO)
        devices.sim.fault(NUMBER["HS100"], "idle_close", ms=100)
        assert old.is_closed()
    with devices.connect("HS100") as never_asked:
        assert never_asked.is_closed()
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        began = time.monotonic()
        assert client.is_closed()
        assert time.monotonic() - began >= 0.09
    assert devices.sim.counters(NUMBER["HS100"])["faults"] == 3


def test_slow_and_delay(devices):
    devices.sim.fault(NUMBER["HS100"], "slow", ms=150)
    devices.sim.set(NUMBER["HS100"], delay_ms=100)
    began = time.monotonic()
    assert devices.sysinfo("HS100")["err_code"] == 0
    assert time.monotonic() - began >= 0.245
    began = time.monotonic()
    assert json.loads(devices.ask_datagram("HS100", SYSINFO))
    assert time.monotonic() - began >= 0.245


def test_drip(devices):
    devices.sim.fault(NUMBER["HS100"], "drip", ms=1, bytes=1)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        pieces, data = 0, b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            data += client.socket.recv(65536)
            pieces += 1
    assert pieces > 100
    assert json.loads(decrypt(data[4:]))["system"]["get_sysinfo"]["err_code"] == 0


def test_header_alone(devices):
    devices.sim.fault(NUMBER["HS100"], "header_alone", ms=100)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        header = client.socket.recv(65536)
        assert len(header) == 4
        began = time.monotonic()
        text = client.read(struct.unpack(">I", header)[0])
        assert time.monotonic() - began >= 0.09
    assert json.loads(decrypt(text))["system"]["get_sysinfo"]["err_code"] == 0


@pytest.mark.parametrize("settings,size", [({}, None), ({"bytes": 3}, 3), ({"bytes": 4}, 4)])
def test_truncate(devices, settings, size):
    devices.sim.fault(NUMBER["HS100"], "truncate", **settings)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        data = client.read_rest()
    assert len(data) == size if size else 4 < len(data) < struct.unpack(">I", data[:4])[0]


@pytest.mark.parametrize("off", [10, -10, -100000])
def test_wrong_length(devices, off):
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        true_size = len(client.read_text())
    devices.sim.fault(NUMBER["HS100"], "wrong_length", bytes=off)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        promised = struct.unpack(">I", client.read(4))[0]
        assert promised == max(true_size + off, 0)
        assert json.loads(decrypt(client.read(true_size)))
        assert client.is_silent()


@pytest.mark.parametrize("fault,promise", [("zero_length", 0), ("huge_length", 0xFFFFFFFF)])
def test_impossible_promise(devices, fault, promise):
    devices.sim.fault(NUMBER["HS100"], fault)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        assert struct.unpack(">I", client.read(4))[0] == promise


def test_garbage(devices):
    devices.sim.fault(NUMBER["HS100"], "garbage", bytes=40, times=2)
    seen = []
    for _ in range(2):
        with devices.connect("HS100") as client:
            client.send(SYSINFO)
            seen.append(client.read(40))
            assert client.is_silent()
    assert len(seen[0]) == 40 and seen[0] != seen[1]


def test_bad_json(devices):
    devices.sim.fault(NUMBER["HS100"], "bad_json", times=2)
    with devices.connect("HS100") as client:
        client.send(SYSINFO)
        text = client.read_text()
        assert text.startswith(b'{"system":')
        with pytest.raises(ValueError):
            json.loads(text)
        with pytest.raises(ValueError):
            json.loads(devices.ask_datagram("HS100", SYSINFO))
        assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0


ERROR = {"err_code": -7, "err_msg": "unknown error"}


@pytest.mark.parametrize(
    "level,answer",
    [
        ("method", {"system": {"get_sysinfo": ERROR}, "emeter": {"get_realtime": ERROR}}),
        ("module", {"system": ERROR, "emeter": ERROR}),
        ("top", ERROR),
    ],
)
def test_err_code_at_every_level(devices, level, answer):
    devices.sim.fault(NUMBER["HS110v2"], "err_code", err_code=-7, level=level)
    assert devices.ask("HS110v2", {**SYSINFO, "emeter": {"get_realtime": {}}}) == answer


def test_err_code_of_one_method_alone(devices):
    number = NUMBER["HS110v2"]
    devices.sim.fault(number, "err_code", err_code=-3, module="emeter", method="get_realtime", times=1)
    assert devices.sysinfo("HS110v2")["err_code"] == 0
    answer = devices.ask("HS110v2", {**SYSINFO, "emeter": {"get_realtime": {}, "get_vgain_igain": {}}})
    assert answer["emeter"]["get_realtime"]["err_code"] == -3
    assert answer["emeter"]["get_vgain_igain"]["err_code"] == 0
    assert answer["system"]["get_sysinfo"]["err_code"] == 0
    assert devices.call("HS110v2", "emeter", "get_realtime")["err_code"] == 0


def test_busy_so_many_times(devices):
    devices.sim.fault(NUMBER["HS100"], "busy", times=2, method="set_relay_state")
    assert devices.sysinfo("HS100")["err_code"] == 0
    codes = [devices.call("HS100", "system", "set_relay_state", {"state": 1})["err_code"] for _ in range(3)]
    assert codes == [-32, -32, 0]


@pytest.mark.parametrize(
    "model,module,method,argument",
    [
        ("HS100", "system", "set_relay_state", {"state": 1}),
        ("HS220", "smartlife.iot.dimmer", "set_switch_state", {"state": 1}),
        ("KL110", LIGHT, "transition_light_state", {"on_off": 1}),
    ],
)
def test_stuck_relay(devices, model, module, method, argument):
    devices.sim.fault(NUMBER[model], "stuck_relay", times=1)
    devices.sysinfo(model)
    assert devices.call(model, module, method, argument)["err_code"] == 0
    assert devices.sim.get(NUMBER[model])["relay"] == [0]
    assert devices.call(model, module, method, argument)["err_code"] == 0
    assert devices.sim.get(NUMBER[model])["relay"] == [1]


@pytest.mark.parametrize("model,power", [("HS110v1", "power"), ("HS110v2", "power_mw")])
@pytest.mark.parametrize(
    "value,text",
    [
        ("negative", b"-2147483648"),
        ("huge", b"99999999999999"),
        ("nan", b"NaN"),
        ("infinite", b"1e999"),
        ("text", b'"out of order"'),
    ],
)
def test_bad_energy(devices, model, power, value, text):
    devices.sim.fault(NUMBER[model], "bad_energy", value=value, times=1)
    devices.sysinfo(model)
    with devices.connect(model) as client:
        client.send({"emeter": {"get_realtime": {}}})
        assert b'"%s":%s' % (power.encode(), text) in client.read_text()
        assert client.ask({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"][power] == 0


def test_other_device(devices):
    number = NUMBER["HS110v2"]
    own = devices.sysinfo("HS110v2")
    with devices.connect("HS110v2") as client:
        client.ask(SYSINFO)
        devices.sim.fault(number, "other_device")
        assert client.is_reset()
    stranger = devices.sysinfo("HS110v2")
    assert stranger["model"] == own["model"]
    for key in ("mac", "deviceId", "alias"):
        assert stranger[key] != own[key]
    devices.call("HS110v2", "system", "set_relay_state", {"state": 1})
    assert devices.sysinfo("HS110v2")["relay_state"] == 1
    counters = devices.sim.counters(number)
    assert (counters["relay_moves"], counters["stranger"]["relay_moves"]) == (0, 1)
    with devices.connect("HS110v2") as client:
        client.ask(SYSINFO)
        devices.sim.clear(number, fault="other_device")
        assert client.is_reset()
    assert devices.sysinfo("HS110v2") == own


def test_the_device_away_from_its_address_goes_on_unnoticed(devices):
    number = NUMBER["HS110v2"]
    with devices.sim.watch() as events:
        devices.sim.fault(number, "other_device")
        stranger = devices.sysinfo("HS110v2")
        devices.sim.set(number, relay=True)
        devices.sim.power(number, False)
        assert devices.sysinfo("HS110v2")["relay_state"] == stranger["relay_state"]
        devices.sim.power(number, True)
        devices.sim.clear(number)
        assert devices.sysinfo("HS110v2")["relay_state"] == 1
        devices.sim.set(number, relay=False)
        event = events.wait(within=WITHIN_S)
    assert (event["event"], event["on"], event["stranger"]) == ("relay", False, False)


@pytest.mark.parametrize("percent,transport,tcp,udp", [(100, "udp", 10, 0), (50, "both", 5, 5)])
def test_now_and_then_and_by_transport(devices, percent, transport, tcp, udp):
    number = NUMBER["HS100"]
    devices.sim.fault(number, "err_code", err_code=-7, percent=percent, transport=transport)

    def count(ask):
        answers = [json.loads(ask())["system"]["get_sysinfo"] for _ in range(10)]
        return sum(answer["err_code"] == 0 for answer in answers)

    with devices.connect("HS100") as client:
        def ask_stream():
            client.send(SYSINFO)
            return client.read_text()

        good_tcp = count(ask_stream)
    good_udp = count(lambda: devices.ask_datagram("HS100", SYSINFO))
    if percent == 100:
        assert (good_tcp, good_udp) == (tcp, udp)
    else:
        assert 0 < good_tcp < 10 and 0 < good_udp < 10


def test_dropped_datagrams_are_not_answered(devices):
    devices.sim.fault(NUMBER["HS100"], "drop", transport="udp")
    with pytest.raises(TimeoutError):
        devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
    assert devices.sysinfo("HS100")["err_code"] == 0


def test_faults_may_be_on_together_and_for_many(devices):
    devices.sim.fault("1-3", "slow", ms=50)
    devices.sim.fault([1, 2], "close")
    faults = [[f["fault"] for f in devices.sim.get(number)["faults"]] for number in (1, 2, 3, 4)]
    assert faults == [["slow", "close"], ["slow", "close"], ["slow"], []]
    with devices.connect("HS100") as client:
        began = time.monotonic()
        client.ask(SYSINFO)
        assert time.monotonic() - began >= 0.045
        assert client.is_closed()
    devices.sim.clear("all", fault="slow")
    assert [f["fault"] for f in devices.sim.get(1)["faults"]] == ["close"]


def test_every_fault_can_be_listed_set_and_cleared(devices):
    kinds = devices.sim.ask("faults")["faults"]
    assert len(kinds) == 20
    for kind in kinds:
        devices.sim.fault("all", kind["fault"])
    assert len(devices.sim.get(1)["faults"]) == 20
    devices.sim.clear()
    assert all(devices.sysinfo(model)["err_code"] == 0 for model in MODELS)


# Power, addresses, control

def test_power_off_and_on(devices):
    number = NUMBER["HS100"]
    devices.sim.set(number, relay=True)
    with devices.connect("HS100") as client:
        client.ask(SYSINFO)
        devices.sim.power(number, False)
        assert client.is_reset()
    assert is_refused(devices, "HS100")
    assert devices.sim.get(number)["power"] == "off"
    with pytest.raises((TimeoutError, ConnectionRefusedError)):
        devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
    devices.sim.power(number, True)
    info = devices.sysinfo("HS100")
    assert (info["relay_state"], info["on_time"]) == (1, 0)


def test_power_cut_without_internet_loses_the_clock(devices):
    number = NUMBER["HS100"]
    devices.sim.set(number, internet=False)
    devices.sim.power(number, False)
    devices.sim.power(number, True)
    assert devices.call("HS100", "time", "get_time")["year"] == 2000
    assert devices.sim.get(number)["clock_set"] is False
    devices.sim.set(number, internet=True, clock="right")


def test_devices_swap_addresses(devices):
    one, other = devices.sysinfo("HS110v1"), devices.sysinfo("HS110v2")
    numbers = [NUMBER["HS110v1"], NUMBER["HS110v2"]]
    with devices.connect("HS110v1") as client:
        client.ask(SYSINFO)
        devices.sim.ask("swap", device=numbers)
        assert client.is_reset()
    assert devices.sysinfo("HS110v1") == other
    assert devices.sim.ask("get", device=other["mac"])["devices"][0]["device"] == numbers[0]
    devices.sim.ask("swap", device=numbers)
    assert devices.sysinfo("HS110v1") == one


def test_selecting_devices(devices):
    sim = devices.sim

    def numbers(device):
        return [told["device"] for told in sim.ask("list", device=device)["devices"]]

    first = sim.devices[0]
    assert numbers("all") == [1, 2, 3, 4, 5, 6]
    assert numbers(2) == numbers("2") == [2]
    assert numbers("2-4") == [2, 3, 4]
    assert numbers(first["address"]) == numbers(first["mac"]) == numbers(first["mac"].lower()) == [1]
    assert numbers([1, "3-4"]) == [1, 3, 4]


@pytest.mark.parametrize(
    "line,error",
    [
        ({"verb": "fly"}, "verb must be"),
        ({}, "verb must be"),
        ({"verb": "get", "device": 7}, "no such device"),
        ({"verb": "get", "device": 0}, "no such device"),
        ({"verb": "get", "device": "4-2"}, "no such device"),
        ({"verb": "get", "device": "127.9.9.9"}, "no such device"),
        ({"verb": "get", "device": "x"}, "device must be"),
        ({"verb": "get", "device": ["all", 1]}, "named twice"),
        ({"verb": "get", "device": 1, "colour": 2}, "unknown member: colour"),
        ({"verb": "set", "relay": 1}, "device must be"),
        ({"verb": "set", "device": 1, "relay": 2}, "cannot set, or not to that: relay"),
        ({"verb": "set", "device": 1, "power_mw": -1}, "power_mw"),
        ({"verb": "set", "device": 1, "power_mw": 1e30}, "power_mw"),
        ({"verb": "set", "device": 1, "alias": "x" * 65}, "alias"),
        ({"verb": "set", "device": 1, "clock": "2026-02-30T00:00:00"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20T00:00:00Z"}, "clock"),
        ({"verb": "set", "device": 1, "clock": "2026-02-20 00:00:00"}, "clock"),
        ({"verb": "set", "device": 1, "mac": "50:C7"}, "mac"),
        ({"verb": "set", "device": 1, "wings": 2}, "wings"),
        ({"verb": "set", "device": 1, "outlet": 1, "relay": 1}, "no such outlet"),
        ({"verb": "power", "device": 1}, "power needs"),
        ({"verb": "swap", "device": [1]}, "swap needs two"),
        ({"verb": "fault", "device": 1, "fault": "flood"}, "no such fault"),
        ({"verb": "fault", "device": 1}, "no such fault"),
        ({"verb": "fault", "device": 1, "fault": "close", "ms": 5}, "ms"),
        ({"verb": "fault", "device": 1, "fault": "drip", "bytes": 0}, "bytes"),
        ({"verb": "fault", "device": 1, "fault": "drip", "percent": 101}, "percent"),
        ({"verb": "fault", "device": 1, "fault": "close", "transport": "udp"}, "transport"),
        ({"verb": "fault", "device": 1, "fault": "err_code", "level": "high"}, "level"),
        ({"verb": "clear", "device": 1, "fault": "flood"}, "no such fault"),
    ],
)
def test_control_says_what_is_wrong_and_changes_nothing(devices, line, error):
    before = devices.sim.get(1)
    members = {key: value for key, value in line.items() if key != "verb"}
    with pytest.raises(Refused, match=error):
        devices.sim.ask(line.get("verb"), **members)
    after = devices.sim.get(1)
    for changing in ("clock",):
        before.pop(changing), after.pop(changing)
    assert after == before


def control_socket(sim):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(WITHIN_S)
    connection.connect(sim.control)
    return connection


def test_control_takes_any_bytes(devices):
    for line in (b"\n", b"[]\n", b"nonsense\n", b'{"verb":"info","verb":"list"}\n', b"\xff\n"):
        with control_socket(devices.sim) as connection:
            connection.sendall(line)
            answer = json.loads(connection.makefile("rb").readline())
            assert answer == {"ok": False, "error": "a line must be one JSON object"}


def test_control_bounds_a_line(devices):
    with control_socket(devices.sim) as connection:
        connection.sendall(b"x" * (64 * 1024 + 2))
        reader = connection.makefile("rb")
        assert b"shorter than 64 KiB" in reader.readline()
        assert reader.readline() == b""


def test_control_answers_many_lines_of_many_clients_in_order(devices):
    lines = b'{"verb":"get","device":1}\n{"verb":"info"}\n' * 2000
    connections = [control_socket(devices.sim) for _ in range(3)]
    for connection in connections:
        connection.setblocking(False)
    left = {connection: memoryview(lines) for connection in connections}
    got = {connection: b"" for connection in connections}
    deadline = time.monotonic() + 3 * WITHIN_S
    while any(answer.count(b"\n") < 4000 for answer in got.values()):
        writers = [connection for connection in connections if left[connection]]
        readable, writable, _ = select.select(connections, writers, [], WITHIN_S)
        assert time.monotonic() < deadline
        for connection in writable:
            left[connection] = left[connection][connection.send(left[connection][:4096]) :]
        for connection in readable:
            got[connection] += connection.recv(65536)
    for connection, answer in got.items():
        answers = [json.loads(line) for line in answer.splitlines()]
        assert all("devices" in a and isinstance(a["devices"], list) for a in answers[::2])
        assert all("version" in a for a in answers[1::2])
        connection.close()


def test_control_answers_who_ended_its_side_before(programs):
    with Plugsim(programs, [], "--count", "3000", "--model", "HS300", "--wildcard", port=0) as sim:
        with control_socket(sim) as connection:
            connection.sendall(b'{"verb":"get"}\n' * 2)
            connection.shutdown(socket.SHUT_WR)
            answers = connection.makefile("rb").read().splitlines()
    assert [len(json.loads(answer)["devices"]) for answer in answers] == [3000, 3000]


def test_only_the_owner_can_control(devices):
    assert os.stat(devices.sim.control).st_mode & 0o777 == 0o600


# Many devices

def search(sim, within=WITHIN_S):
    """The addresses that answer a broadcast."""
    found = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        udp.settimeout(within)
        udp.sendto(encrypt(json.dumps(SYSINFO).encode()), ("127.255.255.255", sim.port))
        while len(found) < sim.count:
            text, place = udp.recvfrom(65536)
            json.loads(decrypt(text))
            found.add(place)
    return found


@pytest.mark.parametrize("sockets", ["own", "shared"])
def test_two_hundred_devices_are_told_apart(programs, sockets):
    options = ["--wildcard"] if sockets == "shared" else []
    with Plugsim(programs, [], "--count", "200", "--model", "HS110v1", *options, port=0) as sim:
        assert sim.ask("info")["sockets"] == sockets
        places = {(told["address"], told["port"]): told["mac"] for told in sim.devices}
        assert len(places) == len(set(places.values())) == 200
        assert search(sim) == set(places)
        for place, mac in places.items():
            with Client(place) as client:
                assert client.ask(SYSINFO)["system"]["get_sysinfo"]["mac"] == mac
        total = sim.ask("counters", sum=True)["sum"]
        assert (total["requests"], total["datagrams"]) == (200, 200)


def test_stops_with_everything_under_way(programs):
    sim = Plugsim(programs, ["HS100"] * 3, port=0)
    watcher = sim.watch()
    clients = [Client(sim.address(1)) for _ in range(3)]
    sim.fault("all", "slow", ms=60000)
    sim.fault(2, "drip", ms=60000)
    for client in [*clients, Client(sim.address(2))]:
        client.send(SYSINFO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for number in (1, 2, 3):
            udp.sendto(encrypt(json.dumps(SYSINFO).encode()), sim.address(number))
    wait_until(lambda: sim.ask("counters", sum=True)["sum"]["datagrams"] == 3, "not received")
    wait_until(lambda: sim.ask("counters", sum=True)["sum"]["requests"] == 4, "not received")
    sim.ask("set", device=3, relay=True)
    with watcher:
        watcher.wait(within=WITHIN_S)
        sim.stop()


def test_slow_datagrams_come_in_their_time(programs):
    with Plugsim(programs, ["HS100"] * 3, "--broadcast", "127.255.255.254", port=0) as sim:
        sim.set(1, delay_ms=300)
        sim.set(2, delay_ms=10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(WITHIN_S)
            for number in (1, 2, 3):
                udp.sendto(encrypt(json.dumps(SYSINFO).encode()), sim.address(number))
            order = [udp.recvfrom(65536)[1] for _ in range(3)]
    assert order == [sim.address(number) for number in (3, 2, 1)]


def test_nobody_answers_a_search_that_is_switched_off(programs):
    with Plugsim(programs, ["HS100"], "--broadcast", "none", "--wildcard", port=0) as sim:
        with pytest.raises(TimeoutError):
            search(sim, within=SILENCE_S)
        assert sim.counters(1)["datagrams"] == 0


def test_shared_sockets_know_power_and_faults_of_each(programs):
    with Plugsim(programs, ["HS100", "HS100"], "--wildcard", port=0) as sim:
        devices = Devices(sim)
        with Client(sim.address(1)) as client:
            client.ask(SYSINFO)
            sim.power(1, False)
            assert client.is_reset()
        assert is_turned_away(sim.address(1))
        with pytest.raises(TimeoutError):
            devices.ask_datagram("HS100", SYSINFO, within=SILENCE_S)
        sim.fault(2, "refuse")
        assert is_turned_away(sim.address(2))
        sim.power(1, True)
        sim.clear()
        for number in (1, 2):
            with Client(sim.address(number)) as client:
                assert client.ask(SYSINFO)["system"]["get_sysinfo"]["err_code"] == 0
        assert is_turned_away(("127.0.0.1", sim.port))


def test_readings_vary_only_with_noise(programs):
    with Plugsim(programs, ["HS110v2"], "--noise", port=0) as sim:
        sim.set(1, relay=True, power_mw=100000)
        seen = set()
        with Client(sim.address(1)) as client:
            def read():
                reading = client.ask({"emeter": {"get_realtime": {}}})["emeter"]["get_realtime"]
                seen.add((reading["power_mw"], reading["voltage_mv"]))
                return len(seen) > 1

            wait_until(read, "always the same reading")
    assert all(99000 <= power <= 101000 for power, _ in seen)


# The program

def run(programs, *arguments):
    return subprocess.run(
        [str(programs / "plugsim"), *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def test_help_and_version(programs):
    helped = run(programs, "--help")
    assert helped.returncode == 0 and helped.stderr == ""
    for word in [*MODELS, "--device", "--count", "--control", "--port", "usage: plugsim"]:
        assert word in helped.stdout
    version = run(programs, "--version")
    assert version.returncode == 0 and version.stdout.startswith("plugsim ")


@pytest.mark.parametrize(
    "arguments,complaint",
    [
        (["--fly"], "--fly: no such option"),
        (["device"], "device: no such option"),
        (["--device"], "--device: needs a value"),
        (["--quiet=1"], "--quiet: takes no value"),
        (["--device", "HS999"], "HS999: no such model"),
        (["--device", "HS100@nowhere"], "nowhere: not an IPv4 address"),
        (["--device", "HS100=" + "x" * 65], "not an alias"),
        (["--device", b"HS100=\xff\xfe"], "not an alias"),
        (["--port", "65536"], "65536: not a port"),
        (["--port", "http"], "http: not a port"),
        (["--count", "0"], "0: not a number of devices"),
        (["--count", "100001"], "100001: not a number of devices"),
        (["--model", "HS100"], "--model: needs --count"),
        (["--listen", "192.168.1.5"], "192.168.1.5: beyond 127.0.0.0/8"),
        (["--device", "HS100@127.1.0.1", "--device", "HS100"], "127.1.0.1: two devices"),
        (["--listen", "127.255.255.255"], "a device with the broadcast address"),
        (["--listen", "255.255.255.255", "--count", "2", "--allow-any-address"], "not enough addresses"),
    ],
)
def test_usage_errors_say_what_is_wrong(programs, arguments, complaint):
    ended = run(programs, *arguments)
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert ended.stdout == ""


def test_address_in_use_is_told(programs):
    with Plugsim(programs, ["HS100"], port=0) as sim:
        address, port = sim.address(1)
        ended = run(programs, "--device", f"HS100@{address}", "--port", str(port))
        assert ended.returncode == 1
        assert f"{address}, port {port}: address already in use" in ended.stderr
        assert "--listen" in ended.stderr


def test_control_path_must_be_free_and_possible(programs, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (str(file), str(tmp_path / "no" / "folder"), "/tmp/" + "x" * 200):
        ended = run(programs, "--port", "0", "--control", path)
        assert ended.returncode == 1 and f"cannot listen at {path}" in ended.stderr
    assert file.read_text() == "mine"
    with Plugsim(programs, ["HS100"], port=0) as sim:
        ended = run(programs, "--port", "0", "--control", sim.control)
        assert ended.returncode == 1 and "address already in use" in ended.stderr
        assert sim.ask("info")["ok"]


def test_control_path_of_a_killed_simulation_is_taken_over(programs, tmp_path):
    path = str(tmp_path / "control")
    argv = [str(programs / "plugsim"), "--port", "0", "--control", path, "--quiet"]
    for end in (signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline().startswith("ready: 1 devices from 127.1.0.1:")
        finally:
            process.send_signal(end)
            status = process.wait(WITHIN_S)
            process.stdout.close()
        assert status == (-end if end == signal.SIGKILL else 0)
        assert os.path.exists(path) == (end == signal.SIGKILL)


def test_too_low_a_limit_of_files_is_told(programs):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (50, 100))

    process = subprocess.Popen(
        [str(programs / "plugsim"), "--port", "0", "--count", "60", "--wildcard"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lower,
    )
    try:
        assert process.stdout.readline().startswith("ready: 60 devices")
    finally:
        process.terminate()
        _, complaint = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0
    assert "the limit of open files is 100" in complaint and "ulimit -n" in complaint


def test_relays_and_power_are_told_unless_quiet(programs, tmp_path):
    path = str(tmp_path / "control")
    process = subprocess.Popen(
        [str(programs / "plugsim"), "--port", "0", "--control", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdout.readline()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(WITHIN_S)
            connection.connect(path)
            connection.sendall(b'{"verb":"set","device":1,"relay":1}\n')
            assert json.loads(connection.makefile("rb").readline())["ok"]
    finally:
        process.terminate()
        _, told = process.communicate(timeout=WITHIN_S)
    assert told == "127.1.0.1 HS110v2, outlet 0: on\n"
