"""plugctl as a person at a terminal uses it.

Whether a relay moved is asked of plugsim's control socket, or of devices that were written by
somebody else, never of plugctl."""
import json
import os
import pathlib
import pty
import select
import subprocess

from plugsim import SANITIZER_REPORT

WITHIN_S = 60
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent.parent
MODELS = [
    "HS110v2=Engine", "HS300=Cases", "HS100=Plain", "HS220=Dim", "KL110=Bulb", "HS110v1=Old",
    "KL130=Colour", "KL430=Ribbon",
]
PLUG, STRIP, PLAIN, DIMMER, BULB, OLD, COLOUR, RIBBON = range(1, 9)

# Every simulated device that was given no other place answers there.
EVERYWHERE = "127.255.255.255"


class Ctl:
    """Runs plugctl; every run must end with the status it is expected to end with."""

    def __init__(self, programs):
        self.path = str(programs / "plugctl")
        self.broadcast = EVERYWHERE

    def argv(self, *words):
        """What a search that nobody expected must not do is reach a real network."""
        is_script_form = words and words[0] in ("-t", "-c", "-j", "-p", "-q")
        where = [] if is_script_form else ["--broadcast", self.broadcast]
        return [self.path, *where, *map(str, words)]

    def run(self, *words, status=0, told=None):
        """(standard output, standard error) as lists of lines; told is what is typed."""
        ended = subprocess.run(
            self.argv(*words),
            input=told or "",
            capture_output=True,
            encoding="utf-8",
            timeout=WITHIN_S,
            check=False,
        )
        assert not SANITIZER_REPORT.search(ended.stderr), ended.stderr
        assert ended.returncode == status, f"{words}: {ended.stdout}{ended.stderr}"
        return ended.stdout.splitlines(), ended.stderr.splitlines()

    def json(self, *words, status=0, told=None):
        """One object for each target."""
        out, _ = self.run("--json", *words, status=status, told=told)
        return [json.loads(line) for line in out]

    def one(self, *words, told=None):
        """The object of a single target, without what all objects have."""
        (result,) = self.json(*words, told=told)
        assert result.pop("ok") is True
        del result["target"]
        return result

    def failure(self, *words):
        """Why a single target failed; text and JSON must agree."""
        (result,) = self.json(*words, status=1)
        assert result["ok"] is False
        return result["error"]

    def refusal(self, *words):
        """What a wrong command line is answered with."""
        out, (line, hint) = self.run(*words, status=2)
        assert out == []
        assert hint.startswith("Try 'plugctl ") and hint.endswith("--help'.")
        return line.removeprefix("plugctl: ")


def at(sim, device):
    return sim.address(device)[0]


def relays(sim, device):
    return sim.get(device)["relay"]


def answer_question(ctl, answer, *words):
    """plugctl at a terminal, where somebody types this; its exit status."""
    ours, theirs = pty.openpty()
    try:
        plugctl = subprocess.Popen([ctl.path, *words], stdin=theirs, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        os.write(ours, answer)
        return plugctl.wait(WITHIN_S)
    finally:
        os.close(ours)
        os.close(theirs)


def type_at_terminal(ctl, prompt, typed, *words):
    """plugctl with a terminal of its own, where this is typed when it prompts: (exit status, what
    the terminal showed)."""
    process, terminal = pty.fork()
    if process == 0:
        os.execv(ctl.path, ctl.argv(*words))
    shown = b""
    try:
        while prompt not in shown:
            assert select.select([terminal], [], [], WITHIN_S)[0], shown
            shown += os.read(terminal, 4096)
        os.write(terminal, typed)
        while True:
            assert select.select([terminal], [], [], WITHIN_S)[0], shown
            shown += os.read(terminal, 4096)
    except OSError:  # the end of a terminal that nobody has open any more
        _, status = os.waitpid(process, 0)
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode()
