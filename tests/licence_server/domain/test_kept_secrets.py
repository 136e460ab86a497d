"""Secrets are made in one form, and what is kept of them stays what it was: else nobody could sign in any more."""

import pytest

from licence_server.domain.password import LONGEST, new_password, typed_password
from licence_server.domain.second_factor import LONGEST_TYPED, new_recovery_codes, read_digits, recovery_digest
from licence_server.domain.session import SEEN_EVERY, Place, Session, csrf_of, new_token, token_digest
from licence_server.domain.token import new_secret, secret_digest

pytestmark = pytest.mark.threat(29)


def counting(size: int) -> bytes:
    """Bytes that are no more random than a clock."""
    return bytes(range(size))


def test_the_form_of_what_is_made() -> None:
    assert new_password(counting) == "012345-6789ab-cdefgh-jkmnpq"
    assert new_recovery_codes(counting) == ("0123-4567-89AB-CDEF",) * 10
    assert new_token(counting) == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert new_secret(counting) == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_what_is_kept() -> None:
    assert recovery_digest("0123-4567-89AB-CDEF") == "67cda5f8cbec690ea926f1516892b0eca0f29426172daf02144b5f2e298fd18a"
    assert token_digest("x") == "f3a29021257fdb10db6310e7a10a6d1a3ce68ab0823f1204b1ca1f518116d618"
    assert secret_digest("x") == "c1fff34c5263360a7a214db6de6f102f6bbe28e4198c21ae0b248a65ed51bfa6"
    assert csrf_of("x") == "2e5697997b1df826e286df731828b2a81897f26de90d4d46c5bf70893c6b1472"


def test_half_a_character_is_no_crash_and_no_other_token() -> None:
    assert token_digest("\ud800") == token_digest("?") != token_digest("x")


def test_the_longest_that_is_looked_at() -> None:
    assert read_digits("012345" + " " * (LONGEST_TYPED - 6)) == "012345"
    assert recovery_digest("0123456789ABCDEF" + " " * (LONGEST_TYPED - 16)) is not None
    assert read_digits("012345" + " " * (LONGEST_TYPED - 5)) is None
    assert len(typed_password("x" * (LONGEST + 9))) == LONGEST + 1


def test_a_session_s_use_is_written_down_again_after_a_minute() -> None:
    session = Session("ses_1", "digest", "opr_1", "open", 0, 5, Place.of("", ""))
    assert [session.is_stale(5 + SEEN_EVERY - 1), session.is_stale(5 + SEEN_EVERY)] == [False, True]
