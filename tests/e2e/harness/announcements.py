"""What a museum must announce to Home Assistant, and how to wait for it."""
import time

from harness.homeassistant import Expected, complaints
from harness.museum import Museum

WITHIN_S = 30
METER = {
    "power", "voltage", "current", "apparent_power", "power_factor", "energy", "energy_today",
}  # fmt: skip
COUNTERS = {"energy", "energy_today"}
BOX = {"rssi", "connection"}
BRIDGE = "plugbridge_e2e"
ROOMS = {"engine": "Engine hall", "cases": "Vault"}
# model: what a device of it has beside its connection
KINDS = {
    "HS110v1": {"switch"} | METER,
    "HS110v2": {"switch"} | METER,
    "HS100": {"switch"},
    "HS220": {"light"},
    "KL110": {"light", "power"},  # and what counters it is seen to have
}


def id_of(device, outlet=0):
    mac = device.mac.replace(":", "").lower()
    return f"kasa_{mac}_{outlet}" if outlet else f"kasa_{mac}"


def name_of(name):
    return name.capitalize()


def counters_of(museum, outlet):
    topics = museum.retained(museum.topic(outlet, "+"))
    return {leaf for leaf in COUNTERS if museum.topic(outlet, leaf) in topics}


def expected_of(museum):
    """{id: Expected} for everything that the museum has shown so far."""
    expected = {
        BRIDGE: Expected(
            BRIDGE,
            "plugbridge e2e",
            "",
            "",
            "",
            frozenset({"connection", "devices_online", "devices_offline", "started"}),
        )
    }
    for name, device in museum.devices.items():
        model, outlets = museum.models[name]
        room, device_id = ROOMS.get(name, ""), id_of(device)
        components = BOX if model == "HS300" else BOX | KINDS[model]
        if model == "KL110":
            components = components | counters_of(museum, outlets[0])
        expected[device_id] = Expected(
            name, name_of(name), room, BRIDGE, outlets[0], frozenset(components)
        )
        for number, outlet in enumerate(outlets if model == "HS300" else [], 1):
            expected[id_of(device, number)] = Expected(
                outlet.replace("-", "_"),
                name_of(outlet),
                room,
                device_id,
                outlet,
                frozenset({"switch"} | METER),
            )
    return expected


def label_everything(museum):
    for device in museum.settings["devices"]:
        device["label"] = name_of(device["name"])
        if device["name"] in ROOMS:
            device["room"] = ROOMS[device["name"]]
        if "outlets" in device:
            device["outlets"] = [
                {"name": name, "label": name_of(name)} for name in device["outlets"]
            ]


def topics_of(expected, form):
    """Every discovery topic that there must be."""
    platforms = {"switch": "switch", "light": "light", "connection": "binary_sensor"}
    if form == "device":
        return {f"homeassistant/device/{device_id}/config" for device_id in expected}
    return {
        f"homeassistant/{platforms.get(component, 'sensor')}/{device_id}/{component}/config"
        for device_id, device in expected.items()
        for component in device.components
    }


def is_config(message):
    return bool(message.payload) and "migrate_discovery" not in message.text


def wait_config(museum, topic, after=0):
    return museum.watch.wait_for(topic, is_config, WITHIN_S, after)


def newest(museum, topics, after=0):
    """The last configuration of each topic since the mark, in the order of the first ones."""
    last = {}
    for message in museum.watch.messages[after:]:
        if message.topic in topics and is_config(message):
            last[message.topic] = message
    return last


def wait_right(museum, form="device", after=0):
    """Waits until everything is announced as it must be; gives what must be, and the messages."""
    museum.wait_settled()
    expected = expected_of(museum)
    topics = topics_of(expected, form)
    for topic in topics:
        wait_config(museum, topic, after)
    deadline = time.monotonic() + WITHIN_S
    while True:
        messages = list(newest(museum, topics, after).values())
        wrong = complaints([(m.topic, m.text) for m in messages], expected)
        if not wrong:
            return expected, messages
        assert time.monotonic() < deadline, "\n".join(wrong)
        museum.wait_polls_of_all(len(museum.models), WITHIN_S)


def discovery(messages):
    return [m for m in messages if m.topic.startswith("homeassistant/")]


def change(museum):
    """Writes the settings and has them read; the mark of what comes then."""
    mark = museum.watch.mark()
    museum.bridge.write()
    museum.bridge.reload()
    return mark


def small_museum(programs, folder):
    """A plug with a meter and one without, and a light of each kind."""
    museum = Museum(
        programs,
        folder,
        {
            "engine": ("HS110v2", ["engine"]),
            "gallery": ("HS220", ["gallery"]),
            "bulb": ("KL110", ["bulb"]),
            "lamp": ("HS100", ["lamp"]),
        },
    )
    label_everything(museum)
    return museum
