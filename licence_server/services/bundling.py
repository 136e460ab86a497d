"""Use case: the installation package that an installer carries to the customer's server."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from keys.bundled import ROOT, SEAL, SUMS, seal_line, write_sums
from keys.documents.bundle import Bundle, Covered
from licence_server.services.ports_bundle import Form, Packer, Release, Shelf
from licence_server.services.ports_desk import Desk

VENDOR = "vendor.json"
"""Where the agent looks for the server's address and the pinned root."""
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Package:
    """An installation package, sealed."""

    name: str
    """What its file is called."""
    content: bytes
    release: Release
    server: str
    """The address that the agent in it activates at."""

    @property
    def digest(self) -> str:
        """SHA-256 of the whole file, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundling:
    """Makes packages; changes nothing, so nothing is recorded.

    Of one release, one trust document and one address a package always has the same bytes, none of them secret.
    """

    desk: Desk
    shelf: Shelf
    packer: Packer
    server: str

    def release(self) -> Release:
        """Return what packages are made from now. Raises InvalidInputError: there is nothing, or it is damaged."""
        return self.shelf.release()

    @property
    def roots(self) -> Sequence[str]:
        """The ids of the roots that packages pin. Raises UnavailableError."""
        return [root.kid for root in self.desk.trust.roots]

    def package(self, form: Form, shelf: Shelf | None = None) -> Package:
        """Make a package.

        Args:
            form: which kind.
            shelf: where the agent's files come from; None: from where the settings say.

        Raises:
            InvalidInputError: there are no files of the agent, or they are damaged.
            UnavailableError: the keys can't be used.
        """
        release = (shelf or self.shelf).release()
        vendor = json.dumps({"server": self.server, "root": ROOT}, indent=2).encode() + b"\n"
        files = {VENDOR: vendor, ROOT: self.desk.trust_document}
        added = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        sums = write_sums({**release.digests, **added})
        files |= {SUMS: sums, SEAL: self._seal(release, "tree", hashlib.sha256(sums).hexdigest())}
        size = len(seal_line(self._seal(release, "file", _NO_DIGEST)))
        body = self.packer.pack(release, form, files, size)
        seal = self._seal(release, "file", hashlib.sha256(body).hexdigest())
        return Package(self.packer.name(release, form), body + seal_line(seal), release, self.server)

    def _seal(self, release: Release, covers: Covered, digest: str) -> bytes:
        """Sign as of the trust document, or of the key where that is younger: not as of now, for the bytes' sake."""
        trust, signer = self.desk.trust, self.desk.signer
        issued_at = max(trust.issued_at, trust.signing_key(signer.key.kid).from_at)
        return Bundle(trust.issuer, issued_at, release.version, release.platform, covers, digest).sign(signer)
