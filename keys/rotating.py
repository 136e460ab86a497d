"""Use case: bring a server's next trust document into force, or as far as the roots at hand allow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from keys.ceremony import revoked, rotated, signed
from keys.clock import Clock
from keys.errors import TrustRefusedError
from keys.keyfolder import KeyFolder
from keys.signing import PublicKey, Signer, SoftwareSigner
from keys.trust import Envelope, Trust, replace_trust


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a ceremony."""

    trust: Trust
    """The next version, in force or proposed."""
    envelope: Envelope
    proposal: Path | None
    """Where it waits for more signatures; None: it is in force."""


@dataclass(frozen=True, slots=True)
class Rotating:
    """Changes of a server's signing keys. One public method is one ceremony."""

    folder: KeyFolder
    clock: Clock
    carried: Sequence[Signer]
    """Root keys that are not in the home."""

    def rotate(self) -> Outcome:
        """Take a new signing key; those that sign now retire. Raises KeyUnsafeError, BusyError, NotFoundError."""
        return self._hold(lambda trust, new: (rotated(trust, new, self.clock.now()), True))

    def revoke(self, kid: str) -> Outcome:
        """Make a signing key's documents worthless; a new key takes over where it was the last that signs.

        Raises:
            NotFoundError, StateConflictError: no such key, or revoked already.
            KeyUnsafeError, BusyError: as rotate.
        """

        def decide(trust: Trust, new: PublicKey) -> tuple[Trust, bool]:
            is_last = {entry.key.kid for entry in trust.active} <= {kid}
            return revoked(trust, kid, self.clock.now(), new if is_last else None), is_last

        return self._hold(decide)

    def _hold(self, decide: Callable[[Trust, PublicKey], tuple[Trust, bool]]) -> Outcome:
        with self.folder.alone():
            before, new = self.folder.trust(), SoftwareSigner.generate()
            after, takes_new = decide(before, new.key)
            roots = [*self.folder.roots((*before.roots, *after.roots)), *self.carried]
            document = signed(after, roots)
            if takes_new:
                self.folder.add_signing_key(new)
            return self._bring(before, after, document)

    def _bring(self, before: Trust, after: Trust, document: bytes) -> Outcome:
        envelope = Envelope.from_bytes(document)
        try:
            replace_trust(before, document)
        except TrustRefusedError:
            self.folder.propose(document)
            return Outcome(after, envelope, self.folder.proposal)
        self.folder.install(document)
        return Outcome(after, envelope, None)
