"""The release build under valgrind: no leak, no invalid access, from the start to a clean stop."""
import shutil

import pytest

from harness.museum import SOURCE, Museum

PROGRAMS = SOURCE / "build" / "release" / "bin"
POLLS = 1000
WITHIN_S = 300
DEVICES = {
    **{f"plug-{n}": (("HS110v1", "HS110v2")[n % 2], [f"plug-{n}"]) for n in range(10)},
    "cases": ("HS300", [f"case-{n}" for n in range(1, 7)]),
    "gallery": ("HS220", ["gallery"]),
}


@pytest.fixture
def museum(programs, tmp_path):
    valgrind = shutil.which("valgrind")
    assert valgrind, "valgrind is not installed: tests/run --long installs it"
    museum = Museum(programs, tmp_path, DEVICES)
    museum.settings["poll"].update({"interval_s": 0.2, "timeout_s": 10.0})
    museum.bridge.program = PROGRAMS / "plugbridge"
    museum.bridge.prefix = [
        valgrind,
        "--quiet",
        "--error-exitcode=98",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect,possible",
        "--errors-for-leak-kinds=definite,indirect,possible",
    ]
    museum.bridge.stop_within_s = WITHIN_S
    yield museum
    museum.stop()


def test_start_polls_reload_and_stop_leak_nothing(museum):
    museum.start()
    museum.wait_online(within=WITHIN_S)
    for word in ("ON", "OFF", "nonsense"):
        for name in museum.outlets:
            museum.command(name, word, within=WITHIN_S)
    museum.device("plug-3").power_off()
    museum.wait_offline({"plug-3"}, within=WITHIN_S)
    museum.restart_broker()
    museum.wait_online(set(museum.outlets) - {"plug-3"}, within=WITHIN_S)
    museum.wait_polls_of_all(POLLS, WITHIN_S)
    mark = museum.watch.mark()
    museum.bridge.settings["devices"] = museum.bridge.settings["devices"][1:]
    museum.bridge.write()
    museum.bridge.reload()
    museum.watch.wait_for(
        museum.topic("plug-0", "state"), lambda m: not m.payload, WITHIN_S, mark
    )
    museum.bridge.write("devices = ( { name = 7; }, )")
    log = museum.bridge.process.mark()
    museum.bridge.reload()
    museum.bridge.process.wait_line("plugbridge.cfg:1:", WITHIN_S, log)
    museum.bridge.stop()  # asserts the exit status: 98 if valgrind had anything to say
