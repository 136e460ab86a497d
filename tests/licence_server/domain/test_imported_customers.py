"""Customers in a file: what cells may say."""

import pytest

from licence_server.domain.customer import NewCustomer
from licence_server.domain.imported_customers import customer_of, twin_key
from licence_server.domain.sheets import CellError

RIGHT: list[tuple[dict[str, str], NewCustomer]] = [
    ({"name": " Acme "}, NewCustomer("Acme", kind="legal")),
    ({"name": "'=Acme"}, NewCustomer("=Acme", kind="legal")),
    ({"name": "A", "national_id": "۱۴۰۰۳۷۷۸۹۹۰"}, NewCustomer("A", "14003778990", kind="legal")),
    ({"name": "A", "national_id": "0012345679"}, NewCustomer("A", "0012345679", kind="natural")),
    ({"name": "A", "national_id": "12345679"}, NewCustomer("A", "0012345679", kind="natural")),
    ({"name": "A", "mobile": "٩١٢١٢٣٤٥٦٧"}, NewCustomer("A", mobile="09121234567", kind="legal")),
    ({"name": "A", "mobile": "+98912"[:6] + "1234567"}, NewCustomer("A", mobile="+989121234567", kind="legal")),
    ({"name": "A", "kind": "حقيقي"}, NewCustomer("A", kind="natural")),
    ({"name": "A", "language": "EN", "by_email": "خیر", "by_sms": "Yes"},
     NewCustomer("A", kind="legal", language="en", by_email=False)),
    ({"name": "A", "email": "a@example.com", "phone": "021-۱۲۳", "address": "x", "note": "y", "representative": "z"},
     NewCustomer("A", "", "a@example.com", "", "z", "legal", "021-123", "x", note="y")),
    ({"name": "A", "id": "cus_1", "created_at": "5", "line": "3", "reason": "x"}, NewCustomer("A", kind="legal")),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "customer"), RIGHT, ids=range(len(RIGHT)))
def test_cells_are_a_customer(cells: dict[str, str], customer: NewCustomer) -> None:
    assert customer_of(cells) == customer


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({}, "name", "1 to 200"),
        ({"name": "x" * 201}, "name", "1 to 200"),
        ({"name": "A", "national_id": "14003778991"}, "national_id", "check digit"),
        ({"name": "A", "national_id": "1234567"}, "national_id", "10 digits"),
        ({"name": "A", "email": "a"}, "email", "no"),
        ({"name": "A", "mobile": "12"}, "mobile", "8 to 15"),
        ({"name": "A", "phone": "x"}, "phone", "3 to 60"),
        ({"name": "A", "kind": "x"}, "kind", "'x' is none of: legal, company"),
        ({"name": "A", "kind": "natural", "national_id": "14003778990"}, "kind", "10 digits is a natural person's"),
        ({"name": "A", "language": "de"}, "language", "'de' is none of"),
        ({"name": "A", "by_sms": "perhaps"}, "by_sms", "'perhaps' is none of"),
        ({"name": "A", "address": "x\x01"}, "address", "control"),
        ({"name": "A", "note": "x\x01"}, "note", "control"),
        ({"name": "A", "representative": "x\ny"}, "representative", "one line"),
    ],
)
def test_a_wrong_cell_is_named(cells: dict[str, str], column: str, said: str) -> None:
    with pytest.raises(CellError, match=said) as wrong:
        customer_of(cells)
    assert wrong.value.column == column


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (NewCustomer("A", "14003778990"), NewCustomer("B", "14003778990"), True),
        (NewCustomer("كيان", mobile="09121234567"), NewCustomer("کیان", mobile="+989121234567"), True),
        (NewCustomer("A", email="A@x.com"), NewCustomer("a", email="a@X.com"), True),
        (NewCustomer("A", mobile="09121234567"), NewCustomer("A"), False),
        (NewCustomer("A", "14003778990"), NewCustomer("A"), False),
    ],
)
def test_who_is_the_same(one: NewCustomer, other: NewCustomer, is_same: bool) -> None:
    assert (twin_key(one) == twin_key(other)) == is_same
