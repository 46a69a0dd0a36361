"""A headless Node-RED of its own, driven through its admin API as the editor does it."""
import json
import pathlib
import shutil
import time
import urllib.request

from .broker import free_port
from .process import Process

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "nodered"
START_WITHIN_S = 120


class NodeRed:
    """folder holds its settings and flows."""

    def __init__(self, folder):
        node = shutil.which("node")
        assert node, "node is not installed: tests/run installs it"
        program = FOLDER / "node_modules" / "node-red" / "red.js"
        assert program.is_file(), "npm packages are missing: tests/run installs them"
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._node, self._program = node, program
        self.port = free_port()
        settings = {
            "uiHost": "127.0.0.1",
            "uiPort": self.port,
            "flowFile": "flows.json",
            "nodesDir": [str(FOLDER / "node_modules" / "@flowfuse")],
            "telemetry": {"enabled": False, "updateNotification": False},
            "logging": {"console": {"level": "info", "metrics": False, "audit": False}},
            "externalModules": {"autoInstall": False, "palette": {"allowInstall": False}},
        }
        (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)};\n")
        self.process = None
        self._imported = 0

    def start(self):
        self.process = Process(
            [self._node, str(self._program), "--userDir", str(self._folder)]
            + ["--settings", str(self._folder / "settings.js")]
        )
        self.process.wait_line(r"Started flows", START_WITHIN_S)
        return self

    def _open(self, path, data=None, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def _ask(self, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        return self._open(path, data, **{"Content-Type": "application/json"}, **headers)

    def get(self, path):
        return self._open(path)

    def post_text(self, path, text):
        return self._open(path, text.encode(), **{"Content-Type": "text/plain;charset=UTF-8"})

    def import_flow(self, nodes):
        """All flows become these; returns when they have started."""
        mark = self._imported = self.process.mark()
        self._ask("/flows", nodes, **{"Node-RED-Deployment-Type": "full"})
        self.process.wait_line(r"Started flows", START_WITHIN_S, mark)

    def press(self, inject_id):
        self._ask(f"/inject/{inject_id}", {})

    def context(self, flow_id):
        """{key: value} of the flow's memory."""
        told = json.loads(self._ask(f"/context/flow/{flow_id}"))["memory"]
        return {key: value_of(entry) for key, entry in told.items()}

    def wait_context(self, flow_id, is_good, within=30):
        """The context is not pushed: it is asked for until it is good."""
        deadline = time.monotonic() + within
        while True:
            context = self.context(flow_id)
            try:
                if is_good(context):
                    return context
            except (KeyError, TypeError):
                pass  # not there yet
            assert time.monotonic() < deadline, f"never: {context}\n{self.process.tail()}"
            time.sleep(0.05)

    def complaints(self):
        """What was logged as wrong since the flow was imported; a start has warnings of its own."""
        lines = self.process.lines[self._imported :]
        return [line for line in lines if "[error]" in line or "[warn]" in line]

    def stop(self):
        if self.process:
            process, self.process = self.process, None
            process.stop(30)
            process.kill()

    def kill_hard(self):
        process, self.process = self.process, None
        process.kill()


def value_of(entry):
    """The admin API tells a value as text with its type."""
    if entry.get("format") in ("Object", "number", "boolean") or entry.get("format", "").startswith(
        "array"
    ):
        return json.loads(entry["msg"])
    return entry["msg"]


class DashboardPage:
    """What the dashboard's page in a browser does when somebody touches it: socket.io by polling."""

    def __init__(self, nodered):
        self._nodered = nodered
        opened = nodered.get(self._path())
        self._session = json.loads(opened[opened.index(b"{") :])["sid"]
        self._send("40")
        assert nodered.get(self._path()).startswith(b"40"), "the dashboard did not let us in"

    def _path(self):
        session = f"&sid={self._session}" if hasattr(self, "_session") else ""
        return f"/dashboard/socket.io/?EIO=4&transport=polling{session}"

    def _send(self, text):
        assert self._nodered.post_text(self._path(), text) == b"ok"

    def act(self, event, widget_id, value):
        self._send("42" + json.dumps([event, widget_id, value]))
