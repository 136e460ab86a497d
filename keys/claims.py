"""Reading claims at the door: every value is checked for type and size once, and trusted inside."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, get_args

from keys.errors import MalformedError
from keys.jws import LARGEST, Claims
from keys.sentences import phrase

LONGEST_TEXT = 1024
LONGEST_LIST = 256
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_NETWORK = re.compile(r"[0-9A-Fa-f.:]+/(0|[1-9][0-9]{0,2})")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_MISSING = object()


class Reader:
    """Reads the members of one JSON object. Every method raises MalformedError that names the claim."""

    def __init__(self, claims: Claims, place: str = "") -> None:
        self._claims, self._place = claims, place

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """Return a text of 0 to ``longest`` characters."""
        value = self._get(name)
        if not isinstance(value, str) or len(value) > longest:
            self._refuse(name, phrase("must be text of at most {longest} characters", longest=longest))
        return value

    def ident(self, name: str) -> str:
        """Return an opaque id, thumbprint or nonce: 1 to 128 base64url characters."""
        value = self.text(name, 128)
        if not _ID.fullmatch(value):
            self._refuse(name, phrase("must be an identifier"))
        return value

    def word(self, name: str) -> str:
        """Return a fixed word: lower case, digits, ``_ . -``."""
        value = self.text(name, 64)
        if not _WORD.fullmatch(value):
            self._refuse(name, phrase("must be a word in lower case"))
        return value

    def one_of(self, name: str, allowed: Any) -> Any:  # noqa: ANN401 - typing has no name for a Literal type
        """Return one of the words of a Literal type."""
        value = self._get(name)
        for word in get_args(allowed):
            if value == word:
                return word
        return self._refuse(name, phrase("must be one of {allowed}", allowed=", ".join(get_args(allowed))))

    def whole(self, name: str, least: int = 0) -> int:
        """Return a whole number that JSON carries exactly; true and 1.0 are none."""
        value = self._get(name)
        if type(value) is not int or value < least:
            self._refuse(name, phrase("must be a whole number from {least}", least=least))
        return value

    def number(self, name: str) -> float:
        """Return a number from 0 to 2**53, whole or not; true is none."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
            self._refuse(name, phrase("must be a number from 0"))
        return value

    def maybe_whole(self, name: str, least: int = 0) -> int | None:
        """Return a whole number, or None where the claim is null."""
        return None if self._get(name) is None else self.whole(name, least)

    def maybe_word(self, name: str) -> str | None:
        """Return a fixed word, or None where the claim is null."""
        return None if self._get(name) is None else self.word(name)

    def has(self, name: str) -> bool:
        """Tell whether the claim is there at all."""
        return name in self._claims

    def inner(self, name: str) -> "Reader":
        """Return a reader of the object in a claim."""
        value = self._get(name)
        if not isinstance(value, dict):
            self._refuse(name, phrase("must be an object"))
        return Reader(value, f"{self._place}{name}.")

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of fixed words."""
        found = self._list(name)
        if not all(isinstance(value, str) and _WORD.fullmatch(value) for value in found):
            self._refuse(name, phrase("must be a list of words in lower case"))
        return tuple(str(value) for value in found)

    def idents(self, name: str, most: int) -> tuple[str, ...]:
        """Return a list of 1 to ``most`` different identifiers."""
        found = self._list(name, most)
        if not found or not all(isinstance(value, str) and _ID.fullmatch(value) for value in found):
            self._refuse(name, phrase("must be a list of identifiers"))
        if len(set(found)) != len(found):
            self._refuse(name, phrase("names something twice"))
        return tuple(str(value) for value in found)

    def objects(self, name: str, most: int = LONGEST_LIST) -> Iterator["Reader"]:
        """Yield a reader for each object in a list of at most ``most``."""
        for index, value in enumerate(self._list(name, most)):
            if not isinstance(value, dict):
                self._refuse(name, phrase("must be a list of objects"))
            yield Reader(value, f"{self._place}{name}[{index}].")

    def networks(self, name: str) -> tuple[str, ...]:
        """Return a list of networks in CIDR notation."""
        found = [str(value) for value in self._list(name) if isinstance(value, str) and _NETWORK.fullmatch(value)]
        try:
            networks = tuple(str(ipaddress.ip_network(value)) for value in found)
        except ValueError:
            networks = ()
        if len(networks) != len(self._list(name)):
            self._refuse(name, phrase("must be a list of networks such as 10.0.0.0/8"))
        return networks

    def digests(self, name: str) -> Mapping[str, str]:
        """Return component names with their digests; at most 32."""
        value = self._get(name)
        if not isinstance(value, dict) or len(value) > 32:
            self._refuse(name, phrase("must be an object of at most 32 components"))
        for component, digest in value.items():
            if not _WORD.fullmatch(component) or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
                self._refuse(name, phrase("must have a digest of 43 base64url characters for each component"))
        return dict(value)

    def everything(self) -> dict[str, object]:
        """Return the whole object as it is, for a reader of its own."""
        return dict(self._claims)

    def raw(self, name: str) -> object:
        """Return a claim as it is, for a reader of its own."""
        return self._get(name)

    def _get(self, name: str) -> object:
        value = self._claims.get(name, _MISSING)
        if value is _MISSING:
            self._refuse(name, phrase("is missing"))
        return value

    def _list(self, name: str, most: int = LONGEST_LIST) -> list[object]:
        value = self._get(name)
        if not isinstance(value, list) or len(value) > most:
            self._refuse(name, phrase("must be a list of at most {most}", most=most))
        return value

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise MalformedError(phrase("The claim {place}{name} {why}.", place=self._place, name=name, why=why))
