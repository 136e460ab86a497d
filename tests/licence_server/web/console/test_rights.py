"""Every role at every door of the console: in exactly where domain/rights.py says so."""

import pytest
from werkzeug.routing import Rule

from licence_server.domain.operator import ROLES, Role
from licence_server.domain.plan import Offer
from licence_server.domain.rights import RIGHTS_OF
from licence_server.web.console.access import NAVIGATION, NEEDS, PUBLIC
from tests.licence_server.office import ME, Office
from tests.licence_server.web.console.reader import Reader, words


def doors(office: Office) -> dict[str, Rule]:
    """The console's endpoints by name, without those for everybody."""
    rules = [rule for rule in office.app.url_map.iter_rules() if rule.endpoint.startswith("console.")]
    return {rule.endpoint.rpartition(".")[2]: rule for rule in rules}


def test_every_door_has_its_right_and_no_right_is_for_nothing(office: Office) -> None:
    assert set(doors(office)) == PUBLIC | set(NEEDS)
    assert not PUBLIC & set(NEEDS)
    assert {endpoint for endpoint, _ in NAVIGATION} <= set(NEEDS)


def knock(reader: Reader, rule: Rule) -> int:
    path = str(rule.build(dict.fromkeys(rule.arguments, "lic_1"), append_unknown=False)[1])  # type: ignore[index]
    answer = reader.post(path) if "POST" in (rule.methods or ()) else reader.get(path)
    assert answer.status_code < 500, words(answer)
    return answer.status_code


@pytest.mark.threat(30)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_in_where_it_has_the_right(reader: Reader, role: Role) -> None:
    """A door that lets somebody in answers 404 or 422 here, since there is nothing behind it yet."""
    reader.enter(role)
    for endpoint, rule in doors(reader.office).items():
        if endpoint in NEEDS:
            right = NEEDS[endpoint]
            may = right is None or right in RIGHTS_OF[role]
            assert (knock(reader, rule) != 403) == may, (role, endpoint)


def test_nobody_gets_in_without_signing_in(reader: Reader) -> None:
    for endpoint, rule in doors(reader.office).items():
        if endpoint in NEEDS:
            is_button = "POST" in (rule.methods or ())
            assert knock(reader, rule) == (401 if is_button else 303), endpoint


def _packages(role: Role) -> tuple[str, ...]:
    """The page that not everybody has."""
    return ("/console/packages",) if "licences.code" in RIGHTS_OF[role] else ()


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_shown_what_would_be_refused(reader: Reader, role: Role) -> None:
    reader.enter(role)
    licence, _ = reader.office.sell()
    customer = licence.customer.id
    reader.office.server.planning.add(Offer("Standard", 3), ME)
    for path in (
        "/console", "/console/customers", f"/console/customers/{customer}", f"/console/licences/{licence.id}",
        "/console/plans", "/console/renewals", "/console/outages", *_packages(role),
    ):  # fmt: skip
        page = reader.get(path)
        assert page.status_code == 200
        for link in set(reader.links(page)):
            assert reader.get(link).status_code == 200, link
        for button in reader.buttons(page):
            endpoint, _ = reader.office.app.url_map.bind("").match(button, "POST")
            right = NEEDS.get(endpoint.rpartition(".")[2])
            assert right is None or right in RIGHTS_OF[role], button
