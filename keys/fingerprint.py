"""What makes a server recognisable: named components, sent as digests, compared by weight (protocol, section 5)."""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keys.sentences import phrase, together

Digests = Mapping[str, str]
"""Component name to digest."""


@dataclass(frozen=True, slots=True)
class Component:
    """One trait of the hardware."""

    weight: int
    strong: bool = False
    """Alone enough to tell one machine from another of the same make."""


COMPONENTS: Mapping[str, Component] = {
    "tpm_ek": Component(40, strong=True),
    "product_uuid": Component(30, strong=True),
    "machine_id": Component(25, strong=True),
    "board_serial": Component(15),
    "disk_serial": Component(15),
    "mac": Component(10),
    "cpu": Component(5),
}
ENOUGH_TO_ACTIVATE = 40
DEFAULT_THRESHOLD = 60
"""Percent of the enrolled weight that has to fit, unless the vendor set another."""

_FILLERS = frozenset(
    {
        "to be filled by o.e.m.",
        "to be filled by o.e.m",
        "default string",
        "system serial number",
        "system uuid",
        "base board serial number",
        "chassis serial number",
        "serial number",
        "not specified",
        "not applicable",
        "not available",
        "not present",
        "no asset tag",
        "none",
        "null",
        "n/a",
        "na",
        "unknown",
        "invalid",
        "oem",
        "o.e.m.",
        "empty",
        "xxxxxxxxxx",
        "0123456789",
        "123456789",
        "1234567890",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """How the components seen now compare with the enrolled ones."""

    equal: tuple[str, ...]
    changed: tuple[str, ...]
    """Enrolled and seen, with another value."""
    missing: tuple[str, ...]
    """Enrolled, but not seen now."""
    added: tuple[str, ...]
    """Seen now, but not enrolled."""
    percent: int
    """Weight of the equal components in 100 of the enrolled weight, rounded down."""
    threshold: int

    @property
    def fits(self) -> bool:
        """Tell whether it is the same machine: enough weight, and a strong component among it."""
        return self.percent >= self.threshold and any(COMPONENTS[name].strong for name in self.equal)

    @property
    def drifted(self) -> bool:
        """Tell whether it is the same machine with something exchanged, gone or added."""
        return self.fits and bool(self.changed or self.missing or self.added)

    def describe(self) -> str:
        """Say for people, by name, what fits and what does not."""
        parts = (
            (phrase("the same"), self.equal),
            (phrase("changed"), self.changed),
            (phrase("not found"), self.missing),
            (phrase("added"), self.added),
        )
        said = [together(word, ", ".join(names), by=": ") for word, names in parts if names]
        return phrase(
            "{percent} % of the enrolled weight fits; {threshold} % must ({parts})",
            percent=self.percent,
            threshold=self.threshold,
            parts=together(*said, by="; ") if said else phrase("nothing enrolled"),
        )


def is_filler(value: str) -> bool:
    """Tell whether firmware writes this where nobody filled it in: many machines share it, so it counts as absent."""
    text = " ".join(value.split()).casefold()
    bare = text.replace("-", "").replace(":", "").replace(" ", "").replace(".", "")
    return text in _FILLERS or len(set(bare)) <= 1


def digest(value: str, issuer: str) -> str:
    """Return HMAC-SHA-256 of a component's value keyed with the issuer's URL, base64url: 43 characters (T13).

    Values are compared trimmed, in NFC and without regard to case, as tools print serial numbers in either.
    """
    text = unicodedata.normalize("NFC", value.strip()).casefold()
    return urlsafe_b64encode(hmac.digest(issuer.encode(), text.encode(), hashlib.sha256)).rstrip(b"=").decode()


def digests(values: Mapping[str, str], issuer: str) -> dict[str, str]:
    """Return the digests of the known components that have a value of their own."""
    return {
        name: digest(values[name], issuer)
        for name in COMPONENTS
        if name in values and values[name].strip() and not is_filler(values[name])
    }


def weight(names: Iterable[str]) -> int:
    """Return the summed weight of components; unknown names weigh nothing."""
    return sum(COMPONENTS[name].weight for name in names if name in COMPONENTS)


def is_sufficient(components: Digests) -> bool:
    """Tell whether the components can bind a licence: weight 40 or more, with a strong one among them."""
    strong = any(COMPONENTS[name].strong for name in components if name in COMPONENTS)
    return strong and weight(components) >= ENOUGH_TO_ACTIVATE


def compare(enrolled: Digests, seen: Digests, threshold: int) -> Match:
    """Compare what is seen now with what was enrolled.

    Weights are counted over the enrolled components, so that leaving out the changed ones gains nothing.

    Args:
        enrolled: digests bound to the activation.
        seen: digests read now.
        threshold: percent of the enrolled weight that must be equal.
    """
    known = [name for name in COMPONENTS if name in enrolled]
    equal = tuple(
        name for name in known if name in seen and hmac.compare_digest(enrolled[name].encode(), seen[name].encode())
    )
    changed = tuple(name for name in known if name in seen and name not in equal)
    missing = tuple(name for name in known if name not in seen)
    added = tuple(name for name in COMPONENTS if name in seen and name not in enrolled)
    total = weight(known)
    return Match(equal, changed, missing, added, weight(equal) * 100 // total if total else 0, threshold)
