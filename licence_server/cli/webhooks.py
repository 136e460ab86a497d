"""Commands: webhooks."""

from dataclasses import asdict

import click

from keys.command import json_option, show
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts, moment, plain, table
from licence_server.domain.delivery import Delivery
from licence_server.domain.paging import MOST, Page, Place, every
from licence_server.domain.webhook import TYPES, Webhook
from licence_server.services.subscribing import Entrusted, Told


@click.group()
def webhook() -> None:
    """Webhooks, by which other programs are told of what happens here."""


@webhook.command()
@click.argument("url")
@click.option(
    "--event", "types", multiple=True, metavar="TYPE", help="What to tell of, more than once; left out: everything."
)
@json_option
@pass_session
def add(session: Session, *, url: str, types: tuple[str, ...], as_json: bool) -> None:
    """Send events to an address from now on, and print the secret that signs them, once.

    Example: licence-server webhook add https://crm.example.com/hooks/licences --event licence.activated
    """
    _show_secret(session.server.subscribing.add(url, types or TYPES, session.by), as_json)


@webhook.command("list")
@json_option
@pass_session
def list_all(session: Session, as_json: bool) -> None:
    """List webhooks, oldest first.

    Example: licence-server webhook list
    """
    found = session.server.subscribing.all()
    rows = [(each.id, _state(each), str(len(each.types)), each.url) for each in found]
    show([_value(each) for each in found], as_json, lambda: table(("ID", "STATE", "EVENTS", "ADDRESS"), rows))


@webhook.command("show")
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def show_one(session: Session, webhook_id: str, as_json: bool) -> None:
    """Show a webhook, without its secret.

    Example: licence-server webhook show whk_4rjw2n3k5m6p7q8r9s0t
    """
    _show(session.server.subscribing.one(webhook_id), as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def remove(session: Session, webhook_id: str, as_json: bool) -> None:
    """Send nothing there any more; what waits is given up.

    Example: licence-server webhook remove whk_4rjw2n3k5m6p7q8r9s0t
    """
    found = session.server.subscribing.remove(webhook_id, session.by)
    show(_value(found), as_json, lambda: f"Nothing is sent to {found.url} any more.")


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def rotate(session: Session, webhook_id: str, as_json: bool) -> None:
    """Make another secret, and print it, once; for a day messages are signed with both.

    Example: licence-server webhook rotate whk_4rjw2n3k5m6p7q8r9s0t
    """
    _show_secret(session.server.subscribing.rotate(webhook_id, session.by), as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def enable(session: Session, webhook_id: str, as_json: bool) -> None:
    """Switch on again what was switched off after days of failures, or because the receiver said 410.

    Example: licence-server webhook enable whk_4rjw2n3k5m6p7q8r9s0t
    """
    _show(session.server.subscribing.enable(webhook_id, session.by), as_json)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def test(session: Session, webhook_id: str, as_json: bool) -> None:
    """Have the running server send a ping; what came of it: webhook deliveries ID.

    Example: licence-server webhook test whk_4rjw2n3k5m6p7q8r9s0t
    """
    found = session.server.subscribing.test(webhook_id, session.by)
    said = f"The server sends a ping to {found.url}. What came of it: licence-server webhook deliveries {found.id}"
    show(_value(found), as_json, lambda: said)


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@json_option
@pass_session
def deliveries(session: Session, webhook_id: str, as_json: bool) -> None:
    """List what was sent within thirty days, newest first, with every attempt.

    Example: licence-server webhook deliveries whk_4rjw2n3k5m6p7q8r9s0t
    """
    subscribing = session.server.subscribing

    def found(place: Place | None) -> Page[Told]:
        return subscribing.deliveries(webhook_id, place, MOST)

    told = list(every(found))
    show([_told_value(each) for each in told], as_json, lambda: _told_text(told))


@webhook.command()
@click.argument("webhook_id", metavar="ID")
@click.argument("delivery_id", metavar="DELIVERY")
@json_option
@pass_session
def resend(session: Session, webhook_id: str, delivery_id: str, as_json: bool) -> None:
    """Have the running server send a message again, under the id that it had.

    Example: licence-server webhook resend whk_4rjw2n3k5m6p7q8r9s0t dlv_0123456789abcdef0123456789abcdef
    """
    again = session.server.subscribing.resend(webhook_id, delivery_id, session.by)
    show(_told_value(Told(again, ())), as_json, lambda: f"The server sends {again.message_id} again.")


def _show(found: Webhook, as_json: bool) -> None:
    show(_value(found), as_json, lambda: facts(_pairs(found)))


def _show_secret(entrusted: Entrusted, as_json: bool) -> None:
    value = {**_value(entrusted.webhook), "secret": entrusted.secret}
    pairs = [*_pairs(entrusted.webhook), ("Secret (shown this once)", entrusted.secret)]
    show(value, as_json, lambda: facts(pairs))


def _value(found: Webhook) -> dict[str, object]:
    value = asdict(found)
    return {name: value[name] for name in value if name not in ("sealed", "previous", "removed_at")}


def _pairs(found: Webhook) -> list[tuple[str, str]]:
    return [
        ("Webhook", found.id),
        ("Address", found.url),
        ("State", _state(found)),
        ("Events", ", ".join(found.types)),
        ("Since", moment(found.created_at)),
        ("Fails since", moment(found.failing_since, "it does not")),
        ("Secret before it signs until", moment(found.previous_until)),
    ]


def _state(found: Webhook) -> str:
    if found.why is not None:
        return f"switched off ({found.why})"
    return "on" if found.failing_since is None else "failing"


def _told_value(told: Told) -> dict[str, object]:
    attempts = [{"number": each.number, "at": each.at, **asdict(each.outcome)} for each in told.attempts]
    return {**asdict(told.delivery), "attempts": attempts}


def _told_text(found: list[Told]) -> str:
    lines = []
    for told in found:
        lines.append(f"{told.id}  {moment(told.created_at)}  {told.delivery.type}  {_delivery_state(told.delivery)}")
        for each in told.attempts:
            said = each.outcome.status if each.outcome.fault is None else each.outcome.fault
            lines.append(
                f"  {each.number}. {moment(each.at)}  {said}  {each.outcome.duration} ms  {each.outcome.answer}"
            )
    return "\n".join(plain(line) for line in lines) or "Nothing within thirty days."


def _delivery_state(found: Delivery) -> str:
    return found.state if found.due_at is None else f"next attempt {moment(found.due_at)}"
