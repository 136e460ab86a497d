"""Headers: algorithms, keys in the message, types, members."""
# ruff: noqa: E501 - a case is a row
# fmt: off

from collections.abc import Iterator

from tests.conformance.material import (
    ACTIVATING,
    ACTIVATION,
    BAD,
    CLAIMS,
    DEACTIVATING,
    DEACTIVATION,
    DEVICE,
    LICENCE,
    ROOT_1,
    SIGNING,
    STRANGER,
    TPM,
    TPM_SIGNING,
    UNSIGNED,
    VALIDATING,
    VALIDATION,
    Case,
    Json,
    Step,
    as_json,
    b64,
    checked,
    forge,
    header,
    hs256,
    licence,
    signing,
    trust,
)

BCP = "RFC 8725, section 3.1"
ALLOWED = "protocol, section 2: exactly alg, typ and one of kid and jwk"
TYPES = {LICENCE: CLAIMS, ACTIVATION: ACTIVATING, VALIDATION: VALIDATING, DEACTIVATION: DEACTIVATING}


def cases() -> Iterator[Case]:
    yield from algorithms()
    yield from members()
    yield from types()


def algorithms() -> Iterator[Case]:
    yield checked("licence-plain", "The good licence that all others are changed from.", "protocol, section 4", licence(), claims={"jti": "doc_2", "seq": 2, "customer": CLAIMS["customer"]})
    yield checked("licence-alg-ed25519", "RFC 9864 renames EdDSA for this curve; both names are read.", "RFC 9864, section 2.2", forge(header(LICENCE, alg="Ed25519"), CLAIMS))
    none = header(LICENCE, alg="none")
    yield checked("licence-alg-none", "An unsecured JWS is signed by nobody.", BCP, forge(none, CLAIMS, None), UNSIGNED)
    yield checked("licence-alg-none-signed", "A good signature does not make none an algorithm of the key.", BCP, forge(none, CLAIMS), UNSIGNED)
    for what, alg in (("none-capitals", "NONE"), ("eddsa-lower-case", "eddsa"), ("empty", ""), ("null", None)):
        yield checked(f"licence-alg-{what}", "Algorithm names are compared letter for letter.", "RFC 7515, section 4.1.1", forge(header(LICENCE, alg=alg), CLAIMS), UNSIGNED)
    secret = SIGNING.private.public_key().public_bytes_raw()
    yield checked("licence-hs256-public-key", "The public key is no shared secret: the classic confusion of algorithms.", BCP, hs256(header(LICENCE, alg="HS256"), CLAIMS, secret), UNSIGNED)
    yield checked("licence-hs256-public-jwk", "The same with the key's JWK as the secret.", BCP, hs256(header(LICENCE, alg="HS256"), CLAIMS, as_json(SIGNING.jwk)), UNSIGNED)
    yield checked("licence-es256-on-ed25519-kid", "The algorithm belongs to the key: a P-256 signature is none of this key.", BCP, forge(header(LICENCE, alg="ES256"), CLAIMS, TPM), UNSIGNED)
    yield checked("licence-es256-named-ed25519-signed", "A good signature under the name of another algorithm.", BCP, forge(header(LICENCE, alg="ES256"), CLAIMS), UNSIGNED)
    both = Step("init", trust(signing=[signing(SIGNING), signing(TPM_SIGNING)]))
    good = forge(header(LICENCE, TPM_SIGNING), CLAIMS, TPM_SIGNING)
    crossed = forge(header(LICENCE, TPM_SIGNING, alg="EdDSA"), CLAIMS, TPM_SIGNING)
    yield Case("licence-es256-signing-key", "A signing key may be a P-256 key; its algorithm is ES256.", "RFC 7518, section 3.4", [both, Step("verify", good, kind=LICENCE)])
    yield Case("licence-eddsa-on-p256-kid", "The algorithm belongs to the key, here the other way round.", BCP, [both, Step("verify", crossed, UNSIGNED, LICENCE)])


def members() -> Iterator[Case]:
    url = "https://attacker.example/keys"
    stranger = header(LICENCE, STRANGER)
    yield checked("licence-kid-unknown", "Nobody vouches for the key.", "protocol, section 3", forge(stranger, CLAIMS, STRANGER), UNSIGNED)
    yield checked("licence-kid-of-another-key", "Signed by a stranger under the name of the signing key.", "RFC 7515, section 5.2", forge(header(LICENCE), CLAIMS, STRANGER), UNSIGNED)
    yield checked("licence-signed-by-root", "A root vouches for keys and signs no licences.", "protocol, section 3", forge(header(LICENCE, ROOT_1), CLAIMS, ROOT_1), UNSIGNED)
    yield checked("licence-signed-by-device", "The device key signs requests alone.", "protocol, section 5", forge(header(LICENCE, DEVICE), CLAIMS, DEVICE), UNSIGNED)
    for what, kid in (("missing", None), ("number", 5), ("empty", ""), ("path", "../../etc/passwd"), ("quote", "x' OR '1'='1")):
        head = {name: value for name, value in header(LICENCE, kid=kid).items() if value is not None}
        yield checked(f"licence-kid-{what}", "A kid is an id and may never be more than a name to look up.", "RFC 8725, section 3.10", forge(head, CLAIMS), BAD)
    yield checked("licence-jwk-of-attacker", "A licence can't bring along the key that it is to be believed by.", "RFC 8725, section 3.10", forge(header(LICENCE, STRANGER, introduce=True), CLAIMS, STRANGER), BAD)
    yield checked("licence-jwk-beside-kid", "Exactly one of the two names the key.", ALLOWED, forge(header(LICENCE, jwk=SIGNING.jwk), CLAIMS), BAD)
    for name, value, why in (
        ("jku", url, "Nothing is fetched that a document names."),
        ("x5u", url, "Nothing is fetched that a document names."),
        ("x5c", ["MIIB"], "No certificate vouches for a signing key."),
        ("crit", ["exp"], "An extension that must be understood is not."),
        ("b64", False, "The payload is always base64url (RFC 7797 is not spoken)."),
        ("zip", "DEF", "Nothing is decompressed."),
        ("cty", "JWT", "Documents are not nested in one another."),
        ("iss", CLAIMS["iss"], "Claims have no place in the header."),
    ):
        yield checked(f"licence-header-{name}", why, ALLOWED, forge({**header(LICENCE), name: value}, CLAIMS), BAD)
    both = header(LICENCE, crit=["b64"], b64=False)
    unencoded = as_json(CLAIMS).replace(b".", b"")
    signed = f"{b64(as_json(both))}.".encode() + unencoded
    yield checked("licence-payload-unencoded", "An unencoded payload as RFC 7797 allows and this protocol does not.", "RFC 7797", signed + b"." + b64(SIGNING.sign(signed)).encode(), BAD)
    for missing in ("alg", "typ"):
        head = {name: value for name, value in header(LICENCE).items() if name != missing}
        yield checked(f"licence-{missing}-missing", "Exactly three members make a header.", ALLOWED, forge(head, CLAIMS), BAD)
    doubled = as_json(header(LICENCE))
    for what, extra in (("alg", b'"alg":"EdDSA",'), ("alg-escaped", b'"\\u0061lg":"none",'), ("kid", b'"kid":"x",')):
        yield checked(f"licence-header-{what}-twice", "Two readers would see two different headers.", "RFC 8725, section 2.4", forge(b"{" + extra + doubled[1:], CLAIMS), BAD)
    yield checked("licence-header-names-escaped", "An escaped name is the same name, once it is read.", "RFC 8259, section 8.3", forge(doubled.replace(b'"alg"', b'"\\u0061lg"'), CLAIMS))
    yield checked("licence-header-spaced", "White space in JSON means nothing; the signature covers it.", "RFC 8259, section 2", forge(doubled.replace(b",", b" ,\n "), CLAIMS))
    yield checked("licence-header-list", "A header is an object.", "RFC 7515, section 4", forge(b'["EdDSA"]', CLAIMS), BAD)


def types() -> Iterator[Case]:
    source = "RFC 8725, section 3.11; protocol, section 2: letter for letter"
    for what, typ in (("application-prefix", f"application/{LICENCE}"), ("capitals", "LICENCE+JWT"), ("jwt", "JWT"), ("unknown", "audit-checkpoint+jwt"), ("space-after", f"{LICENCE} "), ("list", [LICENCE])):
        yield checked(f"licence-typ-{what}", "The type is one fixed text.", source, forge(header(LICENCE, typ=typ), CLAIMS), BAD)
    for expected in TYPES:
        for given, claims in TYPES.items():
            if given != expected:
                yield _as_another(given, claims, expected)


def _as_another(given: str, claims: Json, expected: str) -> Case:
    short = {kind: kind.partition("-")[0].removesuffix("+jwt") for kind in TYPES}
    key = SIGNING if given == LICENCE else DEVICE
    document = forge(header(given, key, introduce=given == ACTIVATION), claims, key)
    return checked(f"{short[given]}-as-{short[expected]}", f"A good {given} is no {expected}.", "RFC 8725, section 3.11", document, BAD, kind=expected, beside={} if expected == LICENCE else {"device": as_json(DEVICE.jwk)})
