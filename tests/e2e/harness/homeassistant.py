"""What Home Assistant demands of discovery messages, and what we promised beyond it.

complaints(messages, expected) takes (topic, payload text) pairs in the order in which they came,
and {id: Expected}; it returns sentences, none when all is well.

The schemas are those of Home Assistant's components/mqtt: discovery.py, schemas.py, switch.py,
light/schema_basic.py, sensor.py, binary_sensor.py, and of its sensor device classes."""
import dataclasses
import json
import re

TOPIC = re.compile(
    r"homeassistant/(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?(?P<object>[a-zA-Z0-9_-]+)"
    r"/config"
)
ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")
PLUG_ID = re.compile(r"kasa_[0-9a-f]{12}(_\d+)?")

SHORT = {
    "dev": "device", "o": "origin", "cmps": "components", "p": "platform",
    "uniq_id": "unique_id", "avty": "availability", "avty_mode": "availability_mode",
    "avty_t": "availability_topic", "obj_id": "object_id", "def_ent_id": "default_entity_id",
    "stat_t": "state_topic", "cmd_t": "command_topic", "dev_cla": "device_class",
    "stat_cla": "state_class", "unit_of_meas": "unit_of_measurement", "ent_cat": "entity_category",
    "en": "enabled_by_default", "val_tpl": "value_template", "t": "topic",
    "exp_aft": "expire_after", "ret": "retain", "bri_scl": "brightness_scale",
}  # fmt: skip
SHORT_DEVICE = {
    "ids": "identifiers", "cns": "connections", "mf": "manufacturer", "mdl": "model",
    "mdl_id": "model_id", "hw": "hw_version", "sw": "sw_version", "sa": "suggested_area",
    "sn": "serial_number", "cu": "configuration_url",
}  # fmt: skip
SHORT_ORIGIN = {"sw": "sw_version", "url": "support_url"}

AVAILABILITY = {"availability", "availability_mode"}
ROOT = AVAILABILITY | {
    "device", "origin", "components", "state_topic", "command_topic", "qos", "encoding",
}  # fmt: skip
DEVICE = set(SHORT_DEVICE.values()) | {"name", "via_device"}
ORIGIN = {"name", "sw_version", "support_url"}
ENTITY = AVAILABILITY | {
    "name", "unique_id", "default_entity_id", "state_topic", "device_class", "entity_category",
    "enabled_by_default", "icon", "qos", "encoding", "value_template", "json_attributes_topic",
    "json_attributes_template", "platform",
}  # fmt: skip
COMMAND = {"command_topic", "payload_on", "payload_off", "retain", "optimistic"}
PLATFORMS = {
    "switch": ENTITY | COMMAND | {"state_on", "state_off", "command_template"},
    "light": ENTITY
    | COMMAND
    | {
        "schema", "brightness_state_topic", "brightness_command_topic",
        "brightness_command_template", "brightness_scale", "brightness_value_template",
        "on_command_type",
    },  # fmt: skip
    "sensor": ENTITY
    | {
        "state_class", "unit_of_measurement", "suggested_display_precision", "expire_after",
        "force_update", "options", "last_reset_value_template",
    },  # fmt: skip
    "binary_sensor": ENTITY
    | {"payload_on", "payload_off", "off_delay", "expire_after", "force_update"},
}
# component: platform, device class, unit, state class
COMPONENTS = {
    "switch": ("switch", "outlet", None, None),
    "light": ("light", None, None, None),
    "power": ("sensor", "power", "W", "measurement"),
    "voltage": ("sensor", "voltage", "V", "measurement"),
    "current": ("sensor", "current", "A", "measurement"),
    "apparent_power": ("sensor", "apparent_power", "VA", "measurement"),
    "power_factor": ("sensor", "power_factor", None, "measurement"),
    "energy": ("sensor", "energy", "kWh", "total_increasing"),
    "energy_today": ("sensor", "energy", "kWh", "total_increasing"),
    "rssi": ("sensor", "signal_strength", "dBm", "measurement"),
    "connection": ("binary_sensor", "connectivity", None, None),
    "devices_online": ("sensor", None, None, "measurement"),
    "devices_offline": ("sensor", None, None, "measurement"),
    "started": ("sensor", "timestamp", None, None),
}
MAIN = {"switch", "light"}
DIAGNOSTIC = {"rssi", "connection", "devices_online", "devices_offline", "started"}
DISABLED = {"rssi", "apparent_power", "power_factor"}


@dataclasses.dataclass(frozen=True)
class Expected:
    """One device of Home Assistant. plug: the outlet whose topics it shows; "" for the bridge."""

    slug: str  # of entity ids
    name: str
    area: str
    via: str
    plug: str
    components: frozenset


@dataclasses.dataclass
class Entity:
    """One component, its keys in full, what it inherits included."""

    device_id: str
    key: str
    platform: str
    options: dict


def _distinct(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _long(options, short=None):
    return {(short or SHORT).get(key, key): value for key, value in options.items()}


class Check:
    def __init__(self, expected, base, bridge_id):
        self.expected = expected
        self.base = base
        self.bridge_topic = f"{base}/bridge/{bridge_id}"
        self.complaints = []
        self.entities = []
        self.seen = []  # device ids in order

    def complain(self, where, what):
        self.complaints.append(f"{where}: {what}")

    def keys(self, where, options, allowed):
        for key in options.keys() - allowed:
            self.complain(where, f"{key} is not in the schema")

    def message(self, topic, payload):
        match = TOPIC.fullmatch(topic)
        if not match:
            return self.complain(topic, "is no discovery topic")
        try:
            root = json.loads(payload, object_pairs_hook=_distinct)
            if not isinstance(root, dict):
                raise ValueError("not an object")
        except ValueError as error:
            return self.complain(topic, f"no JSON: {error}")
        root = _long(root)
        if match["component"] == "device":
            return self.device_form(topic, match["object"], root)
        return self.component_form(topic, match, root)

    def device_form(self, topic, device_id, root):
        self.keys(topic, root, ROOT)
        components = root.get("components")
        if not isinstance(components, dict) or not components:
            return self.complain(topic, "has no components")
        self.device(topic, device_id, root)
        shared = {key: root[key] for key in AVAILABILITY & root.keys()}
        for key, options in components.items():
            where = f"{topic} {key}"
            options = _long(options)
            platform = options.pop("platform", None)
            if not options:
                self.complain(where, "has nothing but a platform")
            self.entity(where, Entity(device_id, key, platform, {**shared, **options}))
        return None

    def component_form(self, topic, match, root):
        if not match["node"]:
            return self.complain(topic, "has no node to be migrated by")
        self.device(topic, match["node"], root)
        options = {key: root[key] for key in root.keys() - {"device", "origin"}}
        entity = Entity(match["node"], match["object"], match["component"], options)
        return self.entity(topic, entity)

    def device(self, where, device_id, root):
        origin, device = root.get("origin"), root.get("device")
        if not isinstance(origin, dict) or not isinstance(device, dict):
            return self.complain(where, "has no origin or no device")
        origin, device = _long(origin, SHORT_ORIGIN), _long(device, SHORT_DEVICE)
        self.keys(f"{where} o", origin, ORIGIN)
        self.keys(f"{where} dev", device, DEVICE)
        if not origin.get("name"):
            self.complain(where, "its origin has no name")
        if device.get("identifiers") != [device_id]:
            self.complain(where, "its identifier is not that of its topic")
        expected = self.expected.get(device_id)
        if not expected:
            return self.complain(where, "is nobody's device")
        if expected.plug and not PLUG_ID.fullmatch(device_id):
            self.complain(where, "its id is not made of a MAC")
        for key, value in {
            "name": expected.name,
            "suggested_area": expected.area or None,
            "via_device": expected.via or None,
        }.items():
            if device.get(key) != value:
                self.complain(where, f"{key} is {device.get(key)!r}, not {value!r}")
        if expected.via and expected.via not in self.seen:
            self.complain(where, "comes before the device that it is reached through")
        if device_id not in self.seen:
            self.seen.append(device_id)
        return None

    def entity(self, where, entity):
        options = entity.options
        row = COMPONENTS.get(entity.key)
        self.entities.append(entity)
        if entity.platform not in PLATFORMS or not row:
            return self.complain(where, "is not a component of ours")
        self.keys(where, options, PLATFORMS[entity.platform])
        found = (
            entity.platform,
            *(options.get(key) for key in ("device_class", "unit_of_measurement", "state_class")),
        )
        if found != row:
            self.complain(where, f"is {found}, not {row}")
        if options.get("unique_id") != f"{entity.device_id}_{entity.key}":
            self.complain(where, "unique_id is missing or another's")
        self.entity_id(where, entity)
        if "name" not in options or (options["name"] is None) != (entity.key in MAIN):
            self.complain(where, "only the main component is named by its device")
        if (options.get("entity_category") == "diagnostic") != (entity.key in DIAGNOSTIC):
            self.complain(where, "diagnostic or not")
        if options.get("enabled_by_default", True) is not (entity.key not in DISABLED):
            self.complain(where, "enabled or not")
        self.availability(where, entity)
        return self.topics(where, entity)

    def entity_id(self, where, entity):
        found = entity.options.get("default_entity_id")
        expected = self.expected.get(entity.device_id)
        slug = expected.slug if expected else ""
        wanted = f"{entity.platform}.{slug}"
        if entity.key not in MAIN:
            wanted += f"_{entity.key}"
        if found != wanted or not ENTITY_ID.fullmatch(found):
            self.complain(where, f"default_entity_id is {found!r}, not {wanted!r}")

    def availability(self, where, entity):
        expected = self.expected.get(entity.device_id)
        plug = expected.plug if expected else ""
        wanted = [{"topic": f"{self.bridge_topic}/availability"}]
        if plug and entity.key != "connection":
            wanted.append({"topic": f"{self.base}/plug/{plug}/availability"})
        if not plug and entity.key == "connection":
            wanted = []
        if entity.options.get("availability") != wanted:
            self.complain(where, "availability is not the list that it should be")
        if entity.options.get("availability_mode") != "all":
            self.complain(where, "availability_mode is not all")

    def topics(self, where, entity):
        expected = self.expected.get(entity.device_id)
        plug = expected.plug if expected else ""
        place = f"{self.base}/plug/{plug}" if plug else self.bridge_topic
        leaf = {
            "switch": "state", "light": "state", "connection": "availability",
            "devices_online": "health", "devices_offline": "health", "started": "info",
        }.get(entity.key, entity.key)  # fmt: skip
        wanted = {"state_topic": f"{place}/{leaf}"}
        if entity.key == "connection":
            wanted |= {"payload_on": "online", "payload_off": "offline"}
        if entity.key in MAIN:
            wanted |= {
                "command_topic": f"{place}/set", "payload_on": "ON", "payload_off": "OFF", "qos": 1,
            }  # fmt: skip
        if entity.key == "light":
            wanted |= {
                "brightness_state_topic": f"{place}/brightness",
                "brightness_command_topic": f"{place}/set",
                "brightness_scale": 100,
                "on_command_type": "brightness",
            }
            template = entity.options.get("brightness_command_template", "")
            self.command(where, template.replace("{{ value }}", "40"))
        if leaf in ("health", "info"):
            path = {"started": "started"}.get(entity.key, entity.key.replace("_", "."))
            wanted["value_template"] = f"{{{{ value_json.{path} }}}}"
        elif "value_template" in entity.options:
            self.complain(where, "a bare number needs no template")
        for key, value in wanted.items():
            if entity.options.get(key) != value:
                self.complain(where, f"{key} is {entity.options.get(key)!r}, not {value!r}")
        if entity.options.get("retain") or entity.options.get("optimistic"):
            self.complain(where, "commands are never retained, and states never guessed")

    def command(self, where, payload):
        try:
            command = json.loads(payload)
        except ValueError:
            command = None
        if command != {"state": "ON", "brightness": 40}:
            self.complain(where, f"a brightness becomes {payload!r}")

    def whole(self):
        for device_id, expected in self.expected.items():
            found = [e.key for e in self.entities if e.device_id == device_id]
            if sorted(found) != sorted(expected.components):
                self.complain(device_id, f"has {sorted(found)}, not {sorted(expected.components)}")
        for key in ("unique_id", "default_entity_id"):
            values = [entity.options.get(key) for entity in self.entities]
            for value in {value for value in values if values.count(value) > 1}:
                self.complain(value, f"is the {key} of several")


def complaints(messages, expected, base="museum", bridge_id="e2e"):
    check = Check(expected, base, bridge_id)
    for topic, payload in messages:
        check.message(topic, payload)
    check.whole()
    return check.complaints
