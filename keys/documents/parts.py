"""The values that a licence is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from keys.claims import Reader

SeatModel = Literal["concurrent", "named"]
Severity = Literal["info", "warning", "critical"]
NetworkPolicy = Literal["enforce", "report"]
"""What a client outside the site's networks meets: no seat, or a seat that the vendor is told of (T5, T6)."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom the licence belongs to, for ever (T2)."""

    id: str
    name: str

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``customer``."""
        return {"id": self.id, "name": self.name}

    @classmethod
    def read(cls, reader: Reader) -> "Customer":
        """Read the claim. Raises MalformedError."""
        return cls(reader.ident("id"), reader.text("name"))


@dataclass(frozen=True, slots=True)
class Product:
    """What was bought."""

    name: str
    edition: str

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``product``."""
        return {"name": self.name, "edition": self.edition}

    @classmethod
    def read(cls, reader: Reader) -> "Product":
        """Read the claim. Raises MalformedError."""
        return cls(reader.text("name"), reader.text("edition"))


@dataclass(frozen=True, slots=True)
class Terms:
    """From when to when the right was bought. Moments are NumericDates, ``grace`` is in seconds."""

    starts_at: int
    ends_at: int | None
    """None: perpetual."""
    grace: int
    """Seconds that the licence goes on after ``ends_at``."""
    support_ends_at: int | None

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``terms``."""
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "grace": self.grace,
            "support_ends_at": self.support_ends_at,
        }

    @classmethod
    def read(cls, reader: Reader) -> "Terms":
        """Read the claim. Raises MalformedError."""
        whole, maybe = reader.whole, reader.maybe_whole
        return cls(whole("starts_at"), maybe("ends_at"), whole("grace"), maybe("support_ends_at"))


@dataclass(frozen=True, slots=True)
class Seats:
    """For how many (T1)."""

    model: SeatModel
    users: int
    clients: int | None
    """None: any number."""
    service: int = 0
    """Integration accounts, which cost no user."""
    overdraft_users: int = 0
    """Users more than bought, for at most ``overdraft_days`` in any 30."""
    overdraft_days: int = 0

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``seats``."""
        return {
            "model": self.model,
            "users": self.users,
            "clients": self.clients,
            "service": self.service,
            "overdraft": {"users": self.overdraft_users, "days": self.overdraft_days},
        }

    @classmethod
    def read(cls, reader: Reader) -> "Seats":
        """Read the claim. Raises MalformedError."""
        overdraft = reader.inner("overdraft")
        return cls(
            reader.one_of("model", SeatModel),
            reader.whole("users"),
            reader.maybe_whole("clients"),
            reader.whole("service"),
            overdraft.whole("users"),
            overdraft.whole("days"),
        )


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The server that the licence is bound to, as digests, and how much of it must still fit in percent."""

    components: Mapping[str, str]
    threshold: int

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``fingerprint``."""
        return {"components": dict(self.components), "threshold": self.threshold}

    @classmethod
    def read(cls, reader: Reader) -> "Fingerprint":
        """Read the claim. Raises MalformedError."""
        return cls(reader.digests("components"), reader.whole("threshold"))


@dataclass(frozen=True, slots=True)
class Validation:
    """When to come again (T3). ``interval`` and ``grace`` are in seconds."""

    interval: int
    refresh_at: int
    grace: int

    def to_claims(self) -> dict[str, object]:
        """Return the claim ``validation``."""
        return {"interval": self.interval, "refresh_at": self.refresh_at, "grace": self.grace}

    @classmethod
    def read(cls, reader: Reader) -> "Validation":
        """Read the claim. Raises MalformedError."""
        return cls(reader.whole("interval", 1), reader.whole("refresh_at"), reader.whole("grace"))


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people should read, in English and Persian."""

    code: str
    severity: Severity
    en: str
    fa: str

    def to_claims(self) -> dict[str, object]:
        """Return one entry of the claim ``notices``."""
        return {"code": self.code, "severity": self.severity, "text": {"en": self.en, "fa": self.fa}}

    @classmethod
    def read(cls, reader: Reader) -> "Notice":
        """Read one entry. Raises MalformedError."""
        text = reader.inner("text")
        return cls(reader.word("code"), reader.one_of("severity", Severity), text.text("en"), text.text("fa"))
