"""docs/openapi/local-api.yaml, and what it says of a request and its answer; what it doesn't say is a fault."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi" / "local-api.yaml"
_HERE = "urn:document"
_EVERYWHERE = frozenset({"date", "content-type", "content-length", "cache-control", "connection", "server", "allow"})
"""Headers that need no word."""


def read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return found


def closed(schema: Any) -> Any:
    """A schema that forbids what it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: closed(inner) for name, inner in schema.items()}
    return shut | {"additionalProperties": False} if "properties" in shut and shut.get("type") == "object" else shut


@dataclass
class Contract:
    """The document, and which of its answers were seen."""

    document: dict[str, Any] = field(default_factory=read)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        whole = DRAFT202012.create_resource(closed(self.document))
        self._registry = Registry().with_resource(_HERE, whole)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Method, path and operation."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def operation(self, method: str, target: str) -> dict[str, Any]:
        path = target.partition("?")[0]
        places = [each for each in self.operations() if each[0] == method and _fits(each[1], path)]
        assert places, f"{method} {path} is not documented"
        return min(places, key=lambda place: "{" in place[1])[2]

    def answers(self) -> set[tuple[str, str]]:
        """Every documented answer, by operation and status."""
        return {(each["operationId"], status) for _, _, each in self.operations() for status in each["responses"]}

    def check_request(self, method: str, target: str, body: object, headers: Mapping[str, str]) -> None:
        """Hold a request that was taken against the document."""
        operation = self.operation(method, target)
        named = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
        assert {name.lower() for name in headers if name.startswith(("Licence-", "X-"))} <= named
        if body is not None:
            self._check(operation["requestBody"]["content"]["application/json"]["schema"], body)

    def check_answer(self, method: str, target: str, status: int, headers: HTTPMessage, content: bytes) -> None:
        """Hold an answer against the document: status, type, headers and every member."""
        operation = self.operation(method, target)
        name = str(status) if str(status) in operation["responses"] else "default"
        self.seen.add((operation["operationId"], name))
        response = self._resolved(operation["responses"][name])
        documented = {key.lower(): value for key, value in response.get("headers", {}).items()}
        told = {key.lower() for key in headers}
        assert told <= documented.keys() | _EVERYWHERE, f"headers: {told - documented.keys() - _EVERYWHERE}"
        missing = {key for key, header in documented.items() if header.get("required")} - told
        assert not missing, f"{operation['operationId']} {status} lacks {missing}"
        for key, header in documented.items():
            if key in told:
                self._check(header["schema"], headers[key])
        if "content" not in response:
            assert content == b""
            return
        media_type = str(headers["Content-Type"]).partition(";")[0]
        assert media_type in response["content"], f"{operation['operationId']} {status} is {media_type}"
        value = json.loads(content) if media_type.endswith("json") else content.decode()
        self._check(response["content"][media_type]["schema"], value)

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        found = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def _check(self, schema: dict[str, Any], value: object) -> None:
        anchored = json.loads(json.dumps(closed(schema)).replace('"#/', f'"{_HERE}#/'))
        Draft202012Validator(anchored, registry=self._registry).validate(value)


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(template)), path) is not None
