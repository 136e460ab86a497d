"""Commands: change a licence. Agents follow at their next validation."""

import click

from keys.command import json_option, show
from keys.documents.parts import NetworkPolicy
from keys.errors import InvalidInputError
from licence_server.cli.parameters import NEVER, Day, sentence
from licence_server.cli.session import Session, pass_session
from licence_server.cli.text import facts
from licence_server.cli.views import licence_value
from licence_server.domain.licence import Licence
from licence_server.domain.sizes import Sizes

_ID = click.argument("licence_id", metavar="ID")
_WHY = click.option(
    "--reason", type=sentence, required=True, metavar="TEXT", help="Why, in a sentence, for the record."
)
_REASON = click.option("--reason", required=True, metavar="WORD", help="One word, such as payment_overdue.")


@click.command()
@_ID
@_REASON
@json_option
@pass_session
def suspend(session: Session, licence_id: str, reason: str, as_json: bool) -> None:
    """Suspend a licence, until it is resumed.

    Example: licence-server licence suspend lic_4rjw2n3k5m6p7q8r9s0t --reason payment_overdue
    """
    _tell(session, session.server.suspending.suspend(licence_id, reason, session.by), as_json)


@click.command()
@_ID
@_REASON
@json_option
@pass_session
def resume(session: Session, licence_id: str, reason: str, as_json: bool) -> None:
    """Put a suspended licence in force again.

    Example: licence-server licence resume lic_4rjw2n3k5m6p7q8r9s0t --reason paid
    """
    _tell(session, session.server.suspending.resume(licence_id, reason, session.by), as_json)


@click.command()
@_ID
@_REASON
@json_option
@pass_session
def revoke(session: Session, licence_id: str, reason: str, as_json: bool) -> None:
    """End a licence for good.

    Example: licence-server licence revoke lic_4rjw2n3k5m6p7q8r9s0t --reason returned
    """
    _tell(session, session.server.suspending.revoke(licence_id, reason, session.by), as_json)


@click.command()
@_ID
@click.option("--ends", "ends_at", type=Day(), required=True, metavar="DATE", help="YYYY-MM-DD, or never.")
@json_option
@pass_session
def renew(session: Session, licence_id: str, ends_at: int, as_json: bool) -> None:
    """Give a licence another end.

    Example: licence-server licence renew lic_4rjw2n3k5m6p7q8r9s0t --ends 2028-03-20
    """
    wanted = None if ends_at == NEVER else ends_at
    _tell(session, session.server.changing.renew(licence_id, wanted, session.by), as_json)


@click.command()
@_ID
@click.option("--users", type=int, required=True)
@click.option("--clients", type=int, help="Any number unless told.")
@click.option("--service", type=int, metavar="N", help="Integration accounts; as before unless told.")
@click.option("--overdraft-users", type=int, metavar="N", help="Users more for some days; as before unless told.")
@click.option("--overdraft-days", type=int, metavar="D", help="Of any 30 days; as before unless told.")
@json_option
@pass_session
def seats(  # noqa: PLR0917 - click passes them by name
    session: Session,
    licence_id: str,
    users: int,
    clients: int | None,
    service: int | None,
    overdraft_users: int | None,
    overdraft_days: int | None,
    as_json: bool,
) -> None:
    """Change for how many users and clients a licence is.

    Example: licence-server licence seats lic_4rjw2n3k5m6p7q8r9s0t --users 60 --clients 80
    """
    sizes = Sizes(users, clients, service, overdraft_users, overdraft_days)
    _tell(session, session.server.changing.seats(licence_id, sizes, session.by), as_json)


@click.command()
@_ID
@click.option("--network", "networks", multiple=True, metavar="CIDR", help="Instead of those so far; more than once.")
@click.option("--private", is_flag=True, help="No network by name: private ranges.")
@click.option("--network-policy", "policy", type=click.Choice(["enforce", "report"]), help="As before unless told.")
@json_option
@pass_session
def networks(  # noqa: PLR0917 - click passes them by name
    session: Session,
    licence_id: str,
    networks: tuple[str, ...],
    private: bool,
    policy: NetworkPolicy | None,
    as_json: bool,
) -> None:
    """Change which networks are the site's, and what clients outside them meet.

    Example: licence-server licence networks lic_4rjw2n3k5m6p7q8r9s0t --network 10.1.0.0/16 --network-policy report
    """
    if networks and private:
        raise InvalidInputError("Name networks or say --private, not both.")
    wanted = networks if networks or private else None
    _tell(session, session.server.changing.networks(licence_id, wanted, policy, session.by), as_json)


@click.command()
@_ID
@json_option
@pass_session
def confirm(session: Session, licence_id: str, as_json: bool) -> None:
    """Confirm a recovered licence: one that the restored database lacked and an agent's signed licence brought back.

    Example: licence-server licence confirm lic_4rjw2n3k5m6p7q8r9s0t
    """
    _tell(session, session.server.changing.confirm(licence_id, session.by), as_json)


@click.command()
@_ID
@_WHY
@json_option
@pass_session
def acknowledge(session: Session, licence_id: str, reason: str, as_json: bool) -> None:
    """Note that what a licence's server did is well, such as a backup that its people restored.

    Example: licence-server licence acknowledge lic_4rjw2n3k5m6p7q8r9s0t --reason "they restored last night's backup"
    """
    _tell(session, session.server.changing.acknowledge(licence_id, reason, session.by), as_json)


@click.command()
@_ID
@json_option
@pass_session
def code(session: Session, licence_id: str, as_json: bool) -> None:
    """Print a new activation code for a licence that is on no server; older codes are void.

    Example: licence-server licence code lic_4rjw2n3k5m6p7q8r9s0t
    """
    _tell_code(licence_id, session.server.issuing.new_code(licence_id, session.by), as_json)


@click.command()
@_ID
@_WHY
@json_option
@pass_session
def rehost(session: Session, licence_id: str, reason: str, as_json: bool) -> None:
    """Print a code for another server of the same customer; when it is used, the old server is superseded.

    Example: licence-server licence rehost lic_4rjw2n3k5m6p7q8r9s0t --reason "the old server burnt"
    """
    _tell_code(licence_id, session.server.moving.rehost(licence_id, reason, session.by), as_json)


def _tell(session: Session, changed: Licence, as_json: bool) -> None:
    state = changed.state_at(session.clock.now())
    show(licence_value(changed, state), as_json, lambda: facts([("Licence", changed.id), ("State", state)]))


def _tell_code(licence_id: str, fresh: str, as_json: bool) -> None:
    pairs = [("Licence", licence_id), ("Activation code (shown this once)", fresh)]
    show({"id": licence_id, "code": fresh}, as_json, lambda: facts(pairs))


COMMANDS = (suspend, resume, revoke, renew, seats, networks, confirm, acknowledge, code, rehost)
