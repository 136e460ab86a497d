"""The files of docs/tryton.md, as an integrator would copy them from there."""

import re

from tests.crm.installing import ROOT

DOCUMENT = ROOT / "docs" / "tryton.md"


def recipes(language: str) -> list[str]:
    """Return all files in a language, in the order of the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
