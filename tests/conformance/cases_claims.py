"""Claims of licences: types, times, and to whom a licence belongs."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator
from typing import Any

from tests.conformance.material import (
    BAD,
    CLAIMS,
    DAY,
    DEVICE,
    INIT,
    ISSUER,
    LICENCE,
    NEXT,
    NOW,
    OVER,
    SIGNING,
    STRANGER,
    TPM,
    UNSIGNED,
    Case,
    Step,
    activation,
    as_json,
    checked,
    forge,
    header,
    licence,
    signing,
    trust,
    validation,
)

TABLE = "protocol, section 4"


def cases() -> Iterator[Case]:
    yield from types()
    yield from tolerated()
    yield from times()
    yield from signing_dates()
    yield from belonging()


def types() -> Iterator[Case]:
    seats: dict[str, Any] = CLAIMS["seats"]
    for what, changes, why in (
        ("seq-zero", {"seq": 0}, "The first document is number 1."),
        ("seq-negative", {"seq": -1}, "Numbers of documents only grow from 1."),
        ("seq-text", {"seq": "2"}, "A text is no number."),
        ("seq-true", {"seq": True}, "true is no whole number, though some languages think so."),
        ("seq-float", {"seq": 2.0}, "2.0 is not written as a whole number."),
        ("iat-fraction", {"iat": NOW + 0.5}, "Moments are whole seconds."),
        ("iat-negative", {"iat": -1}, "Moments count from 1970."),
        ("exp-null", {"exp": None}, "Every licence ends."),
        ("exp-text", {"exp": "2038-01-19"}, "Moments are numbers."),
        ("exp-exponent", {}, "1e10 is not written as a whole number."),
        ("status-unknown", {"status": "paused"}, "There are seven statuses."),
        ("status-capitals", {"status": "Active"}, "Words are compared letter for letter."),
        ("status-list", {"status": ["active"]}, "A list of words is no word."),
        ("reason-missing", {"reason": ...}, "null is said, not left out."),
        ("cnf-missing", {"cnf": ...}, "A licence is bound to a device key."),
        ("cnf-empty", {"cnf": {}}, "Bound to nothing is not bound."),
        ("cnf-text", {"cnf": DEVICE.kid}, "cnf is an object (RFC 7800)."),
        ("nonce-missing", {"nonce": ...}, "An answer names its request's nonce."),
        ("activated-at-missing", {"activated_at": ...}, "It decides between two activations."),
        ("customer-list", {"customer": ["cus_1"]}, "customer is an object."),
        ("sub-with-space", {"sub": "lic 1"}, "Ids have base64url characters alone."),
        ("site-of-1025", {"site": "x" * 1025}, "Texts have at most 1024 characters."),
        ("features-text", {"features": "reports"}, "features is a list."),
        ("features-capitals", {"features": ["Reports"]}, "Features are words in lower case."),
        ("features-257", {"features": ["x"] * 257}, "Lists have at most 256 entries."),
        ("network-with-host-bits", {"networks": ["10.0.0.1/8"]}, "A network's host bits are zero."),
        ("network-name", {"networks": ["example.com"]}, "A network is an address and a length."),
        ("network-with-netmask", {"networks": ["10.0.0.0/255.0.0.0"]}, "A network's length is a number of bits."),
        ("network-without-length", {"networks": ["10.0.0.1"]}, "A network has a length."),
        ("network-leading-zero", {"networks": ["10.0.0.0/08"]}, "A length has no leading zero."),
        ("network-too-long", {"networks": ["10.0.0.0/33"]}, "IPv4 has 32 bits."),
        ("network-policy-unknown", {"network_policy": "ask"}, "Strangers are refused or reported; there is no third."),
        ("network-policy-null", {"network_policy": None}, "Left out it means enforce; null is no word."),
        ("network-number", {"networks": [167772160]}, "A network is a text."),
        ("users-negative", {"seats": {**seats, "users": -1}}, "Fewer than no users is nonsense."),
        ("users-null", {"seats": {**seats, "users": None}}, "Only clients may be any number."),
        ("seat-model-unknown", {"seats": {**seats, "model": "floating"}}, "There are two models."),
        ("digest-short", {"fingerprint": {"components": {"cpu": "AAAA"}, "threshold": 60}}, "A digest has 43 characters."),
        ("interval-zero", {"validation": {**CLAIMS["validation"], "interval": 0}}, "It would validate for ever."),
    ):
        body = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
        raw = as_json(body)
        if what == "exp-exponent":
            raw = raw.replace(b'"exp":%d' % CLAIMS["exp"], b'"exp":1e10')
        yield checked(f"licence-{what}", why, TABLE, forge(header(LICENCE), raw), BAD)


def tolerated() -> Iterator[Case]:
    seats: dict[str, Any] = CLAIMS["seats"]
    yield checked("licence-claims-unknown", "A newer server may say more: claims that nobody knows are passed over.", "protocol, section 2", licence(colour="blue", customer={**CLAIMS["customer"], "vip": True}), claims={"jti": "doc_2"})
    yield checked("licence-text-not-normalised", "Texts are kept as they came: é as two characters stays two.", TABLE, licence(site="Cafe\u0301"), claims={"site": "Cafe\u0301"})
    yield checked("licence-empty-lists", "Lists may be empty, and numbers zero.", TABLE, licence(features=[], networks=[], seats={**seats, "users": 0, "clients": None}))
    networks = ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8", "::ffff:192.0.2.0/120", "0.0.0.0/0", "2001:db8::1/128"]
    yield checked("licence-networks", "IPv4 and IPv6 in any spelling.", TABLE, licence(networks=networks))
    for policy in ("enforce", "report"):
        yield checked(f"licence-network-policy-{policy}", "Whether clients outside are refused or reported; documents without it are good, too.", "protocol, section 4", licence(network_policy=policy), claims={"network_policy": policy})
    yield checked("licence-revoked-status", "A no that is signed is a good document.", "protocol, section 1", licence(status="revoked", reason="refund"), claims={"status": "revoked", "reason": "refund"})


def times() -> Iterator[Case]:
    end = CLAIMS["exp"]
    yield checked("licence-a-second-before-exp", "exp is the first moment that is too late.", "RFC 7519, section 4.1.4", licence(), now=end - 1)
    yield checked("licence-at-exp", "exp is the first moment that is too late.", "RFC 7519, section 4.1.4", licence(), OVER, now=end)
    yield checked("licence-long-after-exp", "A copy that stays off the network ends.", "protocol, section 10", licence(), OVER, now=end + 400 * DAY)
    yield checked("licence-of-tomorrow", "The customer's clock is behind: the vendor's time counts, and nobody is locked out.", "protocol, section 10", licence(), now=NOW - DAY)
    yield checked("licence-clock-in-1970", "A dead clock battery stretches nothing and locks nobody out.", "protocol, section 10", licence(), now=0)
    yield checked("licence-clock-in-1970-exp-before-iat", "Over when it was signed, whatever the customer's clock says.", "protocol, section 10", licence(exp=NOW), OVER, now=0)
    late = Step("init", trust(exp=2**33))
    verified = Step("verify", licence(exp=2**32 + DAY), kind=LICENCE, now=2**32)
    yield Case("licence-after-2106", "Moments do not end with 32 bits.", "protocol, section 1", [late, verified])


def signing_dates() -> Iterator[Case]:
    retired = signing(SIGNING, "retired", NOW - DAY, NOW)
    source = "protocol, section 3: from ≤ iat ≤ until"
    for what, entry, iat, expect, why in (
        ("key-retired-before-until", retired, NOW - 1, "accepted", "What a retired key signed stays good."),
        ("key-retired-at-until", retired, NOW, "accepted", "until is the last moment that is good."),
        ("key-retired-after-until", retired, NOW + 1, UNSIGNED, "A retired key signs nothing new."),
        ("key-at-from", signing(SIGNING, since=NOW), NOW, "accepted", "from is the first moment that is good."),
        ("key-before-from", signing(SIGNING, since=NOW), NOW - 1, UNSIGNED, "It was no signing key yet."),
        ("key-revoked", signing(SIGNING, "revoked", NOW - DAY, None), NOW - 1, UNSIGNED, "A revoked key's documents are worth nothing, old or new."),
        ("key-revoked-with-until", signing(SIGNING, "revoked", NOW - DAY, NOW + DAY), NOW, UNSIGNED, "until does not soften a revocation."),
    ):
        first = Step("init", trust(signing=[entry, signing(NEXT)]))
        yield Case(f"licence-{what}", why, source, [first, Step("verify", licence(iat=iat), expect, LICENCE, now=NOW + 10)])
    day = signing(SIGNING, "retired", NOW - DAY, NOW + DAY)
    first, second = INIT, Step("update", trust(version=6, signing=[day, signing(NEXT)]))
    why = "A rotation leaves the old key a day for answers that are under way."
    for what, iat, expect in (("within-its-day", NOW + DAY, "accepted"), ("after-its-day", NOW + DAY + 1, UNSIGNED)):
        yield Case(f"rotated-key-{what}", why, source, [first, second, Step("verify", licence(iat=iat), expect, LICENCE, now=NOW + DAY + 5)])


def belonging() -> Iterator[Case]:
    yield checked("licence-of-another-issuer", "Another vendor's licence under a key that both know.", "RFC 8725, section 3.8", licence(iss="https://other.example"), UNSIGNED)
    yield checked("licence-issuer-with-slash", "Issuers are compared letter for letter.", "RFC 7519, section 4.1.1", licence(iss=f"{ISSUER}/"), UNSIGNED)
    source = "RFC 7800; protocol, section 9"
    mine, others = {"device": as_json(DEVICE.jwk)}, {"device": as_json(STRANGER.jwk)}
    yield checked("licence-bound-to-this-device", "It names this device key.", source, licence(), beside=mine)
    yield checked("licence-bound-to-another-device", "Copied to another machine, which has another key.", source, licence(), UNSIGNED, beside=others)
    yield checked("licence-bound-to-this-tpm", "A device key in a TPM is a P-256 key.", source, licence(cnf={"jkt": TPM.kid}), beside={"device": as_json(TPM.jwk)})
    yield checked("licence-bound-by-jwk", "The binding is by thumbprint; a whole key in cnf binds to nothing.", source, licence(cnf={"jwk": DEVICE.jwk}), BAD, beside=mine)
    answered = {**mine, "request": validation()}
    source = "protocol, section 9"
    yield checked("answer-to-this-request", "Nonce, device key, licence and activation are the request's.", source, licence(), beside=answered)
    yield checked("answer-to-an-activation", "The first answer names the request's nonce and key.", source, licence(seq=1), beside={"request": activation()})
    for what, changes, why in (
        ("with-an-old-nonce", {"nonce": "b2xk"}, "An old answer, replayed."),
        ("of-another-activation", {"act": "act_2"}, "Another server's answer."),
        ("of-another-licence", {"sub": "lic_2"}, "The answer to another licence."),
        ("to-another-device", {"cnf": {"jkt": STRANGER.kid}}, "Bound to a key that did not ask."),
    ):
        yield checked(f"answer-{what}", why, source, licence(**changes), UNSIGNED, beside={"request": validation(), "device": as_json(DEVICE.jwk)})
    held = licence(jti="doc_1", seq=1)
    for what, document, expect, why in (
        ("following", licence(), "accepted", "One number more than the licence in hand."),
        ("skipping", licence(seq=9), "accepted", "Answers may have been lost on the way."),
        ("standing-still", licence(jti="doc_9", seq=1), UNSIGNED, "The same number is no successor."),
        ("refused-standing-still", licence(seq=1, status="refused", reason="fingerprint_mismatch"), "accepted", "A refused document repeats the number."),
        ("of-another-activation", licence(act="act_2"), UNSIGNED, "A successor is of the same activation."),
    ):
        yield checked(f"successor-{what}", why, "protocol, sections 4 and 9", document, expect, beside={"held": held})
