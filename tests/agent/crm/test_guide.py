"""docs/crm.md: its examples run, in Flask and in Django, against a real agent."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect, request, session

from agent.crm.client import Client
from tests.agent.crm import django_crm
from tests.agent.crm.browsers import Browser
from tests.contract.local import Site
from tests.fakes import TurnableClock

PAGE = Path(__file__).parents[3] / "docs/crm.md"
_BLOCK = re.compile(r"^<!-- run: (\w+) -->\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))


class Guide:
    """One reader, who types what the page says into one program."""

    def __init__(self, site: Site, clock: TurnableClock, root: Path) -> None:
        self.meant = {
            "/var/lib/licence-agent/agent.sock": str(site.rig.home.folder / "agent.sock"),
            'root=Path("/opt/crm/root.json")': f'root=Path("{root}"), clock=clock',
        }
        self.known: dict[str, Any] = {"__name__": "crm", "clock": clock}
        self.clients = list[Client]()

    def type(self, name: str) -> dict[str, Any]:
        text = BLOCKS[name]
        for said, meant in self.meant.items():
            text = text.replace(said, meant)
        exec(compile(text, f"docs/crm.md: {name}", "exec"), self.known)  # noqa: S102 - our own page
        self.clients.append(self.known["client"])
        return self.known


@pytest.fixture
def guide(site: Site, clock: TurnableClock, tmp_path: Path) -> Iterator[Guide]:
    root = tmp_path / "root.json"
    root.write_bytes(site.rig.vendor.trust_document)
    guide = Guide(site, clock, root)
    yield guide
    for client in guide.clients:
        client.close()


def users(site: Site) -> int:
    return site.local.seating.occupied().users.used


def test_every_example_of_the_page_is_run_here() -> None:
    assert set(BLOCKS) == {"client", "refusals", "flask", "django", "policy", "licence"}
    assert PAGE.read_text(encoding="utf-8").count("```python") == len(BLOCKS)


def test_seats_refusals_policy_and_licence(site: Site, guide: Guide, capsys: pytest.CaptureFixture[str]) -> None:
    guide.type("client")
    assert users(site) == 0
    for user in "abc":
        site.local.check_out(user)
    guide.type("refusals")
    guide.type("policy")
    guide.type("licence")
    said = capsys.readouterr().out
    assert "Sara works; whatever she stores can be guarded by 1" in said
    assert "3 of 3 users are in." in said
    assert "full Pars Steel 3" in said


def test_flask(site: Site, guide: Guide) -> None:
    guide.type("client")
    app: Flask = guide.type("flask")["app"]

    @app.route("/login", methods=["GET", "POST"])
    def login() -> Any:
        if request.method == "POST":
            session["user"] = request.form["user"]
            return redirect("/")
        return "<body>"

    @app.post("/logout")
    def logout() -> Any:
        session.clear()
        return redirect("/login")

    @app.get("/")
    def home() -> str:
        return f"Hello {session['user']}"

    browsers = [Browser(app) for _ in range(4)]
    for number, browser in enumerate(browsers):
        browser.sign_in(f"user-{number}")
    assert [browser.get("/").status for browser in browsers] == [200, 200, 200, 403]
    browsers[0].post("/logout")
    assert users(site) == 2
    assert browsers[3].get("/").text == "Hello user-3"


def test_django(site: Site, guide: Guide, tmp_path: Path) -> None:
    django_crm.set_up(tmp_path / "django.sqlite3")
    names = [f"user-{number}" for number in range(4)]
    django_crm.register(*names)
    guide.type("client")
    app = guide.type("django")["application"]
    browsers = [Browser(app) for _ in names]
    for name, browser in zip(names, browsers, strict=True):
        browser.get("/accounts/login/")
        browser.post("/accounts/login/", f"user={name}".encode())
    assert [browser.get("/").status for browser in browsers] == [200, 200, 200, 403]
    assert "Hello user-0" in browsers[0].get("/").text
    assert "<main>" in browsers[3].get("/").text
    assert browsers[1].post("/customers", b"name=Acme").json == {"added": "Acme", "read_only": False}
    assert browsers[1].get("/export").text == "<body>rows"
    assert browsers[0].post("/accounts/logout/").status == 302
    assert users(site) == 2
    site.answered("suspended", "payment_overdue")
    guide.known["client"].refresh()
    assert browsers[3].get("/").status == 200
    assert browsers[3].post("/customers", b"name=Acme").status == 403
    django_crm.disconnect()
