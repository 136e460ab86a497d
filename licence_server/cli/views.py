"""A licence as JSON and as text."""

from collections.abc import Mapping, Sequence

from keys.documents.parts import Seats
from keys.documents.requests import KeyPlace
from licence_server.cli.text import day, facts, moment, plain, table
from licence_server.domain.activation import Activation
from licence_server.domain.licence import Licence
from licence_server.services.reading import Event, LicenceView


def licence_value(licence: Licence, state: str) -> dict[str, object]:
    """Return what ``--json`` shows of a licence alone."""
    return {
        "id": licence.id,
        "state": state,
        "reason": licence.reason,
        "customer": licence.customer.id,
        "product": {"name": licence.product, "edition": licence.edition},
        "plan": licence.plan,
        "site": licence.site,
        "seats": licence.seats.to_claims(),
        "terms": licence.terms.to_claims(),
        "features": list(licence.features),
        "networks": list(licence.networks),
        "network_policy": licence.network_policy,
        "interval": licence.interval,
        "grace": licence.grace,
        "on_clone": licence.on_clone,
        "created_at": licence.created_at,
    }


def view_value(view: LicenceView) -> dict[str, object]:
    """Return what ``--json`` shows of a licence with its server."""
    found = licence_value(view.licence, view.state)
    customer = {"id": view.customer.id, "name": view.customer.name}
    activation = None if view.activation is None else _activation_value(view.activation)
    return {**found, "customer": customer, "activation": activation}


def events_value(events: Sequence[Event]) -> list[dict[str, object]]:
    """Return what happened to a thing, oldest first."""
    return [{"code": each.code, "at": each.at, "actor": each.actor, "details": dict(each.details)} for each in events]


def history_text(events: Sequence[Event]) -> list[str]:
    """Return the same for people, in lines under a heading."""
    lines = [f"  {moment(each.at)}  {plain(each.code)}  by {plain(each.actor)}" for each in events]
    return ["History", *lines] if lines else []


def licences_table(views: Sequence[LicenceView]) -> str:
    """Return licences for people, one a line."""
    headings = ("ID", "STATE", "CUSTOMER", "SITE", "USERS", "CLIENTS", "ENDS", "SERVER")
    rows = [
        (
            view.licence.id,
            view.state,
            view.customer.name,
            view.licence.site,
            str(view.licence.seats.users),
            str(view.licence.seats.clients or "any"),
            day(view.licence.terms.ends_at, "never"),
            "-" if view.activation is None else view.activation.host.name,
        )
        for view in views
    ]
    return table(headings, rows)


def reported_value(view: LicenceView) -> list[dict[str, object]]:
    """Return what agents told of lately."""
    return [{"code": each.code, "count": each.count, "last_at": each.last_at} for each in view.reported]


_KEY_PLACES: Mapping[KeyPlace, str] = {
    "file": "in a file, which a copy of the disk takes along",
    "tpm": "in the server's TPM, as it says itself",
    "vtpm": "in a virtual TPM, as it says itself: weaker, since whoever clones the machine may clone it",
}


def licence_text(view: LicenceView) -> str:
    """Return a licence for people, with its server and its history."""
    licence, seats, server = view.licence, view.licence.seats, view.activation
    clients = "any number of" if seats.clients is None else str(seats.clients)
    pairs = [
        ("Licence", licence.id),
        ("State", view.state if licence.reason is None else f"{view.state} ({licence.reason})"),
        ("Customer", f"{view.customer.name} ({view.customer.id})"),
        ("Product", f"{licence.product}, {licence.edition}"),
        ("Plan", licence.plan or "none"),
        ("Site", licence.site),
        ("Seats", f"{seats.users} users, {clients} clients, {seats.model}"),
        ("Integration accounts", str(seats.service or "none")),
        ("Overdraft", _overdraft_text(seats)),
        ("Ends", day(licence.terms.ends_at, "never")),
        ("Features", ", ".join(licence.features) or "none"),
        ("Networks", ", ".join(licence.networks) or "private ranges"),
        ("Other networks", "refused" if licence.network_policy == "enforce" else "let in, and reported"),
        ("Validation", f"every {licence.interval} s, grace {licence.grace} s"),
        ("Server", "none" if server is None else f"{server.host.name}, {server.host.os} ({server.id})"),
        ("Device key", "none" if server is None else _KEY_PLACES[server.host.key]),
        ("Last seen", moment(None if server is None else server.seen_at)),
        ("Waits for somebody", _suspicion_text(server)),
        ("Told in 30 days", ", ".join(f"{each.code} {each.count} times" for each in view.reported) or "nothing"),
    ]
    return "\n".join([facts(pairs), *history_text(view.events)])


def _suspicion_text(server: Activation | None) -> str:
    if server is None or server.suspicion is None:
        return "nothing"
    return f"{server.suspicion.finding} at {moment(server.suspicion.at)}: licence acknowledge, resume or revoke"


def _overdraft_text(seats: Seats) -> str:
    if not seats.overdraft_users:
        return "none"
    return f"{seats.overdraft_users} users more, on {seats.overdraft_days} of any 30 days"


def _activation_value(activation: Activation) -> dict[str, object]:
    suspicion = activation.suspicion
    return {
        "id": activation.id,
        "activated_at": activation.activated_at,
        "seen_at": activation.seen_at,
        "seq": activation.chain.seq,
        "device_key": activation.device_key,
        "moved_key": None if activation.moved is None else activation.moved.kid,
        "host": activation.host.to_claims(),
        "components": sorted(activation.components),
        "suspicion": None if suspicion is None else {"finding": suspicion.finding, "at": suspicion.at},
    }
