"""Pages of renewals: ticked, looked at once more, and done, with a line for each."""

import re

import pytest
from werkzeug.test import TestResponse

from licence_server.domain.duration import YEAR
from licence_server.domain.licence import Licence, Order
from licence_server.services.renewing import chosen
from tests.licence_server.office import ME, Office
from tests.licence_server.web.console.reader import Reader, words

DAY = 86_400
LIST, CONFIRM = "/console/renewals", "/console/renewals/chosen"


@pytest.fixture
def sales(reader: Reader) -> Reader:
    reader.enter("sales")
    return reader


def sold(office: Office, *days: int) -> list[Licence]:
    """Licences that end in so many days, each at a site that is called by them."""
    now = office.clock.now()
    return [office.sell(site=f"site {each}", ends_at=now + each * DAY)[0] for each in days]


def names(licences: list[Licence]) -> list[str]:
    return [str(chosen(licence)) for licence in licences]


def hidden(page: TestResponse) -> dict[str, list[str]]:
    """What the confirmation sends."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text):
        if name in {"licence", "how", "ends"}:
            found.setdefault(name, []).append(value)
    return found


def end(office: Office, licence: Licence) -> int | None:
    return office.server.reading.licence(licence.id).licence.terms.ends_at


def test_those_that_are_ticked_are_renewed_by_a_year(sales: Reader) -> None:
    one, two, three = sold(sales.office, 5, 6, 7)
    page = sales.get(LIST)
    assert [f'value="{name}"' in page.text for name in names([one, two, three])] == [True] * 3
    asked = {"licence": names([one, three]), "how": "year", "ends": ""}
    confirm = sales.client.get(CONFIRM, base_url=sales.base, query_string=asked, headers={"Accept-Language": "en"})
    assert "2027-01-20 then 2028-01-20" in words(confirm)
    assert end(sales.office, one) == one.terms.ends_at, "nothing is done yet"
    done = sales.post(LIST, hidden(confirm))
    assert "2 renewed, 0 not" in words(done)
    assert f'data-address="{LIST}"' in done.text
    for licence, after in ((one, YEAR), (three, YEAR)):
        assert end(sales.office, licence) == after.after(licence.terms.ends_at or 0)
    assert end(sales.office, two) == two.terms.ends_at
    twice = sales.post(LIST, hidden(confirm))
    assert "0 renewed, 2 not" in words(twice)
    assert "It has this end already" in words(twice)
    assert sales.office.server.auditing.verify().valid


def test_to_one_day_with_a_line_for_each_that_is_refused(sales: Reader) -> None:
    one, late, gone = sold(sales.office, 5, 25, 6)
    asked = {"licence": names([one, late, gone]), "how": "day", "ends": "2027-01-31"}
    confirm = sales.client.get(CONFIRM, base_url=sales.base, query_string=asked, headers={"Accept-Language": "en"})
    assert "It has to end later" in words(confirm).partition("Not possible")[2]
    assert len(hidden(confirm)["licence"]) == 2
    sales.office.server.suspending.revoke(gone.id, "returned", ME)
    done = sales.post(LIST, hidden(confirm))
    said = words(done)
    assert "1 renewed, 1 not" in said
    assert "site 6" in said.partition("Not renewed")[2]
    assert "A revoked licence can't be renewed" in said
    assert "site 5" in said.partition("Not renewed")[0]
    assert end(sales.office, one) == 1_801_439_999


def test_in_persian(sales: Reader) -> None:
    licences = sold(sales.office, 5)
    sales.language = "fa"
    assert "۱۴۰۵/۱۰/۳۰" in words(sales.get(LIST))
    asked = {"licence": names(licences), "how": "day", "ends": "۱۴۰۶/۱۲/۲۹"}
    done = sales.post(LIST, asked)
    assert "۱ پروانه تمدید شد" in words(done)
    assert "۱۴۰۶/۱۲/۲۹" in words(done)
    assert "همین پایان را دارد" in words(sales.post(LIST, asked))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"how": "year"}, "Choose 1 to 100 licences."),
        ({"licence": ["1.lic_1"], "how": "day", "ends": ""}, "Say by how long"),
        ({"licence": ["1.lic_1"], "how": "day", "ends": "tomorrow"}, "Ends: type a day such as"),
        ({"licence": ["nonsense"]}, "This is no place in a list"),
        ({"licence": [f"1.lic_{number}" for number in range(101)]}, "Choose 1 to 100 licences."),
    ],
)
def test_a_mistake_is_named_above_the_list_and_nothing_is_done(sales: Reader, asked: dict, said: str) -> None:
    (licence,) = sold(sales.office, 5)
    answer = sales.client.get(CONFIRM, base_url=sales.base, query_string=asked, headers={"Accept-Language": "en"})
    assert (answer.status_code, said in words(answer)) == (422, True), words(answer)
    assert "site 5" in words(answer)
    assert sales.post(LIST, asked).status_code == 422
    assert end(sales.office, licence) == licence.terms.ends_at


def test_what_was_ticked_stays_ticked_after_a_mistake(sales: Reader) -> None:
    one, two = sold(sales.office, 5, 6)
    asked = {"licence": names([two]), "how": "day", "ends": "x"}
    page = sales.client.get(CONFIRM, base_url=sales.base, query_string=asked).text
    assert [re.search(rf'value="{re.escape(name)}"[^>]* checked', page) is None for name in names([one, two])] == [
        True, False,
    ]  # fmt: skip


def test_the_list_has_pages_and_looks_as_far_as_is_wanted(sales: Reader) -> None:
    office, now = sales.office, sales.office.clock.now()
    customer = office.sell()[0].customer.id
    for number in range(52):
        office.server.issuing.issue(Order(customer, 1, ends_at=now + (number + 1) * DAY), ME)
    first = sales.get(f"{LIST}?within=60")
    more = [link for link in sales.links(first) if "after=" in link]
    assert len(more) == 1
    second = sales.get(more[0])
    found = [re.findall(r'name="licence" value="([^"]+)"', page.text) for page in (first, second)]
    assert [len(each) for each in found] == [50, 2]
    assert sorted({*found[0], *found[1]}, key=lambda each: int(each.partition(".")[0])) == [*found[0], *found[1]]
    assert len(re.findall(r'name="licence" value=', sales.get(LIST).text)) == 29
    for nonsense in ("99999", "x", "-1"):
        assert sales.get(f"{LIST}?within={nonsense}").status_code == 422


def test_who_may_only_look_is_shown_no_boxes(reader: Reader) -> None:
    reader.enter("viewer")
    sold(reader.office, 5)
    page = reader.get(LIST)
    assert "site 5" in words(page)
    assert "checkbox" not in page.text
    assert "Go on" not in words(page)
