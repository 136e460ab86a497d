"""What people and scripts are told of a trust document."""

import json
from pathlib import Path

from keys.jws import Claims
from keys.trust import Envelope, Trust


def summary(envelope: Envelope, trust: Trust, before: Trust | None = None) -> dict[str, object]:
    """Return the facts of a trust document: its version, its keys, and who still has to sign.

    Args:
        envelope: the document with its signatures.
        trust: what it says.
        before: the document in force, whose roots must sign too.
    """
    rings = (trust,) if before is None else (trust, before)
    return {
        "issuer": trust.issuer,
        "version": trust.version,
        "expires_at": trust.expires_at,
        "threshold": trust.threshold,
        "signed_by": sorted(frozenset().union(*(envelope.signers(ring.roots) for ring in rings))),
        "enough": all(len(envelope.signers(ring.roots)) >= ring.threshold for ring in rings),
        "signing": [{"kid": entry.key.kid, "status": entry.status} for entry in trust.signing],
    }


def describe(envelope: Envelope, trust: Trust, before: Trust | None = None) -> str:
    """Say the same for people."""
    signed = len(envelope.signers(trust.roots))
    lines = [
        f"Trust document of {trust.issuer}, version {trust.version}.",
        f"Signed by {signed} of its {len(trust.roots)} roots; {trust.threshold} must.",
    ]
    if before is not None:
        present = len(envelope.signers(before.roots))
        lines.append(f"Signed by {present} of the {len(before.roots)} roots in force; {before.threshold} must.")
    lines += [f"Signing key {entry.key.kid}: {entry.status}" for entry in trust.signing]
    return "\n".join(lines)


def claims_text(claims: Claims) -> str:
    """Lay claims out for people."""
    return json.dumps(claims, ensure_ascii=False, indent=2)


def installed(trust: Trust, proposal: Path | None) -> str:
    """Say what became of a ceremony, and what is to do next."""
    if proposal is None:
        return (
            f"Version {trust.version} is in force. A running server signs by it from its next answer on; "
            "agents take it within a day, or at once where they meet the new key."
        )
    return (
        f"Version {trust.version} waits in {proposal} for more roots: each runs `licence-keys root sign {proposal} "
        f"--key FILE`, then `licence-keys trust install {proposal}` puts it in force."
    )
