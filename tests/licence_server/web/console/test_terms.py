"""What an approval is for, in people's words."""

from dataclasses import asdict

import pytest
from flask import Flask, g

from keys.documents.parts import Seats
from licence_server.domain.duration import Duration
from licence_server.domain.licence import Order
from licence_server.web.console.language import Language
from licence_server.web.console.terms import told

ORDER = Order(
    "cus_1", users=1500, site="مشهد", features=("sms", "crm"), ends_at=1_800_000_000, interval=86_400,
    lasting=Duration(12, "months"), overdraft_users=5, overdraft_days=3,
)  # fmt: skip


def said(terms: dict, language: Language = "en") -> dict[str, str]:
    with Flask(__name__).app_context():
        g.language = language
        return dict(told(terms, language))


def test_an_order_is_told_whole_and_in_the_order_of_the_form() -> None:
    found = said(ORDER.terms)
    assert list(found)[:3] == ["Users", "Users more than bought", "On how many days of any 30"]
    assert found["Users"] == "1,500"
    assert found["Lasts"] == "12 months"
    assert found["Features"] == "sms, crm"
    assert found["Ends"] == "2027-01-15"
    assert found["From one validation to the next"] == "1 day"
    assert found["When a copy of the server is found"] == "the licence is suspended"
    assert found["Whoever is elsewhere is"] == "refused"
    assert "Computers" not in found


def test_in_persian_no_word_of_the_wire_is_left() -> None:
    found = said({**ORDER.terms, "features": []}, "fa")
    assert not [text for pair in found.items() for text in pair if any("a" <= letter <= "z" for letter in text)]
    assert "۱۴۰۵/۱۰/۲۵" in found.values()


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        (Seats("named", 9, None, 0, 2, 1).to_claims(), {"Users are counted": "by name", "Users more than bought": "2"}),
        ({"rehosts": 3}, {"Moves in the last 365 days": "3"}),
        ({"reason": "payment_overdue"}, {"Why": "payment overdue"}),
        ({"reason": "another_word"}, {"Why": "another_word"}),
        ({"lasting": {"count": 1, "unit": "days"}}, {"Lasts": "1 day"}),
        (
            {"from": 1_800_000_000, "until": 1_800_057_600, "days": 9, "licences": "all"},
            {"From": "2027-01-15", "Until the end of": "2027-01-15", "Days longer": "9", "Licences": "all"},
        ),
        ({"colour": "red"}, {"colour": "red"}),
    ],
)
def test_each_deed_has_its_terms(terms: dict, shown: dict[str, str]) -> None:
    assert shown.items() <= said(terms).items()


def test_every_term_of_an_order_has_a_name() -> None:
    given = {name: value or 1 for name, value in asdict(ORDER).items() if name != "customer_id"}
    assert not set(said(given)) & set(given)
