"""The desk: what needs somebody today, with the next step as a link."""

import pytest

from keys.documents.requests import Usage
from keys.trust import WARNING
from licence_server.domain.attention import KINDS
from licence_server.domain.licence import Licence
from tests.licence_server.device import Device
from tests.licence_server.office import ME, Home, device_at
from tests.licence_server.services.test_attending import detect, roll_back
from tests.licence_server.web.console.reader import Reader, words

DAY = 86_400


@pytest.fixture
def manager(reader: Reader) -> Reader:
    reader.enter("manager")
    return reader


def on_a_server(reader: Reader, **order) -> tuple[Licence, Device]:
    licence, code = reader.office.sell(**order)
    device = device_at(reader.office)
    device.activate(code)
    return licence, device


def test_nothing_needs_anybody(manager: Reader) -> None:
    on_a_server(manager)
    assert "Nothing needs anybody just now." in words(manager.get("/console"))


def test_each_kind_says_why_and_leads_to_the_next_step(manager: Reader) -> None:
    now = manager.office.clock.now()
    ending, _ = on_a_server(manager, site="autumn", ends_at=now + 20 * DAY)
    short, device = on_a_server(manager, site="short")
    restored, other = on_a_server(manager, site="restored")
    copied, third = on_a_server(manager, site="copied")
    manager.office.clock.advance(3600)
    roll_back(other)
    detect(third)
    manager.office.clock.advance(3600)
    device.validate(usage=(Usage(manager.office.clock.now() - 3600, 3, 3, refused=2),))
    manager.enter("manager", "later")
    page = manager.get("/console")
    steps = {
        (copied.id, "resume"), (restored.id, "acknowledge"), (short.id, "seats"), (ending.id, "renew"),
    }  # fmt: skip
    links = {link for link in manager.links(page) if "#" in link}
    assert links == {f"/console/licences/{licence_id}#{step}" for licence_id, step in steps}
    for link in links:
        address, _, step = link.partition("#")
        assert f'id="{step}"' in manager.get(address).text, link
    said = words(page)
    assert said.index("copied") < said.index("restored") < said.index("short") < said.index("autumn")
    assert "Renew several at once" in said
    assert "A copy of the server was found" in said
    assert "The server went back to an earlier state" in said


def test_what_was_looked_at_leaves_the_desk(manager: Reader) -> None:
    licence, device = on_a_server(manager, site="restored")
    manager.office.clock.advance(DAY)
    roll_back(device)
    manager.enter("manager", "later")
    assert "restored" in words(manager.get("/console"))
    path = f"/console/licences/{licence.id}/acknowledge"
    assert manager.post(path, {"why": ""}).status_code == 422
    assert manager.post(path, {"why": "they restored a backup"}).status_code == 303
    assert "restored" not in words(manager.get("/console"))
    page = words(manager.get(f"/console/licences/{licence.id}"))
    assert "they restored a backup" in page
    answer = manager.post(path, {"why": "once more"})
    assert (answer.status_code, "Nothing that its server did" in words(answer)) == (409, True)


def test_a_command_notes_it_too(manager: Reader, home: Home) -> None:
    licence, device = on_a_server(manager, site="restored")
    manager.office.clock.advance(DAY)
    roll_back(device)
    manager.enter("manager", "later")
    assert "state_rolled_back at 2027-01-17" in home.type("licence", "show", licence.id).output
    assert home.ask("licence", "acknowledge", licence.id, "--reason", "they restored a backup")["state"] == "active"
    assert home.ask("licence", "show", licence.id)["activation"]["suspicion"] is None
    assert "restored" not in words(manager.get("/console"))


def test_the_first_few_and_all_of_them(manager: Reader) -> None:
    now = manager.office.clock.now()
    for number in range(7):
        on_a_server(manager, site=f"site{number}", ends_at=now + (10 + number) * DAY)
    page = manager.get("/console")
    assert [f"site{number}" in words(page) for number in range(7)] == [True] * 5 + [False] * 2
    assert "Licences about to end 7" in words(page)
    assert "/console/desk/ending" in manager.links(page)
    assert all(f"site{number}" in words(manager.get("/console/desk/ending")) for number in range(7))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_page(manager: Reader, kind: str) -> None:
    assert "None." in words(manager.get(f"/console/desk/{kind}"))


def test_other_kinds_have_none(manager: Reader) -> None:
    assert manager.get("/console/desk/nonsense").status_code == 404


def test_who_may_do_nothing_is_led_to_look(manager: Reader) -> None:
    licence, _ = on_a_server(manager, ends_at=manager.office.clock.now() + DAY)
    manager.enter("viewer")
    page = manager.get("/console")
    assert f"/console/licences/{licence.id}" in manager.links(page)
    assert "Look at it" in words(page)
    assert not [link for link in manager.links(page) if "#" in link]


def test_the_server_itself_needs_somebody(manager: Reader) -> None:
    on_a_server(manager)
    manager.office.clock.turn(-3600)
    assert "licence-server clock accept" in words(manager.get("/console"))
    left = manager.office.server.vault.trust.expires_at - WARNING - manager.office.clock.now()
    manager.office.clock.advance(left + 1)
    manager.enter("viewer")
    said = words(manager.get("/console"))
    assert "licence-keys rotate" in said
    assert "clock accept" not in said


def test_a_silent_server_after_as_long_as_the_vendor_wants(manager: Reader) -> None:
    licence, _ = on_a_server(manager, site="quiet")
    manager.office.clock.advance(3 * DAY + 1)
    manager.enter("viewer")
    assert "Not heard of for 3 days." in words(manager.get("/console"))
    manager.office.server.suspending.suspend(licence.id, "mistake", ME)
    assert "quiet" not in words(manager.get("/console"))
