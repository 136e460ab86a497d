"""The next trust document: which keys it names after a beginning, a rotation, a revocation, a change of roots.

Nothing here signs or stores: the result counts once enough roots have signed it (``signed``), the old ones and the new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from keys.errors import InvalidInputError, NotFoundError, StateConflictError
from keys.signing import PublicKey, Signer
from keys.trust import LIFETIME, MOST_KEYS, Envelope, SigningKey, Trust

LEEWAY = 3_600
"""Seconds that a new key may sign from before its ceremony: the server's clock may be behind the ceremony's."""
OVERLAP = 86_400
"""Seconds that a retired key may still sign: a server that runs on does not notice the rotation at once."""


def first_trust(issuer: str, now: int, roots: Sequence[PublicKey], threshold: int, signing: PublicKey) -> Trust:
    """Return version 1 for an issuer.

    Args:
        issuer: the server's public URL, for ever the name that licences carry.
        now: moment of the ceremony.
        roots: who vouches.
        threshold: how many of them must sign each version.
        signing: the key that signs licences from now on.

    Raises:
        InvalidInputError: not an address, a threshold that the roots can't reach, or a key with two tasks.
    """
    if not issuer.startswith(("https://", "http://")) or len(issuer) > 255 or set(issuer) & set(" \t\r\n\0"):
        raise InvalidInputError(f"{issuer!r} is no address that an issuer can have; one is https://licence.example.com")
    _check_roots(roots, threshold, [signing])
    active = SigningKey(signing, "active", now - LEEWAY, None)
    return Trust(issuer, 1, now, now + LIFETIME, tuple(roots), threshold, (active,))


def rotated(trust: Trust, new: PublicKey, now: int) -> Trust:
    """Return the next version with a new signing key; those that were active retire.

    Raises:
        StateConflictError: the document has the key already, or the clock is behind the document in hand.
    """
    _check_new(trust, new)
    retired = (_retired(entry, now) if entry.status == "active" else entry for entry in trust.signing)
    signing = (*retired, SigningKey(new, "active", now - LEEWAY, None))
    return _next(trust, now, signing=signing[-MOST_KEYS:])


def revoked(trust: Trust, kid: str, now: int, successor: PublicKey | None = None) -> Trust:
    """Return the next version in which a key's documents are worth nothing any more.

    Args:
        trust: the version in hand.
        kid: the key that is no longer ours alone.
        now: moment of the ceremony.
        successor: takes over in the same version; needed for the last active key. The other active keys go on.

    Raises:
        NotFoundError: the document has no such key.
        StateConflictError: it is revoked already, the successor is no new key, or nobody would be left to sign.
    """
    found = next((entry for entry in trust.signing if entry.key.kid == kid), None)
    if found is None:
        known = ", ".join(entry.key.kid for entry in trust.signing)
        raise NotFoundError(f"The trust document has no signing key {kid}; it has {known}.")
    if found.status == "revoked":
        raise StateConflictError(f"The key {kid} is revoked already.")
    signing = tuple(
        replace(entry, status="revoked", until_at=now) if entry is found else entry for entry in trust.signing
    )
    if successor is not None:
        _check_new(trust, successor)
        signing = (*signing, SigningKey(successor, "active", now - LEEWAY, None))[-MOST_KEYS:]
    if all(entry.status != "active" for entry in signing):
        raise StateConflictError(f"{kid} is the last key that signs; a new one must take over in the same step.")
    return _next(trust, now, signing=signing)


def renewed(trust: Trust, now: int, roots: Sequence[PublicKey] = (), threshold: int | None = None) -> Trust:
    """Return the next version with a new end and, where they are given, other roots or another threshold.

    Raises:
        InvalidInputError: a threshold that the roots can't reach, or a key with two tasks.
        StateConflictError: the clock is behind the document in hand.
    """
    roots = tuple(roots) or trust.roots
    threshold = trust.threshold if threshold is None else threshold
    _check_roots(roots, threshold, [entry.key for entry in trust.signing])
    return _next(replace(trust, roots=roots, threshold=threshold), now, signing=trust.signing)


def signed(trust: Trust, roots: Iterable[Signer]) -> bytes:
    """Return the document with the signatures of these roots; whether they are enough, its readers say."""
    envelope = Envelope.of(trust)
    for root in roots:
        envelope = envelope.signed_by(root)
    return envelope.to_bytes()


def _next(trust: Trust, now: int, signing: tuple[SigningKey, ...]) -> Trust:
    if now < trust.issued_at:
        raise StateConflictError("This machine's clock is behind the trust document in hand. Set the clock first.")
    return replace(trust, version=trust.version + 1, issued_at=now, expires_at=now + LIFETIME, signing=signing)


def _retired(entry: SigningKey, now: int) -> SigningKey:
    return replace(entry, status="retired", until_at=now + OVERLAP)


def _check_new(trust: Trust, new: PublicKey) -> None:
    if new.kid in {entry.key.kid for entry in trust.signing} | {root.kid for root in trust.roots}:
        raise StateConflictError(f"The key {new.kid} is in the trust document already; a new key is needed.")


def _check_roots(roots: Sequence[PublicKey], threshold: int, signing: Sequence[PublicKey]) -> None:
    kids = {root.kid for root in roots}
    if len(kids) != len(roots):
        raise InvalidInputError("The same root key was given twice.")
    if not 1 <= threshold <= len(roots) <= MOST_KEYS:
        raise InvalidInputError(
            f"{threshold} of {len(roots)} roots can't be: from 1 to {MOST_KEYS} roots, all reachable."
        )
    if kids & {key.kid for key in signing}:
        raise InvalidInputError("A root key signs only trust documents; take another key for licences.")
