"""Whatever comes in, what goes out is a document or a problem, and never a fault of the server's."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.documents.requests import ACTIVATION, DEACTIVATION, VALIDATION
from keys.jws import decode, from_json, sign_document
from tests.licence_server.device import Device
from tests.licence_server.office import Office, problem

pytestmark = pytest.mark.threat(28)
ENDPOINTS = {"activations": ACTIVATION, "validations": VALIDATION, "deactivations": DEACTIVATION}
endpoints = st.sampled_from(sorted(ENDPOINTS))
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(office: Office, endpoint: str, body: bytes, media: str = "application/jwt") -> None:
    response = office.post(endpoint, body, media)
    assert response.status_code < 500
    if response.status_code >= 300:
        assert response.mimetype == "application/problem+json"
        assert problem(response)["type"].startswith("urn:licence:problem:")


@often
@given(
    endpoint=endpoints, body=st.binary(max_size=400), media=st.sampled_from(["application/jwt", "text/html", "", "é"])
)
def test_any_bytes(office: Office, endpoint: str, body: bytes, media: str) -> None:
    check(office, endpoint, body, media)


@often
@given(endpoint=endpoints, header=values, payload=values, signature=st.binary(max_size=80))
def test_anything_of_three_parts(office: Office, endpoint, header, payload, signature) -> None:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    check(office, endpoint, b".".join(part.hex().encode() for part in parts))


@often
@given(endpoint=endpoints, claims=st.dictionaries(st.text(max_size=20), values, max_size=5), introduce=st.booleans())
def test_anything_that_is_signed(office: Office, device: Device, endpoint, claims, introduce) -> None:
    kind = ENDPOINTS[endpoint]
    own = from_json(decode(device.request(kind).split(b".")[1])) if kind != ACTIVATION else {}
    try:
        document = sign_document(kind, {**own, **claims}, device.signer, introduce=introduce)
    except ValueError:
        return  # half a surrogate pair can't be written
    check(office, endpoint, document)


@often
@given(data=st.data(), value=values)
def test_a_good_request_with_one_claim_of_another_kind(office: Office, device: Device, data, value) -> None:
    kind = data.draw(st.sampled_from([VALIDATION, DEACTIVATION]))
    own = dict(from_json(decode(device.request(kind).split(b".")[1])))
    own[data.draw(st.sampled_from(sorted(own)))] = value
    endpoint = "validations" if kind == VALIDATION else "deactivations"
    try:
        document = sign_document(kind, own, device.signer)
    except ValueError:
        return
    check(office, endpoint, document)
