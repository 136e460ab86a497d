"""How the service gets out: the proxy and the authorities that the installer's environment named, kept for the service.

A file that root alone reads, since a proxy's address may have a password in it, which a unit would show to every user.
"""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.system.layout import Layout
from keys.disk import make_folder, remove, sweep_drafts, write_whole
from keys.errors import InvalidInputError
from keys.sentences import phrase

_BUNDLE = "REQUESTS_CA_BUNDLE"
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
"""Small letters do as well, and count before large ones."""
_SEEN_BY_SERVICE = (Path("/etc"), Path("/usr"))
"""What the service sees of the file system as everybody does; homes and /tmp it does not."""
_LARGEST = 4 << 20
_UNQUOTABLE = frozenset("'\\")


@dataclass(frozen=True, slots=True)
class Outbound:
    """What the service is told of proxies and authorities, and what the environment of whoever installs says."""

    layout: Layout
    environment: Mapping[str, str]

    @property
    def is_handed_on(self) -> bool:
        """Whether the service has what the environment names; what it does not name may be as it is."""
        has = read_variables(self._text())
        wanted = {name: self._place(value) if name == _BUNDLE else value for name, value in self._named().items()}
        is_same = all(has.get(name, "") == value for name, value in wanted.items())
        return is_same and (wanted.get(_BUNDLE) != str(self.layout.authorities) or self._is_copied())

    def hand_on(self) -> None:
        """Keep for the service what the environment names; an empty value takes back what was kept.

        Raises:
            InvalidInputError: a value that the file can't carry, or a file of authorities that is none.
            OSError: the file of authorities can't be read.
        """
        named = self._named()
        make_folder(self.layout.variables.parent, 0o755)
        sweep_drafts(self.layout.variables.parent)
        lines = [line for line in self._text().splitlines() if line.partition("=")[0].strip().upper() not in named]
        for name, value in named.items():
            if _UNQUOTABLE & set(value) or not value.isprintable():
                raise InvalidInputError(
                    phrase(
                        "{name} has a character that the service's file can't carry. Write it as a per cent code: %27 "
                        "for a quotation mark, %5C for a backslash.",
                        name=name,
                    )
                )
            said = self._keep_authorities(value) if name == _BUNDLE else value
            lines += [f"{name}='{said}'"] if said else []
        write_whole(self.layout.variables, "".join(f"{line}\n" for line in lines).encode())

    @property
    def is_there(self) -> bool:
        """Whether anything is kept."""
        return self.layout.variables.exists() or self.layout.authorities.exists()

    def remove(self) -> None:
        """Forget all of it."""
        for path in (self.layout.variables, self.layout.authorities):
            remove(path)

    def _named(self) -> dict[str, str]:
        """Return what the environment names, as the agent reads it; empty: it is named, and empty."""
        given = {name: [self.environment.get(each) for each in (name.lower(), name)] for name in _PROXIES}
        given[_BUNDLE] = [self.environment.get(name) for name in (_BUNDLE, "CURL_CA_BUNDLE")]
        said = {name: [value for value in values if value is not None] for name, values in given.items()}
        return {name: next(filter(None, values), "") for name, values in said.items() if values}

    def _place(self, bundle: str) -> str:
        """Return where the service finds a file of authorities: there, or at the copy that is made of it."""
        path = Path(bundle).absolute()
        if not bundle or path.is_dir() or any(path.is_relative_to(place) for place in _SEEN_BY_SERVICE):
            return bundle and str(path)
        return str(self.layout.authorities)

    def _keep_authorities(self, bundle: str) -> str:
        """Copy a file of authorities where the service can't see it, and return where the service finds it."""
        place, copy = self._place(bundle), self.layout.authorities
        if place == str(copy):
            write_whole(copy, _authorities(Path(bundle)), 0o644)
        else:
            remove(copy)
        return place

    def _is_copied(self) -> bool:
        with suppress(OSError):
            return self.layout.authorities.read_bytes() == _authorities(Path(self._named()[_BUNDLE]))
        return False

    def _text(self) -> str:
        with suppress(FileNotFoundError):
            return self.layout.variables.read_text(encoding="utf-8", errors="replace")
        return ""


def read_variables(text: str) -> dict[str, str]:
    """Return what such a file says, quoted as shells and systemd read it."""
    found = dict[str, str]()
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        with suppress(ValueError):
            if equals and not name.startswith(("#", ";")):
                found[name] = " ".join(shlex.split(value))
    return found


def _authorities(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_LARGEST)
    if b"-----BEGIN CERTIFICATE-----" not in content:
        raise InvalidInputError(
            phrase(
                "{path} has no certificate in it as PEM. Convert it: openssl x509 -inform DER -in {path} -out ca.pem",
                path=path,
            )
        )
    return content
