"""A program of the vendor's that talks to the operators' API."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from licence_server.domain.operator import Role
from licence_server.domain.rights import RIGHTS_OF
from tests.licence_server.office import ME, Office, problem

YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Program:
    """It carries a token of somebody's."""

    office: Office
    token: str
    name: str

    @classmethod
    def of(cls, office: Office, role: Role, name: str | None = None) -> "Program":
        """With all rights that a new operator of that role can lend."""
        server, name = office.server, name or role
        operator = server.enrolling.add(name, role, ME).operator
        ends = office.clock.now() + YEAR
        lent = server.delegating.add("shop", operator.id, RIGHTS_OF[role], ends, ME)
        return cls(office, lent.text, name)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; ``Idempotency_Key`` becomes that header."""
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", **more}
        said = {} if body is None or method == "GET" else {"json": body}
        return self.office.call(method, f"/api/v1{path}", headers=sent, **said)

    def get(self, path: str) -> Any:
        """Look at something that can be looked at."""
        response = self.ask("GET", path)
        assert response.status_code == 200, response.data
        return response.json

    def do(self, path: str, body: Any = None, method: str = "POST", **headers: str) -> Any:
        """Do something that can be done."""
        response = self.ask(method, path, {} if body is None else body, **headers)
        assert response.status_code in (200, 201), response.data
        return response.json

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """The status and word of a refusal."""
        response = self.ask(method, path, body, **headers)
        return response.status_code, str(problem(response)["type"]).rpartition(":")[2]
