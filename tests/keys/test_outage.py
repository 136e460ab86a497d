"""What an outage stretches: an active lease that would end in it, once, and never past its end."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.documents.licence import Licence
from keys.documents.outage import LONGEST, MOST_LICENCES, Outage, open_outage, stretched
from keys.errors import InvalidInputError, MalformedError, SignatureInvalidError, TooLargeError
from keys.examining import examine
from keys.trust import SigningKey
from tests.keys.samples import DAY, ISSUER, LICENCE, NOW, SIGNING, STRANGER, TRUST

pytestmark = pytest.mark.threat(55)
OUTAGE = Outage(ISSUER, "out_1", NOW, NOW, NOW + 60 * DAY, 14 * DAY, None)
MOMENTS = st.integers(NOW - 100 * DAY, NOW + 200 * DAY)
SPANS = st.integers(1, LONGEST)


@st.composite
def outages(draw: st.DrawFn) -> Outage:
    begins = draw(MOMENTS)
    some = draw(st.none() | st.lists(st.sampled_from(["lic_1", "lic_2"]), min_size=1, unique=True).map(tuple))
    issuer = draw(st.sampled_from([ISSUER, ISSUER, "https://other.example"]))
    return Outage(issuer, "out_1", NOW, begins, begins + draw(SPANS), draw(SPANS), some)


LICENCES = st.builds(
    lambda ends_at, status: replace(LICENCE, expires_at=ends_at, status=status),
    MOMENTS,
    st.sampled_from(["active", "active", "suspended", "revoked", "expired", "superseded", "deactivated", "refused"]),
)


@pytest.mark.parametrize(
    ("licence", "outage", "days"),
    [
        (LICENCE, OUTAGE, 29),
        (replace(LICENCE, expires_at=NOW), OUTAGE, 14),
        (replace(LICENCE, expires_at=NOW - 1), OUTAGE, None),
        (replace(LICENCE, expires_at=NOW + 50 * DAY), OUTAGE, 60),
        (replace(LICENCE, expires_at=NOW + 60 * DAY), OUTAGE, None),
        (LICENCE, replace(OUTAGE, licences=("lic_1",)), 29),
        (LICENCE, replace(OUTAGE, licences=("lic_2",)), None),
        (LICENCE, replace(OUTAGE, issuer="https://other.example"), None),
        (replace(LICENCE, status="suspended"), OUTAGE, None),
        (replace(LICENCE, status="expired"), OUTAGE, None),
    ],
    ids=[
        "within", "ends as it begins", "ended before", "not past its end", "ends as it ends", "named", "another named",
        "another issuer", "suspended", "expired",
    ],
)  # fmt: skip
def test_what_is_stretched_and_how_far(licence: Licence, outage: Outage, days: int | None) -> None:
    assert stretched(licence, [outage]) == (licence.expires_at if days is None else NOW + days * DAY)


@given(LICENCES, st.lists(outages(), max_size=4))
def test_nothing_gets_more_than_one_document_gives(licence: Licence, declared: list[Outage]) -> None:
    ends_at = stretched(licence, declared)
    alone = [stretched(licence, [each]) for each in declared]
    assert ends_at == max([licence.expires_at, *alone]), "they don't add up"
    assert licence.expires_at <= ends_at <= licence.expires_at + LONGEST
    if ends_at > licence.expires_at:
        assert licence.status == "active"
        assert any(each.from_at <= licence.expires_at < ends_at <= each.until_at for each in declared)
    assert stretched(licence, [*declared, *declared]) == ends_at


@given(outages())
def test_any_outage_comes_back_as_it_was(outage: Outage) -> None:
    outage = replace(outage, issuer=ISSUER)
    assert open_outage(outage.sign(SIGNING), TRUST) == outage


@pytest.mark.parametrize(
    "wrong",
    [
        {"until_at": NOW},
        {"until_at": NOW + LONGEST + 1},
        {"extends": 0},
        {"extends": LONGEST + 1},
        {"licences": ()},
        {"licences": ("lic_1", "lic_1")},
        {"licences": ("a b",)},
        {"licences": tuple(f"lic_{number}" for number in range(MOST_LICENCES + 1))},
    ],
    ids=str,
)
def test_what_is_more_than_may_be_declared_is_malformed(wrong: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        open_outage(replace(OUTAGE, **wrong).sign(SIGNING), TRUST)  # type: ignore[arg-type]  # that is the point


def test_as_much_as_may_be_declared_is_read() -> None:
    most = replace(
        OUTAGE, until_at=NOW + LONGEST, extends=LONGEST, licences=tuple(f"l{n}" for n in range(MOST_LICENCES))
    )
    assert open_outage(most.sign(SIGNING), TRUST) == most
    with pytest.raises(TooLargeError):
        replace(OUTAGE, licences=tuple(f"{'l' * 100}{n}" for n in range(MOST_LICENCES))).sign(SIGNING)


def test_only_a_signing_key_in_its_time_declares_one_of_its_own_issuer() -> None:
    for outage, signer in (
        (OUTAGE, STRANGER),
        (replace(OUTAGE, issuer="https://other.example"), SIGNING),
        (replace(OUTAGE, issued_at=NOW - 1), SIGNING),
    ):
        with pytest.raises(SignatureInvalidError):
            open_outage(outage.sign(signer), TRUST)
    revoked = replace(TRUST, signing=(SigningKey(SIGNING.key, "revoked", NOW, NOW + DAY),))
    with pytest.raises(SignatureInvalidError):
        open_outage(OUTAGE.sign(SIGNING), revoked)


def test_it_is_examined_as_any_document() -> None:
    found = examine(OUTAGE.sign(SIGNING), TRUST)
    assert (found.kind, found.signed_by, found.claims["licences"]) == ("outage+jwt", (SIGNING.key.kid,), "all")
    with pytest.raises(InvalidInputError, match="outage document is verified"):
        examine(OUTAGE.sign(SIGNING), None)
