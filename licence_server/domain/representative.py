"""The one person who may speak for a customer (T11), and who did before."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from keys.errors import InvalidInputError
from licence_server.domain.identity import checked_email, checked_line, checked_mobile, checked_national_id


@dataclass(frozen=True, slots=True)
class NewRepresentative:
    """Whom a customer names, in writing. Empty text: not given."""

    name: str
    national_id: str = ""
    mobile: str = ""
    email: str = ""

    def checked(self) -> "NewRepresentative":
        """Return the data trimmed and in Latin digits. Raises InvalidInputError that names the field."""
        national_id = checked_national_id(self.national_id)
        if len(national_id) > 10:
            raise InvalidInputError("A representative is a person: the national id has 10 digits.")
        name = checked_line("representative's name", self.name, least=1)
        return NewRepresentative(name, national_id, checked_mobile(self.mobile), checked_email(self.email))


@dataclass(frozen=True, slots=True)
class Representative:
    """Somebody who speaks for a customer, or did. Moments are NumericDates."""

    name: str
    national_id: str
    mobile: str
    email: str
    since: int
    until: int | None
    """None: still."""
    by: str
    """Who wrote it down; empty: not known."""

    def to_stored(self) -> Mapping[str, object]:
        """Return what is stored, and recorded, of a representative."""
        return asdict(self)
