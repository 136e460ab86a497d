"""Customers: what is taken, changed and recorded of them (T8, T9, T11)."""

import hashlib
import json
from dataclasses import replace
from typing import Any, cast

import pytest

from keys.errors import InvalidInputError
from licence_server.domain.customer import Changes, Customer, NewCustomer
from licence_server.domain.identity import LONGEST_NAME, LONGEST_TEXT
from licence_server.domain.representative import NewRepresentative, Representative

CUSTOMER = Customer("cus_1", "فولاد پارس", "10380284790", "it@foolad.example", "09151234567", "", 5)


def test_a_customer_s_data_comes_trimmed_and_in_latin_digits() -> None:
    more = {"phone": " ۰۵۱ (۳۸۴۰) ", "address": " مشهد\r\nبلوار وکیل‌آباد ", "note": " x "}
    typed = NewCustomer("  فولاد پارس ", "۰۴۹۹۳۷۰۸۹۹", " info@foolad.example ", "+٩٨۹۱۵۱۲۳۴۵۶۷", " سارا ")
    said = NewCustomer("فولاد پارس", "0499370899", "info@foolad.example", "+989151234567", "سارا", "natural")
    address = "مشهد\nبلوار وکیل‌آباد"
    assert replace(typed, **cast("Any", more)).checked() == replace(said, phone="051 (3840)", address=address, note="x")


def test_texts_of_many_lines_end_somewhere() -> None:
    longest = "x" * (LONGEST_TEXT - 2) + "\ny"
    assert NewCustomer("x", language="en", note=longest).checked().note == longest
    assert NewCustomer("x", language="en").checked().language == "en"
    for field in ("address", "note"):
        with pytest.raises(InvalidInputError, match=f"^The {field} has at most"):
            NewCustomer("x", **cast("Any", {field: longest + "z"})).checked()
    with pytest.raises(InvalidInputError, match="has 1 to 200 characters"):
        NewCustomer("").checked()
    with pytest.raises(InvalidInputError, match="has at most 200 characters"):
        NewCustomer("x", representative="y" * 201).checked()


def test_only_the_name_is_needed() -> None:
    assert NewCustomer("x").checked() == NewCustomer("x", kind="legal")


def test_the_longest_names_are_names() -> None:
    longest = NewCustomer("x" * LONGEST_NAME, representative="y" * LONGEST_NAME)
    assert longest.checked() == replace(longest, kind="legal")


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "red\x1b[31m"}, "name"),
        ({"name": "broken \udcff"}, "name"),
        ({"representative": "y" * (LONGEST_NAME + 1)}, "representative"),
        ({"representative": "a\x00b"}, "representative"),
        ({"email": "nobody"}, "e-mail"),
        ({"email": "a b@example.com"}, "e-mail"),
        ({"email": "a\udcff@example.com"}, "e-mail"),
        ({"email": "a@b@example.com"}, "e-mail"),
        ({"mobile": "12"}, "mobile"),
        ({"mobile": "0915-123-4567"}, "mobile"),
        ({"national_id": "0499370890"}, "national id"),
        ({"national_id": "0499370899", "kind": "legal"}, "natural person's"),
        ({"national_id": "10380284790", "kind": "natural"}, "natural person's"),
        ({"kind": "other"}, "kind"),
        ({"language": "de"}, "language"),
        ({"phone": "nobody"}, "phone"),
        ({"phone": "0" * 61}, "phone"),
        ({"address": "x" * 2001}, "address"),
        ({"note": "a\x07b"}, "note"),
    ],
)
def test_a_mistyped_field_is_named(changes: dict[str, Any], about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        NewCustomer(**{"name": "x", **changes}).checked()


@pytest.mark.parametrize(("number", "kind"), [("0499370899", "natural"), ("10380284790", "legal"), ("", "natural")])
def test_the_kind_follows_from_the_number_or_is_said(number: str, kind: Any) -> None:
    assert NewCustomer("x", number, kind=kind).checked().kind == kind
    assert NewCustomer("x", number).checked().kind == ("legal" if not number else kind)


@pytest.mark.parametrize(("number", "kind"), [("0499370899", "natural"), ("10380284790", "legal"), ("", "legal")])
def test_the_digest_of_a_customer_of_the_first_release_is_as_it_was(number: str, kind: Any) -> None:
    """Or every record from before would be called forged."""
    fields = ("cus_1", "فولاد پارس", number, "a@example.com", "", "سارا", 5)
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=True)
    assert Customer(*fields, kind=kind).recorded == {"cus_1": hashlib.sha256(text.encode()).hexdigest()}


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "natural"},
        {"phone": "051"},
        {"address": "051"},
        {"note": "051"},
        {"language": "en"},
        {"by_email": False},
        {"by_sms": False},
        {"representatives": (Representative("سارا", "", "", "", 5, None, "cli:me"),)},
    ],
    ids=str,
)
def test_whatever_is_chosen_changes_the_digest(other: dict[str, Any]) -> None:
    assert replace(CUSTOMER, **other).recorded != CUSTOMER.recorded


def test_another_version_after_every_change() -> None:
    assert CUSTOMER.version == CUSTOMER.recorded["cus_1"][:32] != replace(CUSTOMER, phone="051").version


def test_whoever_speaks_for_a_customer_leads_to_it() -> None:
    assert "سارا" not in CUSTOMER.search
    appointed = CUSTOMER.appointed(NewRepresentative("سارا کریمی", "", "09121112233", ""), 9, "operator:ali")
    assert "سارا" in appointed.search
    assert "9121112233" in appointed.search
    assert "فولاد" in appointed.search


def test_who_was_recorded_under_another_field_has_another_digest() -> None:
    assert replace(CUSTOMER, phone="051").recorded != replace(CUSTOMER, address="051").recorded


def test_a_change_says_each_field_before_and_after() -> None:
    changed = CUSTOMER.changed({"national_id": "۰۴۹۹۳۷۰۸۹۹", "by_sms": False, "name": "فولاد پارس"})
    assert changed.differences(CUSTOMER) == [
        {"field": "national_id", "before": "10380284790", "after": "0499370899"},
        {"field": "kind", "before": "legal", "after": "natural"},
        {"field": "by_sms", "before": True, "after": False},
    ]
    assert CUSTOMER.changed({}) == CUSTOMER
    assert changed.changed({"national_id": ""}).kind == "natural"
    assert changed.changed({"national_id": "", "kind": "legal"}).kind == "legal"


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"kind": "natural"}, {"id": "cus_2"}, {"representative": "x"}, {"created_at": 1}]
)
def test_what_can_not_be_changed_is_refused(changes: Changes) -> None:
    with pytest.raises(InvalidInputError):
        CUSTOMER.changed(changes)


def test_who_is_registered_becomes_a_customer_with_whatever_was_said() -> None:
    new = NewCustomer(" فولاد ", "۱۰۳۸۰۲۸۴۷۹۰", "it@foolad.example", "۰۹۱۵۱۲۳۴۵۶۷", " سارا ", language="en", note=" x ")
    customer = Customer.of(new, "cus_9", 7, "cli:me")
    spokesman = Representative("سارا", "", "", "", 7, None, "cli:me")
    known = Customer("cus_9", "فولاد", "10380284790", "it@foolad.example", "09151234567", "سارا", 7, note="x")
    assert customer == replace(known, language="en", representatives=(spokesman,))
    assert Customer.of(NewCustomer("x"), "cus_9", 7, "cli:me") == Customer("cus_9", "x", "", "", "", "", 7)


def test_a_representative_closes_the_former_one() -> None:
    one = CUSTOMER.appointed(NewRepresentative(" سارا ", "۰۴۹۹۳۷۰۸۹۹", "۰۹۱۵۱۲۳۴۵۶۷", "s@example.com"), 10, "cli:me")
    first = Representative("سارا", "0499370899", "09151234567", "s@example.com", 10, None, "cli:me")
    assert (one.representative, one.representatives, one.in_force) == ("سارا", (first,), first)
    two = one.appointed(NewRepresentative("رضا"), 20, "cli:you")
    second = Representative("رضا", "", "", "", 20, None, "cli:you")
    assert (two.representative, two.representatives) == ("رضا", (replace(first, until=20), second))
    assert two.in_force == second
    three = two.appointed(NewRepresentative("سارا"), 30, "cli:me")
    assert [person.until for person in three.representatives] == [20, 30, None]


def test_all_that_is_known_of_a_representative_is_stored() -> None:
    person = Representative("سارا", "0499370899", "09151234567", "s@example.com", 10, 20, "cli:me")
    assert Representative(**cast("Any", person.to_stored())) == person


def test_a_representative_of_the_first_release_has_a_name_alone() -> None:
    before = replace(CUSTOMER, representative="سارا")
    assert before.in_force == Representative("سارا", "", "", "", 5, None, "")
    assert CUSTOMER.in_force is None
    after = before.appointed(NewRepresentative("رضا"), 20, "cli:me")
    assert after.representatives[0] == Representative("سارا", "", "", "", 5, 20, "")


@pytest.mark.parametrize(
    ("new", "about"),
    [
        (NewRepresentative(" "), "representative's name"),
        (NewRepresentative("x", "10380284790"), "is a person"),
        (NewRepresentative("x", "0499370890"), "check digit"),
        (NewRepresentative("x", mobile="1"), "mobile"),
        (NewRepresentative("x", email="1"), "e-mail"),
    ],
)
def test_a_mistyped_representative_is_refused(new: NewRepresentative, about: str) -> None:
    with pytest.raises(InvalidInputError, match=about):
        CUSTOMER.appointed(new, 10, "cli:me")


@pytest.mark.parametrize(
    ("changes", "chosen", "legal"),
    [
        ({}, ("email", "sms"), ("email", "sms")),
        ({"by_sms": False}, ("email",), ("email", "sms")),
        ({"by_email": False}, ("sms",), ("email", "sms")),
        ({"by_email": False, "by_sms": False}, (), ("email", "sms")),
        ({"by_email": False, "email": ""}, ("sms",), ("sms",)),
        ({"mobile": "", "email": ""}, (), ()),
    ],
)
def test_a_customer_may_opt_out_of_all_but_legal_notices(changes: Changes, chosen: object, legal: object) -> None:
    """T9."""
    customer = CUSTOMER.changed(changes)
    assert (customer.channels(legal=False), customer.channels(legal=True)) == (chosen, legal)


@pytest.mark.parametrize(
    ("new", "fields"),
    [
        (NewCustomer("فولاد‌پارس"), ("name",)),
        (NewCustomer("فولاد پارس", mobile="+989151234567", email="IT@Foolad.example"), ("name", "email", "mobile")),
        (NewCustomer("Other", mobile="00989151234567"), ("mobile",)),
        (NewCustomer("Other", mobile="+19151234567"), ()),
        (NewCustomer("it@foolad.example"), ()),
        (NewCustomer("\u0640"), ()),
    ],
)
def test_who_may_be_the_same_is_said_by_which_fields(new: NewCustomer, fields: tuple[str, ...]) -> None:
    assert CUSTOMER.alike(new) == fields
    assert not replace(CUSTOMER, name="\u0640", email="", mobile="").alike(NewCustomer("\u0640"))
