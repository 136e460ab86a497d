"""The trust document: thresholds, rollback, freeze, fast-forward, and what an envelope may look like."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator
from typing import Any

from tests.conformance.material import (
    BAD,
    CLAIMS,
    DAY,
    INIT,
    LICENCE,
    NEXT,
    NOW,
    OVER,
    ROOT_1,
    ROOT_2,
    ROOT_3,
    ROOT_4,
    SIGNING,
    STRANGER,
    TPM,
    TRUST,
    UNSIGNED,
    UNTRUSTED,
    Case,
    Step,
    as_json,
    envelope,
    forge,
    header,
    licence,
    pinned_case,
    row,
    signing,
    trust,
)

TUF = "TUF 1.0, section 5.3; protocol, section 3"
PIN = "protocol, section 3: pinning"
NEW = [signing(SIGNING, "retired", NOW - DAY, NOW + DAY), signing(NEXT)]
UNDER_NEXT = forge(header(LICENCE, NEXT), CLAIMS, NEXT)


def cases() -> Iterator[Case]:
    yield from pinning()
    yield from following()
    yield from new_roots()
    yield from freezing()


def follows(what: str, why: str, document: bytes, expect: str = "accepted", source: str = TUF, first: Step = INIT) -> Case:
    """A newer document is offered, and a licence under its new key shows whether it was taken."""
    return Case(what, why, source, [first, Step("update", document, expect)])


def pinning() -> Iterator[Case]:
    payload = as_json(TRUST)
    twice = envelope(payload, ROOT_1, ROOT_1)
    spelt = row(payload, ROOT_1, {"alg": "Ed25519", "kid": ROOT_1.kid})
    yield pinned_case("two-of-three", "As many of its own roots signed as it asks for.", trust())
    yield pinned_case("three-of-three", "More do no harm.", trust(ROOT_1, ROOT_2, ROOT_3))
    yield pinned_case("one-of-three", "One root of two that are needed.", trust(ROOT_1), UNTRUSTED)
    yield pinned_case("unsigned", "Nobody signed.", envelope(TRUST), UNTRUSTED)
    yield pinned_case("one-root-twice", "The same signature twice is one root.", twice, UNTRUSTED, TUF)
    yield pinned_case("one-root-twice-spelt-differently", "Two signatures of one root are one root.", envelope(payload, ROOT_1, spelt), UNTRUSTED, TUF)
    yield pinned_case("one-root-and-a-stranger", "A stranger's signature counts nothing.", trust(ROOT_1, STRANGER), UNTRUSTED)
    yield pinned_case("a-stranger-beside-two", "A stranger's signature does no harm either.", trust(STRANGER, ROOT_1, ROOT_2))
    yield pinned_case("one-root-and-its-signing-key", "A signing key vouches for nobody.", trust(ROOT_1, SIGNING), UNTRUSTED)
    for what, head, why in (
        ("none", {"alg": "none", "kid": ROOT_2.kid}, "An unsecured signature counts nothing."),
        ("hs256", {"alg": "HS256", "kid": ROOT_2.kid}, "The algorithm belongs to the key."),
        ("es256", {"alg": "ES256", "kid": ROOT_2.kid}, "The algorithm belongs to the key."),
        ("jwk", {"alg": "EdDSA", "kid": ROOT_2.kid, "jwk": ROOT_2.jwk}, "A signature with more in its header counts nothing."),
        ("crit", {"alg": "EdDSA", "kid": ROOT_2.kid, "crit": ["exp"]}, "An extension that must be understood is not."),
        ("b64", {"alg": "EdDSA", "kid": ROOT_2.kid, "b64": True, "crit": ["b64"]}, "An extension, even one that changes nothing."),
        ("kid-missing", {"alg": "EdDSA"}, "A signature that names no root counts nothing."),
        ("kid-number", {"alg": "EdDSA", "kid": 2}, "A signature that names no root counts nothing."),
    ):
        yield pinned_case(f"second-signature-{what}", why, envelope(payload, ROOT_1, row(payload, ROOT_2, head)), UNTRUSTED, "protocol, section 3")
    under_type = row(payload, ROOT_2, {"alg": "EdDSA", "kid": ROOT_2.kid, "typ": "trust"})
    yield pinned_case("second-signature-typ", "A type in the header is allowed.", envelope(payload, ROOT_1, under_type))
    changed = as_json({**TRUST, "exp": TRUST["exp"] + 1})
    yield pinned_case("signatures-of-another", "Signatures of one document under another.", envelope(payload, row(changed, ROOT_1), row(changed, ROOT_2)), UNTRUSTED)
    keys = [ROOT_1.jwk, TPM.jwk]
    yield pinned_case("p256-root", "A root may be a P-256 key.", trust(ROOT_1, TPM, root={"keys": keys, "threshold": 2}))


def following() -> Iterator[Case]:
    old, new = trust(version=4), trust(version=6, signing=NEW)
    yield Case("trust-following", "The next version, signed by the roots of both.", TUF, [INIT, Step("verify", UNDER_NEXT, UNSIGNED, LICENCE), Step("update", new), Step("verify", UNDER_NEXT, kind=LICENCE)])
    yield follows("trust-skipping-versions", "Versions only have to grow.", trust(version=50))
    yield follows("trust-same-again", "The same document changes nothing.", trust())
    yield follows("trust-same-signed-by-others", "The same content under other roots' signatures changes nothing.", trust(ROOT_2, ROOT_3))
    yield follows("trust-same-version-other-content", "One version says one thing.", trust(signing=NEW), UNTRUSTED)
    yield follows("trust-rollback", "An older document that was good once.", old, UNTRUSTED)
    yield Case("trust-rollback-after-revocation", "Rolled back, a stolen key would be good again.", TUF, [INIT, Step("update", trust(version=6, signing=[signing(SIGNING, "revoked"), signing(NEXT)])), Step("update", trust(), UNTRUSTED), Step("verify", licence(), UNSIGNED, LICENCE)])
    yield Case("trust-refused-changes-nothing", "After a refused document the one in hand still counts.", TUF, [INIT, Step("update", trust(ROOT_1, version=6, signing=NEW), UNTRUSTED), Step("verify", licence(), kind=LICENCE)])
    yield follows("trust-of-another-issuer", "A trust document is of one issuer for ever.", trust(version=6, iss="https://other.example"), UNTRUSTED)
    yield follows("trust-one-signature", "One root of two.", trust(ROOT_1, version=6), UNTRUSTED)
    yield follows("trust-version-0", "Versions begin with 1.", trust(version=0), BAD)
    yield follows("trust-version-text", "A version is a number.", trust(version="6"), BAD)
    yield follows("trust-version-beyond-2-53", "No number may be larger than all readers carry.", trust(version=2**53 + 1), BAD)
    yield follows("trust-fast-forward-to-2-53", "Enough roots may do it, to their own harm.", trust(version=2**53))
    yield Case("trust-fast-forward-unsigned", "A version that nobody can follow, signed by too few, is forgotten.", TUF, [INIT, Step("update", trust(ROOT_1, version=2**53), UNTRUSTED), Step("update", trust(version=6))])
    yield Case("trust-two-steps", "Each version is judged by the one before.", TUF, [INIT, Step("update", trust(version=6)), Step("update", trust(version=7, signing=NEW)), Step("update", trust(version=6), UNTRUSTED)])
    yield Case("trust-without-a-pin", "What comes over the network is never pinned.", PIN, [Step("init", trust(ROOT_1), UNTRUSTED), Step("init", trust())])


def new_roots() -> Iterator[Case]:
    moved: dict[str, Any] = {"version": 6, "root": {"keys": [ROOT_3.jwk, ROOT_4.jwk], "threshold": 2}}
    apart: dict[str, Any] = {"version": 6, "root": {"keys": [ROOT_4.jwk], "threshold": 1}}
    yield follows("roots-signed-by-old-and-new", "A threshold of the old and one of the new.", trust(ROOT_1, ROOT_3, ROOT_4, **moved))
    yield follows("roots-signed-by-new-alone", "Whoever makes keys could replace the roots.", trust(ROOT_3, ROOT_4, **moved), UNTRUSTED)
    yield follows("roots-signed-by-old-alone", "Nobody has shown that the new keys are there.", trust(ROOT_1, ROOT_2, **moved), UNTRUSTED)
    yield follows("roots-signed-by-old-and-one-new", "One of two new roots.", trust(ROOT_1, ROOT_2, ROOT_3, **moved), UNTRUSTED)
    yield follows("roots-signed-by-both-apart", "No root is in both.", trust(ROOT_1, ROOT_2, ROOT_4, **apart))
    first = Step("update", trust(ROOT_1, ROOT_3, ROOT_4, **moved))
    later = {**moved, "version": 7}
    yield Case("roots-removed-sign-no-more", "A root that was removed counts nothing.", TUF, [INIT, first, Step("update", trust(ROOT_1, ROOT_2, **later), UNTRUSTED)])
    yield Case("roots-removed-do-not-help", "One new root and one that was removed are one.", TUF, [INIT, first, Step("update", trust(ROOT_1, ROOT_4, **later), UNTRUSTED)])
    yield Case("roots-new-ones-go-on", "From now on the new ones sign.", TUF, [INIT, first, Step("update", trust(ROOT_3, ROOT_4, **later))])
    lowered = {"keys": TRUST["root"]["keys"], "threshold": 1}
    yield follows("threshold-lowered-by-one", "One root can't make itself enough.", trust(ROOT_1, version=6, root=lowered), UNTRUSTED)
    yield follows("threshold-lowered-by-two", "Two roots may decide that one is enough.", trust(version=6, root=lowered))
    raised = {"keys": TRUST["root"]["keys"], "threshold": 3}
    yield follows("threshold-raised-signed-by-two", "The new threshold counts too.", trust(version=6, root=raised), UNTRUSTED)


def freezing() -> Iterator[Case]:
    ends, last = TRUST["exp"], licence(exp=2**33)
    source = "TUF 1.0, section 5.3.10; protocol, section 3"
    for what, now, expect, why in (("at-exp", ends, "accepted", "Past its end the agent warns."), ("89-days-after", ends + 89 * DAY, "accepted", "It warns for 90 days: nobody honest is locked out at once."), ("90-days-after", ends + 90 * DAY, OVER, "Whoever keeps the new trust document away gains 90 days at most.")):
        yield Case(f"frozen-trust-{what}", why, source, [INIT, Step("verify", last, expect, LICENCE, now=now)])
    later = ends + 100 * DAY
    yield Case("frozen-trust-thawed", "A newer trust document mends it.", source, [INIT, Step("verify", last, OVER, LICENCE, now=later), Step("update", trust(version=6, iat=later, exp=later + DAY), now=later), Step("verify", last, kind=LICENCE, now=later)])
