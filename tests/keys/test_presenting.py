"""What is told of a trust document, to scripts and to people."""

from pathlib import Path

from keys.ceremony import first_trust, renewed
from keys.presenting import claims_text, describe, installed, summary
from keys.trust import LIFETIME, Envelope
from tests.keys.samples import ISSUER, NOW, ROOT_1, ROOT_2, ROOT_3, SIGNING


def test_a_document_alone() -> None:
    trust = first_trust(ISSUER, NOW, (ROOT_1.key, ROOT_2.key), 2, SIGNING.key)
    envelope = Envelope.of(trust).signed_by(ROOT_1)
    facts = {
        "issuer": ISSUER,
        "version": 1,
        "expires_at": NOW + LIFETIME,
        "threshold": 2,
        "signed_by": [ROOT_1.key.kid],
        "enough": False,
        "signing": [{"kid": SIGNING.key.kid, "status": "active"}],
    }
    assert summary(envelope, trust) == facts
    both = envelope.signed_by(ROOT_2)
    assert summary(both, trust) == facts | {"signed_by": sorted([ROOT_1.key.kid, ROOT_2.key.kid]), "enough": True}
    assert describe(envelope, trust) == (
        f"Trust document of {ISSUER}, version 1.\n"
        "Signed by 1 of its 2 roots; 2 must.\n"
        f"Signing key {SIGNING.key.kid}: active"
    )


def test_a_document_that_follows_another_needs_the_roots_in_force_too() -> None:
    before = first_trust(ISSUER, NOW, (ROOT_1.key, ROOT_2.key), 2, SIGNING.key)
    after = renewed(before, NOW, (ROOT_3.key,), 1)
    envelope = Envelope.of(after).signed_by(ROOT_3).signed_by(ROOT_1)
    told = summary(envelope, after, before)
    assert told["signed_by"] == sorted([ROOT_1.key.kid, ROOT_3.key.kid])
    assert not told["enough"]
    assert summary(envelope.signed_by(ROOT_2), after, before)["enough"]
    assert describe(envelope, after, before).splitlines()[1:3] == [
        "Signed by 1 of its 1 roots; 1 must.",
        "Signed by 1 of the 2 roots in force; 2 must.",
    ]


def test_claims_are_laid_out_and_persian_stays_readable() -> None:
    assert claims_text({"name": "فولاد"}) == '{\n  "name": "فولاد"\n}'


def test_what_is_next_is_said() -> None:
    trust = first_trust(ISSUER, NOW, (ROOT_1.key,), 1, SIGNING.key)
    assert installed(trust, None) == (
        "Version 1 is in force. A running server signs by it from its next answer on; "
        "agents take it within a day, or at once where they meet the new key."
    )
    assert installed(trust, Path("p.json")) == (
        "Version 1 waits in p.json for more roots: each runs `licence-keys root sign p.json --key FILE`, then "
        "`licence-keys trust install p.json` puts it in force."
    )
