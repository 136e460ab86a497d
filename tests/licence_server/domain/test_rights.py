"""Who may do what."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import NotAllowedError
from licence_server.domain.operator import ROLES, Role
from licence_server.domain.rights import RIGHTS, RIGHTS_OF, Actor, Right, check_right, holders

pytestmark = pytest.mark.threat(30)
PAGE = Path(__file__).parents[3] / "docs/operators.md"
READING = {"customers.read", "licences.read", "usage.read", "audit.read", "operators.read"}


def documented() -> dict[str, set[str]]:
    """Right -> the roles that have it, by the table in docs/operators.md."""
    rows = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    cells = [row.split(" | ") for row in rows]
    heading = next(row for row in cells if row[0] == "right")
    table = [row for row in cells if row[0].strip("`") in RIGHTS]
    return {
        row[0].strip("`"): {role for role, cell in zip(heading[1:-1], row[1:-1], strict=True) if cell.strip() == "✓"}
        for row in table
    }


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_rights_that_the_page_says(role: Role, right: Right) -> None:
    actor = Actor("opr_1", "sara", role)
    if role in documented()[right]:
        check_right(actor, right)
    else:
        with pytest.raises(NotAllowedError) as refused:
            check_right(actor, right)
        assert right in str(refused.value)
        assert all(name in str(refused.value) for name in (*holders(right), "sara", role))


def test_the_page_has_every_right_and_no_other() -> None:
    assert set(documented()) == set(RIGHTS)


def test_who_audits_sees_everything_and_changes_nothing() -> None:
    assert RIGHTS_OF["auditor"] == READING
    assert RIGHTS_OF["viewer"] < RIGHTS_OF["auditor"]


def test_more_responsibility_is_never_fewer_rights() -> None:
    assert RIGHTS_OF["sales"] | RIGHTS_OF["support"] < RIGHTS_OF["manager"] < RIGHTS_OF["administrator"]
    assert RIGHTS_OF["administrator"] == set(RIGHTS)


@pytest.mark.parametrize("right", ["licences.revoke", "operators.write", "webhooks.write", "approvals.decide"])
def test_what_can_not_be_undone_is_not_for_the_desk(right: Right) -> None:
    assert not {"viewer", "sales", "support", "auditor"} & set(holders(right))


@given(st.sampled_from(ROLES), st.frozensets(st.sampled_from(RIGHTS)), st.sampled_from(RIGHTS))
def test_a_token_is_good_for_what_its_scopes_and_the_role_share(
    role: Role, scopes: frozenset[Right], right: Right
) -> None:
    actor = Actor("opr_1", "sara", role, "tok_1", scopes)
    assert actor.rights == RIGHTS_OF[role] & scopes
    if right in RIGHTS_OF[role] and right in scopes:
        check_right(actor, right)
        return
    with pytest.raises(NotAllowedError) as refused:
        check_right(actor, right)
    assert right in str(refused.value)
    assert ("tok_1" in str(refused.value)) == (right in RIGHTS_OF[role])


def test_the_name_in_the_record() -> None:
    assert Actor("opr_1", "sara", "sales").by == "operator:sara"
    assert Actor("opr_1", "sara", "sales", "tok_1", frozenset()).by == "operator:sara/tok_1"
