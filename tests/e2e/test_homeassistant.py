"""Home Assistant's discovery: every message against every rule, the check against every fault."""
import copy
import json

import pytest

from harness.announcements import (
    WITHIN_S,
    discovery,
    id_of,
    is_config,
    label_everything,
    topics_of,
    wait_right,
)
from harness.homeassistant import complaints
from harness.museum import Museum


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path)
    label_everything(museum)
    yield museum
    museum.stop()


@pytest.mark.parametrize("form", ["device", "components"])
def test_every_message_keeps_every_rule(museum, form):
    museum.settings["homeassistant"] = {"discovery": form}
    for device in museum.devices.values():
        device.put(relay=True)  # what draws nothing has no power factor
    museum.start()
    expected, messages = wait_right(museum, form)
    every = discovery(museum.watch.messages)
    assert all(m.is_retained and m.qos == 1 and is_config(m) for m in every)
    # Once each, but for a bulb that was seen to count.
    bulb = id_of(museum.device("bulb"))
    others = [m.topic for m in every if bulb not in m.topic]
    assert len(others) == len(set(others))
    assert museum.retained("homeassistant/#").keys() == topics_of(expected, form)
    for message in messages:
        for topic in spoken_of(message.json):
            assert museum.watch.wait_for(topic, None, WITHIN_S).is_retained


def spoken_of(value):
    """Every topic that a message wants to read."""
    found = set()
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, (dict, list)):
            found |= spoken_of(inner)
        elif key == "topic" or str(key).endswith("state_topic"):
            found.add(inner)
    return found


@pytest.fixture(scope="module")
def captured(programs, tmp_path_factory):
    """(messages of the device form as objects, expected)"""
    museum = Museum(programs, tmp_path_factory.mktemp("captured"))
    label_everything(museum)
    try:
        museum.start()
        expected, messages = wait_right(museum)
        return [(m.topic, m.json) for m in messages], expected
    finally:
        museum.stop()


def device_message(messages, component):
    """The first message that has the component, and the component."""
    for _, root in messages:
        if component in root["cmps"] and root["dev"].get("manufacturer"):
            return root, root["cmps"][component]
    raise AssertionError(f"nothing has {component}")


def root_fault(change_root):
    return lambda messages: change_root(device_message(messages, "switch")[0])


def fault(component, **options):
    def break_it(messages):
        options_of = device_message(messages, component)[1]
        for key, value in options.items():
            if value is ...:
                del options_of[key]
            else:
                options_of[key] = value

    return break_it


def rename_topic(messages):
    topic, root = messages[1]
    messages[1] = (topic.replace("kasa_", "kasa."), root)


def other_id(messages):
    topic, root = messages[1]
    messages[1] = (topic.replace("kasa_", "plug_"), root)
    root["dev"]["identifiers"] = [root["dev"]["identifiers"][0].replace("kasa_", "plug_")]


def same_unique_id(messages):
    roots = [root for _, root in messages if "switch" in root["cmps"]]
    roots[1]["cmps"]["switch"]["uniq_id"] = roots[0]["cmps"]["switch"]["uniq_id"]


def same_entity_id(messages):
    roots = [root for _, root in messages if "switch" in root["cmps"]]
    entity_id = roots[0]["cmps"]["switch"]["default_entity_id"]
    roots[1]["cmps"]["switch"]["default_entity_id"] = entity_id


def availability_topic(root):
    root["availability_topic"] = root.pop("availability")[0]["topic"]


FAULTS = {
    "no origin": root_fault(lambda root: root.pop("o")),
    "origin without a name": root_fault(lambda root: root["o"].pop("name")),
    "unknown key in the origin": root_fault(lambda root: root["o"].update(vendor="x")),
    "no device": root_fault(lambda root: root.pop("dev")),
    "unknown key in the device": root_fault(lambda root: root["dev"].update(firmware="1")),
    "no identifiers": root_fault(lambda root: root["dev"].pop("identifiers")),
    "another's identifiers": root_fault(lambda root: root["dev"].update(identifiers=["x"])),
    "no device name": root_fault(lambda root: root["dev"].pop("name")),
    "no area": lambda messages: [root["dev"].pop("suggested_area", 0) for _, root in messages],
    "not reached through the bridge": root_fault(lambda root: root["dev"].pop("via_device")),
    "unknown key at the root": root_fault(lambda root: root.update(device_class="outlet")),
    "topic base at the root": root_fault(lambda root: root.update({"~": "museum"})),
    "no components": root_fault(lambda root: root.pop("cmps")),
    "one topic for availability": root_fault(availability_topic),
    "both kinds of availability": root_fault(lambda root: root.update(availability_topic="x")),
    "availability without the plug": root_fault(lambda root: root["availability"].pop()),
    "availability without the bridge": root_fault(lambda root: root["availability"].pop(0)),
    "latest availability": root_fault(lambda root: root.update(availability_mode="latest")),
    "no availability mode": root_fault(lambda root: root.pop("availability_mode")),
    "no platform": fault("power", p=...),
    "another platform": fault("power", p="number"),
    "nothing but a platform": lambda messages: device_message(messages, "power")[0][
        "cmps"
    ].update(power={"p": "sensor"}),
    "no unique id": fault("power", uniq_id=...),
    "unique id of the name": fault("power", uniq_id="engine_power"),
    "the same unique id twice": same_unique_id,
    "object id": fault("power", object_id="engine_power"),
    "short object id": fault("power", obj_id="engine_power"),
    "no entity id": fault("power", default_entity_id=...),
    "entity id without its platform": fault("power", default_entity_id="engine_power"),
    "entity id of another platform": fault("power", default_entity_id="switch.engine_power"),
    "entity id with a dash": fault("power", default_entity_id="sensor.engine-power"),
    "the same entity id twice": same_entity_id,
    "main component with a name": fault("switch", name="Switch"),
    "main component without a word of its name": fault("switch", name=...),
    "sensor without a name": fault("power", name=None),
    "milliwatts": fault("power", unit_of_measurement="mW"),
    "no unit": fault("current", unit_of_measurement=...),
    "watt-hours": fault("energy", unit_of_measurement="Wh"),
    "energy that is measured": fault("energy", state_class="measurement"),
    "energy without a state class": fault("energy", state_class=...),
    "power that increases": fault("power", state_class="total_increasing"),
    "another device class": fault("voltage", device_class="current"),
    "signal strength for everybody": fault("rssi", enabled_by_default=...),
    "signal strength among the readings": fault("rssi", entity_category=...),
    "connection among the readings": fault("connection", entity_category=...),
    "connection that goes with the plug": fault("connection", availability=...),
    "connection with other payloads": fault("connection", payload_on="on"),
    "state of another plug": fault("switch", state_topic="museum/plug/x/state"),
    "commands to another topic": fault("switch", command_topic="museum/plug/x/set"),
    "commands that are retained": fault("switch", retain=True),
    "commands with QoS 0": fault("switch", qos=...),
    "a template for a bare number": fault("power", value_template="{{ value_json.power }}"),
    "brightness up to 255": fault("light", brightness_scale=...),
    "brightness without its topic": fault("light", brightness_state_topic=...),
    "brightness as a bare number": fault("light", brightness_command_template="{{ value }}"),
    "brightness besides ON": fault("light", on_command_type=...),
    "a light with transitions": fault("light", schema="json", transition=True),
    "meter of a plug without one": lambda messages: [
        root["cmps"].update(power={**root["cmps"]["switch"], "p": "sensor"})
        for _, root in messages
        if "switch" in root["cmps"] and "power" not in root["cmps"]
    ],
    "a component too few": lambda messages: device_message(messages, "power")[0]["cmps"].pop(
        "power"
    ),
    "a device too few": lambda messages: messages.pop(),
    "the bridge last": lambda messages: messages.append(messages.pop(0)),
    "letters that no topic may have": rename_topic,
    "an id without a MAC": other_id,
}


def test_the_check_finds_nothing_where_there_is_nothing(captured):
    messages, expected = captured
    assert not complaints([(topic, json.dumps(root)) for topic, root in messages], expected)


@pytest.mark.parametrize("name", FAULTS)
def test_the_check_catches_each_single_fault(captured, name):
    messages, expected = copy.deepcopy(captured)
    FAULTS[name](messages)
    assert complaints([(topic, json.dumps(root)) for topic, root in messages], expected)


def test_the_check_catches_what_is_no_json(captured):
    messages, expected = captured
    texts = [(topic, json.dumps(root)) for topic, root in messages]
    assert complaints([(texts[0][0], texts[0][1][:-1]), *texts[1:]], expected)
    assert complaints([(texts[0][0], '{"o":{},' + texts[0][1][1:]), *texts[1:]], expected)
