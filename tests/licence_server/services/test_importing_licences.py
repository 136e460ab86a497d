"""Importing licences, on both databases: whose, from which plan, and the codes."""

from dataclasses import replace

import pytest

from keys.errors import NotAllowedError, NotFoundError
from licence_server.domain.approval import FourEyes
from licence_server.domain.customer import NewCustomer
from licence_server.domain.imports import LIFETIME, Import
from licence_server.domain.paging import every
from licence_server.domain.plan import Offer
from licence_server.services.reading import LicenceView
from tests.licence_server.device import Device
from tests.licence_server.services.test_importing import BOSS, IDS, faults, finished
from tests.licence_server.vendor import ME, Vendor


def checked(vendor: Vendor, *rows: str, columns: str = "customer,users,site,plan,ends") -> Import:
    return vendor.importing.check("licences", "\n".join([columns, *rows]).encode(), ME)


def licences(vendor: Vendor) -> list[LicenceView]:
    return list(every(lambda after: vendor.reading.licences(after=after)))


def test_licences_are_issued_to_whom_the_rows_name(vendor: Vendor) -> None:
    pars = vendor.registering.add(NewCustomer("فولاد پارس", IDS[0]), ME)
    acme = vendor.customer("Acme")
    plan = vendor.planning.add(Offer("Basic", 7, clients=9, edition="pro"), ME)
    rows = (f"{pars.id},3", "۱۴۰۰۳۷۷۸۹۹۰,4,تبریز", "Acme,,,Basic", f"Acme,5,branch,{plan.id},1406-01-01")
    done = finished(vendor, checked(vendor, *rows))
    assert (done.made, done.left_out) == (4, 0)
    found = {(view.customer.name, view.licence.site): view.licence for view in licences(vendor)}
    assert {key: each.seats.users for key, each in found.items()} == {
        ("فولاد پارس", "main"): 3, ("فولاد پارس", "تبریز"): 4, ("Acme", "main"): 7, ("Acme", "branch"): 5,
    }  # fmt: skip
    branch = found["Acme", "branch"]
    assert (branch.plan, branch.edition, branch.seats.clients, branch.customer.id) == (plan.id, "pro", 9, acme.id)
    assert branch.terms.ends_at is not None
    assert vendor.events(branch.id) == ["licence_issued"]
    assert vendor.auditing.verify().valid


def test_bad_rows_say_whose_what_or_why(vendor: Vendor) -> None:
    vendor = vendor.with_policy(replace(vendor.policy, four_eyes=FourEyes(users=100)))
    acme = vendor.customer("Acme")
    for _ in range(2):
        vendor.customer("Twin")
    old = vendor.planning.add(Offer("Old", 7), ME)
    vendor.planning.retire(old.id, ME)
    there, _ = vendor.sell(acme.id, site="there")
    rows = (
        "Nobody,3", "Twin,3", "Acme,3,a,Gone", f"Acme,3,b,{old.id}", "Acme,101,c", "Acme,0,d", "Acme,3,e,,2001-01-01",
        "Acme,3,THERE", "Acme,3,ok", "acme,4,ok",
    )  # fmt: skip
    found = checked(vendor, *rows)
    assert list(faults(vendor, found)) == [
        (2, "customer", "There is no customer Nobody."),
        (3, "customer", "2 customers have this name: give the id or the national id."),
        (4, "plan", "There is no plan Gone."),
        (5, "", "The plan Old is retired: take another one, or add one like it."),
        (6, "users", "One person may not issue so many users: issue this one by itself."),
        (7, "", "Users are a number from 1 to 1000000."),
        (8, "", "A licence must end after today and after it starts."),
        (9, "site", f"The customer has a licence for this site already: {there.id}."),
        (11, "", "The same is on line 10 already."),
    ]
    assert finished(vendor, found, leave_out=True).made == 1


def test_the_same_file_again_issues_nothing_twice(vendor: Vendor) -> None:
    customer = vendor.customer("Acme")
    one, other = checked(vendor, "Acme,3"), checked(vendor, f"{customer.id},3")
    assert finished(vendor, one).made == 1
    assert (finished(vendor, other).left_out, len(licences(vendor))) == (1, 1)
    vendor.suspending.revoke(licences(vendor)[0].licence.id, "mistake", ME)
    assert finished(vendor, checked(vendor, "Acme,3")).made == 1


def test_codes_are_for_whoever_confirmed_and_made_when_they_ask(vendor: Vendor) -> None:
    vendor.customer("Acme")
    done = finished(vendor, checked(vendor, *(f"Acme,3,site {number}" for number in range(60))))
    codes = vendor.imported_codes
    with pytest.raises(NotAllowedError):
        codes.part(done.id, 0, ME)
    first, second = codes.part(done.id, 0, BOSS), codes.part(done.id, 1, f"{BOSS}/tok_1")
    assert first is not None
    assert second is not None
    assert (len(first), len(second), codes.part(done.id, 2, BOSS)) == (50, 10, None)
    assert Device(vendor).activate(first[0][1]).seq == 1
    again = codes.part(done.id, 0, BOSS)
    assert again is not None
    assert len(again) == 49, "the licence that is on a server by now gets none"
    assert not {code for _, code in first} & {code for _, code in again}
    assert vendor.auditing.verify().valid
    vendor.clock.advance(LIFETIME)
    vendor.importing.sweep()
    assert codes.part(done.id, 0, BOSS) is None
    with pytest.raises(NotFoundError):
        codes.part("imp_1", 0, BOSS)
