"""Where a device key lives, and what that is worth."""

from keys.documents.requests import KeyPlace
from keys.sentences import Sentence, phrase

FILE = ""
"""The maker of what is no TPM."""
_VIRTUAL = frozenset({"AMZN", "GOOG", "IBM", "MSFT", "QEMU", "VMW", "XEN"})
"""Makers of TPMs that are programs: swtpm says IBM, Hyper-V and Azure say MSFT."""
_PHYSICAL = frozenset({"none", "container"})
"""What a machine may run in and still see the hardware's own TPM."""


def place_of(maker: str, virtualisation: str) -> KeyPlace:
    """Return where a key lives.

    Args:
        maker: of the TPM that it lives in; FILE: it is in a file.
        virtualisation: what the machine runs in, as Host has it.
    """
    if maker == FILE:
        return "file"
    return "vtpm" if maker in _VIRTUAL or virtualisation not in _PHYSICAL else "tpm"


def described(place: KeyPlace, maker: str) -> Sentence:
    """Say for people where a key lives, and what a copy of this machine would take along."""
    if place == "file":
        return phrase("in a file, which a copy of the disk takes along")
    if place == "tpm":
        return phrase("in the TPM of this machine ({maker}), which no copy takes along", maker=maker)
    return phrase(
        "in a virtual TPM ({maker}): a copy of the disk lacks it, but whoever clones the virtual machine may clone it",
        maker=maker,
    )
