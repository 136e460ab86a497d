"""Outage documents: who may declare one, how long it may be, and for whom."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    BAD,
    BIG,
    DAY,
    LICENCE,
    NEXT,
    NOW,
    OUTAGE,
    OUTAGE_CLAIMS,
    ROOT_1,
    SIGNING,
    STRANGER,
    UNSIGNED,
    Case,
    Step,
    checked,
    forge,
    header,
    licence,
    outage,
    signing,
    trust,
)

SOURCE = "protocol, section 4: outages"


def cases() -> Iterator[Case]:
    good = {"kind": OUTAGE}
    yield checked("outage-for-all", "It is for every licence of the issuer.", SOURCE, outage(), **good, claims={"licences": "all"})
    yield checked("outage-for-some", "It is for the licences that it names.", SOURCE, outage(licences=["lic_1", "lic_2"]), **good)
    yield checked("outage-of-90-days", "The longest that there is.", SOURCE, outage(until=NOW + 89 * DAY, extends=90 * DAY), **good)
    yield checked("outage-long-past", "When it counts is for whoever holds a licence to find out.", SOURCE, outage(), **good, now=NOW + 300 * DAY)
    yield checked("outage-with-an-unknown-claim", "A newer vendor may say more.", SOURCE, outage(later=1), **good)
    for what, document, expect, why in (
        ("of-91-days", outage(until=NOW + 90 * DAY), BAD, "It lasts longer than any may."),
        ("extends-91-days", outage(extends=91 * DAY), BAD, "It stretches further than any may."),
        ("extends-nothing", outage(extends=0), BAD, "It stretches nothing."),
        ("backwards", outage(until=NOW - DAY), BAD, "It ends when it begins."),
        ("for-nobody", outage(licences=[]), BAD, "An empty list is for nobody, and could be taken for all."),
        ("for-one-twice", outage(licences=["lic_1", "lic_1"]), BAD, "One is named twice."),
        ("for-1001", outage(licences=[f"lic_{number}" for number in range(1001)]), BAD, "More are named than may be."),
        ("for-everybody", outage(licences="everybody"), BAD, "The one word is all."),
        ("for-a-number", outage(licences=1), BAD, "It is a list or a word."),
        ("without-licences", forge(header(OUTAGE), {name: value for name, value in OUTAGE_CLAIMS.items() if name != "licences"}), BAD, "It does not say for whom."),
        ("too-large", outage(later="x" * 65_536), BIG, "More bytes than any document."),
        ("of-another-issuer", outage(iss="https://other.example"), UNSIGNED, "It is another vendor's."),
        ("signed-by-root", forge(header(OUTAGE, ROOT_1), OUTAGE_CLAIMS, ROOT_1), UNSIGNED, "Roots sign trust documents alone."),
        ("signed-by-a-stranger", forge(header(OUTAGE), OUTAGE_CLAIMS, STRANGER), UNSIGNED, "Somebody else signed in the name of the key."),
        ("changed", outage()[:-4] + b"AAAA", UNSIGNED, "The signature is another."),
        ("before-its-key", outage(iat=NOW - 2 * DAY), UNSIGNED, "The key signed nothing yet."),
        ("that-is-a-licence", licence(), BAD, "One type never passes as another."),
    ):
        yield checked(f"outage-{what}", why, SOURCE, document, expect, kind=OUTAGE)
    yield checked("licence-that-is-an-outage", "One type never passes as another.", SOURCE, outage(), BAD, kind=LICENCE)
    after = trust(version=6, signing=[signing(SIGNING, "revoked"), signing(NEXT)])
    steps = [Step("init", trust()), Step("verify", outage(), kind=OUTAGE), Step("update", after), Step("verify", outage(), UNSIGNED, kind=OUTAGE)]
    yield Case("outage-of-a-key-that-was-revoked", "The key's revocation takes its outages along.", SOURCE, steps)
