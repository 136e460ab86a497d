"""Everything that either program leans on breaks, one thing after the other: nobody takes that for a yes."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from werkzeug.test import TestResponse

from agent.domain import mode, network
from agent.services import holding, seating
from agent.store.devicekeys import DeviceKeys
from agent.store.papers import Papers
from agent.store.seats import SqlJournal
from agent.store.tallies import Tallies
from agent.web import bodies
from agent.web.access import Access
from keys.signing import PublicKey, SoftwareSigner
from licence_server.services import activating
from licence_server.services import validating as server_validating
from licence_server.storage.activations import SqlActivations, SqlDocuments
from licence_server.storage.audit import SqlAudit
from licence_server.storage.codes import SqlCodes
from licence_server.storage.licences import SqlLicences
from licence_server.storage.vault import FileVault
from tests.agent.rig import MemoryMachine, Rig
from tests.contract.local import Local
from tests.contract.serving import Premises
from tests.fakes import TurnableClock

ODD = (RuntimeError, OSError, KeyError, ValueError, UnicodeDecodeError)
"""What may come out of anything. Which of them a program foresees depends on the place, so each place gets each."""
Place = tuple[Any, str]


def raising(kind: type[Exception]) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise kind("utf-8", b"", 0, 1, "odd") if kind is UnicodeDecodeError else kind("odd")

    return fail


def raising_once(kind: type[Exception]) -> Callable[[TurnableClock], int]:
    fail, calls = raising(kind), iter([True])
    return lambda clock: fail() if next(calls, False) else clock.wall


AGENT: dict[str, Place] = {
    "journal": (SqlJournal, "write"),
    "hardware": (MemoryMachine, "sight"),
    "boot clock": (TurnableClock, "boot"),
    "wall clock": (TurnableClock, "now"),
    "licence file": (Papers, "licence"),
    "trust file": (Papers, "trust"),
    "refusal file": (Papers, "refusal"),
    "file system": (Papers, "stamp"),
    "device key": (DeviceKeys, "flaw"),
    "ledger of running time": (Tallies, "ledger"),
    "signature": (PublicKey, "verify"),
    "opening": (holding, "open_licence"),
    "fingerprint": (mode, "compare"),
    "mode": (seating, "allowance"),
    "network": (network, "check_address"),
    "token": (hmac, "compare_digest"),
    "way in": (Access, "check_way_in"),
    "headers": (bodies, "read_headers"),
    "body": (bodies, "read_wanted"),
}
SERVER: dict[str, Place] = {
    "clock": (TurnableClock, "now"),  # once: the log's lines have a time, too
    "signer": (SoftwareSigner, "sign"),
    "keys": (FileVault, "_current"),
    "signature": (PublicKey, "verify"),
    "licences": (SqlLicences, "_one"),
    "storing a licence": (SqlLicences, "put"),
    "activations": (SqlActivations, "_one"),
    "storing an activation": (SqlActivations, "add"),
    "replacing an activation": (SqlActivations, "put"),
    "codes": (SqlCodes, "get"),
    "using a code": (SqlCodes, "use"),
    "documents": (SqlDocuments, "add"),
    "record": (SqlAudit, "write"),
    "end of the record": (SqlAudit, "head"),
    "sufficiency": (activating, "is_sufficient"),
    "opening an activation": (activating, "open_activation_request"),
    "opening a validation": (server_validating, "open_validation_request"),
}
_ACTIVATION = "storing a licence|storing an activation|codes|using a code|sufficiency|opening an activation"
SKIPPED_BY = {
    "activation": {"replacing an activation", "opening a validation"},
    "validation": {*_ACTIVATION.split("|"), "end of the record"},
}
"""What a request does not lean on."""


def yes(answer: TestResponse) -> bool:
    return answer.status_code < 400


def asked(local: Local, rig: Rig) -> list[TestResponse]:
    """Every way to a seat, of an agent that remembers nothing yet."""
    rig.judging.holding._known = rig.judging.recognising._known = rig.judging.timekeeping._ledger = None
    headers = {"Licence_User": "reza", "Licence_Client": "pc", "X_Real_IP": "10.0.0.9"}
    seat = local.call("POST", "/v1/seats", {"user": "sara", "client": "pc", "address": "10.0.0.9"})
    return [seat, local.call("GET", "/v1/authorize", **headers)]


@pytest.mark.threat(38)
def test_the_agent_gives_no_seat_when_anything_breaks(rig: Rig, local: Local, figure) -> None:
    asked_for = {"headers": [1], "body": [0]}
    for name, place in AGENT.items():
        for kind in ODD:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(*place, raising(kind))
                answers = asked(local, rig)
            for number in asked_for.get(name, [0, 1]):
                assert not yes(answers[number]), (name, kind, answers[number].data)
                assert answers[number].mimetype == "application/problem+json"
                assert b"odd" not in answers[number].data, "what broke is nobody's business outside"
            local.seating.free("sara")
            local.seating.free("reza")
    assert [yes(answer) for answer in asked(local, rig)] == [True, True], "and all is well when nothing breaks"
    figure(f"agent: {len(AGENT)} dependencies × {len(ODD)} exceptions: no seat")


@pytest.mark.threat(38)
def test_the_server_signs_nothing_when_anything_breaks(premises: Premises, figure) -> None:
    device = premises.active()
    licence, code = premises.sell()
    stranger = premises.device()
    requests = {
        "activation": ("activations", stranger.activation_request(code)),
        "validation": ("validations", device.request()),
    }
    before = premises.show(device.licence.licence_id), premises.show(licence.id)
    for name, place in SERVER.items():
        for errand, (endpoint, document) in requests.items():
            for kind in ODD if name not in SKIPPED_BY[errand] else ():
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(*place, raising_once(kind) if name == "clock" else raising(kind))
                    answer = premises.counter.post(endpoint, document)
                assert not yes(answer), (name, errand, kind)
                assert answer.mimetype == "application/problem+json"
                assert b"odd" not in answer.data
    assert (premises.show(device.licence.licence_id), premises.show(licence.id)) == before, "nothing was half done"
    assert premises.home.ask("audit", "verify")["valid"]
    for endpoint, document in requests.values():
        assert yes(premises.counter.post(endpoint, document)), "and the very same requests count when nothing breaks"
    figure(f"server: {len(SERVER)} dependencies × {len(ODD)} exceptions: nothing signed, nothing changed")


@pytest.mark.threat(38, control=True)
def test_an_agent_that_swallows_what_it_did_not_foresee_gives_a_seat(
    rig: Rig, local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same break, in an agent that catches too much."""

    def lenient(check: Callable[..., None]) -> Callable[..., None]:
        def checked(*words: Any) -> None:
            with suppress(Exception):  # this is the mistake
                check(*words)

        return checked

    monkeypatch.setattr(network, "check_address", lenient(raising(RuntimeError)))
    assert [yes(answer) for answer in asked(local, rig)] == [True, True]
