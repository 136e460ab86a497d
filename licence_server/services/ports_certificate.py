"""What certifying needs from the outside: somebody who prints."""

from typing import Protocol

from licence_server.domain.certificate import Certificate, Language


class Printer(Protocol):
    """Makes a page of a certificate."""

    def print(self, certificate: Certificate, language: Language) -> bytes:
        """Return a PDF, the same for the same certificate. Raises UnavailableError: its fonts are missing."""
