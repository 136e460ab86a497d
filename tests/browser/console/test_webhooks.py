"""The pages of a webhook in a real browser: its secret once, and every attempt."""

from licence_server.domain.attempt import Outcome
from licence_server.services.delivering import Delivering
from tests.browser.console.page import Page
from tests.browser.console.test_pages import enter
from tests.licence_server.office import ME, Office
from tests.licence_server.receivers import MemoryReceiver

URL = "https://crm.example.com/hooks/licences?tenant=1"


def attempt(office: Office, outcome: Outcome) -> None:
    """Send what is due, with an outcome."""
    real = office.server.delivering
    sender = Delivering(
        units=real.units,
        reading=real.reading,
        clock=real.clock,
        randomness=real.randomness,
        seal=real.seal,
        courier=MemoryReceiver(outcome),
    )
    for webhook_id in sender.due():
        sender.send_next(webhook_id)
    office.clock.advance(10)


def test_a_webhook_with_its_attempts(page: Page, office: Office) -> None:
    hook = office.server.subscribing.add(URL, ["licence.issued"], ME).webhook
    office.server.subscribing.rotate(hook.id, ME)
    office.sell()
    attempt(office, Outcome(None, "silence", 15_000))
    attempt(office, Outcome(503, None, 120, "<html><body>خطا: Service Unavailable</body></html>"))
    enter(page, office, "administrator")
    assert page.everywhere(f"/console/webhooks/{hook.id}", "webhook") == {}
    assert page.everywhere("/console", None) == {}, "the desk says that it fails"


def test_the_secret_is_shown_once(page: Page, office: Office) -> None:
    enter(page, office, "administrator")
    page.open("/console/webhooks")
    page.find("#url").send_keys(URL)
    page.submit("form[action$=webhooks] button")
    assert page.find("#secret").text.startswith("whsec_")
    assert page.faults() == []
    page.submit("main a.btn-primary")
    assert page.find("form[action$=test] button").is_displayed()
