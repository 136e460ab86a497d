"""Requests that somebody brings are answered exactly as those that come by network."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.carried import parts_of, read_carried, write_carried
from keys.documents.requests import DEACTIVATION
from keys.errors import (
    CodeUnknownError,
    CodeUsedError,
    EvidenceRequiredError,
    InvalidInputError,
    LicensingError,
    MalformedError,
    RequestReplayedError,
    SignatureInvalidError,
    TooLargeError,
)
from keys.signing import SoftwareSigner
from licence_server.domain.audit import Sought
from tests.fakes import MemoryDesk
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor


def exchanged(device: Device, request: bytes) -> bytes:
    """Have a request answered, and hold the answer; return the file that goes back."""
    answer = device.vendor.exchanging.exchange(write_carried([request]), ME)
    device.take(answer.document)
    return answer.content


def test_a_licence_lives_by_files_alone(vendor: Vendor) -> None:
    licence, code = vendor.sell()
    device = Device(vendor)
    content = exchanged(device, device.activation_request(code))
    assert read_carried(content) == (device.held, vendor.desk.trust_document)
    for seq in (2, 3):
        exchanged(device, device.request())
        assert (device.licence.seq, device.licence.status) == (seq, "active")
    exchanged(device, device.request(DEACTIVATION))
    assert device.licence.status == "deactivated"
    carried = vendor.auditing.entries(Sought(of=licence.id, deed="request_exchanged"))
    assert [entry.actor for entry in carried] == [ME] * 4
    assert ['"errand":"activation"' in entry.details for entry in carried] == [True, False, False, False]
    assert vendor.auditing.verify().valid


@pytest.mark.threat(20)
def test_the_same_file_gets_the_same_answer_by_whatever_way(vendor: Vendor) -> None:
    code, device = vendor.sell()[1], Device(vendor)
    request = device.activation_request(code)
    first = vendor.exchanging.exchange(request, ME)
    assert vendor.exchanging.exchange(request, "operator:another").content == first.content
    assert vendor.activating.activate(request) == first.document
    device.take(first.document)
    request = device.request()
    second = vendor.validating.validate(request)
    assert vendor.exchanging.exchange(request, ME).document == second


def test_nothing_is_answered_without_a_record_of_who_brought_it(vendor: Vendor) -> None:
    request = Device(vendor).activation_request(vendor.sell()[1])
    before = vendor.auditing.entries()
    broken = replace(vendor.exchanging, desk=MemoryDesk())
    with pytest.raises(LicensingError):  # on the way from the answer to the note
        broken.exchange(request, ME)
    assert vendor.auditing.entries() == before
    assert vendor.exchanging.exchange(request, ME).licence.status == "active"


def test_codes_are_as_good_as_a_file(vendor: Vendor) -> None:
    code, device = vendor.sell()[1], Device(vendor)
    parts = parts_of(device.activation_request(code))
    assert vendor.exchanging.exchange("\n".join(parts[::-1]).encode(), ME).errand == "activation"


def test_the_limits_are_those_of_the_network(vendor: Vendor) -> None:
    code, device = vendor.sell()[1], Device(vendor)
    with pytest.raises(CodeUnknownError):
        vendor.exchanging.exchange(device.activation_request("00000-00000-00000-00000-00000"), ME)
    exchanged(device, device.activation_request(code))
    with pytest.raises(CodeUsedError):
        vendor.exchanging.exchange(Device(vendor).activation_request(code), ME)
    with pytest.raises(SignatureInvalidError):
        vendor.exchanging.exchange(device.request(device_key=SoftwareSigner.generate().key.kid), ME)


def test_other_hardware_gets_a_refusal_to_carry_back(device: Device) -> None:
    answer = device.vendor.exchanging.exchange(device.request(components={}), ME)
    assert (answer.licence.status, answer.licence.reason) == ("refused", "fingerprint_mismatch")


@pytest.mark.threat(6)
def test_a_server_that_lost_its_memory_says_what_to_ask_for(vendor: Vendor, device: Device) -> None:
    unknown = device.request(activation_id="act_lost")
    with pytest.raises(EvidenceRequiredError, match="request --validate --evidence -o FILE"):
        vendor.exchanging.exchange(unknown, ME)
    with pytest.raises(EvidenceRequiredError, match="deactivate --evidence -o FILE"):
        vendor.exchanging.exchange(device.request(DEACTIVATION, activation_id="act_lost"), ME)
    assert exchanged(device, device.request(evidence=True))


@pytest.mark.threat(15)
def test_an_old_request_says_what_to_ask_for(device: Device) -> None:
    request = device.request()
    exchanged(device, request)
    exchanged(device, device.request())
    with pytest.raises(RequestReplayedError, match="request --validate --anew -o FILE"):
        device.vendor.exchanging.exchange(request, ME)


Make = Callable[[Device], bytes]
WRONG: dict[str, tuple[Make, type[LicensingError], str]] = {
    "an answer": (lambda device: device.held, InvalidInputError, "licence-agent import"),
    "another vendor's": (lambda device: device.request(audience="https://a.test"), MalformedError, "another licen"),
    "cut": (lambda device: device.request()[:-300], LicensingError, ""),
    "cut early": (lambda device: device.request()[:60], MalformedError, "once more"),
    "wrapped": (lambda device: device.request().replace(b".", b".\n"), InvalidInputError, "a mail program wrapped it"),
    "two": (lambda device: write_carried([device.request(), device.request()]), InvalidInputError, "more than one"),
    "nothing": (lambda _: b"", MalformedError, "empty"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n\0\0", MalformedError, "not text"),
    "too large": (lambda _: b"x" * 300_000, TooLargeError, "no request"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "refusal", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_request_is_refused_and_changes_nothing(
    device: Device, make: Make, refusal: type[LicensingError], said: str
) -> None:
    content, before = make(device), device.vendor.auditing.entries()
    with pytest.raises(refusal) as refused:
        device.vendor.exchanging.exchange(content, ME)
    assert said in str(refused.value)
    assert device.vendor.auditing.entries() == before


@pytest.mark.threat(16)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(start=st.integers(0, 1500), length=st.integers(0, 40), junk=st.binary(max_size=12))
def test_bitten_requests_are_refused_or_are_the_request(device: Device, start: int, length: int, junk: bytes) -> None:
    request = device.request()
    bitten = request[:start] + junk + request[start + length :]
    with suppress(LicensingError):
        answer = device.vendor.exchanging.exchange(bitten, ME)
        assert bitten.strip() == request
        device.take(answer.document)
