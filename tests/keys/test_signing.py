"""Keys: what is taken for one, and which signatures count."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.errors import MalformedError, SignatureInvalidError
from keys.jws import decode, encode
from keys.signing import Kind, PublicKey, SoftwareSigner
from tests.keys.samples import DEVICE, TPM_DEVICE, es256_signer

L = 2**252 + 27742317777372353535851937790883648493
N_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 2**255 - 19
D = -121665 * pow(121666, -1, P)
# Points of small order by y: order 4, 1, 8, 8, 2, and the same as y + p where that fits; each with either sign of x.
ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER_Y = (0, 1, ORDER_8, P - ORDER_8, P - 1, P, P + 1)
SMALL_ORDER = [(y | sign << 255).to_bytes(32, "little") for y in SMALL_ORDER_Y for sign in (0, 1)]


def okp(raw: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encode(raw).decode()}


@pytest.mark.threat(16)
@pytest.mark.parametrize("encoding", SMALL_ORDER, ids=lambda encoding: encoding.hex()[:8] + encoding.hex()[-2:])
def test_a_point_of_small_order_is_no_key(encoding: bytes) -> None:
    with pytest.raises(MalformedError):
        PublicKey.from_jwk(okp(encoding))


def test_the_points_of_order_8_are_the_ones_of_the_curve() -> None:
    """Doubled they give y = 0: with x² = -y² in the curve's equation, d·y⁴ + 2·y² = 1."""
    assert (D * ORDER_8**4 + 2 * ORDER_8**2) % P == 1


@pytest.mark.threat(16, control=True)
def test_a_key_of_small_order_would_let_one_signature_verify_everything() -> None:
    """The library takes it: so the refusal above is not idle."""
    identity = ed25519.Ed25519PublicKey.from_public_bytes((1).to_bytes(32, "little"))
    for message in (b"one", b"another", b"a third"):
        identity.verify((1).to_bytes(32, "little") + bytes(32), message)


@pytest.mark.parametrize("signer", [DEVICE, TPM_DEVICE], ids=["Ed25519", "ES256"])
def test_a_key_read_from_its_own_jwk_is_the_same(signer: SoftwareSigner) -> None:
    key = PublicKey.from_jwk(dict(signer.key.jwk))
    assert key == signer.key
    key.verify(b"message", signer.sign(b"message"))
    assert "d" not in key.jwk


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "text",
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "X25519", "x": encode(bytes(32)).decode()},
        {"kty": "OKP", "crv": "P-256", "x": encode(bytes(32)).decode()},
        okp(b"\2" * 31),
        okp(b"\2" * 33),
        {**DEVICE.key.jwk, "x": DEVICE.key.jwk["x"] + "="},
        {**DEVICE.key.jwk, "x": "not base64url!"},
        {**DEVICE.key.jwk, "x": 5},
        {**DEVICE.key.jwk, "d": encode(b"\1" * 32).decode()},
        {**DEVICE.key.jwk, "kid": "mine"},
        {**TPM_DEVICE.key.jwk, "crv": "P-384"},
        {**TPM_DEVICE.key.jwk, "y": TPM_DEVICE.key.jwk["x"]},
        {**TPM_DEVICE.key.jwk, "x": "AA"},
        {**TPM_DEVICE.key.jwk, "x": encode(bytes(1) + b"\1" * 32).decode()},
    ],
    ids=str,
)
def test_what_is_no_public_key_is_refused(jwk: object) -> None:
    with pytest.raises(MalformedError):
        PublicKey.from_jwk(jwk)


def test_a_key_in_base64url_with_spare_bits_set_is_refused() -> None:
    """43 characters carry 258 bits: two of them are spare, and would give one key several names."""
    x = DEVICE.key.jwk["x"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = x[:-1] + alphabet[alphabet.index(x[-1]) + 1]
    with pytest.raises(MalformedError):
        PublicKey.from_jwk({**DEVICE.key.jwk, "x": other})


def test_a_coordinate_without_its_leading_zero_is_refused() -> None:
    """RFC 7518, section 6.2.1.2: always the full 32 bytes; else one key had several names."""
    keys = (es256_signer(number).key for number in range(1, 5000))
    key = next(key for key in keys if decode(key.jwk["x"].encode()).startswith(b"\0"))
    shorter = encode(decode(key.jwk["x"].encode()).lstrip(b"\0")).decode()
    with pytest.raises(MalformedError, match="canonical"):
        PublicKey.from_jwk({**key.jwk, "x": shorter})


@pytest.mark.threat(16)
def test_an_ed25519_signature_has_one_form() -> None:
    """Adding the group's order to S would give the same signature another form (RFC 8032, section 5.1.7)."""
    signature = DEVICE.sign(b"message")
    other = signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
    with pytest.raises(SignatureInvalidError):
        DEVICE.key.verify(b"message", other)


@pytest.mark.threat(16)
@pytest.mark.parametrize(
    ("r", "s"), [(0, 0), (0, 1), (1, 0), (N_P256, 1), (1, N_P256), (N_P256, N_P256), (2**256 - 1, 2**256 - 1), (1, 1)]
)
def test_an_es256_signature_out_of_range_is_refused(r: int, s: int) -> None:
    """CVE-2022-21449: r = s = 0 verified everything in a well-known library."""
    with pytest.raises(SignatureInvalidError):
        TPM_DEVICE.key.verify(b"message", r.to_bytes(32) + s.to_bytes(32))


@pytest.mark.parametrize("signer", [DEVICE, TPM_DEVICE], ids=["Ed25519", "ES256"])
@pytest.mark.parametrize("length", [0, 63, 65, 72, 128])
def test_a_signature_of_another_length_is_refused(signer: SoftwareSigner, length: int) -> None:
    with pytest.raises(SignatureInvalidError):
        signer.key.verify(b"message", (signer.sign(b"message") * 2)[:length])


def test_an_es256_signature_in_der_is_refused() -> None:
    private = TPM_DEVICE.private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    with pytest.raises(SignatureInvalidError):
        TPM_DEVICE.key.verify(b"message", private.sign(b"message", ec.ECDSA(hashes.SHA256())))


@pytest.mark.parametrize("kind", ["Ed25519", "ES256"])
def test_a_new_key_is_of_the_kind_asked_for(kind: Kind) -> None:
    assert SoftwareSigner.generate(kind).key.kind == kind


def test_a_signer_shows_its_id_and_never_its_key() -> None:
    assert repr(DEVICE) == f"SoftwareSigner({DEVICE.key.kid})"
