"""The console's pages and the API's lists at a vendor with very many customers, as a browser or a program asks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from bench.customers import ISSUER
from licence_server.domain.licence import Licence
from licence_server.domain.rights import RIGHTS
from licence_server.storage.engine import Database
from tests.fakes import TurnableClock
from tests.licence_server.office import ME, Home, Office
from tests.licence_server.people import Person

Uses = Mapping[str, Callable[[], object]]
_DAY = 86_400


@contextmanager
def pages(home: Path, environment: dict[str, str], licence: Licence, at: int) -> Iterator[tuple[Database, Uses]]:
    """Open the doors of a home.

    Args:
        home: the server's data.
        environment: names another database than the home's.
        licence: one with a long life.
        at: the server's time.

    Yields:
        The database that is asked, and every page and list by what it is.
    """
    office = Office.of(Home(home, TurnableClock(wall=at), environment))
    try:
        person = Person.ready(cast("Any", office.server), "reader", "administrator")
        session = person.sign_in().token
        token = office.server.delegating.add("bench", person.operator.id, RIGHTS, office.clock.now() + _DAY, ME)
        client = office.app.test_client()
        client.set_cookie("session", session, domain="127.0.0.1")

        def get(path: str, **headers: str) -> Callable[[], object]:
            def ask() -> None:
                answer = client.get(path, base_url=ISSUER, headers={"Accept-Language": "fa", **headers})
                assert answer.status_code == 200, (path, answer.status_code)

            return ask

        shown = {f"page: {what}": get(f"/console{path}") for what, path in _console(licence).items()}
        listed = {
            f"API: {what}": get(f"/api/v1{path}", Authorization=f"Bearer {token.text}")
            for what, path in _api(licence).items()
        }
        yield office.server.database, {**shown, **listed}
    finally:
        office.close()


def _console(licence: Licence) -> dict[str, str]:
    return {
        "desk": "",
        "desk, silent servers": "/desk/silent",
        "customers": "/customers",
        "customers found by a common word": f"/customers?q={quote('فولاد')}",
        "customers found by a rare name": f"/customers?q={quote('رايانه سپهر نيشابور زرين')}",
        "customers, nobody found": "/customers?q=qqq",
        "customer": f"/customers/{licence.customer.id}",
        "licences": "/licences",
        "licences that are suspended": "/licences?state=suspended",
        "licence of five years": f"/licences/{licence.id}",
        "renewals": "/renewals",
        "audit": "/audit",
        "audit of a licence": f"/audit?of={licence.id}",
    }


def _api(licence: Licence) -> dict[str, str]:
    return {
        "customers": "/customers",
        "licences": "/licences",
        "licences that are suspended": "/licences?state=suspended",
        "licence of five years": f"/licences/{licence.id}",
        "audit": "/audit",
        "find a common word": f"/find?text={quote('فولاد')}",
        "find nothing": "/find?text=qqq",
    }
