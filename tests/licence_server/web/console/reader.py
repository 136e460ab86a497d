"""Whoever reads the console, without a browser: keeps cookies, sends forms as a page's form does."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any, cast

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from licence_server.domain.operator import Role
from tests.licence_server.office import ISSUER, Office
from tests.licence_server.people import Person

TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Reader:
    """A browser's cookies and habits, at the console of an office."""

    office: Office
    client: FlaskClient
    base: str
    language: str = "en"

    @classmethod
    def of(cls, office: Office, base: str | None = None, language: str = "en") -> "Reader":
        return cls(office, office.app.test_client(), base or office.server.config.issuer, language)

    def enter(self, role: Role, name: str = "") -> Person:
        """Sign in as somebody of a role, who is taken in for it."""
        person = Person.ready(cast("Any", self.office.server), name or role, role)
        self.carry("session", person.sign_in().token)
        return person

    def carry(self, cookie: str, value: str) -> None:
        """Have a cookie."""
        self.client.set_cookie(f"__Host-{cookie}", value, domain=ISSUER.removeprefix("https://"), secure=True)

    def get(self, path: str = "/console", **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base, headers={"Accept-Language": self.language, **headers})

    def post(self, path: str, form: dict | None = None, token: str | None = None, **headers: str) -> TestResponse:
        """Send a form with the token of the newest page, unless another one is given."""
        sent = {"csrf": self.token() if token is None else token, **(form or {})}
        told = {"Accept-Language": self.language, "Origin": self.base, **headers}
        return self.client.post(path, base_url=self.base, data=sent, headers=told)

    @staticmethod
    def links(page: TestResponse) -> list[str]:
        """Where the links of a page lead."""
        return [unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"]*)"', page.text)]

    @staticmethod
    def buttons(page: TestResponse) -> list[str]:
        """What the forms of a page change."""
        return re.findall(r'<form method="post" action="([^"]+)"', page.text)

    def token(self, path: str = "/console/nothing") -> str:
        found = TOKEN.search(self.get(path).text)
        assert found, "the page has no form"
        return found[1]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(response: TestResponse) -> str:
    """What a page says, without its tags."""
    parser = _Words()
    parser.feed(response.text)
    return " ".join(" ".join(parser.words).split())
