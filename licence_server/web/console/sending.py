"""What forms send, read with limits, and what comes after a form."""

from datetime import UTC, date, datetime
from datetime import time as daytime
from http import HTTPStatus

from flask import g, redirect, request
from werkzeug.wrappers import Response

from keys.errors import InvalidInputError, MalformedError
from licence_server.domain.finding import latin_digits
from licence_server.domain.paging import Place
from licence_server.domain.version import Versions
from licence_server.web.console.formats import read_day
from licence_server.web.console.language import gettext, marked
from licence_server.web.console.visitor import SAID

_MOST_DIGITS = 9


def text(name: str, most: int = 200) -> str:
    """Return a field's text, trimmed; empty where it was not sent. Raises MalformedError: it is too long."""
    found = request.values.get(name, "").replace("\0", "").strip()  # nobody types it, and PostgreSQL has none
    if len(found) > most:
        raise MalformedError(marked("A field of the form is longer than the form takes."))
    return found


def whole(name: str, label: str) -> int | None:
    """Return a field's number, None where nothing was typed. Raises InvalidInputError."""
    typed = latin_digits(text(name)).replace(",", "").replace("٬", "")
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > _MOST_DIGITS:
        raise InvalidInputError(gettext("%(field)s: type a number.") % {"field": label})
    return int(typed)


def end_of_day() -> int | None:
    """Return the end of the day that was typed; None: without end. Raises InvalidInputError."""
    found = typed_day("ends", gettext("Ends"))
    return None if found is None else int(datetime.combine(found, daytime.max, UTC).timestamp())


def typed_day(name: str, label: str) -> date | None:
    """Return a field's day, None where nothing was typed. Raises InvalidInputError."""
    typed = text(name)
    try:
        return read_day(typed, g.language) if typed else None
    except ValueError as error:
        said = gettext("%(field)s: type a day such as %(day)s.") % {"field": label, "day": gettext("2027-03-21")}
        raise InvalidInputError(said) from error


def after() -> Place | None:
    """Return where the page of a list begins. Raises InvalidInputError."""
    return Place.read(text("after")) if text("after") else None


def done(said: str, address: str) -> Response:
    """Go on to a page, which says once what was done."""
    response = redirect(address, HTTPStatus.SEE_OTHER)
    g.cookies.set_secret(response, SAID, said)
    return response


def versions() -> Versions:
    """Return which version of the thing the form was made from; None: the form does not say."""
    return {text("version")} if text("version") else None


def by() -> str:
    """Return who acts, for the record."""
    return str(g.signed_in.actor.by)
