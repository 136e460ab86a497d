"""A package as a program: a shell script that unpacks what follows it, has it check itself, and installs it."""

from licence_server.bundles.scripts import script
from licence_server.services.ports_bundle import Release

_WIDTH = 12
"""Digits of numbers in the script, so that its length does not depend on them."""


def runnable(release: Release, payload: bytes, issuer: str) -> bytes:
    """Return the program, up to its seal.

    Args:
        release: what is inside.
        payload: the gzipped archive.
        issuer: whose package it is.
    """
    system, _, machine = release.platform.partition("-")
    words = {
        "version": release.version,
        "issuer": issuer,
        "platform": release.platform,
        "glibc": release.glibc,
        "system": f"{system.capitalize()}-{machine}",
        "size": str(len(payload)),
        "from": "0" * _WIDTH,
    }
    start = len(_filled(words)) + 1
    return _filled({**words, "from": f"{start:>0{_WIDTH}}"}) + payload + b"\n"


def _filled(words: dict[str, str]) -> bytes:
    text = script("carrier.sh")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text.encode()
