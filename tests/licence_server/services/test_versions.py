"""Two people change one thing: the second one is told, and overwrites nothing; on each database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from keys.errors import ApprovalNeededError, ChangedMeanwhileError
from licence_server.domain.approval import FourEyes
from licence_server.domain.representative import NewRepresentative
from licence_server.domain.sizes import Sizes
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor

LICENCES: dict[str, Callable[[Vendor, str, Any], object]] = {
    "renew": lambda vendor, which, versions: vendor.changing.renew(which, None, ME, versions),
    "seats": lambda vendor, which, versions: vendor.changing.seats(which, Sizes(9, None), ME, versions),
    "networks": lambda vendor, which, versions: vendor.changing.networks(which, (), None, ME, versions),
    "suspend": lambda vendor, which, versions: vendor.suspending.suspend(which, "x", ME, versions),
    "revoke": lambda vendor, which, versions: vendor.suspending.revoke(which, "x", ME, versions),
    "rehost": lambda vendor, which, versions: vendor.moving.rehost(which, "x", ME, versions),
}


@pytest.mark.parametrize("deed", LICENCES)
def test_a_licence_is_changed_only_from_what_it_is(vendor: Vendor, deed: str) -> None:
    licence, code = vendor.sell()
    Device(vendor).activate(code)
    vendor.changing.seats(licence.id, Sizes(4, None), "operator:other")
    events, before = vendor.events(licence.id), vendor.licence(licence.id)
    with pytest.raises(ChangedMeanwhileError):
        LICENCES[deed](vendor, licence.id, [licence.version])
    assert (vendor.events(licence.id), vendor.licence(licence.id)) == (events, before)
    LICENCES[deed](vendor, licence.id, [licence.version, before.version])
    assert len(vendor.events(licence.id)) == len(events) + 1


def test_what_waits_for_somebody_is_done_from_what_it_is_too(vendor: Vendor) -> None:
    licence, _ = vendor.sell()
    fresh = vendor.issuing.new_code(licence.id, ME, [licence.version])
    Device(vendor).activate(fresh)
    for done in (
        lambda: vendor.issuing.new_code(licence.id, ME, ["another"]),
        lambda: vendor.changing.confirm(licence.id, ME, ["another"]),
        lambda: vendor.suspending.resume(licence.id, "x", ME, ["another"]),
        lambda: vendor.changing.acknowledge(licence.id, "x", ME, ["another"]),
    ):
        with pytest.raises(ChangedMeanwhileError):
            done()


@pytest.mark.threat(31)
@pytest.mark.parametrize("deed", ["seats", "revoke", "rehost"])
def test_nobody_is_asked_for_a_change_of_what_is_no_more(vendor: Vendor, deed: str) -> None:
    rules = FourEyes(users=5, rehosts=0, revocations=True)
    strict = vendor.with_policy(replace(vendor.policy, four_eyes=rules))
    licence, code = strict.sell()
    Device(strict).activate(code)
    strict.changing.renew(licence.id, strict.clock.now() + 86_400, ME)
    with pytest.raises(ChangedMeanwhileError):
        LICENCES[deed](strict, licence.id, [licence.version])
    assert strict.approving.approvals().found == ()
    with pytest.raises(ApprovalNeededError):
        LICENCES[deed](strict, licence.id, [strict.licence(licence.id).version])


def test_a_customer_is_changed_only_from_what_is_known(vendor: Vendor) -> None:
    customer = vendor.customer()
    changed = vendor.registering.change(customer.id, {"note": "pays late"}, ME, [customer.version])
    with pytest.raises(ChangedMeanwhileError):
        vendor.registering.change(customer.id, {"note": "pays"}, ME, [customer.version])
    with pytest.raises(ChangedMeanwhileError):
        vendor.registering.appoint(customer.id, NewRepresentative("Sara"), ME, [customer.version])
    assert vendor.registering.one(customer.id) == changed
    vendor.registering.appoint(customer.id, NewRepresentative("Sara"), ME, [changed.version])


def test_of_many_at_once_one_gets_through(vendor: Vendor) -> None:
    customer = vendor.customer()

    def change(number: int) -> bool:
        try:
            vendor.registering.change(customer.id, {"note": str(number)}, ME, [customer.version])
        except ChangedMeanwhileError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(change, range(8))) == 1
