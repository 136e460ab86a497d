"""What a printed certificate says: a licence as it is on one day, and nothing that opens anything."""

from dataclasses import dataclass
from typing import Literal, get_args

from licence_server.domain.licence import Licence, State

Language = Literal["fa", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A licence for people who file paper. There is no activation code in it."""

    issuer: str
    """The licence server's public URL."""
    licence: Licence
    state: State
    """With expiry counted in."""
    at: int
    """The beginning of the day that it is made on: two of one day are the same, byte for byte."""

    @property
    def address(self) -> str:
        """Where the vendor's people find the licence: what the picture on the certificate leads to."""
        return f"{self.issuer}/console/licences/{self.licence.id}"
