"""For how many a licence is: users, clients, integration accounts, and how far users may go beyond (T1, T25)."""

from dataclasses import dataclass, replace

from keys.documents.parts import Seats
from keys.errors import InvalidInputError

MOST_SEATS = 1_000_000
MOST_OVERDRAFT_DAYS = 30
"""Days are counted in any 30: a higher number would be more users for good, and has to be bought."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a person asks for when the numbers of a licence change."""

    users: int
    clients: int | None
    """None: any number."""
    service: int | None = None
    """Integration accounts. None, here and below: as many as before."""
    overdraft_users: int | None = None
    overdraft_days: int | None = None
    """Of 30; without overdraft users there are none."""

    def of(self, before: Seats) -> Seats:
        """Return what the seats become. Raises InvalidInputError that names what is wrong."""
        users = before.overdraft_users if self.overdraft_users is None else self.overdraft_users
        days = self.overdraft_days
        if days is None:
            days = before.overdraft_days if users else 0
        service = before.service if self.service is None else self.service
        after = replace(before, users=self.users, clients=self.clients, service=service)
        after = replace(after, overdraft_users=users, overdraft_days=days)
        check_seats(after)
        return after


def check_seats(seats: Seats) -> None:
    """Check the numbers bought. Raises InvalidInputError."""
    if not 1 <= seats.users <= MOST_SEATS:
        raise InvalidInputError(f"Users are a number from 1 to {MOST_SEATS}.")
    if seats.clients is not None and not 1 <= seats.clients <= MOST_SEATS:
        raise InvalidInputError(f"Clients are a number from 1 to {MOST_SEATS}; leave them out for any number.")
    if not 0 <= seats.service <= MOST_SEATS:
        raise InvalidInputError(f"Integration accounts are a number from 0 to {MOST_SEATS}.")
    if not 0 <= seats.overdraft_users <= MOST_SEATS:
        raise InvalidInputError(f"Overdraft users are a number from 0 to {MOST_SEATS}.")
    if not 0 <= seats.overdraft_days <= MOST_OVERDRAFT_DAYS:
        raise InvalidInputError(f"Overdraft days are a number from 0 to {MOST_OVERDRAFT_DAYS}, of any 30 days.")
    if bool(seats.overdraft_users) != bool(seats.overdraft_days):
        raise InvalidInputError("Overdraft needs both: how many users more, and on how many days of any 30.")
