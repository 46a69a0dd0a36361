"""plugbridge as a user starts it: a configuration file and a process."""
import copy
import os
import re
import signal

from .process import Process
from .settings import to_libconfig

# Clean stop publishes offline and ends within 3 s; three times that.
STOP_WITHIN_S = 9
# What the sanitizers print. The exit status alone would miss a report in a run ended by a signal.
SANITIZER = re.compile(
    r"(ERROR|WARNING|SUMMARY): (Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:"
)
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
    "TSAN_OPTIONS": "halt_on_error=0:exitcode=99:second_deadlock_stack=1",
}


def assert_no_sanitizer_report(process):
    assert not SANITIZER.search(process.output), process.output


class Bridge:
    """settings is the whole configuration as a dict; change it and call write() and reload()."""

    def __init__(self, program, folder, settings):
        self.program = program
        self.path = folder / "plugbridge.cfg"
        self.settings = copy.deepcopy(settings)
        self.prefix = []  # what runs the program, if it does not run by itself
        self.environment = {}
        self.stop_within_s = STOP_WITHIN_S
        self.process = None
        self.write()

    @property
    def base(self):
        return self.settings["bridge"].get("base_topic", "museum")

    @property
    def availability(self):
        return f"{self.base}/bridge/{self.settings['bridge']['id']}/availability"

    def write(self, text=None):
        """Puts the settings, or the text given, in place of the file in one step."""
        beside = self.path.with_suffix(".new")
        beside.write_text(to_libconfig(self.settings) if text is None else text)
        os.replace(beside, self.path)

    def start(self):
        self.process = Process(
            [*self.prefix, str(self.program), "--config", str(self.path)],
            env={**os.environ, **SANITIZER_ENVIRONMENT, **self.environment},
        )
        return self

    def check(self):
        """(exit status, output) of --check."""
        checker = Process(
            [str(self.program), "--check", str(self.path)],
            env={**os.environ, **SANITIZER_ENVIRONMENT},
        )
        status = checker.wait(30)
        output = checker.output
        assert_no_sanitizer_report(checker)
        checker.kill()
        return status, output

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def stop(self):
        """A clean stop: ends in time, with status 0 and nothing to report."""
        if self.process is None:
            return
        process, self.process = self.process, None
        try:
            status = process.stop(self.stop_within_s)
            assert_no_sanitizer_report(process)
            assert status == 0, f"plugbridge ended with {status}:\n{process.output}"
        finally:
            process.kill()

    def forget(self):
        """For a process that was expected to end by itself, and has."""
        process, self.process = self.process, None
        process.kill()
        assert_no_sanitizer_report(process)

    def freeze(self):
        self.process.signal(signal.SIGSTOP)

    def thaw(self):
        self.process.signal(signal.SIGCONT)

    def kill_hard(self):
        """kill -9."""
        process, self.process = self.process, None
        process.signal(signal.SIGKILL)
        status = process.wait(STOP_WITHIN_S)
        process.kill()
        assert_no_sanitizer_report(process)
        assert status == -signal.SIGKILL, f"it had ended by itself:\n{process.output}"

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
