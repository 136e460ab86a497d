"""This machine, as the agent's use cases see it; or a file that stands in for its components in tests."""

import platform
import socket
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from agent.domain.components import Sighting
from agent.domain.keyplace import place_of
from agent.domain.time import Boot
from agent.hardware.reading import Reader, Reading, read_all
from keys.clock import Clock
from keys.documents.requests import Host
from keys.errors import InvalidInputError, LicensingError
from keys.fingerprint import COMPONENTS, digests
from keys.jws import from_json
from keys.sentences import phrase

if sys.platform == "win32":
    from agent.hardware.windows import LocalMachine, WindowsReaders
else:
    from agent.hardware.linux import LinuxReaders


class Readers(Protocol):
    """What an operating system lets us read."""

    def all(self) -> Mapping[str, Reader]:
        """Return the readers by the component's name."""
        ...

    def boot_id(self) -> str:
        """Return the id of this boot."""
        ...

    def virtualisation(self) -> str:
        """Guess what the machine runs in."""
        ...


class ThisMachine:
    """See agent.services.ports.Machine."""

    def __init__(
        self, readers: Readers, clock: Clock, stand_in: Path | None = None, endorsement: Reader = lambda: None
    ) -> None:
        """Look at the machine through ``readers``.

        Args:
            readers: the operating system's.
            clock: for the boot clock.
            stand_in: a file of components to use instead.
            endorsement: reads the TPM's, where a device key lives in one.
        """
        self._readers, self._clock, self._stand_in, self._endorsement = readers, clock, stand_in, endorsement
        self._boot_id = readers.boot_id()

    @property
    def stand_in(self) -> bool:
        """See Machine."""
        return self._stand_in is not None

    def read(self) -> Reading:
        """Read the components' raw values, which stay on this machine."""
        found = read_all(self._readers.all()) if self._stand_in is None else read_stand_in(self._stand_in)
        own = read_all({"tpm_ek": self._endorsement})
        return Reading({**found.values, **own.values}, {**found.unreadable, **own.unreadable})

    def sight(self, issuer: str) -> Sighting:
        """See Machine."""
        reading = self.read()
        return Sighting(digests(reading.values, issuer), tuple(reading.unreadable))

    def boot(self) -> Boot:
        """See Machine."""
        return Boot(self._boot_id, self._clock.boot())

    @property
    def virtualisation(self) -> str:
        """What the machine runs in: ``none``, or a name."""
        return self._readers.virtualisation()

    def host(self, maker: str) -> Host:
        """See Machine."""
        system = f"{platform.system()} {platform.release()}"
        virtualisation = self.virtualisation
        place = place_of(maker, virtualisation)
        return Host(socket.gethostname()[:255], system[:255], agent_version(), virtualisation, place)


def this_machine(clock: Clock, stand_in: Path | None, endorsement: Reader = lambda: None) -> ThisMachine:
    """Return the machine that this process runs on; see ThisMachine."""
    if sys.platform == "win32":
        return ThisMachine(WindowsReaders(LocalMachine()), clock, stand_in, endorsement)
    return ThisMachine(LinuxReaders(), clock, stand_in, endorsement)


def read_stand_in(path: Path) -> Reading:
    """Read a JSON file of components: name to value; null stands for one that can't be read just now.

    Raises InvalidInputError: it is no such file.
    """
    try:
        content = from_json(path.read_bytes())
    except (OSError, LicensingError) as error:
        raise InvalidInputError(
            phrase("LICENCE_AGENT_HARDWARE: {path} is no JSON file of components ({error})", path=path, error=error)
        ) from error
    strange = [name for name, value in content.items() if name not in COMPONENTS or not isinstance(value, str | None)]
    if strange:
        raise InvalidInputError(
            phrase(
                "LICENCE_AGENT_HARDWARE: {path} must name components ({components}) with text or null each; not "
                "{strange}.",
                path=path,
                components=", ".join(COMPONENTS),
                strange=", ".join(strange),
            )
        )
    values = {name: value.strip() for name, value in content.items() if isinstance(value, str) and value.strip()}
    return Reading(values, {name: "null in the file" for name, value in content.items() if value is None})


def agent_version() -> str:
    """Return this program's version."""
    try:
        return version("onpremise-licensing")
    except PackageNotFoundError:
        return "unknown"
