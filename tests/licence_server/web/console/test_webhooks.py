"""Webhooks as an administrator sees them: where events go, and what became of each message."""

import re
from typing import Any

import pytest

from licence_server.domain.attempt import Outcome
from licence_server.services.delivering import Delivering
from tests.licence_server.office import ISSUER, Office
from tests.licence_server.receivers import GONE, MemoryReceiver
from tests.licence_server.web.console.reader import Reader, words

HOOKS = "/console/webhooks"
URL = "https://crm.example.com/hooks?a=1&b=2"


@pytest.fixture
def administrator(reader: Reader) -> Reader:
    reader.enter("administrator", "maryam")
    return reader


def add(reader: Reader, url: str = URL, *types: str) -> Any:
    return reader.post(HOOKS, {"url": url, "types": list(types) or ["customer.added", "licence.issued"]})


def one(reader: Reader) -> str:
    (hook,) = reader.office.server.subscribing.all()
    return f"{HOOKS}/{hook.id}"


def delivered(office: Office, outcome: Outcome) -> MemoryReceiver:
    """Send what is due, with an outcome."""
    server, receiver = office.server, MemoryReceiver(outcome)
    names = ("units", "reading", "clock", "randomness", "seal")
    sender = Delivering(**{name: getattr(server.delivering, name) for name in names}, courier=receiver)
    for webhook_id in sender.due():
        sender.send_next(webhook_id)
    return receiver


def test_a_secret_is_shown_once(administrator: Reader) -> None:
    answer = add(administrator)
    assert "shown this once" in words(answer)
    found = re.search(r"whsec_[A-Za-z0-9+/=]{44}", answer.text)
    assert found
    assert found[0] not in administrator.get(one(administrator)).text + administrator.get(HOOKS).text
    page = administrator.post(f"{one(administrator)}/rotate")
    assert "signed with the one before" in words(page)
    assert found[0] not in page.text
    assert "The secret before signs until" in words(administrator.get(one(administrator)))


def test_every_attempt_is_shown_and_a_message_sent_again(administrator: Reader) -> None:
    add(administrator, URL, "licence.issued")
    office = administrator.office
    office.sell()
    delivered(office, Outcome(None, "tls", 12))
    office.clock.advance(10)
    sent = delivered(office, Outcome(200, None, 34, "<b>thanks</b>"))
    page = administrator.get(one(administrator))
    assert "its certificate is not right" in words(page)
    assert "200 34 ms <b>thanks</b>" in words(page)
    assert "<b>thanks" not in page.text
    (button,) = (each for each in administrator.buttons(page) if each.endswith("/resend"))
    assert administrator.post(button).status_code == 303
    assert "sent again" in words(administrator.get(one(administrator)))
    assert delivered(office, Outcome(200, None, 1)).ids == sent.ids
    assert administrator.post(button.replace("dlv_", "dlv_x")).status_code == 404


def test_a_receiver_that_is_gone_is_on_the_desk(administrator: Reader) -> None:
    add(administrator)
    assert "Webhooks that fail" not in words(administrator.get("/console"))
    assert administrator.post(f"{one(administrator)}/test").status_code == 303
    delivered(administrator.office, GONE)
    viewer = Reader.of(administrator.office)
    viewer.enter("viewer")
    assert "Webhooks that fail" not in words(viewer.get("/console"))
    desk = administrator.get("/console")
    assert "wants nothing any more (410)" in words(desk)
    assert one(administrator) in administrator.links(desk)
    assert administrator.post(f"{one(administrator)}/test").status_code == 409
    assert administrator.post(f"{one(administrator)}/enable").status_code == 303
    assert "Webhooks that fail" not in words(administrator.get("/console"))


def test_what_is_removed_is_gone(administrator: Reader) -> None:
    add(administrator)
    path = one(administrator)
    assert administrator.post(f"{path}/remove").headers["Location"] == HOOKS
    assert administrator.get(path).status_code == 404


@pytest.mark.parametrize(
    ("url", "types", "said"),
    [
        ("http://crm.example.com/", (), "begins with https://"), ("https://10.0.0.1/", (), "webhook_networks"),
        ("", (), "is like https://"), (URL, ("licence.sold",), "is no event"),
        ('"><script>alert(1)</script>', (), "is like https://"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_and_nothing_typed_is_lost(administrator: Reader, url: str, types, said: str) -> None:
    answer = add(administrator, url, *types)
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert "<script>alert" not in answer.text
    assert 'value="customer.added" id="type-17" checked' in answer.text or types
    assert administrator.office.server.subscribing.all() == []


def test_in_persian(office: Office) -> None:
    reader = Reader.of(office, ISSUER, "fa")
    reader.enter("administrator", "maryam")
    said = words(add(reader, "https://10.0.0.1/"))
    assert "نشانی عمومی نیست" in said
    add(reader)
    office.sell()
    delivered(office, Outcome(None, "silence", 15_000))
    page = words(reader.get(one(reader)))
    assert "به‌موقع پاسخ نداد" in page
    assert "۱۵٬۰۰۰ میلی‌ثانیه" in page


def test_links_and_buttons_are_what_one_may_press(administrator: Reader) -> None:
    add(administrator)
    for link in administrator.links(administrator.get(HOOKS)) + administrator.links(
        administrator.get(one(administrator))
    ):
        assert administrator.get(link).status_code == 200, link
