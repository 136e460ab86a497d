"""Backups that somebody has touched, given to restore: one sentence, nothing outside the home, no memory eaten."""

import hashlib
import io
import json
import shutil
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutation import ANYTHING, DEEP, bitten, changed
from tests.licence_server.office import ISSUER, Home, Office, device_at
from tests.stories.test_wrong_input import check_sentence

pytestmark = pytest.mark.threat(28)
MIB = 1 << 20


class Desk:
    """A home, its backup, and a place to restore to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.home.founding().found(ISSUER, None, "cli:tests")
        office = Office.of(self.home)
        device_at(office).activate(office.sell()[1])
        office.close()
        self.home.ask("backup", folder / "good.zip", "--with-passphrase")
        self.good = (folder / "good.zip").read_bytes()
        with zipfile.ZipFile(folder / "good.zip") as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.outside = self._outside()

    def _outside(self) -> set[str]:
        return {str(path) for path in self.folder.parent.rglob("*") if "home" not in path.parts}

    def restore(self, content: bytes, *, fresh: bool = False) -> Result:
        """Restore a file into the home, or into one that has nothing yet, and look for what it left behind."""
        file = self.folder / "tried.zip"
        file.write_bytes(content)
        home = Home(self.folder / "home" / "fresh" if fresh else self.home.path)
        result = home.type("restore", file)
        file.unlink()
        shutil.rmtree(self.folder / "home" / "fresh", ignore_errors=True)
        assert self._outside() == self.outside
        assert not any(path.is_symlink() for path in self.folder.rglob("*"))
        return result

    def check(self, content: bytes, *, fresh: bool = False) -> bool:
        """Whatever it is, one sentence says so, and the home works; tell whether it was taken."""
        result = self.restore(content, fresh=fresh)
        if result.exit_code:
            assert isinstance(result.exception, SystemExit), (result.exception, content[:200])
            check_sentence(result.stderr, result.exit_code, "restore")
            assert self.home.ask("licence", "list"), "nothing is lost by what was refused"
        return result.exit_code == 0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("archives"))


def zipped(members: dict[str, bytes], *, manifest: Any = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A backup whose manifest fits, unless another is given."""
    said = json.loads(members["manifest.json"])
    others = {name: content for name, content in members.items() if name != "manifest.json"}
    said["members"] = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in others.items()
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in others.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(said) if manifest is None else manifest)
    return held.getvalue()


def test_a_good_backup_is_taken(desk: Desk) -> None:
    """Control: what is refused below is refused for what was done to it."""
    assert desk.check(desk.good)
    assert desk.check(zipped(desk.members))


NAMES = [
    "../evil", "keys/../../evil", "/etc/evil", "keys/root/../../../evil.pem", "keys/root/a/b.pem", "C:\\evil",
    "keys\\evil", "KEYS/trust.json", "keys/trust.json/", ".", "config.toml\n",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_member_leaves_the_home(desk: Desk, name: str) -> None:
    assert not desk.check(zipped({**desk.members, name: b"evil"}), fresh=True)
    assert desk.check(zipped({**desk.members, f"tables/{name}": b"evil"}), fresh=True), "no table, and never unpacked"


def test_a_link_in_a_backup_is_a_file(desk: Desk) -> None:
    held = io.BytesIO(zipped({**desk.members, "root.json": b"/etc/passwd"}))
    with zipfile.ZipFile(held, "a") as archive:
        for entry in archive.infolist():
            entry.external_attr = 0o120777 << 16
    desk.check(held.getvalue(), fresh=True)


@pytest.mark.parametrize("bomb", ["manifest.json", "keys/trust.json", "config.toml", "tables/licences.jsonl"])
def test_a_bomb_eats_no_memory(desk: Desk, bomb: str) -> None:
    """40 MiB that are 40 KiB packed."""
    name = next((each for each in desk.members if bomb.startswith("tables") and "licences" in each), bomb)
    held = io.BytesIO(zipped(desk.members))
    heavy = b"[" + b"0" * (40 * MIB)
    manifest = json.loads(desk.members["manifest.json"])
    manifest["members"][name] = {"size": len(heavy), "sha256": hashlib.sha256(heavy).hexdigest()}
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in desk.members.items():
            if other not in {name, "manifest.json"}:
                archive.writestr(other, content)
        archive.writestr(name, heavy)
        if name != "manifest.json":
            archive.writestr("manifest.json", json.dumps(manifest))
    del heavy
    tracemalloc.start()
    try:
        assert not desk.check(held.getvalue(), fresh=True)
        assert tracemalloc.get_traced_memory()[1] < 12 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_as_no_backup_is_is_refused(desk: Desk, method: int) -> None:
    """LZMA may ask for 4 GiB to unpack with."""
    assert not desk.check(zipped(desk.members, method=method), fresh=True)


@pytest.mark.parametrize("row", [*DEEP[-2:], "[", "1", '{"a": 1}', "[null", '["id"]\n[[[]]]'], ids=lambda row: row[:12])
def test_a_table_of_another_form_is_refused(desk: Desk, row: str) -> None:
    name = "tables/licences.jsonl"
    assert name in desk.members
    assert not desk.check(zipped({**desk.members, name: row.encode() + b"\n"}))


METHODS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])


@st.composite
def touched(draw: st.DrawFn, desk: Desk) -> bytes:
    """A backup with bitten bytes, another manifest, or other rows under a manifest that fits."""
    how = draw(st.sampled_from(["bytes", "manifest", "member", "missing", "row", "method"]))
    members = dict(desk.members)
    name = draw(st.sampled_from(sorted(members)))
    if how == "bytes":
        return draw(bitten(zipped(members, method=draw(METHODS))))
    if how == "manifest":
        said = draw(changed(json.loads(members["manifest.json"])) | ANYTHING | st.sampled_from(DEEP))
        return zipped(members, manifest=said if isinstance(said, str) else json.dumps(said))
    if how == "member" and name != "manifest.json":
        members[name] = draw(bitten(members[name]))
    elif how == "missing" and name != "manifest.json":
        del members[name]
    elif how == "row":
        table = draw(st.sampled_from([each for each in sorted(members) if each.startswith("tables/")]))
        rows = [json.loads(line) for line in members[table].splitlines()]
        place = draw(st.integers(0, max(len(rows) - 1, 0)))
        row = draw(changed({"row": rows[place]}) | st.fixed_dictionaries({"row": ANYTHING}) if rows else st.just({}))
        rows[place : place + 1] = [row.get("row")]
        members[table] = b"".join(json.dumps(each).encode() + b"\n" for each in rows)
        members[table] += draw(st.sampled_from([b"", b"[", b"\xff\n", DEEP[-1].encode()]))
    return zipped(members, method=draw(METHODS))


def _try(desk: Desk, examples: int) -> tuple[int, int]:
    counted = [0, 0]

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(touched(desk), st.booleans())
    def restore(content: bytes, fresh: bool) -> None:
        counted[desk.check(content, fresh=fresh)] += 1
        if counted[1]:  # a taken one may have changed what is there
            assert desk.restore(desk.good).exit_code == 0

    restore()
    return counted[0], counted[1]


def test_a_touched_backup_is_refused_with_a_sentence(desk: Desk, figure) -> None:
    refused, taken = _try(desk, 8)
    figure(f"{refused + taken} touched backups: {refused} refused, 0 faults")


@pytest.mark.long
def test_very_many_touched_backups_are_refused_with_a_sentence(desk: Desk, rounds, figure) -> None:
    refused, taken = _try(desk, rounds(300, sample=8))
    figure(f"{refused + taken} touched backups: {refused} refused, 0 faults")
