"""Activation codes as the server keeps them: never the code, only its digest."""

from dataclasses import dataclass
from typing import Literal

from keys.errors import CodeExpiredError, CodeUsedError

Purpose = Literal["activation", "rehost"]


@dataclass(frozen=True, slots=True)
class Code:
    """The right to bind one licence to one server, once, for a limited time (T4, T23)."""

    digest: str
    licence_id: str
    purpose: Purpose
    created_at: int
    expires_at: int
    used_at: int | None = None
    used_by: str | None = None
    """The activation that it made."""
    void_at: int | None = None
    """When a newer code, or a restore of the database, took its place."""
    approval: str | None = None
    """By which approval of a second person it was made, where it needed one."""

    @property
    def is_open(self) -> bool:
        """Tell whether it may still bind a server, if it is in time."""
        return self.used_at is None and self.void_at is None

    def facts(self) -> list[object]:
        """Return what the audit record keeps of it, so that none can be slipped in or made to last longer."""
        return [self.digest, self.licence_id, self.purpose, self.expires_at]

    def check_usable(self, now: int) -> None:
        """Refuse a code that has had its day. Raises CodeUsedError, CodeExpiredError."""
        if self.used_at is not None:
            raise CodeUsedError(
                "This code has been used by another server. The sales desk can move the licence (rehost)."
            )
        if self.void_at is not None or now >= self.expires_at:
            raise CodeExpiredError("This code is no longer valid. Ask the vendor's sales desk for a new one.")
