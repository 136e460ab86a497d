"""An agent's files, as a vendor seals them."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from keys.bundled import ROOT, SEAL, SUMS, write_sums
from keys.documents.bundle import Bundle
from keys.signing import Signer
from keys.trust import Envelope, Trust
from tests.keys.samples import ISSUER, NOW, ROOT_1, ROOT_2, SIGNING, TRUST

SEALED = Bundle(ISSUER, NOW, "1.2.3", "linux-x86_64", "tree", "0" * 64)
FILES = {"bin/licence-agent": b"program", "bin/_internal/libz.so.1": b"library", "vendor.json": b"{}"}


def written(trust: Trust) -> bytes:
    return Envelope.of(trust).signed_by(ROOT_1).signed_by(ROOT_2).to_bytes()


def unpacked(folder: Path, trust: Trust = TRUST, signer: Signer = SIGNING, files: Mapping[str, bytes] = FILES) -> Path:
    """An agent's files, sealed."""
    files = {**files, ROOT: written(trust)}
    sums = write_sums({name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    seal = replace(SEALED, digest=hashlib.sha256(sums).hexdigest()).sign(signer)
    for name, content in {**files, SUMS: sums, SEAL: seal}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
