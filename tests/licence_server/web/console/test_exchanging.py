"""The console's page for servers without a network: by file, by text, in both languages."""

import re
from base64 import b64decode
from io import BytesIO

import pytest

from keys.carried import parts_of, read_carried
from licence_server.domain.audit import Sought
from tests.licence_server.device import Device
from tests.licence_server.office import Office, device_at
from tests.licence_server.web.console.reader import Reader, words

FILE = re.compile(r'href="data:application/octet-stream;base64,([^"]+)" download="([^"]+)"')


@pytest.fixture
def device(office: Office) -> Device:
    return device_at(office)


def carried(page: str) -> tuple[bytes, str]:
    """The file that the page offers, and its name."""
    found = FILE.search(page)
    assert found
    return b64decode(found[1]), found[2]


@pytest.mark.parametrize(("language", "said"), [("en", "to activate"), ("fa", "فعال‌سازی")])
def test_a_request_file_is_answered(reader: Reader, device: Device, language: str, said: str) -> None:
    reader.language = language
    reader.enter("sales")
    licence, code = reader.office.sell()
    request = device.activation_request(code)
    page = reader.post("/console/exchange", {"file": (BytesIO(request + b"\r\n"), "request.lic")})
    assert (page.status_code, said in words(page)) == (200, True)
    content, name = carried(page.text)
    assert name == f"answer-{licence.id}.lic"
    assert device.take(read_carried(content)[0]).status == "active"
    assert page.text.count('class="qr carried"') == len([part for each in content.split() for part in parts_of(each)])
    again = reader.post("/console/exchange", {"request": request.decode()})
    assert carried(again.text)[0] == content, "the same again"
    entries = reader.office.server.auditing.entries(Sought(of=licence.id))
    assert [entry.actor for entry in entries if entry.event == "request_exchanged"] == ["operator:sales"] * 2


def test_this_page_alone_may_ask_for_the_camera(reader: Reader) -> None:
    reader.enter("sales")
    asked = (
        reader.get("/console/exchange"),
        reader.post("/console/exchange", {"request": "x"}),
        reader.get("/console"),
    )
    said = [answer.headers["Permissions-Policy"].partition(",")[0] for answer in asked]
    assert said == ["camera=(self)", "camera=(self)", "camera=()"]


def test_codes_that_were_pasted_are_answered(reader: Reader, device: Device) -> None:
    reader.enter("support")
    parts = parts_of(device.activation_request(reader.office.sell()[1]))
    page = reader.post("/console/exchange", {"request": "\r\n".join(reversed(parts))})
    assert carried(page.text)[0]


def test_a_refusal_stands_above_the_form_with_what_was_typed(reader: Reader, device: Device) -> None:
    reader.enter("manager")
    request = device.activation_request("00000-00000-00000-00000-00000").decode()
    page = reader.post("/console/exchange", {"request": request})
    assert (page.status_code, "This code is not known." in words(page), request in page.text) == (404, True, True)
    reader.language = "fa"
    page = reader.post("/console/exchange", {"request": "x"})
    assert (page.status_code, "این درخواست" in words(page)) == (400, True)
    assert reader.post("/console/exchange").status_code == 400
    large = reader.post("/console/exchange", {"file": (BytesIO(b"x" * 70_000), "request.lic")})
    assert large.status_code == 413
