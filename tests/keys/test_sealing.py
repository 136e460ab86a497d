"""Sealed secrets open at their place, under their passphrase, and nowhere else."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import KeyUnsafeError
from keys.jws import decode, encode
from keys.sealing import Sealing

SEAL = Sealing(b"a passphrase", "https://licence.example.com", os.urandom)


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_opens_at_its_place_alone(secret: str, place: str) -> None:
    sealed = SEAL.seal(secret, place)
    assert SEAL.open(sealed, place) == secret
    with pytest.raises(KeyUnsafeError, match="passphrase"):
        SEAL.open(sealed, place + "x")


def test_the_same_secret_never_looks_the_same() -> None:
    assert len({SEAL.seal("secret", "here") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "other",
    [
        Sealing(b"another passphrase", "https://licence.example.com", os.urandom),
        Sealing(b"a passphrase", "https://other.example.com", os.urandom),
    ],
)
def test_another_passphrase_or_issuer_opens_nothing(other: Sealing) -> None:
    with pytest.raises(KeyUnsafeError):
        other.open(SEAL.seal("secret", "here"), "here")


def test_no_byte_of_it_can_be_changed() -> None:
    sealed = SEAL.seal("secret", "here")
    raw = decode(sealed[2:].encode())
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(KeyUnsafeError):
            SEAL.open(f"1.{encode(changed).decode()}", "here")
    for text in ("", "1.", "1.AA", f"2{sealed[1:]}", sealed[:-2], "secret", "1.é"):
        with pytest.raises(KeyUnsafeError):
            SEAL.open(text, "here")


def test_without_a_passphrase_nothing_is_sealed() -> None:
    seal = Sealing(None, "https://licence.example.com", os.urandom)
    with pytest.raises(KeyUnsafeError, match="LICENCE_SERVER_PASSPHRASE_FILE"):
        seal.seal("secret", "here")
    with pytest.raises(KeyUnsafeError, match="LICENCE_SERVER_PASSPHRASE_FILE"):
        seal.open(SEAL.seal("secret", "here"), "here")
