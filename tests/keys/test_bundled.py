"""A package, and an agent's files unpacked from one: whichever byte is another, somebody says so in a sentence."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import bundled
from keys.bundled import ROOT, SEAL, SUMS, check_package, seal_line
from keys.documents.bundle import Covered, open_bundle
from keys.errors import InvalidInputError, LicensingError, MalformedError, SignatureInvalidError, TrustRefusedError
from keys.examining import examine
from keys.trust import SigningKey, Trust
from tests.keys.packages import SEALED, unpacked, written
from tests.keys.samples import DAY, ISSUER, NEW_SIGNING, NOW, SIGNING, STRANGER, TRUST

pytestmark = pytest.mark.threat(56)


def packed(content: bytes, covers: Covered = "file") -> bytes:
    """A package of whatever is in it."""
    body = content + b"\n"
    digest = hashlib.sha256(body).hexdigest()
    return body + seal_line(replace(SEALED, covers=covers, digest=digest).sign(SIGNING))


def test_files_as_they_were_sealed_are_good(tmp_path: Path) -> None:
    assert check_package(unpacked(tmp_path), None, None).version == "1.2.3"
    assert check_package(tmp_path, written(TRUST), TRUST).issuer == ISSUER


def _damage(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def _link(folder: Path) -> None:
    (folder / "bin/licence-agent").rename(folder.parent / "elsewhere")
    (folder / "bin/licence-agent").symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_damage("bin/licence-agent", b"Program"), "bin/licence-agent was changed"),
        (_damage("bin/_internal/libz.so.2", b""), "bin/_internal/libz.so.2 was added"),
        (lambda folder: (folder / "bin/_internal/libz.so.1").unlink(), "libz.so.1 is missing"),
        (lambda folder: (folder / "bin/more").symlink_to(folder), "bin/more was added"),
        (_link, "licence-agent is missing from this package, or is no file"),
        (_damage(SUMS, b""), "This package was changed"),
        (_damage(SEAL, b"a.b.c"), "The seal of this package is not good"),
        (lambda folder: (folder / SEAL).unlink(), "bundle.jws is missing"),
        (lambda folder: (folder / ROOT).unlink(), "root.json is missing"),
        (_damage(ROOT, b"{}"), "payload"),
    ],
    ids=[
        "changed", "added", "missing", "a link to a folder", "a link in place of a file", "no list", "no seal",
        "without seal", "without root", "no root",
    ],
)  # fmt: skip
def test_whatever_was_done_to_the_files_is_told(change: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "tree")
    change(folder)
    with pytest.raises(LicensingError, match=said):
        check_package(folder, None, None)


@pytest.mark.parametrize("sums", [b"no digest  bin/licence-agent\n", b"\xff\n"], ids=["no digest", "no text"])
def test_a_list_that_is_none_is_refused_even_sealed(sums: bytes, tmp_path: Path) -> None:
    unpacked(tmp_path)
    (tmp_path / SUMS).write_bytes(sums)
    (tmp_path / SEAL).write_bytes(replace(SEALED, digest=hashlib.sha256(sums).hexdigest()).sign(SIGNING))
    with pytest.raises(MalformedError, match="is not a list of digests"):
        check_package(tmp_path, None, None)


def test_a_file_too_large_for_any_package_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "LARGEST_FILE", 16)
    path = tmp_path / "agent.run"
    path.write_bytes(bytes(17))
    with pytest.raises(MalformedError, match="more than 16 bytes"):
        check_package(path, written(TRUST), None)


@given(st.binary(max_size=40), st.data())
def test_any_byte_of_a_package_counts(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / f"agent-{os.getpid()}.run"
    good = packed(content)
    path.write_bytes(good)
    assert check_package(path, None, TRUST).covers == "file"
    at, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    path.write_bytes(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])
    with pytest.raises(LicensingError, match="Nothing of it may be installed"):
        check_package(path, None, TRUST)


@given(st.binary(max_size=40))
def test_nothing_can_be_cut_off_or_added(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / f"longer-{os.getpid()}.run"
    good = packed(content)
    for other in (good[:-1], good + b"\n", good + b"\n\n", good + b"x", good[1:], b"", b"\n" + good):
        path.write_bytes(other)
        with pytest.raises(LicensingError):
            check_package(path, None, TRUST)


def test_a_seal_of_files_seals_no_package_and_the_other_way_round(tmp_path: Path) -> None:
    path = tmp_path / "agent.run"
    path.write_bytes(packed(b"", covers="tree"))
    with pytest.raises(SignatureInvalidError, match="This package was changed"):
        check_package(path, None, TRUST)


def test_a_machine_that_believes_nobody_has_to_be_told_whom(tmp_path: Path) -> None:
    path = tmp_path / "agent.run"
    path.write_bytes(packed(b"here"))
    assert check_package(path, written(TRUST), None).version == "1.2.3"
    with pytest.raises(InvalidInputError, match="--root"):
        check_package(path, None, None)


def _rotated(version: int, *keys: SigningKey) -> Trust:
    return replace(TRUST, version=version, signing=keys)


def test_a_machine_that_has_an_agent_judges_by_whom_that_believes(tmp_path: Path) -> None:
    new = SigningKey(NEW_SIGNING.key, "active", NOW, None)
    followed, other = _rotated(2, new), replace(TRUST, issuer="https://other.example")
    newer = unpacked(tmp_path / "newer", followed, NEW_SIGNING)
    assert check_package(newer, None, TRUST).version == "1.2.3", "a successor that enough roots signed"
    older = unpacked(tmp_path / "older")
    revoked = _rotated(2, SigningKey(SIGNING.key, "revoked", NOW, NOW), new)
    assert check_package(older, None, _rotated(2, new, SigningKey(SIGNING.key, "retired", NOW, None))).issuer == ISSUER
    with pytest.raises(SignatureInvalidError, match="unknown or revoked"):
        check_package(older, None, revoked)
    with pytest.raises(TrustRefusedError, match=r"of the vendor at https://licence\.example\.com"):
        check_package(older, None, other)


@pytest.mark.parametrize("wrong", [{"digest": "0" * 63}, {"digest": "G" * 64}, {"platform": "L"}, {"covers": "all"}])
def test_what_is_no_seal_is_malformed(wrong: dict[str, str]) -> None:
    with pytest.raises(MalformedError):
        open_bundle(replace(SEALED, **wrong).sign(SIGNING), TRUST)  # type: ignore[arg-type]  # that is the point


def test_only_a_signing_key_in_its_time_seals_for_its_own_issuer() -> None:
    assert open_bundle(SEALED.sign(SIGNING), TRUST) == SEALED
    for bundle, signer in (
        (SEALED, STRANGER),
        (replace(SEALED, issuer="https://other.example"), SIGNING),
        (replace(SEALED, issued_at=NOW - DAY), SIGNING),
    ):
        with pytest.raises(SignatureInvalidError):
            open_bundle(bundle.sign(signer), TRUST)


def test_it_is_examined_as_any_document() -> None:
    found = examine(SEALED.sign(SIGNING), TRUST)
    assert (found.kind, found.signed_by, found.claims["version"]) == ("bundle+jwt", (SIGNING.key.kid,), "1.2.3")
    with pytest.raises(InvalidInputError, match="seal of a package is verified"):
        examine(SEALED.sign(SIGNING), None)
