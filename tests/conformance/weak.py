"""Verifiers with one deliberate weakness each, which the cases must find."""

import base64
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from keys.documents.requests import VALIDATION
from keys.pinned import KINDS
from tests.conformance.ours import ours
from tests.conformance.run import Ended

_TYPE, _FILE = 2, 3


def takes_none(arguments: Sequence[str]) -> Ended:
    """Believes an unsecured document."""
    if arguments[0] == "verify":
        head, _, rest = Path(arguments[_FILE]).read_bytes().partition(b".")
        try:
            if json.loads(_decoded(head))["alg"] == "none":
                return Ended(0, _decoded(rest.partition(b".")[0]).decode())
        except (ValueError, KeyError, TypeError):
            return ours(arguments)
    return ours(arguments)


def ignores_types(arguments: Sequence[str]) -> Ended:
    """Takes a good document of any type for the one expected."""
    first = ours(arguments)
    if arguments[0] != "verify" or first.exit == 0:
        return first
    others = (ours([*arguments[:_TYPE], kind, *arguments[_FILE:]]) for kind in KINDS)
    return next((ended for ended in others if ended.exit == 0), first)


def takes_any_version(arguments: Sequence[str]) -> Ended:
    """Takes a trust document of any version if enough roots signed it."""
    first = ours(arguments)
    if arguments[0] == "update" and "does not follow" in first.stderr:
        shutil.copy(arguments[_TYPE], arguments[1])
        return Ended(0)
    return first


def looks_at_no_proof(arguments: Sequence[str]) -> Ended:
    """Checks the signature under a request, and never opens the ``next_key`` in it."""
    first = ours(arguments)
    if arguments[0] != "verify" or arguments[_TYPE] != VALIDATION or first.exit == 0:
        return first
    claims = _decoded(Path(arguments[_FILE]).read_bytes().split(b".")[1])
    is_signed = "next_key" in json.loads(claims) and "device key" in first.stderr
    return Ended(0, claims.decode()) if is_signed else first


def takes_proofs_of_other_requests(arguments: Sequence[str]) -> Ended:
    """Opens a proof, and does not ask what it was made for."""
    return _forgiving(arguments, "belongs to another request")


def moves_anywhere(arguments: Sequence[str]) -> Ended:
    """Lets a key move out of a TPM, or into itself."""
    return _forgiving(arguments, "must be a P-256 key", "is the one that signed")


def binds_to_any_key(arguments: Sequence[str]) -> Ended:
    """Takes the answer to a request, whatever key it is bound to."""
    return _forgiving(arguments, "is the answer to another request")


def _forgiving(arguments: Sequence[str], *sentences: str) -> Ended:
    """Accept what is refused with one of these sentences."""
    first = ours(arguments)
    if arguments[0] != "verify" or not any(sentence in first.stderr for sentence in sentences):
        return first
    return Ended(0, _decoded(Path(arguments[_FILE]).read_bytes().split(b".")[1]).decode())


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"==")
