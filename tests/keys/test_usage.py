"""What a request tells of the time since the last document: counts, as they go over the wire."""

from dataclasses import replace

import pytest

from keys.documents.requests import LONGEST_USAGE, Event, Usage, open_validation_request
from keys.errors import MalformedError
from tests.keys.samples import DEVICE, DEVICES, ISSUER, LICENCE, NOW, SIGNING, VALIDATION_REQUEST


def test_31_days_of_usage_fit_into_one_request_with_evidence() -> None:
    hours = tuple(Usage(NOW - hour * 3600, 99_999, 99_999) for hour in range(LONGEST_USAGE))
    request = replace(VALIDATION_REQUEST, usage=hours, held=LICENCE.sign(SIGNING))
    assert open_validation_request(request.sign(DEVICE), ISSUER, DEVICES)[0] == request
    with pytest.raises(MalformedError, match="usage"):
        open_validation_request(replace(request, held=None, usage=(*hours, hours[0])).sign(DEVICE), ISSUER, DEVICES)


def test_refusals_and_waits_of_an_hour_are_told_where_there_were_any() -> None:
    hours = (Usage(NOW, 2, 3), Usage(NOW, 2, 3, 4), Usage(NOW, 2, 3, 0, 5), Usage(NOW, 2, 3, 4, 5))
    request = replace(VALIDATION_REQUEST, usage=hours)
    assert open_validation_request(request.sign(DEVICE), ISSUER, DEVICES)[0] == request
    assert [sorted(hour.to_claims()) for hour in hours] == [
        ["clients", "hour", "users"],
        ["clients", "hour", "refused", "users"],
        ["clients", "hour", "users", "waited"],
        ["clients", "hour", "refused", "users", "waited"],
    ]


def test_an_event_happened_at_least_once() -> None:
    once = replace(VALIDATION_REQUEST, events=(Event("clock_behind", NOW, 1),))
    assert open_validation_request(once.sign(DEVICE), ISSUER, DEVICES)[0] == once
    never = replace(VALIDATION_REQUEST, events=(Event("clock_behind", NOW, 0),))
    with pytest.raises(MalformedError, match="count"):
        open_validation_request(never.sign(DEVICE), ISSUER, DEVICES)
