"""Four eyes in the console: one asks, another allows, the first does it."""

from contextlib import suppress

import pytest

from keys.errors import ApprovalNeededError
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from tests.licence_server.office import ME, Home, Office
from tests.licence_server.web.console.reader import Reader, words

pytestmark = pytest.mark.threat(31)


@pytest.fixture
def strict(home: Home) -> Office:
    """An office of a vendor who wants two people for licences of more than 5 users."""
    with (home.path / "config.toml").open("a") as file:
        file.write("\nfour_eyes_users = 5\n")
    return Office.of(home)


def test_a_large_licence_takes_two_people_and_three_steps(strict: Office) -> None:
    sales, manager = Reader.of(strict), Reader.of(strict)
    sales.enter("sales")
    manager.enter("manager")
    customer = sales.post("/console/customers/new", {"name": "فولاد پارس", "kind": "legal", "language": "fa"})
    customer_id = customer.headers["Location"].rpartition("/")[2]
    order = {"users": "50", "site": "main", "edition": "standard"}
    path = f"/console/customers/{customer_id}/licences/new"
    said = words(sales.post(path, order))
    assert "needs a second person" in said
    assert strict.server.reading.licences().found == ()
    page = sales.get("/console/approvals")
    assert "Issue a large licence" in words(page)
    assert not [button for button in sales.buttons(page) if "/approvals/" in button], "sales does not decide"
    page = manager.get("/console/approvals")
    (grant, refuse) = (button for button in manager.buttons(page) if "/approvals/" in button)
    assert (grant.rpartition("/")[2], refuse.rpartition("/")[2]) == ("grant", "refusal")
    assert sales.post(grant).status_code == 403
    assert manager.post(grant).status_code == 303
    assert "Allowed, and not done yet" in words(sales.get("/console/approvals"))
    sales.post(path, order)
    (view,) = strict.server.reading.licences().found
    assert view.licence.seats.users == 50
    strict.close()


def test_a_no_needs_a_reason_and_who_asked_does_not_decide(strict: Office) -> None:
    manager, other = Reader.of(strict), Reader.of(strict, language="fa")
    manager.enter("manager")
    other.enter("administrator")
    licence, _ = strict.sell()
    assert "second person" in words(manager.post(f"/console/licences/{licence.id}/seats", {"users": "9"}))
    (asked,) = strict.server.approving.approvals().found
    refused = manager.post(f"/console/approvals/{asked.id}/grant")
    assert (refused.status_code, "ask another person" in words(refused)) == (403, True)
    assert other.post(f"/console/approvals/{asked.id}/refusal", {"reason": " "}).status_code == 422
    assert other.post(f"/console/approvals/{asked.id}/refusal", {"reason": "نه سفارشی هست"}).status_code == 303
    assert strict.server.approving.approvals().found[0].granted is False
    assert "در انتظار نفر دوم" in words(other.get("/console/approvals"))
    assert other.post("/console/approvals/apr_none/grant").status_code == 404
    strict.close()


def test_the_list_is_of_one_state_and_goes_on(strict: Office) -> None:
    manager = Reader.of(strict)
    manager.enter("manager")
    customer = strict.server.registering.add(NewCustomer("Pars"), ME)
    for users in range(100, 151):
        with suppress(ApprovalNeededError):
            strict.server.issuing.issue(Order(customer.id, users), ME)
        strict.clock.advance(1)
    page = manager.get("/console/approvals")
    (following,) = [link for link in manager.links(page) if "after=" in link]
    assert "Users 150 " in words(page)
    assert "Users 100 " not in words(page)
    assert "Users 100 " in words(manager.get(following))
    assert "None." in words(manager.get("/console/approvals?state=granted"))
    strict.clock.advance(7 * 86_400)
    manager.enter("manager", "later")
    assert "None." in words(manager.get("/console/approvals"))
    lapsed = manager.get("/console/approvals?state=lapsed")
    assert "Lapsed after a week operator:tests" in words(lapsed)
    assert not [button for button in manager.buttons(lapsed) if "/approvals/" in button]
    assert "state=lapsed" in next(link for link in manager.links(lapsed) if "after=" in link)
    assert manager.get("/console/approvals?after=x").status_code == 422
    strict.close()
