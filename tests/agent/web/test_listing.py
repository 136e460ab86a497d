"""Who holds what, however many they are."""

from pathlib import Path

from agent.domain.seats import Wanted
from keys.documents.parts import Seats
from tests.agent.web.server import ADMINISTRATOR, serving


def test_a_list_of_hundreds_is_whole_and_in_order(tmp_path: Path) -> None:
    with serving(tmp_path, seats=Seats("concurrent", 600, None)) as crm:
        begun = [crm.office.seating.begin_check_out(Wanted(f"user {number}", "pc")) for number in range(600)]
        given = [finish().seat_id for finish in begun]
        listed = crm.call("GET", "/v1/seats", token=ADMINISTRATOR).json
    assert [seat["seat"] for seat in listed["seats"]] == given
    assert listed["users"] == {"used": 600, "limit": 600}
