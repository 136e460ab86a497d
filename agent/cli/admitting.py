"""What install asks and says of the users as whom the CRM runs."""

from collections.abc import Iterator

import click

from agent.cli.wizard import is_at_terminal
from agent.daemon.admission import Admission
from agent.daemon.site import Site
from agent.system.accounts import check_crm_user
from keys.command import spoken, tell
from keys.errors import InvalidInputError
from keys.sentences import of, phrase


def admit(site: Site) -> Site:
    """Return the site as it lets in whom a person at a terminal names, where nobody was named and nobody is let in."""
    admission = site.customer.admission
    if not is_at_terminal() or admission.asked or not admission.is_for_nobody:
        return site
    user = ask_for_crm_user()
    return site if user is None else site.letting_in(user)


def ask_for_crm_user() -> str | None:
    """Ask as whom the CRM runs until it is a user of this system; None: not now."""
    asked = phrase("The system's user as whom the CRM runs, who may take seats then; for not now, just Enter")
    while True:
        user: str = click.prompt(spoken(asked), default="", show_default=False, err=True)
        try:
            if user:
                check_crm_user(user)
        except InvalidInputError as refusal:
            tell(of(refusal))
        else:
            return user or None


def ways_in(admission: Admission) -> Iterator[str]:
    """Say how those come in who were named; or, where nobody is let in, what lets somebody in."""
    home = admission.home
    if admission.is_for_nobody:
        yield phrase(
            "The CRM is not let in yet. To let it in, NAME being the system's user as whom it runs: sudo licence-agent "
            "install --crm-user NAME"
        )
    for user in admission.asked:
        if admission.can_read_token(user):
            yield phrase(
                "{user} may take seats: over {socket}, or over TCP with the token in {token}.",
                user=user,
                socket=home.folder / "agent.sock",
                token=home.application_token,
            )
        else:
            yield phrase(
                "{user} may take seats over {socket}. The token in {token} is for another group, since its file has "
                "one, and one that several users share gets none; for TCP make another one: licence-agent token add "
                "NAME",
                user=user,
                socket=home.folder / "agent.sock",
                token=home.application_token,
            )
