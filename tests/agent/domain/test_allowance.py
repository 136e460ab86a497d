"""What a standing means for seats."""

from agent.domain.mode import Standing
from agent.domain.seats import Allowance, allowance
from keys.documents.parts import Seats
from tests.agent.vendor import a_licence
from tests.fakes import START


def test_with_a_licence_it_is_what_was_bought() -> None:
    licence = a_licence(networks=("10.9.0.0/16",), network_policy="report")
    assert allowance(Standing("grace", "validation_overdue", licence, START), 120, "root", 600) == Allowance(
        "grace", licence.seats, ("10.9.0.0/16",), START, 120, "root", 600, "report"
    )


def test_without_one_it_is_nothing() -> None:
    assert allowance(Standing("blocked", "no_licence", None, START), 120, "root", 600) == Allowance(
        "blocked", Seats("concurrent", 0, 0), (), START, 120, "root", 600
    )
