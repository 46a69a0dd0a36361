"""libplug as it is installed: what it exports, and programs from outside that use it.

The installation is made with DESTDIR and looked at where it lands, so that nothing in it may know
where it was to be."""
import os
import pathlib
import re
import shlex
import subprocess

import pytest

from harness.independent import IndependentDevices
from plugsim import Plugsim

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE / "library"
PREFIX = "/opt/plug"
WITHIN_S = 120
BROADCAST = "127.255.255.255"


def run(*argv, status=0, **options):
    """Standard output; the program must end with that status."""
    ended = subprocess.run(
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
        **options,
    )
    assert ended.returncode == status, f"{argv}:\n{ended.stdout}{ended.stderr}"
    return ended.stdout


class Installation:
    def __init__(self, build, root):
        self._settings = dict(
            re.findall(r"^(\w+):\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.M)
        )
        run(
            "cmake", "--install", build, "--prefix", PREFIX,
            env={**os.environ, "DESTDIR": str(root)},
        )
        self.prefix = root / PREFIX.lstrip("/")
        self.include = self.prefix / "include"
        self.lib = next(self.prefix.rglob("libplug.so")).parent
        self.version = next(self.prefix.rglob("libplug.so.*.*.*")).name.removeprefix("libplug.so.")
        self.headers = sorted(
            str(path.relative_to(self.include)) for path in (self.include / "plug").rglob("*.h")
        )

    @property
    def compiler(self):
        """With what a sanitizer or gcov wants to be everywhere."""
        kind = self._settings["CMAKE_BUILD_TYPE"].upper()
        flags = self._settings["CMAKE_C_FLAGS"] + " " + self._settings[f"CMAKE_C_FLAGS_{kind}"]
        return [self._settings["CMAKE_C_COMPILER"], *shlex.split(flags)]

    @property
    def flags(self):
        """For programs that CMake builds."""
        return shlex.join(self.compiler[1:])

    @property
    def environment(self):
        return {
            **os.environ,
            "PKG_CONFIG_PATH": str(self.lib / "pkgconfig"),
            "LD_LIBRARY_PATH": str(self.lib),
        }

    def pkg_config(self, *options):
        return shlex.split(run("pkg-config", *options, "libplug", env=self.environment))

    def compile(self, program, source, *libraries):
        cflags = self.pkg_config("--cflags")
        run(*self.compiler, "-Wall", "-Wextra", *cflags, PROGRAMS / source, "-o", program, *libraries)
        return program

    def run(self, *argv, **options):
        return run(*argv, env=self.environment, **options)


@pytest.fixture(scope="module")
def installed(programs, tmp_path_factory):
    return Installation(programs.parent, tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("outside")


def with_pkg_config(installed, folder):
    return installed.compile(folder / "shared", "visit.c", *installed.pkg_config("--libs"))


def with_pkg_config_static(installed, folder):
    """libplug.a alone is taken from the static ones: what is below it comes with the system."""
    libraries = [
        "-l:libplug.a" if word == "-lplug" else word
        for word in installed.pkg_config("--libs", "--static")
    ]
    return installed.compile(folder / "static", "visit.c", *libraries)


def with_cmake(installed, folder, name="visit"):
    build = folder / "cmake"
    if not build.exists():
        run(
            "cmake", "-S", PROGRAMS, "-B", build, f"-DCMAKE_PREFIX_PATH={installed.prefix}",
            f"-DCMAKE_C_COMPILER={installed.compiler[0]}", f"-DCMAKE_C_FLAGS={installed.flags}",
        )
        run("cmake", "--build", build)
    return build / name


def with_cmake_static(installed, folder):
    return with_cmake(installed, folder, "visit_static")


WAYS = [with_pkg_config, with_pkg_config_static, with_cmake, with_cmake_static]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def visit(request, installed, folder):
    """visit(words..., status=0) runs the program from outside, built in one of the ways."""
    program = request.param(installed, folder)
    needed = run("readelf", "-d", program)
    is_static = "static" in request.param.__name__
    assert (f"libplug.so.{installed.version.rpartition('.')[0]}" in needed) != is_static

    def call(*words, **options):
        return installed.run(program, *words, **options).splitlines()

    return call


@pytest.fixture(scope="module")
def calls(installed, folder):
    return installed.compile(folder / "calls", "calls.c", *installed.pkg_config("--libs"))


def declared(installed):
    """What the headers declare: functions, and objects behind extern."""
    names = set()
    for header in installed.headers:
        text = re.sub(r"/\*.*?\*/", "", (installed.include / header).read_text(), flags=re.S)
        text = re.sub(r"^#.*", "", text, flags=re.M).replace('extern "C" {', "")
        while re.search(r"\{[^{}]*\}", text):
            text = re.sub(r"\{[^{}]*\}", "", text)
        for declaration in text.split(";"):
            if "typedef" in declaration:
                continue
            if re.match(r"\s*extern const", declaration):
                names |= set(re.findall(r"(plug_\w+)\s*(?:,|$)", declaration))
            elif match := re.search(r"\b(plug_\w+)\(", declaration):
                names.add(match[1])
    return names


def test_what_headers_declare_is_exported_and_nothing_else(installed):
    symbols = {
        line.split()[-1].partition("@")[0]
        for line in run("nm", "-D", "--defined-only", installed.lib / "libplug.so").splitlines()
    }
    assert len(symbols) > 100
    assert symbols == declared(installed)


def test_static_library_takes_no_name_but_its_own(installed):
    lines = run("nm", "-g", "--defined-only", installed.lib / "libplug.a").splitlines()
    names = [line.split()[-1] for line in lines if re.match(r"[0-9a-f]+ [A-Z] ", line)]
    foreign = [
        name for name in names
        if not name.startswith(("plug_", "__odr_asan", "__asan", "DW.ref"))
    ]
    assert len(names) > 100 and foreign == []


def test_every_header_says_what_it_is(installed):
    for header in installed.headers:
        name = pathlib.Path(header).name
        assert (installed.include / header).read_text().startswith(f"/* {name} - "), header


@pytest.mark.parametrize("language", ["c", "c++"])
def test_every_header_compiles_alone_and_all_do_together(installed, language):
    standards = {"c": ["-std=c11", "-D_POSIX_C_SOURCE=200809L"], "c++": ["-std=c++11"]}
    flags = [
        "-x", language, *standards[language], "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        "-fsyntax-only", *installed.pkg_config("--cflags"), "-",
    ]
    compiler = {"c": "cc", "c++": "c++"}[language]
    for headers in [*([header] for header in installed.headers), installed.headers]:
        text = "".join(f"#include <{header}>\n" for header in headers)
        ended = subprocess.run(
            [compiler, *flags], input=text, capture_output=True, encoding="utf-8", check=False
        )
        assert ended.returncode == 0, f"{headers}: {ended.stderr}"


def test_example_of_the_manual_runs(programs, installed, folder):
    manual = next(installed.prefix.rglob("libplug.3")).read_text()
    example = re.search(r"^#include <stdio.h>.*?^}$", manual, re.S | re.M)[0].replace(r"\e", "\\")
    with Plugsim(programs, ["HS110v2"]) as sim:
        host, port = sim.address(1)
        source = folder / "example.c"
        source.write_text(example.replace("192.168.1.145", host).replace("PLUG_PORT", str(port)))
        program = installed.compile(folder / "example", source, *installed.pkg_config("--libs"))
        assert installed.run(program) == "on\n"


def test_versions_agree(installed):
    assert run("pkg-config", "--modversion", "libplug", env=installed.environment).strip() == (
        installed.version
    )
    major, minor, _ = installed.version.split(".")
    needed = run("readelf", "-d", installed.lib / "libplug.so")
    assert f"[libplug.so.{major}.{minor}]" in needed


def test_nothing_installed_knows_where_it_was_built(installed, programs):
    tree = [str(HERE.parent.parent), str(programs.parent)]
    for path in installed.prefix.rglob("*"):
        if path.is_file() and path.suffix in (".h", ".pc", ".cmake", ".3"):
            text = path.read_text()
            assert not [place for place in tree if place in text], path


def test_outside_program_visits_simulated_devices(programs, visit):
    with Plugsim(programs, ["HS110v2=Engine", "HS300=Cases"]) as sim:
        sim.set(1, power_mw=61000, voltage_mv=231000, energy_wh=1234)
        host, port = sim.address(1)
        mac = sim.devices[0]["mac"]
        assert visit("info", host, port) == ["Engine", "HS110(EU)", mac, "0 off"]
        assert visit("on", host, port, 0)[-1] == "0 on"
        assert sim.get(1)["relay"] == [1]
        assert visit("off", host, port, 0)[-1] == "0 off"
        assert sim.get(1)["relay"] == [0]
        visit("on", host, port, 0)
        now, *_days = visit("energy", host, port, 0)
        assert re.match(r"61000 mW, 231000 mV, \d+ mA, 1234 Wh$", now)
        strip = sim.address(2)
        assert visit("on", *strip, 5)[3:] == [*(f"{n} off" for n in range(5)), "5 on"]
        assert sim.get(2)["relay"] == [0, 0, 0, 0, 0, 1]
        sim.power(1, False)
        assert visit("info", host, port, status=1) == []


def test_outside_program_visits_independent_devices(visit):
    devices = IndependentDevices()
    try:
        for name, outlet, key in (("hs110v2", 0, "hs110v2"), ("hs300", 2, "hs300/2")):
            host, port = (devices.devices[name][key] for key in ("address", "port"))
            told = visit("info", host, port)
            assert told[0] == f"Independent {name}"
            assert told[2] == devices.devices[name]["mac"]
            assert visit("on", host, port, outlet)[3 + outlet] == f"{outlet} on"
            assert devices.relays()[key] == 1
            assert visit("off", host, port, outlet)[3 + outlet] == f"{outlet} off"
            assert devices.relays()[key] == 0
        old = devices.devices["hs110v1"]
        now, *days = visit("energy", old["address"], old["port"], 0)
        assert now == "61753 mW, 230837 mV, 451 mA, 16323 Wh"
        assert [day for day in days if day.endswith(" 1234 Wh")]
        assert devices.errors() == []
    finally:
        devices.stop()


def test_outside_program_discovers(programs, visit):
    with Plugsim(programs, ["HS110v2=Engine", "HS300=Cases", "HS100=Plain"]) as sim:
        wanted = {f"{device['address']} {device['alias']}" for device in sim.devices}
        assert wanted <= set(visit("discover", BROADCAST, sim.port))
        assert visit("discover", "no address", sim.port, status=1) == []


@pytest.mark.parametrize(
    "kind, model",
    [
        ("plug", "HS110v2"),
        ("plain", "HS100"),
        ("strip", "HS300"),
        ("dimmer", "HS220"),
        ("bulb", "KL110"),
    ],
)
def test_every_blocking_call_does_what_it_says(programs, installed, calls, kind, model):
    with Plugsim(programs, [model]) as sim:
        installed.run(calls, kind, *sim.address(1))


def test_program_with_a_loop_of_its_own_asks_two_at_once(programs, installed, folder):
    watch = installed.compile(folder / "watch", "watch.c", *installed.pkg_config("--libs"))
    with Plugsim(programs, ["HS110v2=Engine", "HS100=Plain"]) as sim:
        told = installed.run(watch, *sim.address(1), *sim.address(2)).splitlines()
    assert sorted(told) == ["Engine", "Plain"]
