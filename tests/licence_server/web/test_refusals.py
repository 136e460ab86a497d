"""Every refusal of the protocol's section 6, over HTTP: its status, its word, one body."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from keys.documents.requests import DEACTIVATION
from keys.errors import all_refusals
from keys.identity import new_code, new_id
from keys.signing import SoftwareSigner
from licence_server.web.problems import STATUS
from tests.licence_server.device import Device
from tests.licence_server.office import ME, Office, active_at, device_at, problem

LOCAL = {
    "licence-blocked", "licence-restricted", "not-activated", "origin-refused", "outside-network",
    "seats-exhausted", "unreachable", "agent-not-believed", "seat-ended",
}  # fmt: skip
"""Words of the agent's local API and of its command line alone."""


def test_every_refusal_has_a_status_or_belongs_to_the_agent() -> None:
    assert {refusal.word for refusal in STATUS} == set(all_refusals()) - LOCAL


def activation(office: Office, code: str | None = None, **changes) -> TestResponse:
    if code is None:
        _, code = office.sell()
    return office.post("activations", device_at(office).activation_request(code, **changes))


def used(office: Office) -> TestResponse:
    _, code = office.sell()
    device_at(office).activate(code)
    return activation(office, code)


def expired(office: Office) -> TestResponse:
    _, code = office.sell()
    office.clock.advance(31 * 86_400)
    return activation(office, code)


def suspended(office: Office) -> TestResponse:
    licence, code = office.sell()
    office.server.suspending.suspend(licence.id, "payment_overdue", ME)
    return activation(office, code)


def weak(office: Office) -> TestResponse:
    return activation(office, components={"cpu": "A" * 43})


def replayed(office: Office) -> TestResponse:
    device = active_at(office)
    old = device.request()
    device.take(office.send("validations", old))
    office.clock.advance(60)
    device.validate()
    return office.post("validations", old)


def forgotten(office: Office) -> TestResponse:
    return office.post("validations", active_at(office).request(previous=new_id("doc", os.urandom)))


def forged(office: Office) -> TestResponse:
    device = active_at(office)
    thief = replace(device, signer=SoftwareSigner.generate())
    body = device.request()
    return office.post("validations", body.rpartition(b".")[0] + b"." + thief.request().rpartition(b".")[2])


def guessing(office: Office) -> TestResponse:
    for _ in range(10):
        activation(office, new_code(os.urandom))
    return activation(office, new_code(os.urandom))


def clock_back(office: Office) -> TestResponse:
    device = active_at(office)
    device.validate()
    office.clock.turn(-3600)
    return office.post("validations", device.request())


CASES: dict[str, tuple[int, Callable[[Office], TestResponse]]] = {
    "code-unknown": (404, lambda office: activation(office, new_code(os.urandom))),
    "code-used": (409, used),
    "licence-not-activatable": (409, suspended),
    "code-expired": (410, expired),
    "fingerprint-insufficient": (422, weak),
    "terms-not-accepted": (422, lambda office: activation(office, terms_version="99")),
    "evidence-required": (409, forgotten),
    "request-replayed": (409, replayed),
    "malformed": (400, lambda office: office.post("activations", b"not a document")),
    "signature-invalid": (401, forged),
    "too-large": (413, lambda office: office.post("validations", b"x" * 65_537)),
    "media-type": (415, lambda office: office.post("validations", b"x", "application/json")),
    "rate-limited": (429, guessing),
    "unavailable": (503, clock_back),
    "not-found": (404, lambda office: office.call("GET", "/agent/v1/nothing")),
    "method-not-allowed": (405, lambda office: office.call("PUT", "/agent/v1/validations")),
}


@pytest.mark.parametrize("word", CASES)
def test_a_refusal_has_its_status_and_its_word(office: Office, word: str) -> None:
    status, case = CASES[word]
    response = case(office)
    assert (response.status_code, problem(response)["type"]) == (status, f"urn:licence:problem:{word}")
    assert response.mimetype == "application/problem+json"
    assert problem(response)["status"] == status
    assert problem(response)["title"]
    assert problem(response)["detail"]
    assert ("Retry-After" in response.headers) == (word in {"rate-limited", "unavailable"})


def test_an_activation_a_validation_and_a_return_of_the_licence(office: Office, device: Device) -> None:
    assert device.validate().seq == 2
    assert device.deactivate().status == "deactivated"
    assert office.post("deactivations", device.request(DEACTIVATION)).status_code == 200


def test_the_trust_document_is_handed_out_as_it_is(office: Office) -> None:
    response = office.call("GET", "/agent/v1/trust")
    assert response.data == office.server.vault.trust_document


def test_size_counts_before_type(office: Office) -> None:
    assert office.post("validations", b"x" * 65_537, "text/html").status_code == 413


def test_parameters_of_the_media_type_are_fine(office: Office) -> None:
    assert office.post("validations", b"x", "application/jwt; charset=utf-8").status_code == 400


def test_what_a_method_would_need_stands_in_allow(office: Office) -> None:
    assert "POST" in office.call("PUT", "/agent/v1/validations").headers["Allow"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE"])
@pytest.mark.parametrize("path", ["/", "/agent/v1/validations", "/agent//v1/trust", "/agent/v1/trust/", "/%00", "/é"])
def test_no_answer_is_html_or_a_redirect(office: Office, method: str, path: str) -> None:
    response = office.call(method, path)
    assert response.mimetype == "application/problem+json"
    assert response.status_code in (400, 404, 405, 415)


def test_a_crash_says_nothing_to_the_caller_and_no_secret_to_the_log(office: Office) -> None:
    def crash() -> str:
        raise ZeroDivisionError("the password is canary")

    office.app.add_url_rule("/crash", view_func=crash)
    response = office.call("GET", "/crash")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert b"canary" not in response.data
    assert "canary" not in office.log.getvalue()
    assert "ZeroDivisionError" in office.log.getvalue()
    assert "test_refusals.py" in office.log.getvalue()
