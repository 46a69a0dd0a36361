"""Dimmers and bulbs: brightness in, brightness out."""
import pytest

from harness.announcements import WITHIN_S, small_museum, wait_right


@pytest.fixture
def small(programs, tmp_path):
    museum = small_museum(programs, tmp_path)
    yield museum
    museum.stop()


def test_a_light_does_what_home_assistants_slider_says(small):
    """The command is made of the announced template, as Home Assistant would."""
    small.start()
    _, messages = wait_right(small)
    lights = {}
    for message in messages:
        light = message.json["cmps"].get("light")
        if light:
            lights[message.json["dev"]["name"].lower()] = light
    assert lights.keys() == {"gallery", "bulb"}
    for outlet, light in lights.items():
        mark = small.watch.mark()
        payload = light["brightness_command_template"].replace("{{ value }}", "37")
        small.watch.publish(light["brightness_command_topic"], payload)
        result = small.results(outlet, 1, after=mark)[0]
        assert (result["status"], result["state"], result["brightness"]) == ("ok", "ON", 37)
        assert small.device(outlet).light() == (True, 37)
        small.watch.wait_for(
            light["brightness_state_topic"], lambda m: m.text == "37", WITHIN_S, mark
        )
        small.watch.wait_for(light["state_topic"], lambda m: m.text == "ON", WITHIN_S, mark)
        assert small.command(outlet, light["payload_off"])["status"] == "ok"
        assert small.device(outlet).light() == (False, 37)


def test_a_brightness_without_a_state_lights(small):
    small.start()
    small.wait_online()
    for outlet in ("gallery", "bulb"):
        result = small.command(outlet, '{"brightness":12,"id":"dusk"}')
        assert (result["status"], result["command"], result["id"]) == ("ok", "ON", "dusk")
        assert small.device(outlet).light() == (True, 12)


def test_a_brightness_that_somebody_sets_by_hand_is_published(small):
    small.start()
    small.wait_settled()
    for outlet in ("gallery", "bulb"):
        mark = small.watch.mark()
        small.device(outlet).put(brightness=63)
        topic = small.topic(outlet, "brightness")
        message = small.watch.wait_for(topic, lambda m: m.text == "63", WITHIN_S, mark)
        assert message.is_retained
        small.watch.wait_for(
            small.topic(outlet, "json"), lambda m: m.json["brightness"] == 63, WITHIN_S, mark
        )


def test_what_cannot_be_dimmed_refuses_a_brightness(small):
    small.start()
    small.wait_online()
    result = small.command("engine", '{"state":"ON","brightness":40}')
    assert result["status"] == "refused" and "cannot be dimmed" in result["error"]
    assert small.device("engine").relays() == [False]


def test_a_brightness_that_comes_before_its_device_is_refused_when_it_says_what_it_is(small):
    small.device("engine").power_off()
    small.start()
    small.wait_online(["gallery"])
    mark = small.watch.mark()
    small.watch.publish(small.topic("engine", "set"), '{"brightness":40,"ttl_s":60}')
    small.device("engine").power_on()
    result = small.results("engine", 1, after=mark)[0]
    assert result["status"] == "refused" and "cannot be dimmed" in result["error"]
    assert small.device("engine").relays() == [False]


@pytest.mark.parametrize(
    "payload",
    [
        '{"brightness":0}',
        '{"brightness":101}',
        '{"brightness":"40"}',
        '{"brightness":40.5}',
        '{"state":"OFF","brightness":40}',
        '{"state":"TOGGLE","brightness":40}',
    ],
)
def test_what_is_no_brightness_is_invalid(small, payload):
    small.start()
    small.wait_online(["gallery"])
    result = small.command("gallery", payload)
    assert result["status"] == "invalid" and "brightness" in result["error"]
