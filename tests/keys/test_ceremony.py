"""The next trust document: first, rotated, revoked, renewed. What agents make of each is tried, too."""

from dataclasses import replace

import pytest

from keys.ceremony import LEEWAY, OVERLAP, first_trust, renewed, revoked, rotated, signed
from keys.documents.licence import open_licence
from keys.errors import InvalidInputError, NotFoundError, SignatureInvalidError, StateConflictError
from keys.signing import PublicKey
from keys.trust import LIFETIME, MOST_KEYS, Trust, pin_trust, replace_trust
from tests.keys.samples import (
    DAY,
    ISSUER,
    LICENCE,
    NEW_SIGNING,
    NOW,
    ROOT_1,
    ROOT_2,
    ROOT_3,
    SIGNING,
    STRANGER,
    ed25519_signer,
)

ROOTS = (ROOT_1.key, ROOT_2.key)
FIRST = first_trust(ISSUER, NOW, ROOTS, 2, SIGNING.key)
LATER = NOW + 30 * DAY


def statuses(trust: Trust) -> dict[str, str]:
    return {entry.key.kid: entry.status for entry in trust.signing}


def test_the_first_document_can_be_pinned_and_its_key_signs() -> None:
    assert pin_trust(signed(FIRST, [ROOT_1, ROOT_2])) == FIRST
    assert (FIRST.version, FIRST.expires_at) == (1, NOW + LIFETIME)
    assert open_licence(LICENCE.sign(SIGNING), FIRST) == LICENCE


def test_each_ceremony_says_from_when_on_and_until_when() -> None:
    first = first_trust("http://X" + "x" * 247, NOW, ROOTS, 2, SIGNING.key)
    assert (first.issued_at, first.expires_at, first.signing[0].from_at) == (NOW, NOW + LIFETIME, NOW - LEEWAY)
    second = rotated(first, NEW_SIGNING.key, LATER)
    assert [(key.status, key.from_at, key.until_at) for key in second.signing] == [
        ("retired", NOW - LEEWAY, LATER + OVERLAP),
        ("active", LATER - LEEWAY, None),
    ]
    third = revoked(second, NEW_SIGNING.key.kid, LATER, STRANGER.key)
    assert [(key.status, key.from_at, key.until_at) for key in third.signing] == [
        ("retired", NOW - LEEWAY, LATER + OVERLAP),
        ("revoked", LATER - LEEWAY, LATER),
        ("active", LATER - LEEWAY, None),
    ]


def test_a_server_whose_clock_is_a_little_behind_the_ceremonys_signs_at_once() -> None:
    early = replace(LICENCE, issued_at=NOW - LEEWAY)
    assert open_licence(early.sign(SIGNING), FIRST) == early


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "licence.example.com",
        "ftp://x",
        "https://a b",
        "https://x\n",
        "https://x\r",
        "https://x\t",
        "https://x\0",
        "https://x" + "x" * 247,
    ],
)
def test_an_issuer_is_an_address(issuer: str) -> None:
    with pytest.raises(InvalidInputError, match="issuer"):
        first_trust(issuer, NOW, ROOTS, 2, SIGNING.key)


@pytest.mark.parametrize(
    ("roots", "threshold", "signing", "why"),
    [
        (ROOTS, 0, SIGNING.key, "0 of 2"),
        (ROOTS, 3, SIGNING.key, "3 of 2"),
        ((), 1, SIGNING.key, "1 of 0"),
        ((ROOT_1.key, ROOT_1.key), 1, SIGNING.key, "twice"),
        (ROOTS, 2, ROOT_1.key, "only trust documents"),
        (tuple(ed25519_signer(40 + number).key for number in range(MOST_KEYS + 1)), 1, SIGNING.key, "of 33"),
    ],
)
def test_roots_must_make_sense(roots: tuple[PublicKey, ...], threshold: int, signing: PublicKey, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        first_trust(ISSUER, NOW, roots, threshold, signing)


def test_there_are_at_most_32_roots() -> None:
    roots = [ed25519_signer(40 + number) for number in range(MOST_KEYS)]
    trust = first_trust(ISSUER, NOW, [root.key for root in roots], MOST_KEYS, SIGNING.key)
    assert len(pin_trust(signed(trust, roots)).roots) == 32


def test_after_a_rotation_old_licences_stay_good_and_the_old_key_signs_no_new_ones() -> None:
    after = rotated(FIRST, NEW_SIGNING.key, LATER)
    assert replace_trust(FIRST, signed(after, [ROOT_1, ROOT_2])) == after
    assert statuses(after) == {SIGNING.key.kid: "retired", NEW_SIGNING.key.kid: "active"}
    assert (after.version, after.issued_at, after.expires_at) == (2, LATER, LATER + LIFETIME)
    assert open_licence(LICENCE.sign(SIGNING), after) == LICENCE
    overlap = replace(LICENCE, issued_at=LATER + OVERLAP)
    assert open_licence(overlap.sign(SIGNING), after) == overlap, "a server that runs on has a day to notice"
    with pytest.raises(SignatureInvalidError):
        open_licence(replace(LICENCE, issued_at=LATER + OVERLAP + 1).sign(SIGNING), after)


def test_a_second_rotation_leaves_the_first_key_as_it_was() -> None:
    twice = rotated(rotated(FIRST, NEW_SIGNING.key, LATER), STRANGER.key, LATER + DAY)
    assert [entry.until_at for entry in twice.signing] == [LATER + OVERLAP, LATER + DAY + OVERLAP, None]


def test_a_document_never_outgrows_its_readers() -> None:
    trust = FIRST
    for number in range(MOST_KEYS + 3):
        trust = rotated(trust, ed25519_signer(40 + number).key, LATER)
    assert len(trust.signing) == MOST_KEYS
    assert pin_trust(signed(trust, [ROOT_1, ROOT_2])) == trust
    assert len(trust.active) == 1


@pytest.mark.parametrize("key", [SIGNING.key, ROOT_1.key])
def test_a_rotation_needs_a_new_key(key: PublicKey) -> None:
    with pytest.raises(StateConflictError, match="already"):
        rotated(FIRST, key, LATER)
    with pytest.raises(StateConflictError, match="already"):
        revoked(FIRST, SIGNING.key.kid, LATER, key)


def test_a_revoked_keys_documents_are_worth_nothing() -> None:
    after = revoked(rotated(FIRST, NEW_SIGNING.key, LATER), SIGNING.key.kid, LATER)
    assert statuses(after)[SIGNING.key.kid] == "revoked"
    with pytest.raises(SignatureInvalidError):
        open_licence(LICENCE.sign(SIGNING), after)


def test_the_last_key_is_revoked_only_with_a_successor() -> None:
    with pytest.raises(StateConflictError, match="last key"):
        revoked(FIRST, SIGNING.key.kid, LATER)
    after = revoked(FIRST, SIGNING.key.kid, LATER, NEW_SIGNING.key)
    assert statuses(after) == {SIGNING.key.kid: "revoked", NEW_SIGNING.key.kid: "active"}
    assert after.version == 2


def test_an_unknown_or_revoked_key_is_not_revoked_again() -> None:
    with pytest.raises(NotFoundError, match=SIGNING.key.kid):
        revoked(FIRST, "unknown", LATER)
    with pytest.raises(StateConflictError, match="already"):
        revoked(revoked(FIRST, SIGNING.key.kid, LATER, NEW_SIGNING.key), SIGNING.key.kid, LATER)


def test_renewing_only_moves_the_end() -> None:
    after = renewed(FIRST, LATER)
    assert replace(after, version=1, issued_at=NOW, expires_at=NOW + LIFETIME) == FIRST


def test_roots_are_exchanged_with_the_signatures_of_both_sides() -> None:
    after = renewed(FIRST, LATER, [ROOT_2.key, ROOT_3.key], 1)
    assert replace_trust(FIRST, signed(after, [ROOT_1, ROOT_2])) == after
    with pytest.raises(InvalidInputError):
        renewed(FIRST, LATER, [ROOT_3.key])


def test_a_clock_behind_the_document_in_hand_stops_the_ceremony() -> None:
    with pytest.raises(StateConflictError, match="clock"):
        rotated(FIRST, NEW_SIGNING.key, NOW - 1)
