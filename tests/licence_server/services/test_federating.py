"""Linking operators to accounts of the provider, over both databases."""

from dataclasses import replace

import pytest

from keys.errors import NotSignedInError, StateConflictError
from licence_server.domain.federation import Claims, Federation, Flow
from licence_server.services.admitting import Pending, SignedIn
from licence_server.services.federating import Federating, Returned
from tests.licence_server.people import DESK, Person
from tests.licence_server.vendor import ME, Vendor

FEDERATION = Federation("Owj", "sub", proves_second_factor=True, assurances=(), max_age=None)


class Agreeing:
    """A provider that knows one account."""

    def __init__(self, account: str) -> None:
        self.account = account

    def address(self, flow: Flow, _federation: Federation) -> str:
        return flow.state

    def claims(self, _flow: Flow, _code: str, _now: int) -> Claims:
        return {"sub": self.account}


def entered(vendor: Vendor, account: str, federation: Federation = FEDERATION) -> SignedIn | Pending:
    proving, admitting = vendor.signing_in.proving, vendor.signing_in.admitting
    federating = Federating(proving=proving, admitting=admitting, federation=federation, provider=Agreeing(account))
    state = federating.begin("visit", DESK)
    return federating.finish("visit", Returned(state, "code"), DESK)


def test_who_is_linked_gets_in_and_who_is_unlinked_no_longer(vendor: Vendor) -> None:
    sara = Person.ready(vendor)
    here = sara.sign_in()
    vendor.enrolling.link(sara.operator.id, "4711", ME)
    with pytest.raises(NotSignedInError):
        vendor.authenticating.session(here.token)
    found = entered(vendor, "4711")
    assert isinstance(found, SignedIn)
    assert found.actor == sara.actor
    vendor.enrolling.link(sara.operator.id, None, ME)
    with pytest.raises(NotSignedInError, match="4711"):
        entered(vendor, "4711")
    assert vendor.auditing.verify().valid


def test_an_account_is_one_persons(vendor: Vendor) -> None:
    sara, reza = Person.ready(vendor), Person.ready(vendor, "reza")
    vendor.enrolling.link(sara.operator.id, "4711", ME)
    vendor.enrolling.link(sara.operator.id, "4711", ME)
    with pytest.raises(StateConflictError, match="sara"):
        vendor.enrolling.link(reza.operator.id, "4711", ME)
    with vendor.database.reading() as unit:
        assert [each.account for each in unit.operators.all()].count("4711") == 1


def test_the_second_factor_of_a_newcomer_is_set_up_here(vendor: Vendor) -> None:
    """By way of a password of their own, since the one that they were added with is known to somebody else."""
    person = Person.added(vendor)
    vendor.enrolling.link(person.operator.id, "4711", ME)
    found = entered(vendor, "4711", replace(FEDERATION, proves_second_factor=False))
    assert isinstance(found, Pending)
    assert found.step == "password"
