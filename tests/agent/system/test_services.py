"""The service's files where systemd or an init script will look for them, and what the system's programs get to see."""

import stat
from pathlib import Path

import pytest

from agent.system.layout import Layout
from agent.system.programs import environment, is_there, run, succeeds
from agent.system.services import InitScript, Service, Systemd, service_of
from keys.errors import StateConflictError

PROGRAM = Path("/srv/agent/bin/licence-agent")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture(params=[Systemd, InitScript])
def service(request: pytest.FixtureRequest, layout: Layout) -> Service:
    made: Service = request.param(layout)
    return made


def test_files_are_laid_once_and_name_the_program(service: Service, tmp_path: Path) -> None:
    assert not service.is_laid(PROGRAM)
    service.lay(PROGRAM)
    assert service.is_laid(PROGRAM)
    assert service.is_ours()
    assert not service.is_laid(Path("/opt/licence-agent/bin/licence-agent")), "another program"
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert all(str(PROGRAM) in text and "/opt/licence-agent/bin" not in text for text in texts)


def test_a_file_that_somebody_changed_is_laid_again(service: Service, tmp_path: Path) -> None:
    service.lay(PROGRAM)
    next(path for path in tmp_path.rglob("*licence-agent*") if path.is_file()).write_text("changed")
    assert not service.is_laid(PROGRAM)


def test_what_a_power_cut_left_of_a_file_is_removed_when_it_is_laid_again(service: Service, tmp_path: Path) -> None:
    service.lay(PROGRAM)
    written = {path for path in tmp_path.rglob("*licence-agent*") if path.is_file()}
    for path in written:
        path.with_name(f".{path.name}.4194305.1.draft").write_text("half")
    service.lay(PROGRAM)
    assert {path for path in tmp_path.rglob("*licence-agent*") if path.is_file()} == written


def test_units_of_a_package_count_and_are_not_ours(layout: Layout, tmp_path: Path) -> None:
    Systemd(Layout(tmp_path / "elsewhere")).lay(PROGRAM)
    layout.packaged_units[0].parent.mkdir(parents=True)
    (tmp_path / "elsewhere/etc/systemd/system").rename(layout.packaged_units[0])
    packaged = Systemd(layout)
    assert packaged.is_laid(PROGRAM)
    assert not packaged.is_ours()


def test_an_image_will_have_systemd(layout: Layout) -> None:
    assert service_of(layout).name == "systemd"


def test_the_init_script_can_be_run(layout: Layout) -> None:
    InitScript(layout).lay(PROGRAM)
    assert stat.S_IMODE(layout.init_script.stat().st_mode) == 0o755
    with pytest.raises(StateConflictError, match="Usage"):
        run(str(layout.init_script), "dance")


def test_the_log_says_what_was_said_last(layout: Layout) -> None:
    service = InitScript(layout)
    assert not service.last_words()
    layout.log.parent.mkdir(parents=True)
    layout.log.write_text("\n".join(map(str, range(9))))
    assert service.last_words().split() == ["4", "5", "6", "7", "8"]


def test_a_program_of_the_system_gets_its_own_libraries_back() -> None:
    bundled = {"LD_LIBRARY_PATH": "/opt/licence-agent/lib", "LD_LIBRARY_PATH_ORIG": "/usr/local/lib", "PATH": "/bin"}
    places = "/bin:/usr/sbin:/sbin"
    bundled |= {"_PYI_ARCHIVE_FILE": "/opt/licence-agent/bin/licence-agent", "_PYI_PARENT_PROCESS_LEVEL": "1"}
    assert environment(bundled) == {"LD_LIBRARY_PATH": "/usr/local/lib", "PATH": places}
    del bundled["LD_LIBRARY_PATH_ORIG"]
    assert environment(bundled) == {"PATH": places}


def test_programs_for_root_are_found_by_whoever_became_root_without_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert is_there("useradd")
    assert "Usage" in run("useradd", "--help")


def test_a_program_that_fails_is_quoted() -> None:
    with pytest.raises(StateConflictError, match="failed: no such luck"):
        run("sh", "-c", "echo no such luck >&2; exit 1")
    with pytest.raises(StateConflictError, match="exit code 7"):
        run("sh", "-c", "exit 7")
    with pytest.raises(StateConflictError, match="has no a-program-that"):
        run("a-program-that-is-not-there")
    assert succeeds("true")
    assert not succeeds("false")
