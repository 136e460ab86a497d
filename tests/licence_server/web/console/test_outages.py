"""The console's page of outages."""

import pytest

from keys.carried import parts_of, read_carried
from keys.documents.outage import open_outage
from tests.licence_server.office import Home, Office
from tests.licence_server.web.console.reader import Reader, words

WANTED = {"from": "2027-01-15", "until": "2027-03-01", "days": "14", "reason": "<b>no internet</b>"}


def test_an_outage_is_declared_and_its_file_downloaded(reader: Reader) -> None:
    reader.enter("manager")
    licence, _ = reader.office.sell()
    assert reader.post("/console/outages", {**WANTED, "licences": licence.id}).status_code == 303
    page = reader.get("/console/outages")
    assert "Declared. Its file is in the list" in words(page)
    assert "&lt;b&gt;no internet" in page.text
    link, codes = (next(link for link in reader.links(page) if link.endswith(end)) for end in ("/file", "/codes"))
    file = reader.get(link)
    assert file.headers["Content-Disposition"].startswith("attachment; filename=outage-out_")
    document = open_outage(read_carried(file.data)[0], reader.office.server.vault.trust)
    assert (document.licences, document.from_at, document.until_at) == ((licence.id,), 1_799_971_200, 1_803_945_599)
    shown = reader.get(codes)
    assert shown.text.count('class="qr carried"') == sum(len(parts_of(each)) for each in read_carried(file.data))
    assert ("&lt;b&gt;no internet" in shown.text, "licence-agent import -" in words(shown)) == (True, True)


def test_in_persian_the_days_are_of_its_calendar(reader: Reader) -> None:
    reader.language = "fa"
    reader.enter("administrator")
    wanted = {"from": "۱۴۰۵/۱۰/۲۵", "until": "1405/12/10", "days": "۱۴", "reason": "قطع اینترنت"}
    assert reader.post("/console/outages", wanted).status_code == 303
    (declared,) = reader.office.server.declaring.outages()
    assert (declared.declaration.from_at, declared.declaration.until_at) == (1_799_971_200, 1_803_945_599)
    assert "۱۴۰۵/۱۲/۱۰" in words(reader.get("/console/outages"))


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"until": "2028-01-01"}, 422, "lasts 1 to 90 days"),
        ({"from": "soon"}, 422, "From: type a day such as 2027-03-21."),
        ({"days": "many"}, 422, "Days longer: type a number."),
        ({"days": ""}, 422, "by 1 to 90 days"),
        ({"licences": "lic_none"}, 404, "There is no licence lic_none."),
        ({"reason": ""}, 422, "reason of an outage"),
    ],
)
def test_what_can_not_be_is_said_above_the_form(reader: Reader, changes: dict, status: int, said: str) -> None:
    reader.enter("manager")
    page = reader.post("/console/outages", {**WANTED, **changes})
    assert (page.status_code, said in words(page)) == (status, True)
    assert changes.get("from", "2027-01-15") in page.text
    assert reader.office.server.declaring.outages() == []


@pytest.mark.threat(31)
def test_a_second_person_has_to_allow_it_where_four_eyes_are_on(home: Home) -> None:
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_users = 5\n")
    office = Office.of(home)
    manager, other = Reader.of(office), Reader.of(office)
    manager.enter("manager")
    other.enter("administrator")
    asked = manager.post("/console/outages", WANTED)
    assert (asked.status_code, "needs a second person" in words(asked)) == (409, True)
    page = other.get("/console/approvals")
    assert "Declare an outage · for all licences" in words(page)
    grant = next(button for button in other.buttons(page) if button.endswith("/grant"))
    assert other.post(grant).status_code == 303
    assert manager.post("/console/outages", WANTED).status_code == 303
    assert manager.post("/console/outages", WANTED).status_code == 409
    office.close()


def test_who_may_not_declare_one_may_look(reader: Reader) -> None:
    reader.enter("viewer")
    page = reader.get("/console/outages")
    assert (page.status_code, "/console/outages" in reader.buttons(page)) == (200, False)
