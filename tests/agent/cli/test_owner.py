"""Root's commands in a home that is somebody else's: what they write is that one's, and its links lead root nowhere."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent.system.owner import acting_as_caller, acting_as_owner
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor

NOBODY = 65_534
ROOT = Path(__file__).parents[3]


@pytest.fixture
def program(public_path: Path) -> Program:
    """The command line at a home that belongs to nobody."""
    made = Program(public_path / "one")
    made.home.mkdir(mode=0o711)
    os.chown(made.home, NOBODY, NOBODY)
    (made.folder / "hardware.json").chmod(0o644)
    return made


def roots_own(tmp_path: Path) -> Path:
    """A folder that only root can look into."""
    folder = tmp_path / "root"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.threat(49)
def test_what_root_writes_in_the_home_is_the_owners(activated: Program) -> None:
    assert activated("validate").exit_code == 0
    assert activated("token", "add", "reports").exit_code == 0
    found = [activated.home, *activated.home.rglob("*")]
    assert len(found) > 8
    assert {path.stat().st_uid for path in found} == {NOBODY}
    assert {path.stat().st_gid for path in found} == {NOBODY}
    assert os.geteuid() == 0, "root is root again"


def test_what_root_names_is_opened_as_root(program: Program, vendor: Vendor, tmp_path: Path) -> None:
    folder = roots_own(tmp_path)
    root = folder / "root.json"
    root.write_bytes(vendor.trust_document)
    request = folder / "request.lic"
    program.json("request", CODE, "--root", str(root), "-o", str(request))
    assert (request.stat().st_uid, stat.S_IMODE(request.stat().st_mode)) == (0, 0o600)
    assert {path.stat().st_uid for path in program.home.rglob("*")} == {NOBODY}


@pytest.mark.threat(49)
@pytest.mark.parametrize("name", ["validating.lock", ".licence.jws.draft", "copies"])
def test_a_link_of_the_owners_leads_root_nowhere(activated: Program, tmp_path: Path, name: str) -> None:
    target = roots_own(tmp_path) / "shadow"
    target.write_text("root:secret")
    link = activated.home / name
    if link.is_dir():
        for copy in link.iterdir():
            copy.unlink()
        link.rmdir()
    link.unlink(missing_ok=True)
    link.symlink_to(target.parent if name == "copies" else target)
    activated("validate")
    assert target.read_text() == "root:secret"
    assert [path.name for path in target.parent.iterdir()] == ["shadow"]


@pytest.mark.threat(49, control=True)
def test_root_as_itself_would_follow_the_link(activated: Program, tmp_path: Path) -> None:
    target = roots_own(tmp_path) / "shadow"
    target.write_text("root:secret")
    os.chown(activated.home, 0, 0)
    (activated.home / "validating.lock").unlink()
    (activated.home / "validating.lock").symlink_to(target)
    activated("validate")
    assert target.read_text() != "root:secret"


def test_a_program_that_goes_on_running_is_the_owner_for_good(program: Program) -> None:
    imports = "import os, sys; from pathlib import Path; from agent.system.owner import become_owner"
    script = f"{imports}; become_owner(Path(sys.argv[1])); print(os.getresuid(), os.getresgid())"
    command = [sys.executable, "-c", script, str(program.home)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"{(NOBODY,) * 3} {(NOBODY,) * 3}"


def test_an_owner_without_a_name_is_one_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    os.chown(folder, 54_321, 54_321)
    groups = os.getgroups()
    with acting_as_owner(folder):
        assert (os.geteuid(), os.getegid(), os.getgroups()) == (54_321, 54_321, [54_321])
        with acting_as_owner(folder):
            assert os.geteuid() == 54_321, "once is enough"
        with acting_as_caller():
            assert (os.geteuid(), os.getegid()) == (0, os.getgid())
        assert os.geteuid() == 54_321
    assert (os.geteuid(), os.getegid(), os.getgroups()) == (0, os.getgid(), groups)
