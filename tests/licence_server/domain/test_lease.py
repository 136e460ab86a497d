"""What a document says at one moment (protocol, section 2)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.documents.licence import Licence as Document
from licence_server.domain.activation import Activation, Binding
from licence_server.domain.lease import Lease
from licence_server.domain.licence import Licence, State
from licence_server.domain.notices import notices_for
from tests.licence_server.samples import DAY, ISSUER, NOW, activation, licence, until


def document(of: Licence, at: int = NOW, bound: Activation | None = None, refusal: str | None = None) -> Document:
    return Lease(ISSUER, of, bound or activation(), "device-key").document("doc_2", "nonce", at, refusal)


def test_a_document_carries_what_was_bought() -> None:
    of = licence(network_policy="report")
    made = document(of)
    assert (made.issuer, made.licence_id, made.activation_id, made.document_id) == (ISSUER, "lic_1", "act_1", "doc_2")
    assert (made.seq, made.issued_at, made.nonce, made.device_key) == (2, NOW, "nonce", "device-key")
    assert (made.customer, made.product.name, made.product.edition, made.site) == (
        of.customer,
        of.product,
        of.edition,
        of.site,
    )
    assert (made.terms, made.seats, made.features, made.networks) == (of.terms, of.seats, of.features, of.networks)
    assert made.network_policy == "report"
    assert (made.fingerprint.components, made.fingerprint.threshold) == (activation().components, 60)
    assert (made.validation.interval, made.validation.refresh_at, made.validation.grace) == (DAY, NOW + DAY, 14 * DAY)
    assert (made.activated_at, made.status, made.reason, made.notices) == (NOW - DAY, "active", None, ())


def test_a_document_survives_its_own_wire() -> None:
    made = document(until(NOW + DAY))
    assert Document.from_claims(made.to_claims()) == made


@given(
    now=st.integers(0, 2**40),
    ends_in=st.none() | st.integers(-(10**9), 10**9),
    terms_grace=st.integers(0, 400 * DAY),
    interval=st.integers(1, 90 * DAY),
    grace=st.integers(0, 400 * DAY),
)
def test_a_lease_ends_after_its_grace_and_never_after_the_terms(now, ends_in, terms_grace, interval, grace) -> None:
    ends_at = None if ends_in is None else now + ends_in
    terms = replace(licence().terms, ends_at=ends_at, grace=terms_grace)
    made = document(licence(terms=terms, interval=interval, grace=grace), now)
    longest = now + interval + grace
    assert made.expires_at == (longest if ends_at is None else min(longest, ends_at + terms_grace))


@pytest.mark.parametrize(
    ("state", "binding", "status", "reason"),
    [
        ("active", "live", "active", None),
        ("recovered", "live", "active", None),
        ("issued", "live", "active", None),
        ("suspended", "live", "suspended", "payment_overdue"),
        ("revoked", "live", "revoked", "payment_overdue"),
        *((state, "superseded", "superseded", "moved_to_another_server") for state in ("active", "suspended")),
        *((state, "deactivated", "deactivated", "given_back") for state in ("issued", "active", "revoked")),
    ],
)
def test_the_status_follows_from_state_and_binding(
    state: State, binding: Binding, status: str, reason: str | None
) -> None:
    of = licence(state=state, reason="payment_overdue" if state in {"suspended", "revoked"} else None)
    made = document(of, bound=activation(binding=binding))
    assert (made.status, made.reason) == (status, reason)
    assert made.notices == notices_for(made.status, reason, of.terms, NOW)


def test_past_its_terms_and_their_grace_it_is_expired() -> None:
    of = until(NOW)
    assert document(of, NOW + 7 * DAY - 1).status == "active"
    ended = document(of, NOW + 7 * DAY)
    assert (ended.status, ended.reason, ended.expires_at) == ("expired", "terms_ended", NOW + 7 * DAY)


def test_a_refusal_repeats_the_number_of_the_head() -> None:
    made = document(licence(), refusal="fingerprint_mismatch")
    assert (made.status, made.reason, made.seq) == ("refused", "fingerprint_mismatch", 1)
