"""When an activation code can be used."""

from dataclasses import replace
from typing import Any

import pytest

from keys.errors import CodeExpiredError, CodeUsedError
from licence_server.domain.code import Code
from tests.licence_server.samples import DAY, NOW

CODE = Code("digest", "lic_1", "activation", NOW, NOW + 30 * DAY)


def test_a_code_is_good_until_the_moment_it_expires() -> None:
    CODE.check_usable(NOW)
    CODE.check_usable(NOW + 30 * DAY - 1)
    with pytest.raises(CodeExpiredError, match="no longer valid"):
        CODE.check_usable(NOW + 30 * DAY)


def test_a_used_code_stays_used_even_when_it_is_void_and_expired_too() -> None:
    used = replace(CODE, used_at=NOW, used_by="act_1", void_at=NOW)
    with pytest.raises(CodeUsedError, match="used by another server"):
        used.check_usable(NOW + 99 * DAY)


def test_a_void_code_is_no_longer_valid() -> None:
    with pytest.raises(CodeExpiredError):
        replace(CODE, void_at=NOW).check_usable(NOW)


def test_only_a_code_that_nobody_used_and_none_replaced_is_open() -> None:
    assert CODE.is_open
    assert not replace(CODE, used_at=NOW).is_open
    assert not replace(CODE, void_at=NOW).is_open


@pytest.mark.parametrize(
    "change", [{"digest": "x"}, {"licence_id": "x"}, {"purpose": "rehost"}, {"expires_at": 1}], ids=str
)
def test_the_audit_record_knows_every_code_and_its_end(change: dict[str, Any]) -> None:
    assert replace(CODE, **change).facts() != CODE.facts()
