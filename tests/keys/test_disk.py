"""Files on disk: whole or not at all, and secrets for their owner alone."""

import errno
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from keys.disk import make_folder, read_secret, remove, sync_folder, write_whole
from keys.errors import KeyUnsafeError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_file_is_written_with_its_mode_whatever_the_umask(file: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(file, b"one", 0o640)
    finally:
        os.umask(before)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"one", 0o640)
    write_whole(file, b"two")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o600)


@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_full_disk_leaves_the_old_content_and_no_draft(
    file: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(file, b"old")

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    where = {"open": (os, "open"), "fsync": (os, "fsync"), "rename": (Path, "replace")}[step]
    monkeypatch.setattr(*where, full)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


class PowerCutError(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


@pytest.mark.parametrize("step", ["fdopen", "fsync", "replace", "sync"])
def test_after_a_power_cut_there_is_the_old_or_the_new_content(
    file: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(file, b"old")

    def cut(*_: object, **__: object) -> int:
        raise PowerCutError

    targets = {"fdopen": "os.fdopen", "fsync": "os.fsync", "replace": "pathlib.Path.replace"}
    monkeypatch.setattr(targets.get(step, "keys.disk.sync_folder"), cut)
    with pytest.raises(PowerCutError):
        write_whole(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == (b"new" if step == "sync" else b"old")
    write_whole(file, b"newer")
    assert file.read_bytes() == b"newer"
    assert list(file.parent.iterdir()) == [file], "the same process clears its own draft away"


def test_content_and_folder_reach_the_disk_before_anything_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First fsync of the draft, then the rename, then fsync of the folder: in that order and no other."""
    seen: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def recorded_fsync(descriptor: int) -> None:
        seen.append("fsync of " + Path(f"/proc/self/fd/{descriptor}").readlink().name.rpartition(".")[2])
        fsync(descriptor)

    def recorded_replace(self: Path, target: Path) -> Path:
        seen.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    write_whole(file, b"new")
    assert seen == ["fsync of draft", "rename", f"fsync of {file.parent.name}"]


def test_threads_that_write_one_file_never_mix_it(file: Path) -> None:
    contents = [bytes([65 + number]) * 200_000 for number in range(4)]

    def write(content: bytes) -> None:
        for _ in range(10):
            write_whole(file, content)
            assert file.read_bytes() in contents

    failures: list[BaseException] = []

    def guarded(content: bytes) -> None:
        try:
            write(content)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test has to see it
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_link_put_in_the_drafts_place_is_not_followed(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / f".file.{os.getpid()}.{threading.get_ident()}.draft").symlink_to(victim)
    write_whole(file, b"new")
    assert (victim.read_bytes(), file.read_bytes()) == (b"precious", b"new")


def test_writing_works_where_there_is_no_fchmod(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.delattr(os, "fchmod")
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"


def test_on_windows_folders_need_no_sync_and_modes_say_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keys.disk.ON_WINDOWS", True)
    for flag in ("O_NOFOLLOW", "O_NONBLOCK"):
        monkeypatch.delattr(os, flag)
    write_whole(file, b"secret", 0o644)
    sync_folder(file / "not a folder")
    assert read_secret(file) == b"secret"


def test_a_folder_is_made_with_those_above_it_and_stays_as_it_is(tmp_path: Path) -> None:
    folder, before = tmp_path / "a/b/c", os.umask(0o022)
    try:
        make_folder(folder)
        make_folder(tmp_path / "a/d", 0o750)
        make_folder(folder, 0o755)
    finally:
        os.umask(before)
    made = (folder, folder.parent, folder.parent.parent, tmp_path / "a/d")
    assert [path.stat().st_mode & 0o777 for path in made] == [0o700, 0o755, 0o755, 0o750]


def test_a_folder_that_another_process_makes_at_the_same_moment_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def second(self: Path, mode: int = 0o777, exist_ok: bool = False) -> None:
        mkdir(self)
        mkdir(self, mode, exist_ok=exist_ok)

    monkeypatch.setattr(Path, "mkdir", second)
    make_folder(tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()


def test_a_folder_is_made_in_one_that_we_may_not_read(public_path: Path) -> None:
    public_path.chmod(0o333)
    os.seteuid(65_534)
    try:
        make_folder(public_path / "folder")
    finally:
        os.seteuid(0)
    assert (public_path / "folder").is_dir()


def test_removing_twice_is_fine(file: Path) -> None:
    write_whole(file, b"x")
    remove(file)
    remove(file)
    assert not file.exists()


def test_a_secret_is_read_by_its_owner(file: Path) -> None:
    write_whole(file, b"secret")
    assert read_secret(file, limit=6) == b"secret"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o601, 0o620, 0o666])
def test_a_secret_that_others_can_touch_is_refused(file: Path, mode: int) -> None:
    write_whole(file, b"secret", mode)
    with pytest.raises(KeyUnsafeError, match=rf"chmod 600 {file}$"):
        read_secret(file)


def test_a_symbolic_link_is_no_secret(file: Path, tmp_path: Path) -> None:
    write_whole(tmp_path / "target", b"secret")
    file.symlink_to(tmp_path / "target")
    with pytest.raises(KeyUnsafeError, match="file of one's own"):
        read_secret(file)


def test_a_folder_and_a_pipe_are_no_secrets(file: Path, tmp_path: Path) -> None:
    os.mkfifo(file, 0o600)
    for path in (file, tmp_path):
        with pytest.raises(KeyUnsafeError, match="plain file"):
            read_secret(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_secret_of_another_user_is_refused(file: Path) -> None:
    write_whole(file, b"secret")
    os.chown(file, 12345, -1)
    with pytest.raises(KeyUnsafeError, match="uid 12345"):
        read_secret(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of root")
def test_a_secret_of_root_is_read_by_whoever_may(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a mount on which every file is root's."""
    write_whole(file, b"secret")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert read_secret(file) == b"secret"


def test_a_secret_has_a_limit(file: Path) -> None:
    write_whole(file, b"secret!")
    with pytest.raises(KeyUnsafeError, match="too large"):
        read_secret(file, limit=6)
    write_whole(file, bytes(65_536))
    assert read_secret(file) == bytes(65_536)
    write_whole(file, bytes(65_537))
    with pytest.raises(KeyUnsafeError, match="too large"):
        read_secret(file)


def test_no_more_than_a_secret_is_read_of_a_large_file(file: Path) -> None:
    write_whole(file, bytes(2**22))
    tracemalloc.start()
    try:
        with pytest.raises(KeyUnsafeError, match="too large"):
            read_secret(file)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_missing_secret_is_said_to_be_missing(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_secret(file)
