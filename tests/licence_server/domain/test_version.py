"""Versions: another one after every change by a person, and after nothing else."""

from dataclasses import replace

import pytest

from keys.errors import ChangedMeanwhileError
from licence_server.domain.customer import Customer
from licence_server.domain.sizes import Sizes
from licence_server.domain.version import check_version
from tests.licence_server.samples import NOW, licence


def test_a_change_from_the_present_version_or_from_any_goes_through() -> None:
    check_version("b", None)
    check_version("b", ["a", "b"])


@pytest.mark.parametrize("wanted", [[], ["a"], {""}])
def test_a_change_from_another_one_is_refused(wanted: list[str]) -> None:
    with pytest.raises(ChangedMeanwhileError, match="meanwhile"):
        check_version("b", wanted)


def test_what_people_do_to_a_licence_makes_another_version() -> None:
    before = licence()
    changed = (
        before.suspended("x", NOW),
        before.revoked("x", NOW),
        before.renewed(NOW + 9, NOW),
        before.resized(Sizes(9, None), NOW),
        before.relocated((), "report", NOW),
        licence(state="recovered").confirmed(bound=True, now=NOW),
    )
    assert len({each.version for each in (before, *changed)}) == 1 + len(changed)


def test_what_its_servers_do_makes_none() -> None:
    issued = licence(state="issued")
    assert {issued.version, issued.activated().version, issued.activated().released().version} == {issued.version}


def test_whatever_is_changed_of_a_customer_makes_another_version() -> None:
    before = Customer("cus_1", "Pars", "", "", "", "", 1)
    fields = {"name": "x", "note": "x", "language": "en", "by_sms": False, "representative": "x"}
    versions = {replace(before, **{name: value}).version for name, value in fields.items()}  # type: ignore[arg-type]
    assert len(versions | {before.version}) == 1 + len(fields)
