"""The certificate of installation: written down and read back the same, and of one program and one activation alone."""

from dataclasses import replace

import pytest

from agent.domain.certificate import Server, certify, read_certificate
from agent.domain.mode import Standing
from keys.claims import Reader
from keys.documents.parts import Seats
from keys.errors import MalformedError
from tests.agent.vendor import a_licence
from tests.fakes import START

SERVER = Server("crm-1", "Linux 6.1", "0.1.0", "/opt/licence-agent-0123456789ab/bin/licence-agent", "systemd")
STANDING = Standing("full", "active", a_licence(), START)


@pytest.mark.parametrize("clients", [4, None])
def test_it_reads_back_as_it_was_written(clients: int | None) -> None:
    licence = a_licence(seats=Seats("concurrent", 3, clients))
    made = certify(replace(STANDING, licence=licence), SERVER, "passed")
    assert made is not None
    assert read_certificate(Reader(made.to_claims())) == made
    assert (made.customer, made.users, made.clients) == ("Pars Steel", 3, clients)


def test_without_a_licence_there_is_nothing_to_certify() -> None:
    assert certify(replace(STANDING, licence=None), SERVER, "left_out") is None


def test_it_is_of_one_program_and_one_activation() -> None:
    made = certify(STANDING, SERVER, "refused")
    assert made is not None
    assert made.is_of(SERVER.program, "lic_1", "act_1")
    assert not made.is_of("/opt/licence-agent-ba9876543210/bin/licence-agent", "lic_1", "act_1")
    assert not made.is_of(SERVER.program, "lic_2", "act_1")
    assert not made.is_of(SERVER.program, "lic_1", "act_2")


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"form": "FO-OJ-21"}, {"seat_check": "perhaps"}, {"server": {}}, {"users": "3"}]
)
def test_what_is_none_is_refused(change: dict[str, object]) -> None:
    made = certify(STANDING, SERVER, "passed")
    assert made is not None
    with pytest.raises(MalformedError):
        read_certificate(Reader({**made.to_claims(), **change}))
