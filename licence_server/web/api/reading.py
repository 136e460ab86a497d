"""What comes in, read at the door: bodies and queries of the operators' API."""

from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError

from keys.errors import InvalidInputError, MalformedError, MediaTypeError
from keys.jws import from_json
from licence_server.domain.identity import is_one_line
from licence_server.domain.sheets import LARGEST_FILE
from licence_server.domain.version import Versions
from licence_server.web.api.endpoint import Endpoint

MEDIA_TYPE = "application/json"
_MOST_TOLD = 5


def read(endpoint: Endpoint) -> BaseModel:
    """Return what a request says.

    Raises:
        MediaTypeError: the body is no JSON by its type.
        MalformedError: it is no JSON object, or has a name twice.
        InvalidInputError: a member is unknown, missing or of another kind; the sentence names it, never its value.
    """
    try:
        return _query(endpoint) if endpoint.takes_query else endpoint.given.model_validate(_body())
    except ValidationError as error:
        raise InvalidInputError(f"{'; '.join(_sentences(error))}.") from None


def read_file(endpoint: Endpoint) -> bytes:
    """Return the file that a request brings; nothing where it brings none.

    Raises:
        MediaTypeError: it is of another type than the endpoint takes.
        RequestEntityTooLarge: it has more bytes than a file may have.
    """
    if not endpoint.files:
        return b""
    if request.mimetype not in endpoint.files:
        raise MediaTypeError(f"The body must be {' or '.join(endpoint.files)}.")
    request.max_content_length = LARGEST_FILE
    return request.get_data(cache=False)


def read_versions(endpoint: Endpoint) -> Versions:
    """Return from which versions of the thing a change may be made, as ``If-Match`` says; None: from any.

    Raises InvalidInputError: the address does not look at versions, so the change might overwrite another one.
    """
    if "If-Match" not in request.headers or not endpoint.changes_something:
        return None
    if not endpoint.takes_versions:
        raise InvalidInputError("This address does not look at If-Match: leave it out.")
    wanted = request.if_match
    return None if wanted.star_tag else {(tag or "").partition(".")[0] for tag in wanted.as_set()}


def _query(endpoint: Endpoint) -> BaseModel:
    said = request.args.to_dict(flat=False)
    twice = sorted(name for name, values in said.items() if len(values) > 1)
    if twice:
        raise InvalidInputError(f"{twice[0][:64]!r} is said twice.")
    strange = sorted(name for name, values in said.items() if not is_one_line(values[0]))
    if strange:  # PostgreSQL could not even be asked about a NUL
        raise InvalidInputError(f"{strange[0][:64]!r} has control characters in it.")
    return endpoint.given.model_validate_strings({name: values[0] for name, values in said.items()})


def _body() -> dict[str, Any]:
    content = request.get_data(cache=False)
    if request.args:
        raise InvalidInputError("This address takes nothing behind a question mark.")
    if not content:
        return {}
    if request.mimetype != MEDIA_TYPE:
        raise MediaTypeError(f"The body must be {MEDIA_TYPE}.")
    try:
        return dict(from_json(content))
    except MalformedError:
        raise MalformedError("The body must be one JSON object in UTF-8, with no name twice.") from None


def _sentences(error: ValidationError) -> list[str]:
    found = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_TOLD]:
        place = ".".join(str(part)[:64] for part in problem["loc"]) or "the body"
        said = problem["msg"][:1].lower() + problem["msg"][1:]
        found.append(f"{place}: {'there is no such member' if problem['type'] == 'extra_forbidden' else said}")
    return found
