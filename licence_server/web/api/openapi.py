"""The operators' API as an OpenAPI 3.1 document, made of the table of its endpoints."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from keys.errors import (
    InvalidInputError,
    LicensingError,
    MalformedError,
    MediaTypeError,
    NotAllowedError,
    NotSignedInError,
    RateLimitedError,
    StateConflictError,
    TooLargeError,
    UnavailableError,
)
from keys.jws import to_json
from licence_server.web.api.endpoint import Endpoint
from licence_server.web.problems import MEDIA_TYPE as PROBLEM
from licence_server.web.problems import STATUS

_SCHEMAS = "#/components/schemas/{model}"
_ALWAYS = (NotSignedInError, NotAllowedError, RateLimitedError, UnavailableError, InvalidInputError)
_OF_BODIES = (MalformedError, MediaTypeError, TooLargeError, StateConflictError)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of the caller's; the same request with it is done once, and answered the same for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_VERSIONS = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` of the thing, or the `version` of it in any answer, in quotes: it is changed only if "
    "nobody has changed it since.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 2000},
}
_ABOUT = """What the console and the command line do, for programs. Moments are seconds since 1970-01-01 UTC, durations
seconds. What is refused is refused as RFC 9457 says, with a word in `type`. Lists come in pages: give `next` as
`after`. What only looks answers with an `ETag`; with it in `If-Match` a customer or a licence is changed
only if nobody has changed it since."""
_TOKEN = {"type": "http", "scheme": "bearer", "description": "licence-server token add"}


def document(endpoints: Sequence[Endpoint], version: str) -> bytes:
    """Return the document as JSON."""
    models = {model for endpoint in endpoints for model in (endpoint.given, endpoint.answer)}
    ways = [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)]
    _, schemas = models_json_schema(ways, ref_template=_SCHEMAS)  # type: ignore[arg-type]  # the way is one of two texts
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"<([a-z_]+)>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas["$defs"])
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Licence server: operators' API", "version": version, "description": _ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas["$defs"], "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "licence-server token add"}
            },
        },
    }
    return to_json(described)


def _operation(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Needs the right `{endpoint.right}`.",
        "parameters": [*_ids(endpoint), *_parameters(endpoint, schemas)],
        "responses": _responses(endpoint),
    }
    if endpoint.changes_something:
        found["requestBody"] = _request_body(endpoint, schemas)
    return found


def _request_body(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    if endpoint.files:
        content = {name: {"schema": {"type": "string", "format": "binary"}} for name in endpoint.files}
        return {"content": content, "required": True}
    content = {"application/json": {"schema": _reference(endpoint.given)}}
    return {"content": content, "required": bool(schemas[endpoint.given.__name__].get("required"))}


def _ids(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = re.findall(r"<([a-z_]+)>", endpoint.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _parameters(endpoint: Endpoint, schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    heads = [_KEY] if endpoint.changes_something else []
    if endpoint.takes_versions:
        heads.append(_VERSIONS)
    if not endpoint.takes_query:
        return heads
    schema = schemas[endpoint.given.__name__]
    required = schema.get("required", [])
    return heads + [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(member)}
        for name, member in schema.get("properties", {}).items()
    ]


def _without_null(member: dict[str, Any]) -> dict[str, Any]:
    """What is left out of a query is null; nobody can write it."""
    some = [each for each in member.get("anyOf", []) if each != {"type": "null"}]
    return some[0] if len(some) == 1 else member


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    good: dict[str, Any] = {"application/json": {"schema": _reference(endpoint.answer)}}
    if endpoint.streams:
        good = {endpoint.streams.partition(";")[0]: {"schema": {"type": "string"}}}
    found: dict[str, Any] = {str(int(endpoint.status)): {"description": endpoint.summary, "content": good}}
    if not (endpoint.changes_something or endpoint.streams):
        found["304"] = {"description": "As the caller has it by its `If-None-Match`"}
    refusals = {*_ALWAYS, *endpoint.refusals, *(_OF_BODIES if endpoint.changes_something else ())}
    by_status: dict[int, list[type[LicensingError]]] = {}
    for refusal in refusals:
        by_status.setdefault(int(STATUS[refusal]), []).append(refusal)
    for status, some in sorted(by_status.items()):
        words = ", ".join(f"`{each.word}`" for each in sorted(some, key=lambda each: each.word))
        found[str(status)] = {"description": words, "content": {PROBLEM: {"schema": _PROBLEM_REFERENCE}}}
    return found


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _SCHEMAS.format(model=model.__name__)}


_PROBLEM_REFERENCE = {"$ref": _SCHEMAS.format(model="Problem")}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "`urn:licence:problem:` and the word"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people"},
    },
}
