"""The page ``/v1/usage``: every hour that is kept, and what the next validation tells of them."""

from collections.abc import Callable, Mapping, Sequence

from agent.domain.mode import Standing
from agent.domain.usage import Report
from keys.documents.requests import Usage
from keys.errors import NotActivatedError
from keys.hours import as_values


def usage_page(hours: Sequence[Usage], standing: Standing, upcoming: Callable[[], Report]) -> Mapping[str, object]:
    """Return the page's JSON; ``next_report`` is in the words of the request itself, and null without a licence.

    Args:
        hours: all that are kept, oldest first.
        standing: for the limits that were bought.
        upcoming: see Validating.upcoming.
    """
    seats = None if standing.licence is None else standing.licence.seats
    return {
        "limits": {"users": seats and seats.users, "clients": seats and seats.clients},
        "hours": as_values(hours),
        "next_report": _next_report(upcoming),
    }


def _next_report(upcoming: Callable[[], Report]) -> Mapping[str, object] | None:
    try:
        report = upcoming()
    except NotActivatedError:
        return None
    return {
        "usage": [hour.to_claims() for hour in report.usage],
        "events": [event.to_claims() for event in report.events],
    }
