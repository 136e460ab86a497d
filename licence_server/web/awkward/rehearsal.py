"""Whether a server may be awkward: only where no customer's licence can depend on it (docs/decisions/0017)."""

from urllib.parse import urlsplit

from keys.addresses import is_loopback
from keys.errors import StateConflictError

_RESERVED = ("test", "example", "invalid", "localhost", "example.com", "example.net", "example.org")
"""Names that nobody can own (RFC 6761, RFC 2606)."""


def check_rehearsal(issuer: str, database: str) -> None:
    """Refuse to be awkward in a production configuration.

    Args:
        issuer: the home's public URL, which stands in every licence and can't be changed.
        database: SQLAlchemy URL.

    Raises:
        StateConflictError: real customers may depend on this server.
    """
    host = urlsplit(issuer).hostname or ""
    if not is_loopback(host) and not any(f".{host}".endswith(f".{name}") for name in _RESERVED):
        raise StateConflictError(
            f"--awkward is for trying agents out, and {issuer} is a name that real licences carry. Make a home of its "
            "own for it: LICENCE_SERVER_HOME=… licence-server init --issuer https://licences.example"
        )
    if not database.startswith("sqlite"):
        raise StateConflictError(
            "--awkward is for trying agents out, on a database of its own: another server may work on this one. "
            "Leave LICENCE_SERVER_DATABASE and the setting `database` out."
        )
