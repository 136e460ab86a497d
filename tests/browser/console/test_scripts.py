"""Markup and scripts in every text that others write: in a real browser nothing of it runs."""

from typing import Any, cast

import pytest
from markupsafe import Markup

from licence_server.domain.customer import NewCustomer
from licence_server.domain.outage import Declaration
from licence_server.domain.plan import Offer
from licence_server.services.renewing import chosen
from licence_server.web.console import headers
from tests.browser.console.page import Page
from tests.licence_server.office import ME, Office, device_at
from tests.licence_server.people import Person

HOSTILE = "<img src=x onerror='window.ran=1'><svg onload='window.ran=1'>\"'><script>window.ran=1</script>"


def visited(page: Page, office: Office) -> list[str]:
    """Open every page that shows what others wrote; return those on which something of it ran."""
    everywhere = NewCustomer(HOSTILE, representative=HOSTILE, address=HOSTILE, note=HOSTILE)
    customer = office.server.registering.add(everywhere, ME)
    licence, code = office.sell(site=HOSTILE[:100])
    device_at(office).activate(code)
    due, _ = office.sell(site=HOSTILE[:100], ends_at=office.clock.now() + 86_400)
    plan = office.server.planning.add(Offer(HOSTILE, 1, edition=HOSTILE[:100]), ME).id
    office.server.moving.rehost(licence.id, HOSTILE, ME)
    now = office.clock.now()
    outage = office.server.declaring.declare(Declaration(now, now + 86_400, 1, None, HOSTILE), ME)
    person = Person.ready(cast("Any", office.server), "maryam", "administrator")
    page.open("/console/sign-in")
    page.carry("session", person.sign_in().token)
    cell = HOSTILE.replace('"', '""')
    file = office.server.importing.check("customers", f'name,mobile\n"{cell}",\nx,"{cell}"\n'.encode(), ME)
    ran = []
    for path in (
        "/console/customers", f"/console/customers/{customer.id}", f"/console/customers/{customer.id}/change",
        f"/console/customers/{customer.id}/representative",
        f"/console/customers/{customer.id}/licences/new", f"/console/customers/{customer.id}/licences/new?plan={plan}",
        "/console/plans", f"/console/plans/{plan}/change", "/console/renewals",
        f"/console/renewals/chosen?licence={chosen(due)}", "/console/licences", f"/console/licences/{licence.id}",
        "/console/approvals", "/console/outages", f"/console/outages/{outage.id}/codes",
        "/console/audit", "/console/account", "/console/imports",
        f"/console/imports/{file.id}",
        "/console/customers?q=%3Cscript%3Ewindow.ran=1%3C/script%3E",
    ):  # fmt: skip
        page.open(path)
        if page.browser.execute_script("return window.ran"):
            ran.append(path)
    return ran


@pytest.mark.threat(27)
def test_nothing_that_others_wrote_runs(page: Page, office: Office) -> None:
    assert visited(page, office) == []


@pytest.mark.threat(27, control=True)
def test_without_escaping_and_without_a_policy_it_runs(
    page: Page, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.app.jinja_env.filters["apart"] = Markup
    monkeypatch.setattr(headers, "_HEADERS", {})
    page.expected += ["404", "x - Failed"]
    assert "/console/customers" in visited(page, office)


@pytest.mark.threat(27, control=True)
def test_without_escaping_the_policy_still_stops_it(page: Page, office: Office) -> None:
    office.app.jinja_env.filters["apart"] = Markup
    page.expected += ["404", "Content Security Policy", "x - Failed"]
    assert visited(page, office) == []
