"""plugbridge.cfg: what is refused, what a reload changes, and what is cleared afterwards."""
import re

import pytest

from harness.broker import Broker
from harness.client import MqttClient
from harness.museum import Museum

WITHIN_S = 15

WRONG = """\
broker = {
\thost = "127.0.0.1";
\tport = 99999999999999;
\tcolour = "red";
};
bridge = { id = "e2e"; state_dir = "%(state)s"; command_ttl_s = "soon"; };
poll = { interval_s = -1.0; };
devices = (
\t{ name = "Steam Engine"; host = "127.0.0.1"; },
\t{ name = "twin"; host = "127.0.0.2"; },
\t{ name = "twin"; host = "127.0.0.3"; },
\t{ name = "nowhere"; },
\t{ name = "mac"; mac = "50:C7:BF"; }
);
"""
# line: what its message must name
WRONG_LINES = {
    3: "broker.port",
    4: "broker.colour",
    6: "bridge.command_ttl_s",
    7: "poll.interval_s",
    9: "devices[0].name",
    11: "devices[2].name",
    12: "devices[3]",
    13: "devices[4].mac",
}


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path)
    yield museum
    museum.stop()


@pytest.fixture
def wrong(museum):
    return WRONG % {"state": museum.settings["bridge"]["state_dir"]}


def assert_names_each_problem(output, path):
    for line, key in WRONG_LINES.items():
        pattern = rf"(?m){re.escape(str(path))}:{line}: {re.escape(key)}: .*\w"
        assert re.search(pattern, output), f"line {line}, {key} is not in:\n{output}"


def test_check_accepts_a_good_file(museum):
    status, output = museum.bridge.check()
    assert status == 0, output


def test_check_accepts_the_example(museum):
    example = museum.source / "deploy" / "plugbridge.cfg.example"
    museum.bridge.write(example.read_text())
    status, output = museum.bridge.check()
    assert status == 0, output


def test_check_names_every_problem_in_one_run(museum, wrong):
    museum.bridge.write(wrong)
    status, output = museum.bridge.check()
    assert status == 1
    assert_names_each_problem(output, museum.bridge.path)


def test_bridge_does_not_start_with_problems(museum, wrong):
    museum.bridge.write(wrong)
    process = museum.bridge.start().process
    status = process.wait(WITHIN_S)
    output = process.output
    museum.bridge.forget()
    assert status == 1
    assert_names_each_problem(output, museum.bridge.path)


def test_syntax_error_is_reported_with_its_line(museum):
    museum.bridge.write('broker = {\n\thost = "127.0.0.1;\n};\n')
    status, output = museum.bridge.check()
    assert status == 1
    assert re.search(rf"{re.escape(str(museum.bridge.path))}:\d+:", output)


def test_missing_file_is_an_error(museum):
    museum.bridge.path.unlink()
    status, output = museum.bridge.check()
    assert status == 1
    assert str(museum.bridge.path) in output


def test_state_dir_that_cannot_be_written_is_an_error(museum):
    museum.bridge.settings["bridge"]["state_dir"] = "/dev/null/state"
    museum.bridge.write()
    process = museum.bridge.start().process
    status = process.wait(WITHIN_S)
    output = process.output
    museum.bridge.forget()
    assert status == 1
    assert "/dev/null/state" in output


def test_password_file_that_others_can_read_is_an_error(museum, tmp_path):
    password = tmp_path / "password"
    password.write_text("secret-4711\n")
    password.chmod(0o644)
    museum.bridge.settings["broker"]["password_file"] = str(password)
    museum.bridge.write()
    status, output = museum.bridge.check()
    assert status == 1
    assert "broker.password_file" in output and "secret-4711" not in output


def wait_gone(museum, topic, after=0):
    museum.watch.wait_for(topic, lambda m: not m.payload, WITHIN_S, after)


def test_reload_applies_the_difference_and_nothing_else(museum):
    museum.start()
    museum.wait_online()
    mark = museum.watch.mark()
    connections = museum.device("engine").counters()["connections"]
    devices = museum.bridge.settings["devices"]
    removed = next(device for device in devices if device["name"] == "fountain")
    devices.remove(removed)
    devices.append({**removed, "name": "waterfall"})
    next(device for device in devices if device["name"] == "projector")["label"] = "Projektor"
    museum.bridge.write()
    museum.bridge.reload()
    # The one that went is cleared, the one that came is served, the label is shown.
    wait_gone(museum, "museum/plug/fountain/state", mark)
    museum.watch.wait_for(
        "museum/plug/waterfall/availability", lambda m: m.text == "online", WITHIN_S, mark
    )
    assert museum.command("waterfall", "ON")["status"] == "ok"
    museum.watch.wait_for(
        "museum/plug/projector/json",
        lambda m: m.payload and m.json["label"] == "Projektor",
        WITHIN_S,
        mark,
    )
    museum.wait_settled(without={"fountain"})
    assert not [topic for topic in museum.retained("museum/plug/#") if "/fountain/" in topic]
    # Those that stayed never went offline or lost their connection.
    others = set(museum.outlets) - {"fountain"}
    for message in museum.watch.messages[mark:]:
        if message.topic.endswith("/availability"):
            assert message.topic.split("/")[2] not in others or message.text == "online"
    assert museum.device("engine").counters()["connections"] == connections


def test_reload_of_a_wrong_file_leaves_the_old_one_running(museum, wrong):
    museum.start()
    museum.wait_online()
    museum.bridge.write(wrong)
    log = museum.bridge.process.mark()
    museum.bridge.reload()
    for line, key in WRONG_LINES.items():
        museum.bridge.process.wait_line(rf":{line}: {re.escape(key)}", WITHIN_S, log)
    assert museum.command("engine", "ON")["status"] == "ok"
    # And a good one is taken again.
    mark = museum.watch.mark()
    museum.bridge.settings["devices"] = museum.bridge.settings["devices"][:1]
    museum.bridge.write()
    museum.bridge.reload()
    wait_gone(museum, "museum/plug/fountain/availability", mark)
    assert museum.command("engine", "OFF")["status"] == "ok"


def test_command_under_way_gets_its_result_when_its_device_leaves(museum):
    museum.start()
    museum.wait_online()
    museum.device("fountain").power_off()
    museum.watch.publish("museum/plug/fountain/set", '{"state":"ON","id":"orphan"}')
    museum.command("engine", "", leaf="get")
    settings = museum.bridge.settings
    settings["devices"] = [d for d in settings["devices"] if d["name"] != "fountain"]
    museum.bridge.write()
    museum.bridge.reload()
    result = museum.results("fountain", 1)[0]
    assert (result["id"], result["status"]) == ("orphan", "failed")


def test_reload_can_change_the_broker(museum, tmp_path):
    museum.start()
    museum.wait_online()
    second = tmp_path / "second"
    second.mkdir()
    other = Broker(second).start()
    try:
        museum.bridge.settings["broker"]["port"] = other.port
        museum.bridge.write()
        museum.bridge.reload()
        with MqttClient(other.port, subscribe=["museum/#"]) as watch:
            for name in museum.outlets:
                watch.wait_for(
                    museum.topic(name, "availability"), lambda m: m.text == "online", 2 * WITHIN_S
                )
    finally:
        museum.bridge.stop()
        other.stop()


def test_topics_that_left_between_two_runs_are_cleared_and_no_others(museum):
    museum.start()
    museum.wait_online()
    museum.wait_settled()
    foreign = ["museum/plug/stranger/state", "museum/other", "homeassistant/device/x/config"]
    for topic in foreign:
        museum.watch.publish(topic, "mine", retain=True)
    museum.bridge.stop()
    before = museum.retained("#")
    settings = museum.bridge.settings
    settings["devices"] = [d for d in settings["devices"] if d["name"] != "fountain"]
    museum.bridge.write()
    mark = museum.watch.mark()
    museum.bridge.start()
    announced = f"/kasa_{museum.device('fountain').mac.replace(':', '').lower()}/"
    gone = {topic for topic in before if "/fountain/" in topic or announced in topic}
    assert {"museum/plug/fountain/state", f"homeassistant/device{announced}config"} <= gone
    for topic in gone:
        wait_gone(museum, topic, mark)
    museum.wait_online({name for name in museum.outlets if name != "fountain"}, after=mark)
    museum.wait_settled(without={"fountain"})
    after = museum.retained("#")
    assert not gone & after.keys()
    assert all(after[topic].text == "mine" for topic in foreign)
    assert before.keys() - gone <= after.keys()


def test_stop_during_a_reload_is_clean(museum):
    museum.start()
    museum.wait_online()
    museum.bridge.settings["devices"] = museum.bridge.settings["devices"][::-1]
    museum.bridge.write()
    museum.bridge.reload()
    museum.bridge.reload()
    museum.bridge.stop()
