"""Files that people carry, and the passphrase that they type for them, at a real terminal."""

import os
import pty
import sys
from pathlib import Path

import pytest

from keys.carrying import PUBLIC, new_key, read_document, read_private
from keys.errors import InvalidInputError, KeyUnsafeError, StateConflictError
from keys.jws import MAX_BYTES, from_json
from keys.keyfile import load_key

SECRET = b"six words that nobody else knows"


def test_a_key_is_two_files_of_which_one_is_for_everybody(tmp_path: Path) -> None:
    signer, public = new_key(tmp_path / "root.pem", SECRET)
    assert load_key(tmp_path / "root.pem", SECRET).key == signer.key
    with pytest.raises(KeyUnsafeError, match="wrong passphrase"):
        load_key(tmp_path / "root.pem", SECRET[:-1])
    assert public == tmp_path / "root.pem.jwk"
    assert dict(from_json(public.read_bytes())) == dict(signer.key.jwk)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "root.pem", public)] == [0o600, PUBLIC]


@pytest.mark.parametrize("there", ["root.pem", "root.pem.jwk"])
def test_a_key_is_never_overwritten(there: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("the only one")
    with pytest.raises(StateConflictError) as refusal:
        new_key(tmp_path / "root.pem", SECRET)
    assert str(refusal.value) == f"{tmp_path / there} is there already; a key is never overwritten."
    assert (tmp_path / there).read_text() == "the only one"


def test_a_passphrase_that_is_carried_is_long(tmp_path: Path) -> None:
    new_key(tmp_path / "long.pem", b"x" * 16)
    with pytest.raises(InvalidInputError) as refusal:
        new_key(tmp_path / "short.pem", b"x" * 15)
    assert str(refusal.value) == "A passphrase of a key that is carried has at least 16 characters."


def test_a_key_is_read_with_the_passphrase_of_the_settings(tmp_path: Path) -> None:
    signer, _ = new_key(tmp_path / "root.pem", SECRET)
    assert read_private(tmp_path / "root.pem", {"LICENCE_KEYS_PASSPHRASE": SECRET.decode()}).key == signer.key


def test_of_a_file_that_is_no_document_only_so_much_is_read(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(4 * MAX_BYTES)
    assert MAX_BYTES < len(read_document(tmp_path / "film.mp4")) <= 2 * MAX_BYTES


PROGRAM = """
import sys
from keys.carrying import passphrase
from keys.errors import InvalidInputError
try:
    sys.stdout.write(f"taken: {passphrase({}, confirm=sys.argv[1] == 'confirm')!r}")
except InvalidInputError as refusal:
    sys.stdout.write(str(refusal))
"""


def at_a_terminal(lines: list[str], confirm: str) -> list[str]:
    """Let a process ask for a passphrase, type a line at each question, and return what the terminal showed."""
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, confirm])  # noqa: S606 - ourselves
    shown, typed = b"", iter(lines)
    try:
        while part := os.read(terminal, 1024):
            shown += part
            if shown.endswith(b": "):
                os.write(terminal, f"{next(typed)}\n".encode())
    except OSError:
        pass  # the other side has gone
    os.waitpid(child, 0)
    os.close(terminal)
    return [line for line in shown.decode().replace("\r", "").split("\n") if line]


@pytest.mark.parametrize(
    ("typed", "confirm", "shown"),
    [
        (["once"], "no", ["Passphrase of the key: ", "taken: b'once'"]),
        (["twice", "twice"], "confirm", ["Passphrase of the key: ", "The same again: ", "taken: b'twice'"]),
        (["one", "two"], "confirm", ["Passphrase of the key: ", "The same again: ", "The two passphrases differ."]),
        ([""], "no", ["Passphrase of the key: ", "The passphrase is empty."]),
    ],
)
def test_a_person_is_asked_and_nothing_typed_is_shown(typed: list[str], confirm: str, shown: list[str]) -> None:
    assert at_a_terminal(typed, confirm) == shown
