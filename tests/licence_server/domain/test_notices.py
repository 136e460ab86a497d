"""What people read, in English and Persian."""

from typing import get_args

import pytest

from keys.documents.licence import Status
from keys.documents.parts import Terms
from licence_server.domain.notices import ENDS_SOON, notices_for
from tests.licence_server.samples import DAY, NOW

PERPETUAL = Terms(NOW - DAY, None, 7 * DAY, None)
ENDING = Terms(NOW - DAY, NOW, 7 * DAY, None)


@pytest.mark.parametrize("status", sorted(set(get_args(Status)) - {"active"}))
def test_every_status_but_active_is_explained_in_both_languages(status: Status) -> None:
    (notice,) = notices_for(status, "some_reason", ENDING, NOW)
    assert (notice.code, notice.severity) == ("some_reason", "critical")
    assert notice.en.isascii()
    assert any("\u0600" <= letter <= "\u06ff" for letter in notice.fa)
    assert notices_for(status, None, ENDING, NOW)[0].code == status


def test_an_active_licence_is_quiet() -> None:
    assert notices_for("active", None, PERPETUAL, NOW) == ()
    assert notices_for("active", None, ENDING, NOW - ENDS_SOON - 1) == ()


@pytest.mark.parametrize(
    ("at", "code", "severity", "days"),
    [
        (NOW - ENDS_SOON, "ends_soon", "warning", "30 days"),
        (NOW - DAY - 1, "ends_soon", "warning", "2 days"),
        (NOW - 1, "ends_soon", "warning", "1 day."),
        (NOW, "in_terms_grace", "critical", "7 days"),
        (NOW + 7 * DAY - 1, "in_terms_grace", "critical", "1 day "),
    ],
)
def test_the_end_is_announced_and_counted_down(at: int, code: str, severity: str, days: str) -> None:
    (notice,) = notices_for("active", None, ENDING, at)
    assert (notice.code, notice.severity) == (code, severity)
    assert days in notice.en
    assert "روز" in notice.fa
