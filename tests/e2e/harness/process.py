"""A program under test: its output as lines that can be waited for, and its end."""
import os
import re
import signal
import subprocess
import threading
import time


class Process:
    """Starts argv at once. Standard output and standard error are kept as lines."""

    def __init__(self, argv, **options):
        self.name = os.path.basename(argv[0])
        self.lines = []
        self._changed = threading.Condition()
        self._popen = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self._popen.pid

    @property
    def output(self):
        with self._changed:
            return "\n".join(self.lines)

    def is_running(self):
        return self._popen.poll() is None

    def _read(self):
        for line in self._popen.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def write_line(self, text):
        self._popen.stdin.write(text + "\n")
        self._popen.stdin.flush()

    def mark(self):
        """The place in the output to give to wait_line, so that older lines do not count."""
        with self._changed:
            return len(self.lines)

    def wait_line(self, pattern, within, after=0):
        """The first line after the mark that the pattern is found in, as a match."""
        deadline = time.monotonic() + within
        with self._changed:
            at = after
            while True:
                while at < len(self.lines):
                    match = re.search(pattern, self.lines[at])
                    if match:
                        return match
                    at += 1
                left = deadline - time.monotonic()
                if left <= 0 or not (self._reader.is_alive() or self.is_running()):
                    raise AssertionError(f"{self.name} did not print /{pattern}/:\n{self.tail()}")
                self._changed.wait(min(left, 0.5))

    def tail(self, count=40):
        return "\n".join(self.lines[-count:])

    def signal(self, number):
        self._popen.send_signal(number)

    def wait(self, within):
        """The exit status: negative when a signal ended it."""
        try:
            status = self._popen.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"{self.name} still runs after {within} s:\n{self.tail()}"
            ) from None
        self._reader.join(within)
        return status

    def stop(self, within=10):
        """Asks it to end and returns the exit status."""
        if self.is_running():
            self.signal(signal.SIGTERM)
        return self.wait(within)

    def kill(self):
        """Ends it in any case; for clearing up."""
        if self.is_running():
            self._popen.kill()
        self._popen.wait()
        self._reader.join(5)
        for stream in (self._popen.stdin, self._popen.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                pass
