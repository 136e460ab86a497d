"""Looking for customers and licences, on both databases, however it is written."""

from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.errors import InvalidInputError
from licence_server.domain.customer import Customer, NewCustomer
from licence_server.domain.paging import every
from licence_server.domain.representative import NewRepresentative
from licence_server.services.reading import LicenceView
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor


def ids(vendor: Vendor, text: str) -> list[str]:
    """What is found by a text, newest first, gathered from pages of two."""
    found = every(lambda after: vendor.finding.find(text, after, 2))
    return [each.id if isinstance(each, Customer) else each.licence.id for each in found]


@pytest.fixture
def steel(vendor: Vendor) -> Customer:
    """A customer of whom everything is known, among others."""
    vendor.registering.add(NewCustomer("گسترش رایانهٔ البرز", email="info@alborz.example"), ME)
    new = NewCustomer("شرکت فولاد‌سازی پارس", "10380284790", "IT@Foolad.example", "+989151234567", phone="051 3840 1122")
    customer = vendor.registering.add(new, ME)
    appointed = NewRepresentative("کیانا یزدی", "0499370899", "09351112233", "kiana@foolad.example")
    vendor.registering.add(NewCustomer("100%_pure/ltd"), ME)
    return vendor.registering.appoint(customer.id, appointed, ME)


@pytest.mark.parametrize(
    "text",
    [
        "فولادسازي", "فولاد سازی پارس", "شركت", "پـارس", "ولاد", "380284", "۱۰۳۸۰۲۸۴۷۹۰", "it@FOOLAD", "0915 123",
        "+98915123", "0098 915", "۰۹۱۵۱۲۳۴۵۶۷", "38401122", "كيانا يزدي", "0499370899", "0935111", "kiana@",
    ],
)  # fmt: skip
def test_a_customer_is_found_by_any_part_of_what_is_known(vendor: Vendor, steel: Customer, text: str) -> None:
    assert ids(vendor, text) == [steel.id]
    assert ids(vendor, steel.id[4:14]) == [steel.id]


@pytest.mark.parametrize(
    "text", ["فولادگران", "0915123456799", "پارسشرکت", "uu", "١٢٣٤٥٦٧٨٩٠", "%", "/", "فولاد_ازی", "فولاد%پارس"]
)
def test_nothing_else_is_found(vendor: Vendor, steel: Customer, text: str) -> None:
    """Neither over the end of a field, nor by a letter that a database takes for any."""
    assert steel.id not in ids(vendor, text)


@pytest.mark.parametrize("text", ["%", "%_", "/", "100%_pure/", "_PURE/L"])
def test_letters_that_a_database_takes_for_any_are_found_as_they_are(
    vendor: Vendor, steel: Customer, text: str
) -> None:
    found = ids(vendor, text)
    assert len(found) == 1
    assert found != [steel.id]


def test_a_licence_is_found_by_site_edition_and_id(vendor: Vendor) -> None:
    customer = vendor.customer()
    licence, code = vendor.sell(customer.id, site="شعبهٔ كرمان", edition="Enterprise")
    other, _ = vendor.sell(customer.id)
    Device(vendor).activate(code)
    for text in ("شعبه کرمان", "ENTER", licence.id):
        assert ids(vendor, text) == [licence.id]
    assert other.id not in ids(vendor, "کرمان")
    view = cast("LicenceView", vendor.finding.find("کرمان").found[0])
    assert (view.customer, view.state, view.activation is None) == (customer, "active", False)


def test_customers_and_licences_come_mixed_newest_first(vendor: Vendor) -> None:
    made = []
    for number in range(3):
        made.append(vendor.customer(f"kerman {number}").id)
        vendor.clock.advance(1)
        made.append(vendor.sell(made[-1], site=f"Kerman {number}")[0].id)
        vendor.clock.advance(number)
    found = ids(vendor, "kerman")
    assert set(found) == set(made)
    assert found == list(dict.fromkeys(found))
    assert ids(vendor, "kerman0") == [made[1], made[0]]
    page = vendor.finding.find("kerman", most=2)
    later = vendor.customer("kerman 4").id
    assert later not in ids(vendor, "kerman")[1:]
    rest = vendor.finding.find("kerman", page.next, 6)
    assert len(rest.found) == 4, "who came meanwhile moves nothing"
    assert rest.next is None


def test_who_was_changed_is_found_by_what_is_true_now(vendor: Vendor, steel: Customer) -> None:
    vendor.registering.change(steel.id, {"name": "مس کرمان", "mobile": ""}, ME)
    vendor.registering.appoint(steel.id, NewRepresentative("رضا"), ME)
    assert ids(vendor, "مس") == ids(vendor, "رضا") == [steel.id]
    for text in ("فولادسازی", "0915123", "کیانا"):
        assert not ids(vendor, text)


@pytest.mark.parametrize("text", ["", " ", "\u200c", "ـ", "\x00", "\ud800", "x" * 201])
def test_nothing_or_too_much_to_look_for_is_refused(vendor: Vendor, text: str) -> None:
    with pytest.raises(InvalidInputError, match="Look for"):
        vendor.finding.find(text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=20), data=st.data())
def test_any_name_is_found_by_any_part_of_it(vendor: Vendor, name: str, data: st.DataObject) -> None:
    try:
        customer = vendor.registering.add(NewCustomer(name), ME)
    except InvalidInputError:
        return
    name = customer.name
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    try:
        found = ids(vendor, part)
    except InvalidInputError:
        return
    assert customer.id in found


def test_how_many_queries_it_takes_does_not_depend_on_what_is_found(vendor: Vendor, queries: list[str]) -> None:
    counts = set()
    for number in range(3):
        for _ in range(3 * number):
            vendor.sell(vendor.customer("kerman").id, site="kerman")
        queries.clear()
        vendor.finding.find("kerman")
        counts.add(len(queries))
    assert counts == {4}


def test_who_may_be_registered_already_is_told(vendor: Vendor, steel: Customer, queries: list[str]) -> None:
    vendor.clock.advance(1)
    mail = vendor.registering.add(NewCustomer("کیانا یزدی", email="other@foolad.example"), ME)
    new = NewCustomer("شركت فولاد سازی پارس", email="OTHER@foolad.example", mobile="0915۱۲۳۴۵۶۷")
    queries.clear()
    found = vendor.finding.similar(new)
    assert len(queries) == 1
    assert [(each.customer, each.fields) for each in found] == [(mail, ("email",)), (steel, ("name", "mobile"))]
    assert not vendor.finding.similar(NewCustomer("پارس"))
    assert [each.customer for each in vendor.finding.similar(NewCustomer("كيانا يزدي"))] == [mail], "no representative"
    assert not vendor.finding.similar(NewCustomer("ـ"))
    with pytest.raises(InvalidInputError):
        vendor.finding.similar(NewCustomer(""))
    assert vendor.auditing.verify().events == 5
