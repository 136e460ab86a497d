"""Pages of customers: registered, found, corrected."""

import re

import pytest

from licence_server.domain.customer import Customer, NewCustomer
from tests.licence_server.office import ME
from tests.licence_server.web.console.reader import Reader, words

NEW = "/console/customers/new"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def sales(reader: Reader) -> Reader:
    reader.enter("sales")
    return reader


def registered(reader: Reader, name: str = "فولاد پارس", mobile: str = "") -> Customer:
    return reader.office.server.registering.add(NewCustomer(name, mobile=mobile), ME)


def test_a_customer_is_registered_and_shown(sales: Reader) -> None:
    form = {"name": "Acme", "national_id": "۱۰۳۸۰۲۸۴۷۹۰", "email": "a@example.com", "representative": "Sara"}
    answer = sales.post(NEW, form)
    assert answer.status_code == 303, words(answer)
    said = words(sales.get(answer.headers["Location"]))
    assert "The customer is registered." in said
    assert all(word in said for word in ("Acme", "10380284790", "a@example.com", "Sara", "company", "operator:sales"))
    assert "The customer is registered." not in words(sales.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": ""}, "name"),
        ({"name": "Acme", "national_id": "10380284791"}, "check digit"),
        ({"name": "Acme", "email": "x"}, "e-mail"),
        ({"name": "Acme", "mobile": "x"}, "mobile"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_stays(sales: Reader, form: dict, said: str) -> None:
    answer = sales.post(NEW, {"note": "kept", **form})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "kept" in answer.text


def test_who_may_be_the_same_is_shown_before(sales: Reader) -> None:
    before = registered(sales, name="Acme")
    answer = sales.post(NEW, {"name": "ACME"})
    assert (answer.status_code, before.id in answer.text) == (200, True)
    assert sales.post(NEW, {"name": "ACME", "sure": "1"}).status_code == 303


def test_the_same_national_id_is_refused_with_a_link_to_who_has_it(sales: Reader) -> None:
    form = {"name": "Acme", "national_id": "10380284790"}
    first = sales.post(NEW, form).headers["Location"]
    answer = sales.post(NEW, {**form, "national_id": "۱۰۳۸۰۲۸۴۷۹۰"})
    assert (answer.status_code, "is registered under this national id already" in words(answer)) == (409, True)
    assert first in sales.links(answer)
    other = registered(sales, name="Other")
    answer = sales.post(f"/console/customers/{other.id}/change", form)
    assert (answer.status_code, first in sales.links(answer)) == (409, True)


def test_who_becomes_like_somebody_else_is_asked_about_once(sales: Reader) -> None:
    before, other = registered(sales, name="Acme", mobile="09121234567"), registered(sales, name="Other")
    path = f"/console/customers/{other.id}/change"
    answer = sales.post(path, {"name": "ACME"})
    assert (answer.status_code, f"/console/customers/{before.id}" in sales.links(answer)) == (200, True)
    assert sales.office.server.registering.one(other.id) == other
    assert sales.post(path, {"name": "ACME", "sure": "1"}).status_code == 303
    assert sales.post(path, {"name": "ACME", "note": "known"}).status_code == 303, "that they are alike is no news"
    assert sales.post(path, {"name": "ACME", "mobile": "+989121234567"}).status_code == 200, "but this is"
    assert sales.post(f"/console/customers/{before.id}/change", {"name": "Acme"}).status_code == 303


def test_how_notices_go_out_is_chosen_and_shown(sales: Reader) -> None:
    page = sales.get(NEW).text
    assert page.count(" checked>") == 2
    contacts = {"email": "a@example.com", "mobile": "09121234567"}
    made = sales.post(NEW, {"name": "Acme", **contacts, "language": "en", "by_email": "1"})
    assert "Notices English · E-mail Note" in words(sales.get(made.headers["Location"]))
    change = made.headers["Location"] + "/change"
    page = sales.get(change).text
    assert page.count(" checked>") == 1
    assert '<option value="en" selected>' in page
    sales.post(change, {"name": "Acme", **contacts, "language": "fa"})
    assert "Notices Persian · only those that the law wants Note" in words(sales.get(made.headers["Location"]))


def test_another_representative_is_appointed_and_the_one_before_stays_in_the_history(sales: Reader) -> None:
    customer = registered(sales)
    page, path = f"/console/customers/{customer.id}", f"/console/customers/{customer.id}/representative"
    assert path in sales.links(sales.get(page))
    for name in ("Sara", "Reza"):
        assert sales.post(path, {"name": name, "national_id": "0499370899"}).status_code == 303
        sales.office.clock.advance(60)
    said = words(sales.get(page))
    assert "Representative Reza" in said
    assert said.index("Reza 0499370899") < said.index("Sara 0499370899")
    assert "today" in said
    answer = sales.post(path, {"name": "Ali", "national_id": "1"})
    assert (answer.status_code, 'value="Ali"' in answer.text) == (422, True)
    assert sales.get("/console/customers/cus_nobody/representative").status_code == 404


@pytest.mark.threat(27)
def test_a_sentence_with_markup_in_it_stays_a_sentence(sales: Reader) -> None:
    first = sales.post(NEW, {"name": HOSTILE, "national_id": "10380284790"})
    assert first.status_code == 303
    answer = sales.post(NEW, {"name": "Acme", "national_id": "10380284790"})
    assert "<script>alert" not in answer.text
    assert HOSTILE in words(answer)


@pytest.mark.parametrize("wanted", ["فولاد", "فولادپارس", "فولاد‌پارس", "۰۹۱۲"])
def test_a_customer_is_found_however_it_is_written(sales: Reader, wanted: str) -> None:
    registered(sales, mobile="09121234567")
    registered(sales, name="Other")
    said = words(sales.get(f"/console/customers?q={wanted}"))
    assert "فولاد پارس" in said
    assert "Other" not in said


def test_long_lists_go_on(sales: Reader) -> None:
    for number in range(51):
        registered(sales, name=f"Customer {number}")
        sales.office.clock.advance(1)
    first = sales.get("/console/customers")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    said = words(sales.get(following[1].replace("&amp;", "&")))
    assert "Customer 0 " in said
    assert "Customer 50" not in said


def test_data_is_corrected(sales: Reader) -> None:
    customer = registered(sales)
    path = f"/console/customers/{customer.id}/change"
    assert "فولاد پارس" in sales.get(path).text
    assert sales.post(path, {"name": "فولاد نو"}).status_code == 303
    assert "فولاد نو" in words(sales.get(f"/console/customers/{customer.id}"))
    assert sales.post(path, {"name": "x", "email": "x"}).status_code == 422


@pytest.mark.threat(27)
def test_no_field_of_a_customer_runs(sales: Reader) -> None:
    fields = {"name": HOSTILE, "representative": HOSTILE, "address": HOSTILE, "note": HOSTILE, "mobile": "0912000000"}
    answer = sales.post(NEW, fields)
    path = answer.headers["Location"]
    pages = [path, f"{path}/change", "/console/customers", f"{path}/licences/new", "/console/customers?q=alert"]
    for page in [sales.get(each) for each in pages] + [sales.post(NEW, fields), sales.get("/console/customers?q=<b>")]:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<b>" not in page.text


@pytest.mark.parametrize("query", ["after=nonsense", "after=1.x'--", "q=" + "x" * 201])
def test_what_no_page_of_ours_asks_is_refused(sales: Reader, query: str) -> None:
    assert sales.get(f"/console/customers?{query}").status_code in {400, 422}


@pytest.mark.parametrize("name", ["cus_1", "x", "%00", "cus_1%00", "..", "cus_" + "x" * 5000])
def test_a_customer_that_is_not_there(sales: Reader, name: str) -> None:
    assert sales.get(f"/console/customers/{name}").status_code == 404


VERSION = re.compile(r'name="version" value="([0-9a-f]{32})"')


def test_whoever_is_late_overwrites_nothing_and_sees_what_is_there_now(sales: Reader) -> None:
    customer = registered(sales)
    path = f"/console/customers/{customer.id}/change"
    (version,) = VERSION.findall(sales.get(path).text)
    sales.office.server.registering.change(customer.id, {"note": "pays late", "name": "فولاد نو"}, "operator:other")
    form = {"name": "فولاد پارس", "note": "pays", "version": version}
    answer = sales.post(path, form)
    assert answer.status_code == 412
    assert "Somebody changed this meanwhile." in words(answer)
    assert "pays late" in words(answer)
    assert ">pays</textarea>" in answer.text
    assert sales.office.server.registering.one(customer.id).note == "pays late"
    (newer,) = VERSION.findall(answer.text)
    again = sales.post(path, {**form, "email": "x", "version": version})
    assert (again.status_code, VERSION.findall(again.text)) == (422, [version]), "a typing mistake makes nobody newer"
    assert sales.post(path, {**form, "version": newer}).status_code == 303
    assert sales.office.server.registering.one(customer.id).note == "pays"


def test_of_two_who_appoint_the_second_one_is_told(sales: Reader) -> None:
    customer = registered(sales)
    path = f"/console/customers/{customer.id}/representative"
    (version,) = VERSION.findall(sales.get(path).text)
    assert sales.post(path, {"name": "Sara", "version": version}).status_code == 303
    late = sales.post(path, {"name": "Reza", "version": version})
    assert (late.status_code, "Nothing was overwritten." in words(late)) == (412, True)
    assert sales.office.server.registering.one(customer.id).representative == "Sara"
