"""The shipped files for Prometheus, with Debian's exporter and Prometheus itself; and the queries
of the Grafana dashboard, asked of it."""
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from harness.broker import free_port
from harness.museum import SOURCE, Museum
from harness.process import Process

WITHIN_S = 30
HEARTBEAT_S = 1
CACHE_S = 4
EXAMPLES = SOURCE / "deploy" / "examples"
DEVICES = {
    "engine": ("HS110v1", ["engine"]),
    "cases": ("HS300", [f"case-{number}" for number in range(1, 7)]),
    "fountain": ("HS100", ["fountain"]),
}


@pytest.fixture(scope="module")
def museum(programs, tmp_path_factory):
    museum = Museum(programs, tmp_path_factory.mktemp("prometheus"), DEVICES)
    museum.settings["poll"]["heartbeat_s"] = HEARTBEAT_S
    museum.device("engine").put(relay=True, power_mw=42500, energy_wh=7250)
    museum.start()
    museum.wait_online()
    yield museum
    museum.stop()


def adapted(path, **changes):
    """The shipped text with its few places of installation changed; each must be there."""
    text = path.read_text()
    for before, after in changes.values():
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def exporter(museum, tmp_path_factory):
    program = shutil.which("prometheus-mqtt-exporter")
    assert program, "prometheus-mqtt-exporter is not installed: tests/run installs it"
    path = tmp_path_factory.mktemp("exporter") / "mqtt-exporter.yaml"
    path.write_text(
        adapted(
            EXAMPLES / "prometheus" / "mqtt-exporter.yaml",
            broker=("tcp://localhost:1883", f"tcp://127.0.0.1:{museum.broker.port}"),
            cache=("timeout: 3m", f"timeout: {CACHE_S}s"),
        )
    )
    port = free_port()
    process = Process(
        [program, "-config", str(path), "-listen-address", "127.0.0.1", "-listen-port", str(port)]
    )
    process.wait_line("Listening on", WITHIN_S)
    yield port
    assert process.is_running(), process.output
    process.kill()


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def metrics(port):
    """{(metric, outlet): value}"""
    found = re.findall(r'^(plug_\w+)\{sensor="([^"]+)".*\} (\S+)', get(port, "/metrics"), re.M)
    return {(metric, outlet): float(value) for metric, outlet, value in found}


def wait_for(is_good, complaint, within=WITHIN_S):
    """Nothing is pushed: what HTTP tells has to be asked for."""
    deadline = time.monotonic() + within
    while True:
        value = is_good()
        if value:
            return value
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)


def test_exporter_shows_power_and_energy_of_each_plug(museum, exporter):
    wanted = {
        *(("plug_on", name) for name in museum.outlets),
        *(("plug_online", name) for name in museum.outlets),
        *(("plug_power_watts", name) for name in museum.outlets if name != "fountain"),
        *(("plug_energy_kwh_total", name) for name in museum.outlets if name != "fountain"),
    }
    wait_for(lambda: wanted <= set(metrics(exporter)), f"never: {sorted(wanted)}")
    told = metrics(exporter)
    assert told["plug_power_watts", "engine"] == 42.5
    assert told["plug_energy_kwh_total", "engine"] == pytest.approx(7.25, abs=0.01)
    assert (told["plug_on", "engine"], told["plug_on", "fountain"]) == (1, 0)
    assert ("plug_power_watts", "fountain") not in told


def test_power_of_an_offline_plug_disappears(museum, exporter):
    wait_for(lambda: ("plug_power_watts", "case-1") in metrics(exporter), "never there")
    mark = museum.watch.mark()
    museum.device("cases").power_off()
    museum.wait_offline(["case-1"], after=mark)
    wait_for(
        lambda: ("plug_power_watts", "case-1") not in metrics(exporter), "the power never went"
    )
    assert ("plug_power_watts", "engine") in metrics(exporter)
    museum.device("cases").power_on()
    museum.wait_online(["case-1"], after=mark)
    wait_for(lambda: ("plug_power_watts", "case-1") in metrics(exporter), "the power never came")


@pytest.fixture(scope="module")
def prometheus(exporter, tmp_path_factory):
    program = shutil.which("prometheus")
    assert program, "prometheus is not installed: tests/run installs it"
    folder = tmp_path_factory.mktemp("prometheus-server")
    path = folder / "prometheus.yml"
    path.write_text(
        adapted(
            EXAMPLES / "prometheus" / "prometheus.yml",
            target=("localhost:9641", f"127.0.0.1:{exporter}"),
            interval=("scrape_interval: 15s", "scrape_interval: 1s"),
        )
    )
    port = free_port()
    process = Process(
        [program, f"--config.file={path}", f"--storage.tsdb.path={folder / 'data'}"]
        + [f"--web.listen-address=127.0.0.1:{port}"]
    )
    process.wait_line("Server is ready to receive web requests", 2 * WITHIN_S)
    yield port
    process.stop(WITHIN_S)
    process.kill()


def query(port, expression):
    """[(labels, value)], or the error in words."""
    try:
        told = json.loads(get(port, "/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
    except urllib.error.HTTPError as error:
        return json.loads(error.read())["error"]
    return [(row["metric"], float(row["value"][1])) for row in told["data"]["result"]]


def test_prometheus_takes_the_shipped_job_and_scrapes_it(prometheus):
    rows = wait_for(
        lambda: query(prometheus, 'plug_power_watts{sensor="engine"}'), "never scraped"
    )
    assert rows[0][1] == 42.5
    assert query(prometheus, "up{job='plugbridge'}")[0][1] == 1


def test_every_query_of_the_grafana_dashboard_is_answered(prometheus):
    dashboard = json.loads((EXAMPLES / "grafana" / "plugbridge.json").read_text())
    wait_for(lambda: query(prometheus, 'plug_power_watts{sensor="engine"}'), "never scraped")
    expressions = [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]
    assert len(expressions) >= 8
    for expression in expressions:
        rows = query(prometheus, expression.replace("$outlet", ".+"))
        assert isinstance(rows, list), f"{expression}: {rows}"
        assert rows or "[1h]" in expression, f"{expression}: no data"


def test_shipped_prometheus_file_passes_its_own_checker(tmp_path):
    run = subprocess.run(
        ["promtool", "check", "config", str(EXAMPLES / "prometheus" / "prometheus.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
