"""Where certificates are printed. The library that makes PDFs is loaded for the first one: few processes make any."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from keys.errors import UnavailableError
from licence_server.domain.certificate import Certificate, Language

_RETRY_AFTER = 3_600


@dataclass(frozen=True, slots=True)
class PdfPrinter:
    """Prints with two fonts, regular and bold."""

    fonts: tuple[Path, Path]

    def print(self, certificate: Certificate, language: Language) -> bytes:
        """See Printer."""
        missing = [path.name for path in self.fonts if not path.is_file()]
        if missing:
            said = f"Certificates can't be printed: {', '.join(missing)} are missing on the licence server."
            raise UnavailableError(f"{said} See licence-server doctor.", _RETRY_AFTER)
        page = importlib.import_module("licence_server.certificates.page")
        return cast("bytes", page.pdf_of(certificate, language, *self.fonts))
