"""What install asks a person at a terminal, and what it finds out before."""

import os
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import click

from agent.cli.examining import subject_of
from agent.daemon.site import Site
from agent.doctor.before import BEFORE, check_before
from agent.doctor.running import runnable
from agent.doctor.service import port
from agent.doctor.subject import Subject
from keys.checkup import Finding, as_text, examine, failed
from keys.command import spoken, tell
from keys.errors import InvalidInputError, StateConflictError
from keys.identity import read_code
from keys.sentences import of, phrase, row, together

_WAY_OUT = {"proxy", "name", "connection"}
"""Checks that fail where only a proxy leads out."""


def examine_before(site: Site) -> None:
    """Look for what would go wrong; at a terminal show all of it, and look again until nothing does.

    Raises:
        click.UsageError: nobody said which licence server to ask.
        LicensingError: something would go wrong, with what to do; nothing was changed, and no code was sent.
    """
    if site.customer.vendor.server is None:
        raise click.UsageError(
            phrase("The program came without the vendor's address: give --server URL, and --root FILE.")
        )
    missing = site.premises.missing()
    if missing:
        raise StateConflictError(
            phrase(
                "Installing a service takes {programs}, which this system lacks. Nothing was changed. Install that; a "
                "container needs no service: licence-agent activate CODE, and as its command: licence-agent run",
                programs=", ".join(missing),
            )
        )
    subject = _subject(site)
    if not is_at_terminal():
        findings = check_before(subject)
    else:
        while failed(findings := examine(BEFORE, subject)):
            _tell_all(findings)
            if not ask_for_proxy(findings, subject.url) and not click.confirm(
                spoken(phrase("Look again?")), default=True, err=True
            ):
                raise StateConflictError(phrase("What failed has to be mended first. Nothing was changed."))
            subject = _subject(site)
    served = {"program": lambda subject: runnable(subject, site.customer.layout.trees), "port": port}
    for wrong in failed(examine(served, subject)):  # that nobody listens there yet is as it should be
        raise StateConflictError(together(wrong.said, wrong.remedy, phrase("Nothing was changed.")))
    warned = [finding for finding in findings if finding.state == "warning"]
    if warned:
        _tell_all(warned)


def ask_for_proxy(findings: Sequence[Finding], url: str) -> bool:
    """Ask for a proxy where the way to an address is what failed, and tell whether one was named.

    It is in this command's environment from then on, in that of the program that it gives way to, and so the service's.
    """
    if _WAY_OUT.isdisjoint(finding.check for finding in failed(findings)):
        return False
    asked = phrase("If only a proxy leads out, its address, as http://NAME:PASSWORD@HOST:PORT; else just Enter")
    said: str = click.prompt(spoken(asked), default="", show_default=False, err=True)
    if not said:
        return False
    name = f"{urlsplit(url).scheme}_proxy"
    os.environ.pop(name, None)  # which would count before the other
    os.environ[name.upper()] = said
    return True


def ask_for_code(yes: bool) -> str:
    """Ask for the activation code until it is typed right. Raises click.UsageError: there is nobody to ask."""
    if yes or not is_at_terminal():
        raise click.UsageError(phrase("This server has no licence yet: give the activation CODE."))
    while True:
        code: str = click.prompt(spoken(phrase("Activation code")), err=True)
        try:
            read_code(code)
        except InvalidInputError as refusal:
            tell(of(refusal))
        else:
            return code


def ask_to_go_on(steps: Sequence[str]) -> None:
    """Say what will be done, and ask whether to; nobody is asked where nobody is at a terminal."""
    if is_at_terminal():
        tell(phrase("This will be done:"))
        for step in steps:
            tell(row("  {step}", step=phrase(step)))
        click.confirm(spoken(phrase("Go on?")), default=True, abort=True, err=True)


def _tell_all(findings: Sequence[Finding]) -> None:
    for line in as_text(findings):
        tell(line)


def _subject(site: Site) -> Subject:
    customer = site.customer
    return subject_of(customer.agent(), customer.vendor.server, customer.vendor.root)


def tell_step(step: str) -> None:
    """Say which step begins; ``step`` is a template of a sentence."""
    tell(row("- {step}", step=phrase(step)))


def is_at_terminal() -> bool:
    """Tell whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()
