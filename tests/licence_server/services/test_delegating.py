"""API tokens: what they are good for, for how long, and what ends them."""

import pytest

from keys.errors import InvalidInputError, NotAllowedError, NotFoundError, NotSignedInError, StateConflictError
from licence_server.domain.rights import check_right
from licence_server.domain.token import LONGEST_LIFE
from licence_server.services.delegating import Lent
from tests.licence_server.people import Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(30)
SCOPES = ("licences.read", "licences.code")


def lent(vendor: Vendor, person: Person, *scopes: str, days: int = 30) -> Lent:
    ends_at = vendor.clock.now() + days * 86_400
    return vendor.delegating.add("the web shop", person.operator.id, scopes or SCOPES, ends_at, ME)


def counts(vendor: Vendor, text: str) -> bool:
    try:
        vendor.authenticating.bearer(text)
    except NotSignedInError:
        return False
    return True


def test_a_program_acts_for_its_operator_within_its_scopes(vendor: Vendor) -> None:
    made = lent(vendor, Person.added(vendor))
    actor = vendor.authenticating.bearer(made.text)
    assert (actor.name, actor.by) == ("sara", f"operator:sara/{made.token.id}")
    check_right(actor, "licences.code")
    for right in ("licences.issue", "operators.write"):
        with pytest.raises(NotAllowedError):
            check_right(actor, right)
    assert vendor.auditing.verify().valid


def test_a_token_never_has_more_than_the_role_has_by_now(vendor: Vendor) -> None:
    person = Person.added(vendor)
    made = lent(vendor, person)
    vendor.enrolling.change_role(person.operator.id, "viewer", ME)
    actor = vendor.authenticating.bearer(made.text)
    assert actor.rights == {"licences.read"}
    vendor.enrolling.change_role(person.operator.id, "administrator", ME)
    assert vendor.authenticating.bearer(made.text).rights == set(SCOPES)


def test_what_does_not_count(vendor: Vendor) -> None:
    made, other = lent(vendor, Person.added(vendor)), lent(vendor, Person.added(vendor, "reza"))
    secret = made.text.rpartition("_")[2]
    swapped = f"{other.token.id}_{secret}"
    for text in ("", made.token.id, made.text[:-1], made.text + "0", made.text.lower(), swapped, secret, "x" * 10_000,
                 f"tok_unknown_{secret}", "\ud800", made.text + "\n"):  # fmt: skip
        assert not counts(vendor, text), text
    assert counts(vendor, made.text)


def test_a_token_ends(vendor: Vendor) -> None:
    made = lent(vendor, Person.added(vendor), days=1)
    vendor.clock.advance(86_399)
    assert counts(vendor, made.text)
    vendor.clock.advance(1)
    assert not counts(vendor, made.text)


def test_a_token_is_revoked_once(vendor: Vendor) -> None:
    person, other = Person.added(vendor), Person.added(vendor, "reza")
    made = lent(vendor, person)
    with pytest.raises(NotFoundError):
        vendor.delegating.revoke(made.token.id, ME, owner=other.operator.id)
    assert counts(vendor, made.text)
    after = vendor.delegating.revoke(made.token.id, ME, owner=person.operator.id)
    assert after.revoked_at == vendor.clock.now()
    assert not counts(vendor, made.text)
    with pytest.raises(StateConflictError):
        vendor.delegating.revoke(made.token.id, ME)
    for token_id in ("tok_unknown", "", "\ud800", "x" * 10_000):
        with pytest.raises(NotFoundError):
            vendor.delegating.revoke(token_id, ME)
    assert vendor.delegating.all() == [after]
    assert vendor.auditing.verify().valid


def test_a_token_of_a_disabled_operator_does_not_count_and_none_is_made(vendor: Vendor) -> None:
    person = Person.added(vendor)
    made = lent(vendor, person)
    vendor.enrolling.disable(person.operator.id, ME)
    assert not counts(vendor, made.text)
    with pytest.raises(StateConflictError, match="disabled"):
        lent(vendor, person)
    vendor.enrolling.enable(person.operator.id, ME)
    assert counts(vendor, made.text)


def test_the_use_of_a_token_is_written_down_once_a_minute(vendor: Vendor) -> None:
    made = lent(vendor, Person.added(vendor))
    uses = []
    for _ in range(5):
        counts(vendor, made.text)
        uses.append(vendor.delegating.all()[0].last_used_at)
        vendor.clock.advance(30)
    start = made.token.created_at
    assert uses == [start, start, start + 60, start + 60, start + 120]
    assert vendor.auditing.verify().valid


def test_everybody_has_their_own(vendor: Vendor) -> None:
    sara, reza = Person.added(vendor), Person.added(vendor, "reza")
    made = [lent(vendor, person).token for person in (sara, reza, sara)]
    assert sorted(each.id for each in vendor.delegating.all()) == sorted(each.id for each in made)
    assert {each.id for each in vendor.delegating.all(sara.operator.id)} == {made[0].id, made[2].id}


@pytest.mark.parametrize(
    ("name", "scopes", "seconds", "why"),
    [
        ("", SCOPES, 60, "says what it is for"),
        ("x" * 101, SCOPES, 60, "says what it is for"),
        ("two\nlines", SCOPES, 60, "says what it is for"),
        ("shop", (), 60, "at least one scope"),
        ("shop", ("everything",), 60, "no right"),
        ("shop", ("licences.read", "licences.revoke"), 60, "does not have licences.revoke"),
        ("shop", SCOPES, 0, "in the future"),
        ("shop", SCOPES, LONGEST_LIFE + 1, "366 days"),
    ],
)
def test_no_token(vendor: Vendor, name: str, scopes: tuple[str, ...], seconds: int, why: str) -> None:
    person = Person.added(vendor)
    with pytest.raises(InvalidInputError, match=why):
        vendor.delegating.add(name, person.operator.id, scopes, vendor.clock.now() + seconds, ME)
    assert vendor.delegating.all() == []


def test_a_token_of_nobody_is_not_made(vendor: Vendor) -> None:
    with pytest.raises(NotFoundError):
        vendor.delegating.add("shop", "opr_nobody", SCOPES, vendor.clock.now() + 60, ME)


def test_the_secret_is_shown_once(vendor: Vendor) -> None:
    made = lent(vendor, Person.added(vendor))
    secret = made.text.rpartition("_")[2]
    written = "".join(entry.details for entry in vendor.auditing.entries())
    assert secret not in written + repr(vendor.delegating.all())
