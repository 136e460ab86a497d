"""The real hashes and the real codes, which the other tests do without."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from keys.errors import UnavailableError
from licence_server.domain.second_factor import STEP
from licence_server.passwords import _NOBODY, Argon2Passwords
from licence_server.totp import Totp

pytestmark = pytest.mark.threat(29)


def test_a_password_is_verified_and_nobody_has_one() -> None:
    passwords = Argon2Passwords()
    stored = passwords.hash("lamps under a green boat")
    assert "lamps" not in stored
    assert passwords.verify(stored, "lamps under a green boat")
    for kept, typed in ((stored, "another"), (stored, ""), ("", "x"), ("quick$x", "x"), (None, "x")):
        assert not passwords.verify(kept, typed)


def test_an_unknown_name_costs_the_same_parameters() -> None:
    passwords = Argon2Passwords()
    assert not passwords.needs_rehash(_NOBODY)
    assert not passwords.needs_rehash(passwords.hash("x"))
    assert passwords.needs_rehash(_NOBODY.replace("t=3", "t=2"))


def test_few_hash_at_a_time_and_who_waits_too_long_is_told_so() -> None:
    passwords = Argon2Passwords(at_once=1, patience=0.0)
    with passwords._place():
        for act in (lambda: passwords.hash("x"), lambda: passwords.verify(None, "x")):
            with pytest.raises(UnavailableError) as refused:
                act()
            assert refused.value.retry_after > 0
    assert not passwords.verify(None, "x")


def test_whoever_has_patience_gets_a_turn() -> None:
    passwords = Argon2Passwords(at_once=2, patience=60.0)
    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(passwords.hash, ["x"] * 6))) == 6


@pytest.mark.parametrize(
    "password", ["password1234", "qwertyuiop12", "aaaaaaaaaaaa" * 20, "123456789012", "sara.karimi1", "iloveyou2027"]
)
def test_easily_guessed(password: str) -> None:
    assert Argon2Passwords().weakness(password, ("sara.karimi", "sara", "karimi"))


@pytest.mark.parametrize("password", ["lamps under a green boat", "k7-gq2x-99ab-vv3p", "رمز عبور من خیلی خوب است"])
def test_not_easily_guessed(password: str) -> None:
    assert Argon2Passwords().weakness(password, ("sara",)) is None


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert Totp(os.urandom).code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds // STEP) == code


def test_a_secret_is_made_of_the_randomness_that_was_passed_in() -> None:
    assert Totp(lambda length: b"1234567890" * (length // 10)).new_secret() == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
