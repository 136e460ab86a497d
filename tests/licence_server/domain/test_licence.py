"""The states of a licence, and what each allows: a closed table."""

from dataclasses import replace
from typing import Any

import pytest

from keys.documents.parts import Seats, Terms
from keys.errors import InvalidInputError, LicenceNotActivatableError, StateConflictError
from licence_server.domain.licence import STATES, Licence, State, check_reason, digest_of
from licence_server.domain.sizes import Sizes
from tests.licence_server.samples import DAY, NOW, licence, until

STORED: tuple[State, ...] = ("issued", "active", "suspended", "revoked", "recovered")
REFUSED = StateConflictError

# Operation -> state before -> state after, or the refusal.
TABLE: dict[str, dict[State, object]] = {
    "activated": {"issued": "active", "active": "active", "recovered": "recovered"},
    "released": {
        "issued": "issued", "active": "issued", "suspended": "suspended", "revoked": "revoked", "recovered": "issued",
    },
    "suspended": dict.fromkeys(STORED, "suspended") | {"revoked": REFUSED},
    "resumed bound": dict.fromkeys(STORED, REFUSED) | {"suspended": "active"},
    "resumed unbound": dict.fromkeys(STORED, REFUSED) | {"suspended": "issued"},
    "revoked": dict.fromkeys(STORED, "revoked") | {"revoked": REFUSED},
    "renewed": {state: state for state in STORED} | {"revoked": REFUSED},
    "resized": {state: state for state in STORED} | {"revoked": REFUSED},
    "relocated": {state: state for state in STORED} | {"revoked": REFUSED},
    "confirmed bound": dict.fromkeys(STORED, REFUSED) | {"recovered": "active"},
    "confirmed unbound": dict.fromkeys(STORED, REFUSED) | {"recovered": "issued"},
}  # fmt: skip
OPERATIONS = {
    "activated": lambda it: it.activated(),
    "released": lambda it: it.released(),
    "suspended": lambda it: it.suspended("payment_overdue", NOW),
    "resumed bound": lambda it: it.resumed(bound=True, now=NOW),
    "resumed unbound": lambda it: it.resumed(bound=False, now=NOW),
    "revoked": lambda it: it.revoked("returned", NOW),
    "renewed": lambda it: it.renewed(NOW + DAY, NOW),
    "resized": lambda it: it.resized(Sizes(5, None), NOW),
    "relocated": lambda it: it.relocated((), "report", NOW),
    "confirmed bound": lambda it: it.confirmed(bound=True, now=NOW),
    "confirmed unbound": lambda it: it.confirmed(bound=False, now=NOW),
}
CASES = [(operation, before, after) for operation, row in TABLE.items() for before, after in row.items()]


TERMS: list[dict[str, Any]] = [{name: 1} for name in Terms.__dataclass_fields__]
SEATS: list[dict[str, Any]] = [{name: "named" if name == "model" else 9} for name in Seats.__dataclass_fields__]


def in_state(state: State) -> Licence:
    return licence(state=state, reason="some_reason" if state in {"suspended", "revoked"} else None)


@pytest.mark.parametrize(("operation", "before", "after"), CASES)
def test_every_operation_in_every_state(operation: str, before: State, after: object) -> None:
    if after is REFUSED:
        with pytest.raises(StateConflictError):
            OPERATIONS[operation](in_state(before))
    else:
        assert OPERATIONS[operation](in_state(before)).state == after


@pytest.mark.parametrize("operation", ["suspended", "revoked", "renewed", "resized", "relocated"])
def test_a_refusal_says_what_can_not_be_done_to_a_revoked_licence(operation: str) -> None:
    done = "changed" if operation in {"resized", "relocated"} else operation
    with pytest.raises(REFUSED, match=f"^A revoked licence can't be {done}:"):
        OPERATIONS[operation](in_state("revoked"))


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(OPERATIONS)
    assert set(STORED) == set(STATES) - {"expired"}
    # A suspended or revoked licence never gets as far as being activated: see below.
    assert all(set(row) == set(STORED) for operation, row in TABLE.items() if operation != "activated")


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - {"activated", "released"}))
def test_what_a_person_does_is_dated(operation: str) -> None:
    before = next(state for state, after in TABLE[operation].items() if after is not REFUSED)
    assert OPERATIONS[operation](in_state(before)).changed_at == NOW


@pytest.mark.parametrize(
    ("state", "now", "seen"),
    [(state, NOW + 8 * DAY - 1, state) for state in STORED]
    + [("issued", NOW + 8 * DAY, "expired"), ("active", NOW + 8 * DAY, "expired")]
    + [("suspended", NOW + 8 * DAY, "suspended"), ("revoked", NOW + 8 * DAY, "revoked")]
    + [("recovered", NOW + 8 * DAY, "expired")],
)
def test_a_licence_expires_at_the_end_of_its_terms_and_their_grace(state: State, now: int, seen: State) -> None:
    assert until(NOW + DAY, state=state).state_at(now) == seen


def test_a_perpetual_licence_never_expires() -> None:
    assert licence().ends_for_good_at is None
    assert licence().state_at(2**53) == "active"


@pytest.mark.parametrize("state", STORED)
def test_only_some_states_can_be_bound_to_a_server(state: State) -> None:
    if state in {"suspended", "revoked"}:
        with pytest.raises(LicenceNotActivatableError, match=state):
            licence(state=state).check_activatable(NOW)
    else:
        licence(state=state).check_activatable(NOW)


def test_a_licence_can_be_bound_from_its_start_to_its_end() -> None:
    terms = replace(licence().terms, starts_at=NOW, ends_at=NOW + DAY)
    licence(terms=terms).check_activatable(NOW)
    licence(terms=terms).check_activatable(NOW + 8 * DAY - 1)
    for now, why in ((NOW - 1, "not begun"), (NOW + 8 * DAY, "expired")):
        with pytest.raises(LicenceNotActivatableError, match=why):
            licence(terms=terms).check_activatable(now)


def test_a_suspension_carries_its_reason_until_it_is_resumed() -> None:
    suspended = licence().suspended("payment_overdue", NOW)
    assert suspended.reason == "payment_overdue"
    assert suspended.resumed(bound=True, now=NOW).reason is None
    assert suspended.revoked("returned", NOW).reason == "returned"


def test_a_renewal_sets_the_end_or_takes_it_away() -> None:
    assert licence().renewed(NOW + 9, NOW).terms.ends_at == NOW + 9
    assert until(NOW).renewed(None, NOW).terms.ends_at is None
    with pytest.raises(InvalidInputError, match="after it starts"):
        licence().renewed(licence().terms.starts_at, NOW)


def test_seats_are_changed_in_both_dimensions() -> None:
    changed = licence().resized(Sizes(7, None), NOW).seats
    assert (changed.users, changed.clients, changed.model) == (7, None, "concurrent")


@pytest.mark.parametrize(("approved", "users", "after"), [(None, 9, None), (20, 9, 20), (10, 9, 12), (11, 8, 11)])
def test_what_two_agreed_to_grows_with_the_seats_and_shrinks_with_nothing(
    approved: int | None, users: int, after: int | None
) -> None:
    seats = replace(licence().seats, users=users, overdraft_users=3)
    changed = licence(approved_users=approved).sized(seats, NOW + 5)
    assert (changed.seats, changed.approved_users, changed.changed_at) == (seats, after, NOW + 5)


def test_networks_and_what_strangers_meet_are_changed_together() -> None:
    changed = licence().relocated(("10.1.2.3", "FD00:0::/8", "10.1.2.3/32"), "report", NOW)
    assert (changed.networks, changed.network_policy) == (("10.1.2.3/32", "fd00::/8"), "report")
    assert (changed.relocated((), "enforce", NOW).networks, changed.seats) == ((), licence().seats)
    assert licence().relocated(("10.0.0.0/8",) * 64, "enforce", NOW).networks == ("10.0.0.0/8",)
    with pytest.raises(InvalidInputError, match="at most 64"):
        licence().relocated(("10.0.0.0/8",) * 65, "enforce", NOW)


@pytest.mark.parametrize(("approved", "is_approved"), [(None, True), (4, True), (5, True), (3, False)])
def test_what_is_larger_than_was_agreed_to_is_not_approved(approved: int | None, is_approved: bool) -> None:
    assert licence(approved_users=approved, seats=Seats("concurrent", 3, 4, 1, 1)).is_approved is is_approved


def test_it_is_found_by_its_site_and_its_edition() -> None:
    assert {"lic_1", "mashhad", "standard"} <= set(licence().search.split())


def test_whose_server_it_runs_on_is_no_change_by_a_person() -> None:
    versions = {licence(state=state).version for state in ("issued", "active", "recovered")}
    assert versions == {licence().version}
    assert len({licence(state=state).version for state in STORED}) == 3
    assert licence(site="Tabriz").version != licence().version


@pytest.mark.parametrize("reason", ["", "Payment", "two words", "-x", "x" * 65, "a\n", "پرداخت"])
def test_a_reason_is_one_word(reason: str) -> None:
    with pytest.raises(InvalidInputError, match="no reason"):
        check_reason(reason)
    with pytest.raises(InvalidInputError):
        licence().suspended(reason, NOW)
    with pytest.raises(InvalidInputError):
        licence().revoked(reason, NOW)


def test_the_digest_shows_every_change_of_what_was_bought_and_decided() -> None:
    changed: list[dict[str, Any]] = [
        {"id": "lic_2"}, {"product": "other"}, {"edition": "other"}, {"site": "other"}, {"state": "issued"},
        {"reason": "other"}, {"features": ()}, {"networks": ()}, {"threshold": 1}, {"interval": 1}, {"grace": 1},
        {"on_clone": "report"}, {"network_policy": "report"}, {"approved_users": 5}, {"plan": "pln_1"},
        {"created_at": 1}, {"changed_at": 1}, {"customer": replace(licence().customer, id="cus_2")},
        *({"terms": replace(licence().terms, **each)} for each in TERMS),
        *({"seats": replace(licence().seats, **each)} for each in SEATS),
    ]  # fmt: skip
    digests = {digest_of(licence(**each)) for each in changed} | {digest_of(licence())}
    assert len(digests) == len(changed) + 1
    assert {name for each in changed for name in each} == set(Licence.__dataclass_fields__)


def test_the_digest_of_a_licence_of_before_there_was_a_policy_is_what_it_was() -> None:
    """Records of then have to go on being true."""
    assert digest_of(licence()) == "5ab3be7bb2c68c10b441d53a4a78dd1520ed9c78978f808e06dd6c0d6ab20903"
