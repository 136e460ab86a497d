"""How long the texts of a request may be, and how small the numbers of a licence."""

from dataclasses import replace
from typing import Any

import pytest

from keys.documents.licence import open_licence
from keys.documents.requests import LONGEST_CODE, open_activation_request
from keys.errors import MalformedError
from tests.keys.samples import ACTIVATION_REQUEST, DEVICE, HOST, ISSUER, LICENCE, SIGNING, TRUST


@pytest.mark.parametrize(
    ("changed", "longest"),
    [
        (lambda text: {"host": replace(HOST, name=text)}, 255),
        (lambda text: {"host": replace(HOST, os=text)}, 255),
        (lambda text: {"host": replace(HOST, agent=text)}, 255),
        (lambda text: {"host": replace(HOST, virtualisation=text)}, 255),
        (lambda text: {"code": text}, LONGEST_CODE),
        (lambda text: {"terms_version": text}, 64),
    ],
    ids=["name", "os", "agent", "virtualisation", "code", "terms_version"],
)
def test_a_text_of_a_request_has_a_limit(changed: Any, longest: int) -> None:
    request = replace(ACTIVATION_REQUEST, **changed("x" * longest))
    assert open_activation_request(request.sign(DEVICE), ISSUER) == (request, DEVICE.key)
    longer = replace(ACTIVATION_REQUEST, **changed("x" * (longest + 1)))
    with pytest.raises(MalformedError, match=f"at most {longest} characters"):
        open_activation_request(longer.sign(DEVICE), ISSUER)


def test_a_licence_is_validated_every_second_at_most() -> None:
    licence = replace(LICENCE, validation=replace(LICENCE.validation, interval=1))
    assert open_licence(licence.sign(SIGNING), TRUST) == licence
    always = replace(LICENCE, validation=replace(LICENCE.validation, interval=0))
    with pytest.raises(MalformedError, match="interval must be a whole number from 1"):
        open_licence(always.sign(SIGNING), TRUST)
