"""Outages from the wish to the signed file, over both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from keys.carried import read_carried
from keys.documents.outage import LONGEST, MOST_LICENCES, Outage, open_outage
from keys.errors import ApprovalNeededError, InvalidInputError, NotFoundError, StateConflictError, UnavailableError
from keys.trust import WARNING
from licence_server.domain.approval import FourEyes
from licence_server.domain.audit import Sought
from licence_server.domain.outage import Declaration
from licence_server.storage.tables import approvals, outages
from tests.fakes import START
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400
OTHER = "operator:other"
WANTED = Declaration(START - DAY, START + 30 * DAY, 14, None, "no internet in the country")


@pytest.fixture
def strict(vendor: Vendor) -> Vendor:
    """A vendor that wants two people for something; it need not be outages."""
    return vendor.with_policy(replace(vendor.policy, four_eyes=FourEyes(users=500)))


def granted(vendor: Vendor, wanted: Declaration = WANTED) -> str:
    """Have somebody else agree."""
    with pytest.raises(ApprovalNeededError):
        vendor.declaring.declare(wanted, ME)
    waiting = vendor.approving.approvals().found[0]
    return vendor.approving.grant(waiting.id, OTHER).id


def test_an_outage_is_signed_stored_and_handed_out_again(vendor: Vendor) -> None:
    declared = vendor.declaring.declare(replace(WANTED, reason=f" {WANTED.reason} "), ME)
    assert declared.declaration == WANTED
    document, trust = read_carried(vendor.declaring.content(declared))
    assert trust == vendor.desk.trust_document
    signed = open_outage(document, vendor.desk.trust)
    issuer = vendor.desk.trust.issuer
    assert signed == Outage(issuer, declared.id, START, START - DAY, START + 30 * DAY, 14 * DAY, None)
    assert vendor.declaring.one(declared.id) == declared
    (entry,) = vendor.auditing.entries(Sought(of=declared.id))
    assert (entry.actor, entry.event) == (ME, "outage_declared")
    assert "no internet in the country" in entry.details
    assert vendor.auditing.verify().valid


def test_it_may_be_for_some_licences(vendor: Vendor) -> None:
    names = tuple(vendor.sell()[0].id for _ in range(2))
    declared = vendor.declaring.declare(replace(WANTED, licences=(*names, names[0])), ME)
    assert open_outage(declared.document.encode(), vendor.desk.trust).licences == names
    with pytest.raises(NotFoundError):
        vendor.declaring.declare(replace(WANTED, licences=(names[0], "lic_none")), ME)
    vendor.clock.advance(1)
    later = vendor.declaring.declare(WANTED, ME)
    assert vendor.declaring.outages() == [later, declared]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until_at": START - DAY}, "lasts 1 to 90 days"),
        ({"until_at": START - DAY + LONGEST + 1}, "lasts 1 to 90 days"),
        ({"from_at": START - 9 * DAY, "until_at": START}, "over already"),
        ({"days": 0}, "by 1 to 90 days"),
        ({"days": 91}, "by 1 to 90 days"),
        ({"reason": " "}, "reason of an outage"),
        ({"reason": "a\nb"}, "reason of an outage"),
        ({"reason": "x" * 501}, "reason of an outage"),
        ({"licences": ()}, "or declare it for all"),
        ({"licences": tuple(f"lic_{number}" for number in range(MOST_LICENCES + 1))}, "or declare it for all"),
    ],
)
def test_what_can_not_be_declared_is_refused(vendor: Vendor, changes: dict, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        vendor.declaring.declare(replace(WANTED, **changes), ME)
    assert (vendor.declaring.outages(), vendor.approving.approvals().found) == ([], ())


def test_as_much_as_may_be_is_declared(vendor: Vendor) -> None:
    most = replace(WANTED, from_at=START + 1 - LONGEST, until_at=START + 1, days=90, reason="x" * 500)
    assert vendor.declaring.declare(most, ME).declaration == most


@pytest.mark.threat(31)
def test_it_takes_two_people_wherever_anything_does(strict: Vendor) -> None:
    approval = granted(strict)
    declared = strict.declaring.declare(WANTED, ME)
    assert declared.approval == approval
    assert strict.auditing.verify().valid
    with pytest.raises(ApprovalNeededError):
        strict.declaring.declare(WANTED, ME)


@pytest.mark.threat(31)
def test_who_agreed_agreed_to_this_very_outage(strict: Vendor) -> None:
    granted(strict)
    for other in (replace(WANTED, days=15), replace(WANTED, until_at=WANTED.until_at + 1), replace(WANTED, reason="x")):
        with pytest.raises(ApprovalNeededError):
            strict.declaring.declare(other, ME)
    assert strict.declaring.outages() == []


@pytest.mark.threat(31)
def test_the_signing_itself_looks_for_the_second_person(strict: Vendor) -> None:
    """Whoever calls it: without an approval, with one that is not spent, or with that of another outage."""
    approval, now, rules = granted(strict), strict.clock.now(), strict.policy.four_eyes
    signing, outage = strict.declaring.signing, Outage(strict.desk.trust.issuer, "o", now, now, now + 1, 1, None)
    for given in (None, approval):
        with strict.database.unit() as unit, pytest.raises(ApprovalNeededError):
            signing.outage(unit, outage, WANTED, rules, given)
    with strict.database.engine.begin() as connection:
        connection.execute(update(approvals).values(used_at=now))
    with strict.database.unit() as unit:
        with pytest.raises(ApprovalNeededError):
            signing.outage(unit, outage, replace(WANTED, days=90), rules, approval)
        with pytest.raises(ApprovalNeededError):
            signing.outage(unit, replace(outage, issued_at=now + 1), WANTED, rules, approval)
        assert signing.outage(unit, outage, WANTED, rules, approval)
    with strict.database.engine.begin() as connection:
        connection.execute(update(approvals).values(granted=False))
    with strict.database.unit() as unit, pytest.raises(ApprovalNeededError):
        signing.outage(unit, outage, WANTED, rules, approval)


def test_an_approval_is_spent_once_by_whoever_is_quicker(strict: Vendor) -> None:
    approval = granted(strict)
    with strict.database.unit() as unit:
        strict.declaring.permits.use(unit, approval, strict.clock.now())
    with strict.database.unit() as unit, pytest.raises(StateConflictError):
        strict.declaring.permits.use(unit, approval, strict.clock.now())


def test_nothing_is_signed_for_a_time_that_no_agent_believes(vendor: Vendor) -> None:
    vendor.clock.advance(vendor.desk.trust.expires_at + WARNING - START)
    now = vendor.clock.now()
    with pytest.raises(UnavailableError):
        vendor.declaring.declare(replace(WANTED, from_at=now, until_at=now + DAY), ME)
    assert vendor.declaring.outages() == []


@pytest.mark.threat(32)
@pytest.mark.parametrize("values", [{"days": 90}, {"reason": "x"}, {"licences": ["lic_1"]}, {"document": "x"}])
def test_what_was_changed_behind_the_record_is_found(vendor: Vendor, values: dict) -> None:
    vendor.declaring.declare(WANTED, ME)
    with vendor.database.engine.begin() as connection:
        connection.execute(update(outages).values(**values))
    assert "Outage" in str(vendor.auditing.verify().problem)


@pytest.mark.threat(32)
def test_what_was_slipped_in_or_removed_is_found(vendor: Vendor) -> None:
    vendor.declaring.declare(WANTED, ME)
    with vendor.database.engine.begin() as connection:
        row = dict(connection.execute(select(outages)).mappings().one())
        connection.execute(insert(outages).values(row | {"id": "out_slipped"}))
    assert "out_slipped" in str(vendor.auditing.verify().problem)
    with vendor.database.engine.begin() as connection:
        connection.execute(delete(outages))
    assert "Outage" in str(vendor.auditing.verify().problem)
