"""The bridge and its broker: absent, restarted, frozen, refusing, over TLS, over MQTT 3.1.1."""
import json
import shutil
import subprocess
import time

import pytest

from harness.broker import free_port
from harness.client import MqttClient
from harness.museum import Museum

# Everything is back within 2 s of the broker accepting connections; three times that.
BACK_WITHIN_S = 6
WITHIN_S = 15


@pytest.fixture
def museum(programs, tmp_path):
    museum = Museum(programs, tmp_path)
    yield museum
    museum.stop()


def assert_serves(museum, name="engine"):
    for word in ("ON", "OFF"):
        result = museum.command(name, word)
        assert (result["status"], result["state"]) == ("ok", word)
        assert museum.relay(name) == (word == "ON")


def test_restarted_broker_gets_everything_back(museum):
    museum.start()
    museum.wait_online()
    museum.command("engine", "ON")
    museum.wait_settled()
    before = museum.retained("#")
    museum.restart_broker()
    began = time.monotonic()
    for topic in before:
        museum.watch.wait_for(topic, within=BACK_WITHIN_S)
    assert time.monotonic() - began < BACK_WITHIN_S
    after = museum.retained("#")
    assert after.keys() == before.keys()
    for name in museum.outlets:
        for leaf in ("state", "availability"):
            topic = museum.topic(name, leaf)
            assert after[topic].payload == before[topic].payload
    assert_serves(museum)


def test_what_changed_while_the_broker_was_away_is_told(museum):
    museum.start()
    museum.wait_online()
    museum.stop_broker()
    museum.device("engine").put(relay=True)
    museum.wait_polls("engine", 2)
    museum.start_broker()
    state = museum.watch.wait_for(museum.topic("engine", "state"), within=BACK_WITHIN_S)
    assert state.text == "ON"


def test_result_waits_for_the_broker(museum):
    museum.start()
    museum.wait_online()
    museum.device("engine").fault("hang")
    museum.wait_fault_hit("engine")
    museum.watch.publish(museum.topic("engine", "set"), '{"state":"ON","id":"waits"}')
    museum.command("fountain", "ON")  # the bridge has had the one before, too
    museum.restart_broker(while_down=lambda: museum.device("engine").clear_faults())
    result = museum.results("engine", 1, within=2 * WITHIN_S)[0]
    assert (result["id"], result["status"]) == ("waits", "ok")
    assert museum.relay("engine")


def test_broker_absent_at_start_is_waited_for(museum):
    museum.start_without_broker()
    museum.wait_polls("engine", 2)
    assert museum.bridge.process.is_running()
    museum.start_broker()
    museum.wait_online(within=3 * BACK_WITHIN_S)
    assert_serves(museum)


def test_frozen_broker_does_not_slow_the_polling(museum):
    museum.start()
    museum.wait_online()
    seconds_calm = museum.wait_polls("engine", 10)
    museum.broker.freeze()
    seconds_frozen = museum.wait_polls("engine", 10)
    assert seconds_frozen <= 3 * seconds_calm
    museum.device("engine").put(relay=True)
    museum.wait_polls("engine", 2)
    museum.broker.thaw()
    museum.watch.wait_for(
        museum.topic("engine", "state"), lambda m: m.text == "ON", 2 * WITHIN_S
    )
    assert_serves(museum)


def test_frozen_bridge_loses_no_command(museum):
    """Commands that queue up at the broker meanwhile are carried out once each."""
    museum.start()
    museum.wait_online()
    museum.bridge.freeze()
    commands = [json.dumps({"state": "TOGGLE", "id": f"f{n}"}) for n in range(10)]
    museum.watch.publish_all([(museum.topic("engine", "set"), c) for c in commands])
    museum.bridge.thaw()
    results = museum.results("engine", 10)
    assert sorted(result["id"] for result in results) == sorted(f"f{n}" for n in range(10))
    museum.command("engine", "", leaf="get")
    assert not museum.relay("engine")


def test_killed_bridge_leaves_its_will(museum):
    museum.start()
    museum.wait_online()
    mark = museum.watch.mark()
    museum.bridge.kill_hard()
    museum.watch.wait_for(museum.bridge.availability, lambda m: m.text == "offline", after=mark)
    assert museum.retained(museum.bridge.availability)[museum.bridge.availability].text == "offline"
    museum.bridge.start()
    museum.watch.wait_for(museum.bridge.availability, lambda m: m.text == "online", after=mark + 1)


def test_clean_stop_publishes_offline(museum):
    museum.start()
    museum.wait_online()
    mark = museum.watch.mark()
    museum.bridge.stop()
    message = museum.watch.wait_for(museum.bridge.availability, after=mark)
    assert message.text == "offline" and message.is_retained


def test_set_retained_before_the_start_is_not_executed(museum):
    museum.start_broker()
    with MqttClient(museum.broker.port) as commander:
        commander.publish(museum.topic("engine", "set"), "ON", retain=True)
    museum.start()
    museum.wait_online()
    museum.command("engine", "", leaf="get")
    assert not museum.relay("engine")


def test_mqtt_3_1_1_serves_too(museum):
    museum.settings["broker"]["protocol"] = 4
    museum.start_broker()
    with MqttClient(museum.broker.port) as commander:
        commander.publish(museum.topic("engine", "set"), "ON", retain=True)
    museum.start()
    museum.wait_online()
    # Here the broker sends what was retained; it is refused and cleared, not executed.
    refused = museum.results("engine", 1)[0]
    assert refused["status"] == "refused"
    museum.watch.wait_for(museum.topic("engine", "set"), lambda m: not m.payload)
    assert not museum.relay("engine")
    assert_serves(museum)
    museum.restart_broker()
    museum.wait_online(within=BACK_WITHIN_S)
    assert_serves(museum)


def make_passwords(folder):
    """A Mosquitto password file that lets museum in with secret-4711."""
    path = folder / "passwords"
    path.write_text("")
    path.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-b", path, "museum", "secret-4711"], check=True)
    return path


def write_secret(folder, text):
    path = folder / "mqtt.password"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return str(path)


def test_login_with_a_password_file(museum, tmp_path):
    museum.broker.extra += ["allow_anonymous false", f"password_file {make_passwords(tmp_path)}"]
    museum.login = {"username": "museum", "password": "secret-4711"}
    museum.settings["broker"]["username"] = "museum"
    museum.settings["broker"]["password_file"] = write_secret(tmp_path, "secret-4711")
    museum.start()
    museum.wait_online()
    assert_serves(museum)
    assert "secret-4711" not in museum.bridge.process.output


def test_wrong_password_is_said_and_devices_are_polled_on(museum, tmp_path):
    museum.broker.extra += ["allow_anonymous false", f"password_file {make_passwords(tmp_path)}"]
    museum.settings["broker"]["username"] = "museum"
    museum.settings["broker"]["password_file"] = write_secret(tmp_path, "secret-wrong")
    museum.start_without_broker()
    museum.broker.start()
    museum.broker.process.wait_line("not authorised|bad user", WITHIN_S)
    museum.bridge.process.wait_line("(?i)authori[sz]ed|password|refused", WITHIN_S)
    museum.wait_polls("engine", 2)
    assert "secret-wrong" not in museum.bridge.process.output


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate authority, and a certificate of it for localhost."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not installed: tests/run installs it"
    folder = tmp_path_factory.mktemp("certificates")

    def run(*arguments):
        subprocess.run([openssl, *arguments], check=True, cwd=folder, capture_output=True)

    new_key = ["-newkey", "rsa:2048", "-nodes"]
    for name in ("ca", "other-ca"):
        run("req", "-x509", *new_key, "-days", "2", "-subj", f"/CN=museum {name}",
            "-keyout", f"{name}.key", "-out", f"{name}.crt")  # fmt: skip
    run("req", *new_key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.crt")  # fmt: skip
    return folder


def use_tls(museum, certificates, ca, host):
    port = free_port()
    museum.broker.extra += [
        f"listener {port} 127.0.0.1",
        f"certfile {certificates / 'server.crt'}",
        f"keyfile {certificates / 'server.key'}",
    ]
    museum.settings["broker"].update(
        {"host": host, "port": port, "tls": {"ca_file": str(certificates / ca)}}
    )


def test_tls_with_the_right_authority_and_host(museum, certificates):
    use_tls(museum, certificates, "ca.crt", "localhost")
    museum.start()
    museum.wait_online()
    assert_serves(museum)


@pytest.mark.parametrize("ca, host", [("other-ca.crt", "localhost"), ("ca.crt", "127.0.0.1")])
def test_tls_refuses_a_stranger(museum, certificates, ca, host):
    use_tls(museum, certificates, ca, host)
    museum.start_without_broker()
    museum.start_broker()
    museum.bridge.process.wait_line("(?i)certificate|tls", WITHIN_S)
    museum.wait_polls("engine", 2)
    assert not museum.retained("museum/#")
