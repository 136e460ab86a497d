"""A package as a program: a shell script that unpacks what follows it, has it check itself, and installs it."""

from pathlib import Path

from licence_server.services.ports_bundle import Release

_SCRIPT = Path(__file__).with_name("carrier.sh")
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
    script = _SCRIPT.read_text(encoding="utf-8")
    for word, value in words.items():
        script = script.replace(f"@{word}@", value)
    return script.encode()
