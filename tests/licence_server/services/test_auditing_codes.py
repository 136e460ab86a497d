"""No activation code can be slipped in behind the record, changed, or opened again."""

import pytest
from sqlalchemy import insert, select, update

from licence_server.storage.tables import codes
from tests.licence_server.services.test_auditing import busy, problem
from tests.licence_server.vendor import ME, Vendor

__all__ = ["busy"]
pytestmark = pytest.mark.threat(32)


def test_a_code_that_was_slipped_in_is_found(busy: Vendor) -> None:
    with busy.database.engine.begin() as connection:
        row = dict(connection.execute(select(codes)).mappings().first() or {})
    row |= {"digest": "0" * 64, "used_at": None, "used_by": None, "void_at": None}
    said = problem(busy, lambda connection: connection.execute(insert(codes).values(row)))
    assert "code" in (said or "")


@pytest.mark.parametrize("changed", [{"purpose": "other"}, {"expires_at": 2**40}])
def test_a_code_that_was_made_to_do_more_is_found(busy: Vendor, changed: dict[str, object]) -> None:
    said = problem(busy, lambda connection: connection.execute(update(codes).values(**changed)))
    assert "code" in (said or "")


def test_a_used_code_that_was_opened_again_is_found(busy: Vendor) -> None:
    said = problem(busy, lambda connection: connection.execute(update(codes).values(used_at=None)))
    assert "can be used again" in (said or "")


def test_a_withdrawn_code_that_was_opened_again_is_found(busy: Vendor) -> None:
    licence, _ = busy.sell()
    busy.issuing.new_code(licence.id, ME)
    assert busy.auditing.verify().valid
    said = problem(busy, lambda connection: connection.execute(update(codes).values(void_at=None)))
    assert "can be used again" in (said or "")
