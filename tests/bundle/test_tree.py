"""The agent's files for machines without Python: built, compared, started where there is nothing else."""

import ctypes
import hashlib
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from keys.bundled import check_package
from keys.trust import pin_trust
from tests.bundle.building import ran
from tests.licence_server.office import Home
from tests.stories.processes import ROOT, clean_environment

pytestmark = pytest.mark.long
Function = Callable[[float, float], float]
ENVIRONMENT = ROOT / ".cache/bundle"
LEAST = (
    "libz.so.1",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
)


@pytest.fixture(scope="module")
def tree(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machine")
    ran("/bin/tar", "-xzf", archive, "-C", folder)
    return folder / "opt/licence-agent"


@pytest.fixture
def bare(tree: Path) -> Path:
    """A machine with the C library, zlib and libgcc, the agent's files, and nothing else."""
    machine = tree.parent.parent
    for name in LEAST:
        place = machine / ("lib64" if name.startswith("ld-") else "lib/x86_64-linux-gnu")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path("/lib/x86_64-linux-gnu") / name, place)
    for name in ("proc", "tmp"):
        (machine / name).mkdir(exist_ok=True)
    return machine


def versions_of(name: str) -> tuple[Function, Function]:
    """A function of two numbers of the C library, in its newest version and in its first."""
    library, find = ctypes.CDLL("libm.so.6"), ctypes.CDLL(None).dlvsym
    find.restype, find.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
    form = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_double)
    newest, first = form((name, library)), form(find(library._handle, name.encode(), b"GLIBC_2.2.5"))
    assert ctypes.cast(newest, ctypes.c_void_p).value != ctypes.cast(first, ctypes.c_void_p).value
    return newest, first


def test_the_same_sources_give_the_same_bytes(archive: Path, tree: Path, tmp_path: Path, rounds, figure) -> None:
    digests = {hashlib.sha256(archive.read_bytes()).hexdigest()}
    moment = json.loads((tree / "release.json").read_text())["built_at"]
    builds = rounds(2, sample=1)
    for number in range(1, builds):
        clone = tmp_path / f"clone-{number}"
        for name in ("agent", "keys", "licence_server", "deploy"):
            shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        shutil.copy(ROOT / "setup.cfg", clone)
        variables = {**clean_environment(), "SOURCE_DATE_EPOCH": str(moment)}
        ran(ENVIRONMENT / "bin/python", "-m", "deploy.bundle.build", cwd=clone, env=variables)
        digests.add(hashlib.sha256((clone / "dist" / archive.name).read_bytes()).hexdigest())
    assert len(digests) == 1
    figure(f"{builds} builds of the agent's files: {len(digests)} content")


@pytest.mark.parametrize("form", ["run", "deb"])
def test_packages_of_it_are_the_same_and_check_themselves(archive: Path, tmp_path: Path, form: str) -> None:
    home = Home(tmp_path / "home")
    home.ask("init", "--issuer", "https://licence.example.com")
    first, second = tmp_path / f"first.{form}", tmp_path / f"second.{form}"
    for package in (first, second):
        home.ask("bundle", "--for", form, "--archive", archive, "-o", package)
        home.clock.advance(86_400)
    assert first.read_bytes() == second.read_bytes()
    root = tmp_path / "home/root.json"
    laid = tmp_path / "laid"
    if form == "run":
        ran("/bin/sh", first, "--unpack", laid, env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)})
    else:
        ran("/usr/bin/dpkg-deb", "--extract", first, laid)
        laid /= "opt/licence-agent"
        assert "Package: licence-agent" in ran("/usr/bin/dpkg-deb", "--field", first)
    program, place = laid / "bin/licence-agent", {"LICENCE_AGENT_HOME": str(tmp_path / "nobody")}
    assert check_package(laid, None, pin_trust(root.read_bytes())).covers == "tree"
    said = json.loads(ran(program, "bundle", first, "--root", root, "--json", env=place))
    assert (said["issuer"], said["covers"]) == ("https://licence.example.com", "file")


def test_it_runs_where_there_is_nothing_but_what_every_linux_has(bare: Path) -> None:
    program = ("/usr/sbin/chroot", bare, "/opt/licence-agent/bin/licence-agent")
    place = {"LICENCE_AGENT_HOME": "/home"}
    assert "licence-agent, version" in ran(*program, "--version", env=place)
    assert json.loads(ran(*program, "status", "--json", env=place))["reason"] == "no_licence"


def test_no_file_stands_in_for_the_hardware(tree: Path, tmp_path: Path) -> None:
    place = {"LICENCE_AGENT_HOME": str(tmp_path), "LICENCE_AGENT_HARDWARE": "/dev/null"}
    refused = subprocess.run(
        [tree / "bin/licence-agent", "status"], env=place, capture_output=True, text=True, check=False
    )
    assert (refused.returncode, "reads the machine's own hardware only" in refused.stderr) == (1, True)


def test_it_says_on_which_c_library_it_runs(tree: Path) -> None:
    """Asked of another reader of programs than the one that found it."""
    files = [path for path in tree.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    assert len(files) > 20
    needed = set(re.findall(r"Name: GLIBC_2\.(\d+)", ran("/usr/bin/readelf", "--version-info", "--wide", *files)))
    assert json.loads((tree / "release.json").read_text())["glibc"] == f"2.{max(map(int, needed))}"
    assert max(map(int, needed)) <= 34, "RHEL 9's; who builds on an older system gets an older one"


def test_what_is_asked_for_in_an_older_version_gives_the_same() -> None:
    """Every function that the build lowers, as this machine's library has both."""
    names = ran(ENVIRONMENT / "bin/python", "-c", "from deploy.bundle.floor import AS_EVER; print(*AS_EVER)", cwd=ROOT)
    pairs = [versions_of(name) for name in names.split()]

    @given(st.floats(), st.floats())
    def compare(one: float, other: float) -> None:
        for newest, first in pairs:
            assert struct.pack("d", newest(one, other)) == struct.pack("d", first(one, other))

    compare()


def test_no_path_of_this_clone_is_in_it(tree: Path) -> None:
    assert not [path for path in tree.rglob("*") if path.is_file() and str(ROOT).encode() in path.read_bytes()]


def test_the_bill_of_materials_names_what_is_inside(tree: Path) -> None:
    bill = json.loads((tree / "sbom.cdx.json").read_text())
    (schemas,) = ENVIRONMENT.glob("lib/*/site-packages/cyclonedx/schema/_res")
    known = {
        name: json.loads((schemas / f"{name}.SNAPSHOT.schema.json").read_text())
        for name in ("bom-1.6", "spdx", "jsf-0.82")
    }
    registry: Registry = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", Resource.from_contents(each))
        for name, each in known.items()
    )
    Draft7Validator(known["bom-1.6"], registry=registry).validate(bill)
    named = {component["name"] for component in bill["components"]}
    assert {"click", "cryptography", "joserfc", "psutil", "pyinstaller", "python", "uvicorn", "uvloop"} <= named
    assert [name for name in named if "ssl" in name], "shared libraries too"
