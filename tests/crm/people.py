"""People at work: each at a computer of theirs, through Tryton's web client or its desktop client.

What goes over the wire is what those two programs send, both of release 8: the desktop client puts its session into
``Authorization``, the web client into a cookie.
"""

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crm.installing import DATABASE, PASSWORD

Where = tuple[str, int]
PATIENCE = 30.0
SESSION = "tryton_session"
"""The web client's cookie."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case, without cookies."""
    cookies: tuple[str, ...]
    body: bytes

    @property
    def result(self) -> Any:
        """The result of a call that has to work."""
        assert self.status == 200, (self.status, self.body)
        said = json.loads(self.body)
        assert "error" not in said, said
        return said["result"]


def send(
    where: Where, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, source: str = ""
) -> Answer:
    """Send one request over a connection of its own, from an address of this machine's loopback."""
    line = http.client.HTTPConnection(*where, timeout=PATIENCE, source_address=(source, 0) if source else None)
    try:
        line.request(method, path, body, dict(headers))
        answer = line.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, tuple(answer.msg.get_all("Set-Cookie", ())), answer.read())
    finally:
        line.close()


def ask(where: Where, path: str, method: str, *params: object, source: str = "", **headers: str) -> Answer:
    """Call a method by JSON-RPC."""
    call = json.dumps({"id": 0, "method": method, "params": params}).encode()
    told = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return send(where, "POST", path, told, call, source)


@dataclass
class Person:
    """Somebody at a computer, with the web client in a browser."""

    where: Where
    name: str
    computer: str = "127.0.0.1"
    """The computer's address."""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def is_logged_in(self) -> bool:
        return SESSION in self.cookies

    def log_in(self) -> Answer:
        """Log in with the password."""
        return self._take(self._ask("session/login", "common.db.login", self.name, {"password": PASSWORD}, "en"))

    def log_out(self) -> Answer:
        """Log out, as the button does."""
        return self._take(self._send("POST", "session/logout", b"{}"))

    def call(self, method: str, *params: object) -> Answer:
        """Call a method of the CRM."""
        return self._take(self._ask("rpc/", method, *params, {}))

    def work(self) -> Answer:
        """Read the newest parties."""
        return self.call("model.party.party.search_read", [], 0, 10, [["id", "DESC"]], ["name"])

    def add_party(self, name: str) -> Answer:
        """Write a party; the result is its number."""
        return self.call("model.party.party.create", [{"name": name}])

    def open_page(self, path: str = "") -> Answer:
        """Open a page in the browser."""
        return self._take(self._send("GET", path, Accept="text/html,application/xhtml+xml,*/*;q=0.8"))

    def _ask(self, path: str, method: str, *params: object) -> Answer:
        return ask(self.where, f"/{DATABASE}/{path}", method, *params, source=self.computer, **self._headers())

    def _send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        told = self._headers() | headers | ({"Content-Type": "application/json"} if body else {})
        return send(self.where, method, f"/{DATABASE}/{path}", told, body, self.computer)

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept": "application/json, text/javascript, */*; q=0.01"} | ({"Cookie": cookies} if cookies else {})

    def _take(self, answer: Answer) -> Answer:
        """Keep cookies as a browser does."""
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return answer


@dataclass
class DesktopPerson(Person):
    """Somebody with the desktop client."""

    session: str = ""

    @property
    def is_logged_in(self) -> bool:
        return bool(self.session)

    def log_in(self) -> Answer:
        """Log in with the password."""
        answer = self._ask("rpc/", "common.db.login", self.name, {"password": PASSWORD}, "en")
        if answer.status == 200:
            user, key, _ = answer.result
            self.session = base64.b64encode(f"{self.name}:{user}:{key}".encode()).decode()
        return answer

    def log_out(self) -> Answer:
        """Log out, as the menu does."""
        answer = self._ask("rpc/", "common.db.logout")
        self.session = ""
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Session {self.session}"} if self.session else {}
