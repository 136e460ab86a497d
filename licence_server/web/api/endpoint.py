"""What an endpoint of the operators' API is: said once, for whoever serves it, documents it and tests it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from keys.errors import ChangedMeanwhileError, LicensingError
from licence_server.domain.rights import Actor, Right
from licence_server.domain.version import Versions

Given = TypeVar("Given", bound=BaseModel)


class Body(BaseModel):
    """What comes in: strict types, and no member that is not known."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", str_max_length=2_000)


class Query(BaseModel):
    """What stands behind the question mark: texts, read as what they should be."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=200)


class Answer(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


class Nothing(Query):
    """Nothing may be said."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Given]):
    """A request that was let in and read."""

    actor: Actor
    path: Mapping[str, str]
    given: Given
    file: bytes = b""
    """The body, where that is a file."""
    versions: Versions = None
    """Of the thing, that a change may be made from (``If-Match``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one address.

    ``given`` is the body of what changes something, and the query of what only looks, or takes a file.
    """

    method: Literal["GET", "POST", "PATCH"]
    path: str
    """Below ``/api/v1``, with ``<names>`` of ids."""
    name: str
    summary: str
    right: Right
    given: type[BaseModel] = Nothing
    answer: type[BaseModel]
    status: HTTPStatus = HTTPStatus.OK
    files: tuple[str, ...] = ()
    """Media types of the file that is the body; empty: the body is JSON."""
    streams: str = ""
    """Media type of an answer that is a file, sent while it is read; empty: the answer is JSON."""
    refusals: tuple[type[LicensingError], ...] = ()
    """Beside those that every endpoint has."""
    work: Callable[[Call[Any]], Any]
    """Returns an ``answer``, or the parts of a file where the endpoint ``streams``."""

    @property
    def takes_versions(self) -> bool:
        """Whether ``If-Match`` may say what the change was made from."""
        return ChangedMeanwhileError in self.refusals

    @property
    def changes_something(self) -> bool:
        """Whether it does more than look."""
        return self.method != "GET"

    @property
    def takes_query(self) -> bool:
        """Whether ``given`` stands behind the question mark."""
        return bool(self.files) or not self.changes_something
