"""A file to import in a real browser: chosen, looked at, confirmed, and followed to its end."""

from pathlib import Path

from licence_server import jobs
from tests.browser.console.page import Page
from tests.browser.console.test_pages import enter
from tests.licence_server.office import Office


def test_from_the_file_to_the_end(page: Page, office: Office, tmp_path: Path) -> None:
    rows = [f"مشتری {number},0912{number:07}" for number in range(120)]
    file = tmp_path / "customers.csv"
    file.write_text("\n".join(["نام,موبایل", *rows, *["بد,12"] * 3]))
    enter(page, office)
    page.open("/console/imports")
    page.find("#file").send_keys(str(file))
    page.submit()
    path = page.browser.current_url.removeprefix(page.url)
    assert page.everywhere(path, "import") == {}
    page.submit("main form[action$=confirmation] button")
    assert page.find("progress").get_attribute("value") == "0"
    assert page.everywhere(path, "import-running") == {}
    page.open(path)
    assert jobs.carry_on(office.server)
    assert page.wait_for("progress[value='50']").is_displayed()
    assert page.faults() == []
    while jobs.carry_on(office.server):
        pass
    assert page.wait_for("#progress strong").is_displayed()
    assert page.everywhere(path) == {}


def test_what_is_wrong_with_a_file_is_said_where_it_is_chosen(page: Page, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("colour\nred\n")
    page.expected.append("422")
    enter(page, office)
    page.open("/console/imports")
    page.find("#file").send_keys(str(file))
    page.submit()
    assert page.find("[role=alert]").is_displayed()
    assert page.faults() == []
