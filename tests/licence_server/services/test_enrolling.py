"""The vendor's people come, change and go."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from keys.errors import InvalidInputError, LicensingError, NotFoundError, NotSignedInError, StateConflictError
from licence_server.domain.audit import Sought
from licence_server.domain.operator import ROLES, Operator
from tests.licence_server.people import DESK, Person
from tests.licence_server.vendor import ME, Vendor

pytestmark = pytest.mark.threat(30)


def test_people_are_found_by_name_and_listed_by_age(vendor: Vendor) -> None:
    for number, role in enumerate(ROLES):
        vendor.enrolling.add(f"person{number}", role, ME)
        vendor.clock.advance(1)
    assert [each.role for each in vendor.enrolling.operators()] == list(ROLES)
    assert vendor.enrolling.named("person3").role == ROLES[3]
    for name in ("nobody", "person"):
        with pytest.raises(NotFoundError, match="operator list"):
            vendor.enrolling.named(name)
    with pytest.raises(InvalidInputError):
        vendor.enrolling.named("No Name")
    for use_case in (vendor.enrolling.operator, lambda name: vendor.enrolling.reset(name, ME)):
        with pytest.raises(NotFoundError):
            use_case("opr_nobody")
    assert vendor.auditing.verify().valid


def test_a_name_is_taken_once_and_a_role_has_to_be_one(vendor: Vendor) -> None:
    vendor.enrolling.add("sara", "sales", ME)
    with pytest.raises(StateConflictError, match="sara already"):
        vendor.enrolling.add("sara", "viewer", ME)
    for name, role in (("Sara", "sales"), ("reza", "owner")):
        with pytest.raises(InvalidInputError):
            vendor.enrolling.add(name, role, ME)  # type: ignore[arg-type]
    assert len(vendor.enrolling.operators()) == 1


def test_the_first_administrator_comes_once(vendor: Vendor) -> None:
    assert vendor.enrolling.add_first("admin", "a password of init's", ME)
    assert not vendor.enrolling.add_first("admin", "a password of init's", ME)
    assert vendor.signing_in.begin("admin", "a password of init's", DESK).step == "password"


def test_another_role_ends_all_sessions_and_counts_at_once(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    tokens = [person.sign_in().token for _ in range(2)]
    pending = person.begin()
    after = vendor.enrolling.change_role(person.operator.id, "support", ME)
    assert (after, after.role) == (person.stored, "support")
    for token in tokens:
        with pytest.raises(NotSignedInError):
            vendor.authenticating.session(token)
    with pytest.raises(NotSignedInError):
        vendor.signing_in.complete(pending.token, person.code(), DESK)
    assert vendor.authenticating.session(person.sign_in().token).actor.role == "support"
    with pytest.raises(StateConflictError, match="already"):
        vendor.enrolling.change_role(person.operator.id, "support", ME)
    with pytest.raises(InvalidInputError):
        vendor.enrolling.change_role(person.operator.id, "owner", ME)  # type: ignore[arg-type]
    entry = next(
        each for each in vendor.auditing.entries(Sought(of=person.operator.id)) if each.event == "operator_role_changed"
    )
    assert '"before":"sales"' in entry.details
    assert '"sessions_ended":3' in entry.details
    assert vendor.auditing.verify().valid


def test_who_is_disabled_is_out_until_enabled(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    token = person.sign_in().token
    assert vendor.enrolling.disable(person.operator.id, ME).disabled_at == vendor.clock.now()
    with pytest.raises(NotSignedInError):
        vendor.authenticating.session(token)
    with pytest.raises(NotSignedInError):
        person.begin()
    with pytest.raises(StateConflictError, match="already"):
        vendor.enrolling.disable(person.operator.id, ME)
    vendor.enrolling.enable(person.operator.id, ME)
    with pytest.raises(StateConflictError, match="not disabled"):
        vendor.enrolling.enable(person.operator.id, ME)
    with pytest.raises(NotSignedInError):
        vendor.authenticating.session(token)
    assert person.sign_in().operator.disabled_at is None
    assert vendor.auditing.verify().valid


def test_a_reset_begins_anew(vendor: Vendor) -> None:
    person = Person.ready(vendor)
    token = person.sign_in().token
    welcome = vendor.enrolling.reset(person.operator.id, ME)
    with pytest.raises(NotSignedInError):
        vendor.authenticating.session(token)
    with pytest.raises(NotSignedInError):
        person.begin()
    person.password = welcome.password
    assert person.begin().step == "password"
    assert person.first_sign_in().recovery_codes
    assert vendor.auditing.verify().valid


def test_the_last_administrator_stays(vendor: Vendor) -> None:
    first, second = (vendor.enrolling.add(name, "administrator", ME).operator for name in ("one", "two"))
    vendor.enrolling.add("three", "manager", ME)
    vendor.enrolling.disable(first.id, ME)
    for change in (lambda: vendor.enrolling.disable(second.id, ME),
                   lambda: vendor.enrolling.change_role(second.id, "manager", ME)):  # fmt: skip
        with pytest.raises(StateConflictError, match="last administrator"):
            change()
    vendor.enrolling.change_role(first.id, "viewer", ME)
    vendor.enrolling.enable(first.id, ME)
    with pytest.raises(StateConflictError, match="last administrator"):
        vendor.enrolling.disable(second.id, ME)
    vendor.enrolling.change_role(first.id, "administrator", ME)
    vendor.enrolling.disable(second.id, ME)
    assert vendor.auditing.verify().valid


def test_of_two_administrators_who_disable_each_other_at_once_one_stays(vendor: Vendor) -> None:
    people = [vendor.enrolling.add(f"admin{number}", "administrator", ME).operator for number in range(4)]

    def disable(operator: Operator) -> str:
        try:
            vendor.enrolling.disable(operator.id, ME)
        except LicensingError as refusal:
            return refusal.word
        return "done"

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(disable, people))
    assert found == ["done"] * 3 + ["state-conflict"]
    assert vendor.auditing.verify().valid
