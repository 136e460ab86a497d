"""Request bodies: checked at the door, once."""

from collections.abc import Sequence
from typing import cast, get_args

from agent.domain.names import check_name, user_key
from agent.domain.seats import Kind, Wanted
from agent.web.requests import Request
from keys.addresses import Network, client_address, is_in, read_address
from keys.claims import Reader
from keys.errors import MalformedError, MediaTypeError, TooLargeError
from keys.jws import from_json
from keys.sentences import phrase

LARGEST = 65_536
LARGEST_HEARTBEAT = 524_288
"""Bytes of a heartbeat's body: over 16,000 seats, whose ids take about 29 bytes each."""

_JSON = b"application/json"
_LONGEST_ID = 128
_WANTED = frozenset({"user", "client", "address", "kind", "wait"})
_BEAT = frozenset({"seats", "active"})


def read_wanted(request: Request) -> Wanted:
    """Read the body of ``POST /v1/seats``. Raises MalformedError, MediaTypeError, TooLargeError."""
    reader = _read(request, _WANTED, LARGEST)
    client = reader.text("client")
    check_name(client, phrase("client"))
    address = reader.text("address", 64) if reader.has("address") else None
    kind = cast("Kind", reader.one_of("kind", Kind)) if reader.has("kind") else "person"
    wait = reader.whole("wait") if reader.has("wait") else 0
    return Wanted(user_key(reader.text("user")), client, address, kind, wait)


def read_heartbeat(request: Request) -> tuple[list[str], list[str] | None]:
    """Read the body of ``POST /v1/seats/heartbeat``: the seats, and those of them whose people did something.

    Raises MalformedError, MediaTypeError, TooLargeError.
    """
    reader = _read(request, _BEAT, LARGEST_HEARTBEAT)
    return _ids(reader, "seats"), _ids(reader, "active") if reader.has("active") else None


def read_headers(request: Request, trusted: Sequence[Network]) -> Wanted:
    """Read the headers of ``GET /v1/authorize``; ``trusted``: proxies that are believed. Raises MalformedError."""
    user, client = _header(request, b"licence-user"), _header(request, b"licence-client")
    check_name(client, phrase("client"))
    kind = request.text(b"licence-kind") or "person"
    if kind not in get_args(Kind):
        raise MalformedError(f"The header Licence-Kind must be {' or '.join(get_args(Kind))}.")
    nearest, forwarded_for = request.text(b"x-real-ip"), request.text(b"x-forwarded-for")
    nearest = nearest or _trusted_front(request, trusted)
    address = client_address(nearest, forwarded_for, trusted) if nearest else None
    return Wanted(user_key(user), client, address, cast("Kind", kind))


def _trusted_front(request: Request, trusted: Sequence[Network]) -> str:
    """Return the address of a front that is a trusted proxy itself, and so may say whom it heard; empty: it is none."""
    address = request.way.address
    return address if address and is_in(read_address(address), trusted) else ""


def _ids(reader: Reader, name: str) -> list[str]:
    found = reader.raw(name)
    if not isinstance(found, list) or not all(type(each) is str and len(each) <= _LONGEST_ID for each in found):
        raise MalformedError(f"The claim {name} must be a list of seat ids.")
    return found


def _header(request: Request, name: bytes) -> str:
    """Return a header's text."""
    try:
        return request.headers.get(name, b"").decode()
    except UnicodeError as error:
        raise MalformedError(f"The header {name.decode().title()} must be UTF-8.") from error


def _read(request: Request, members: frozenset[str], largest: int) -> Reader:
    media_type = request.headers.get(b"content-type", b"")
    if media_type != _JSON and media_type.partition(b";")[0].strip().lower() != _JSON:
        raise MediaTypeError("The body must be application/json.")
    if len(request.body) > largest:
        raise TooLargeError(f"The body has {len(request.body)} bytes; {largest} are the most.")
    claims = from_json(bytes(request.body))
    if not claims.keys() <= members:
        raise MalformedError(f"The body may have the members {', '.join(sorted(members))}, and nothing else.")
    return Reader(claims)
