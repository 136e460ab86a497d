"""Three verifiers with one deliberate weakness each, which the cases must find."""

import base64
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

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


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"==")
