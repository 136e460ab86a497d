"""A program declares an outage."""

from typing import Any

import pytest

from keys.carried import read_carried
from keys.documents.outage import open_outage
from licence_server.domain.operator import ROLES, Role
from tests.licence_server.office import Office
from tests.licence_server.web.api.program import Program

DAY = 86_400


def wanted(office: Office, **changes: Any) -> dict[str, Any]:
    now = office.clock.now()
    usual = {"starts_at": now, "ends_at": now + 30 * DAY, "days": 14, "licences": "all", "reason": "no internet"}
    return usual | changes


def test_an_outage_is_declared_and_looked_at(office: Office) -> None:
    program, licence = Program.of(office, "manager"), office.sell()[0].id
    declared = program.do("/outages", wanted(office, licences=[licence]))
    document = open_outage(read_carried(declared["file"].encode())[0], office.server.vault.trust)
    assert (document.licences, document.document_id) == ((licence,), declared["id"])
    assert program.get(f"/outages/{declared['id']}") == declared
    del declared["file"]
    assert program.get("/outages") == {"found": [declared]}
    assert declared["declared_by"].startswith("operator:manager/tok_")


@pytest.mark.parametrize("role", ROLES)
def test_only_managers_and_administrators_may(office: Office, role: Role) -> None:
    answer = Program.of(office, role).ask("POST", "/outages", wanted(office))
    assert answer.status_code == (201 if role in ("manager", "administrator") else 403)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"licences": []}, 422), ({"licences": "some"}, 422), ({"licences": ["lic_none"]}, 404), ({"days": 0}, 422),
        ({"days": 2**40}, 422), ({"reason": "a\nb"}, 422), ({"ends_at": 2**53}, 422), ({"starts_at": None}, 422),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(office: Office, changes: dict[str, Any], status: int) -> None:
    assert Program.of(office, "manager").ask("POST", "/outages", wanted(office, **changes)).status_code == status
    assert office.server.declaring.outages() == []
