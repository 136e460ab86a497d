"""Pages of imports: a file, what is wrong in it, a yes, a bar."""

import csv
import re

import pytest
from werkzeug.test import TestResponse

from licence_server.domain.customer import NewCustomer
from licence_server.domain.sheets import LARGEST_FILE
from tests.licence_server.office import ME, device_at
from tests.licence_server.shell.test_workbooks import workbook
from tests.licence_server.web.api.test_imports import CUSTOMERS, run_jobs
from tests.licence_server.web.console.reader import Reader, words
from tests.licence_server.web.console.test_customers import HOSTILE

IMPORTS = "/console/imports"


@pytest.fixture
def manager(reader: Reader) -> Reader:
    reader.enter("manager")
    return reader


def sent(reader: Reader, content: bytes, kind: str = "customers") -> TestResponse:
    """Send the form as a browser does."""
    fields = {"csrf": reader.token(), "kind": kind}
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'Content-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + content)
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    told = {"Accept-Language": reader.language, "Origin": reader.base}
    media = "multipart/form-data; boundary=limit"
    return reader.client.post(IMPORTS, base_url=reader.base, data=body, content_type=media, headers=told)


def checked(reader: Reader, content: bytes = CUSTOMERS) -> str:
    answer = sent(reader, content)
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def test_a_file_is_looked_at_confirmed_and_followed(manager: Reader) -> None:
    path = checked(manager)
    page = manager.get(path)
    said = words(page)
    assert "The file is checked. Nothing is imported yet." in said
    assert "Import the 2 good rows, leave out the 1 bad ones" in said
    assert "10 digits (a person) or 11 (a company)" in said
    assert all(each in said for each in ("فولاد پارس", "Acme", "National id"))
    assert not run_jobs(manager.office) - 1
    assert "Nobody was found" in words(manager.get("/console/customers"))
    assert manager.post(f"{path}/confirmation", {"leave_out": "1"}).status_code == 303
    assert 'hx-get="' in manager.get(path).text
    progress = manager.get(f"{path}/progress")
    assert re.search(r'<progress [^>]*max="2" value="0" aria-label="Progress of the import"', progress.text)
    assert "0 of 2 rows are done." in words(progress)
    run_jobs(manager.office)
    assert "Done: 2 rows were imported." in words(manager.get(f"{path}/progress"))
    assert "hx-get" not in manager.get(path).text
    assert "Acme" in words(manager.get("/console/customers"))
    assert path in manager.get(IMPORTS).text


def test_what_is_asked_in_persian_is_answered_in_persian(manager: Reader) -> None:
    manager.language = "fa"
    said = words(manager.get(checked(manager)))
    assert "۲ ردیف درست وارد شود و ۱ ردیف نادرست کنار گذاشته شود" in said
    assert "شناسهٔ ملی" in said or "شناسه ملی" in said
    assert "10 digits" not in said


def test_bad_rows_are_not_left_out_unsaid(manager: Reader) -> None:
    path = checked(manager)
    assert manager.post(f"{path}/confirmation").status_code == 422
    assert manager.post(f"{path}/cancellation").status_code == 303
    assert "Cancelled. Nothing was imported." in words(manager.get(path))
    assert manager.post(f"{path}/confirmation", {"leave_out": "1"}).status_code == 409


def test_a_file_of_good_rows_alone(manager: Reader) -> None:
    path = checked(manager, workbook(("name",), ("Acme",), ("Pars",)))
    assert "Import all 2 rows" in words(manager.get(path))
    assert manager.get(f"{path}/faults.csv").text.count("\n") == 1
    assert manager.post(f"{path}/confirmation").status_code == 303


def test_a_file_of_bad_rows_alone_has_no_yes(manager: Reader) -> None:
    path = checked(manager, b"name,mobile\nx,1\n")
    assert f"{path}/confirmation" not in manager.get(path).text
    assert f"{path}/cancellation" in manager.get(path).text


@pytest.mark.threat(27)
def test_bad_rows_are_downloaded_to_be_corrected(manager: Reader) -> None:
    content = 'name,mobile,note\n=HYPERLINK("x"),1,\nB,2\n'.replace('=HYPERLINK("x")', '"=HYPERLINK(""x"")"')
    path = checked(manager, content.encode())
    answer = manager.get(f"{path}/faults.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    header, first, second = csv.reader(answer.text.removeprefix("\ufeff").splitlines())
    assert header == ["name", "mobile", "note", "line", "reason"]
    assert first[:4] == ['\'=HYPERLINK("x")', "1", "", "2"]
    assert second[:4] == ["B", "2", "", "3"]
    corrected = answer.text.replace(",1,", ",09121111111,").replace("B,2,", "B,09122222222,")
    assert "Import all 2 rows" in words(manager.get(checked(manager, corrected.encode())))


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"colour\nred\n", "customers", 422, "'colour' is none of"),
        (b"PK", "customers", 422, "no workbook"),
        (b"x" * (LARGEST_FILE + 1), "customers", 413, "more than 5 MiB"),
        (b"x" * (LARGEST_FILE + 100_000), "customers", 413, ""),
        (CUSTOMERS, "people", 400, "no such kind"),
    ],
)
def test_what_is_no_file_is_said(manager: Reader, content: bytes, kind: str, status: int, said: str) -> None:
    answer = sent(manager, content, kind=kind)
    assert (answer.status_code, said in words(answer)) == (status, True)


def test_a_form_without_a_file(manager: Reader) -> None:
    answer = manager.post(IMPORTS, {"kind": "customers"})
    assert (answer.status_code, "Choose a file." in words(answer)) == (422, True)


def test_who_has_not_signed_in_sends_nothing_large(reader: Reader) -> None:
    assert sent(reader, b"x" * 1_000_000).status_code == 413


@pytest.mark.threat(27)
def test_no_cell_runs(manager: Reader) -> None:
    cell = '"' + HOSTILE.replace('"', '""') + '"'
    path = checked(manager, f"name,mobile\n{cell},\n{cell},{cell}\n".encode())
    for page in manager.get(path), manager.get(f"{path}?page=0"), manager.get(IMPORTS):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


@pytest.mark.parametrize(("page", "status"), [("1", 404), ("x", 400), ("-1", 400), ("9" * 9, 400), ("", 200)])
def test_pages_of_bad_rows(manager: Reader, page: str, status: int) -> None:
    assert manager.get(f"{checked(manager)}?page={page}").status_code == status


def test_licences_and_their_codes(manager: Reader) -> None:
    manager.office.server.registering.add(NewCustomer("Acme"), ME)
    answer = sent(manager, "مشتری;کاربران;پایان\nAcme;۵;1499-01-01\n".encode(), "licences")
    path = answer.headers["Location"]
    assert "Import all 1 rows" in words(manager.get(path))
    assert manager.post(f"{path}/codes").status_code == 403, "nobody has said yes yet"
    manager.post(f"{path}/confirmation")
    run_jobs(manager.office)
    assert "Make the codes and download them" in words(manager.get(path))
    codes = manager.post(f"{path}/codes")
    assert (codes.mimetype, codes.headers["Cache-Control"]) == ("text/csv", "no-store")
    _, (licence, customer, site, code) = csv.reader(codes.text.removeprefix("\ufeff").splitlines())
    assert (customer, site) == ("Acme", "main")
    assert device_at(manager.office).activate(code).licence_id == licence
    reader = Reader.of(manager.office)
    reader.enter("manager", "another")
    assert "Make the codes" not in words(reader.get(path))
    assert reader.post(f"{path}/codes").status_code == 403
