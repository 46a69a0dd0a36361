"""A private Mosquitto on a free loopback port."""
import contextlib
import getpass
import os
import shutil
import signal
import socket

from .process import Process

START_WITHIN_S = 15
PORT_TRIES = 5


def find_mosquitto():
    """/usr/sbin, where Debian puts it, is not on every user's PATH."""
    path = shutil.which("mosquitto", path=os.environ["PATH"] + os.pathsep + "/usr/sbin")
    assert path, "mosquitto is not installed: tests/run installs it"
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """Keeps its port over stop() and start(), as a restarted broker does."""

    def __init__(self, folder, extra=()):
        self.folder = folder
        self.extra = list(extra)
        self.port = None
        self.process = None
        self._is_frozen = False

    def _write_configuration(self):
        lines = [
            f"listener {self.port} 127.0.0.1",
            "set_tcp_nodelay true",
            "persistence false",
            "log_dest stderr",
            "log_type all",
            f"user {getpass.getuser()}",
        ]
        if not any(line.startswith("allow_anonymous") for line in self.extra):
            lines.append("allow_anonymous true")
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join(lines + self.extra) + "\n")
        return path

    def start(self):
        """Returns when it accepts connections."""
        tries = PORT_TRIES if self.port is None else 1
        for left in reversed(range(tries)):
            if self.port is None or tries > 1:
                self.port = free_port()
            path = self._write_configuration()
            self.process = Process([find_mosquitto(), "-c", str(path)])
            try:
                self.process.wait_line(r"mosquitto version .* running", START_WITHIN_S)
                self._wait_loop()
                return self
            except AssertionError:
                self.process.kill()
                if left == 0:
                    raise
        raise AssertionError("not reached")

    def _wait_loop(self):
        """It prints that it runs a moment before it does; a SIGTERM in between would be lost.

        Only the running loop closes a connection that opens with nonsense."""
        with socket.create_connection(("127.0.0.1", self.port), START_WITHIN_S) as probe:
            probe.sendall(b"\0\0")
            with contextlib.suppress(ConnectionResetError):
                probe.recv(1)

    def stop(self):
        if self.process is None:
            return
        if self._is_frozen:
            self.thaw()
        self.process.stop()
        self.process.kill()
        self.process = None

    def freeze(self):
        self.process.signal(signal.SIGSTOP)
        self._is_frozen = True

    def thaw(self):
        self.process.signal(signal.SIGCONT)
        self._is_frozen = False
