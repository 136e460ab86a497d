"""What licence-agent seats shows people."""

from typing import Any

from agent.cli.seats import _for_people
from tests.agent.cli.persian import left_in_english
from tests.fakes import START
from tests.translations import persian


def test_counts_overdraft_the_queue_holders_and_freed_names_are_shown() -> None:
    said = {
        "users": {"used": 3, "limit": 2},
        "clients": {"used": 3, "limit": None},
        "service": {"used": 0, "limit": 1},
        "overdraft": {"users": 1, "allowed": 2, "days_left": 4},
        "waiting": 5,
        "seats": [{"user": "sara", "client": "pc"}],
        "resting": [{"user": "ali", "free_at": START}],
    }
    assert _for_people(said) == [
        "users    3 of 2",
        "clients  3 of any number",
        "service  0 of 1",
        "beyond   1 of 2, 4 days left",
        "waiting  5",
        "sara                     pc",
        "ali                      freed; anybody's from 2027-01-15 08:00 UTC",
    ]
    assert left_in_english("\n".join(map(persian().say, _for_people(said)))) == []


def test_what_is_not_the_case_is_not_shown() -> None:
    said: dict[str, Any] = {
        "users": {"used": 0, "limit": 2},
        "overdraft": None,
        "waiting": 0,
        "seats": [],
        "resting": [],
    }
    assert _for_people(said) == ["users    0 of 2"]
