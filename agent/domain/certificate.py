"""The certificate of installation: what the form CL-OJ-05 asks, as far as this server knows it (T17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent.domain.mode import Standing
from keys.claims import Reader
from keys.errors import MalformedError
from keys.sentences import phrase

FORM = "CL-OJ-05"
"""Checklist of installation, deployment and training, which the buyer signs after each visit."""
SeatCheck = Literal["passed", "refused", "left_out"]
"""Whether a seat was taken and released, or refused since all are taken or the licence gives none now; of a licence for
named users none is asked for, since a place would be that name's for a day."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Server:
    """The server and what was installed on it."""

    name: str
    system: str
    agent_version: str
    program: str
    """Name of the program's tree, which tells its content; or where the program lies."""
    service: str
    """What starts it: ``systemd`` or ``init``."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was installed where, for whom, and how the first checks went. Moments are NumericDates."""

    installed_at: int
    server: Server
    seat_check: SeatCheck
    issuer: str
    licence_id: str
    activation_id: str
    customer: str
    site: str
    product: str
    edition: str
    model: str
    users: int
    clients: int | None
    """None: any number."""
    mode: str
    expires_at: int
    refresh_at: int

    def to_claims(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "version": _VERSION,
            "form": FORM,
            "installed_at": self.installed_at,
            "server": {name: getattr(self.server, name) for name in _SERVER},
            **{name: getattr(self, name) for name in (*_TEXTS, *_MOMENTS, "seat_check", "users", "clients")},
        }

    def is_of(self, program: str, licence_id: str, activation_id: str) -> bool:
        """Tell whether it tells of a program and an activation."""
        mine = (self.server.program, self.licence_id, self.activation_id)
        return mine == (program, licence_id, activation_id)


_SERVER = ("name", "system", "agent_version", "program", "service")
_TEXTS = ("issuer", "licence_id", "activation_id", "customer", "site", "product", "edition", "model", "mode")
_MOMENTS = ("expires_at", "refresh_at")


def certify(standing: Standing, server: Server, check: SeatCheck) -> Certificate | None:
    """Return the certificate of an installation; None: there is no licence."""
    licence = standing.licence
    if licence is None:
        return None
    return Certificate(
        installed_at=standing.now,
        server=server,
        seat_check=check,
        issuer=licence.issuer,
        licence_id=licence.licence_id,
        activation_id=licence.activation_id,
        customer=licence.customer.name,
        site=licence.site,
        product=licence.product.name,
        edition=licence.product.edition,
        model=licence.seats.model,
        users=licence.seats.users,
        clients=licence.seats.clients,
        mode=standing.mode,
        expires_at=licence.expires_at,
        refresh_at=licence.validation.refresh_at,
    )


def read_certificate(reader: Reader) -> Certificate:
    """Return the certificate that JSON tells of. Raises MalformedError."""
    if reader.whole("version") != _VERSION or reader.text("form") != FORM:
        raise MalformedError(phrase("This is no certificate of installation that this release knows."))
    server = reader.inner("server")
    texts: Mapping[str, str] = {name: reader.text(name) for name in _TEXTS}
    return Certificate(
        installed_at=reader.whole("installed_at"),
        server=Server(**{name: server.text(name) for name in _SERVER}),
        seat_check=reader.one_of("seat_check", SeatCheck),
        users=reader.whole("users"),
        clients=reader.maybe_whole("clients"),
        expires_at=reader.whole("expires_at"),
        refresh_at=reader.whole("refresh_at"),
        **texts,
    )
