"""What the middleware does with requests: languages, forms, cookies, addresses, exemptions."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from agent.crm.client import Client
from agent.crm.wsgi import LicenceMiddleware
from keys.errors import InvalidInputError
from tests.agent.crm.browsers import PAGE, Browser, Wrap, application, person
from tests.contract.local import ADMINISTRATOR, Site


def fill(site: Site) -> None:
    for user in ("x", "y", "z"):
        site.local.check_out(user)


@pytest.mark.parametrize(
    ("language", "first", "direction"),
    [
        ("en-GB,en;q=0.9", "en", "ltr"),
        ("fa-IR,fa;q=0.9,en;q=0.5", "fa", "rtl"),
        ("en;q=0.4,fa;q=0.5", "fa", "rtl"),
        ("de", "fa", "rtl"),
        ("", "fa", "rtl"),
        ("en;q=nonsense", "fa", "rtl"),
    ],
)
def test_the_page_speaks_the_browsers_language_first_and_both_in_all(
    site: Site, wrap: Wrap, language: str, first: str, direction: str
) -> None:
    fill(site)
    got = person(wrap(contact="Call <1234>"), language=language).get("/")
    assert got.headers["Content-Language"] == first
    assert f'<html lang="{first}" dir="{direction}">' in got.text
    assert "All seats are taken" in got.text
    assert "همهٔ جایگاه‌ها پر است" in got.text
    assert "Call &lt;1234&gt;" in got.text
    assert not [word for word in ("http:", "https:", "src=", "<script", "<link") if word in got.text]
    assert got.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Accept": "application/problem+json, text/html;q=0.5"},
        {"Accept": "*/*", "Content_Type": "application/json; charset=utf-8"},
    ],
)
def test_programs_get_problem_details(site: Site, wrap: Wrap, headers: dict[str, str]) -> None:
    fill(site)
    got = person(wrap()).post("/customers", b"{}", **headers)
    assert got.headers["Content-Type"] == "application/problem+json"
    assert got.json["type"] == "urn:licence:problem:seats-exhausted"
    assert (got.json["status"], got.json["dimension"], got.json["limit"]) == (got.status, "users", 3)
    assert set(got.json["text"]) == {"en", "fa"}


@pytest.mark.parametrize("accept", ["text/html,application/json;q=0.9", "*/*", "text/html"])
def test_browsers_get_the_page(site: Site, wrap: Wrap, accept: str) -> None:
    fill(site)
    assert "<main>" in person(wrap()).get("/", Accept=accept).text


def test_a_head_request_gets_no_body(site: Site, wrap: Wrap) -> None:
    fill(site)
    got = person(wrap()).call("HEAD", "/")
    assert (got.status, got.body) == (403, b"")


def test_an_address_outside_the_site_and_a_blocked_licence_have_pages_of_their_own(site: Site, wrap: Wrap) -> None:
    assert "outside the network" in person(wrap(), address="8.8.8.8").get("/").text
    site.answered("revoked", "refunded")
    got = person(wrap(), "ali").get("/")
    assert (got.status, got.headers["Licence-Problem"]) == (403, "licence-blocked")
    assert "پروانهٔ معتبری نیست" in got.text


def test_an_agent_that_is_away_keeps_newcomers_waiting_and_lets_the_others_work(site: Site, wrap: Wrap) -> None:
    app = wrap()
    inside, outside = person(app), person(app, "ali")
    inside.get("/")
    site.local.stop()
    assert inside.post("/customers").status == 200
    got = outside.get("/")
    assert (got.status, got.headers["Licence-Problem"]) == (503, "unreachable")
    assert got.headers["Retry-After"] == "30"
    assert outside.get("/login").status == 200
    site.local.start(site.rig)


def test_the_crm_finds_mode_notices_and_seat_in_the_environ(site: Site, wrap: Wrap) -> None:
    crm = application(PAGE)
    person(wrap(crm)).get("/")
    seen = crm.seen[0]
    assert (seen["licence.mode"], seen["licence.read_only"], seen["licence.notices"]) == ("full", False, [])
    assert seen["licence.seat"].user == "sara"
    seen["licence.release"]()
    assert site.local.seating.occupied().users.used == 0


def test_a_restricted_licence_lets_read_and_lets_the_administrator_write(site: Site, wrap: Wrap) -> None:
    site.answered("suspended", "payment_overdue")
    crm = application(PAGE)
    app = wrap(crm)
    assert person(app).get("/").status == 200
    assert (crm.seen[0]["licence.mode"], crm.seen[0]["licence.read_only"]) == ("restricted", True)
    got = person(app).post("/customers", Accept="application/json")
    assert (got.status, got.json["type"]) == (403, "urn:licence:problem:licence-restricted")
    assert "not saved" in got.json["detail"]
    assert Browser(app).post("/customers").status == 403
    for path in ("/login", "/logout"):
        assert person(app).post(path).status == 200
        assert Browser(app).post(path).status == 200
    assert person(app, ADMINISTRATOR).post("/customers").status == 200


def test_who_is_not_signed_in_costs_no_seat(site: Site, wrap: Wrap) -> None:
    assert Browser(wrap()).get("/").status == 200
    assert site.local.seating.occupied().users.used == 0


def test_exempt_paths_never_ask(site: Site, wrap: Wrap) -> None:
    fill(site)
    app = wrap(exempt=["/static/*", "/health"])
    assert [person(app).get(path).status for path in ("/static/a.css", "/health", "/healthy")] == [200, 200, 403]


def test_a_logout_that_fails_frees_nothing(site: Site, wrap: Wrap) -> None:
    app = wrap(application(b"csrf", status="403 Forbidden"))
    person(app).get("/")
    person(app).post("/logout")
    assert site.local.seating.occupied().users.used == 1


def test_logout_in_one_worker_frees_what_another_one_took(site: Site, connect: Callable[..., Client]) -> None:
    """The other one learns it with its next heartbeat, and asks again when the person comes back."""
    workers = [
        LicenceMiddleware(application(PAGE), connect(), user="cookie:user", login=[], logout=["/logout"])
        for _ in range(2)
    ]
    for worker in workers:
        person(worker).get("/")
    assert site.local.seating.occupied().clients.used == 1
    third = LicenceMiddleware(application(PAGE), connect(), user="cookie:user", login=[], logout=["/logout"])
    person(third).post("/logout")
    assert site.local.seating.occupied().users.used == 0
    workers[0]._client.seats.beat()
    assert workers[0]._client.seats.held == 0
    fill(site)
    assert person(workers[0]).get("/").status == 403


def test_a_browser_is_named_by_a_cookie_that_comes_with_the_first_page(site: Site, wrap: Wrap) -> None:
    browser = Browser(wrap())
    got = browser.get("/login")
    assert "HttpOnly; SameSite=Lax" in got.headers["Set-Cookie"]
    name = browser.cookies["licence-client"]
    browser.cookies["user"] = "sara"
    browser.get("/")
    assert browser.cookies["licence-client"] == name
    browser.cookies["licence-client"] = "forged by somebody; or broken"
    browser.get("/")
    assert {held.seat.client for held in site.local.seating.occupation().held} == {f"browser-{name}", "192.168.1.7"}


def test_programs_without_cookies_are_told_apart_by_address(site: Site, wrap: Wrap) -> None:
    app = wrap(application(b"{}", headers=[("Content-Type", "application/json")]))
    for _ in range(3):
        got = Browser(app, cookies={"user": "bot"}).get("/")
        assert "Set-Cookie" not in got.headers
    assert site.local.seating.occupied().clients.used == 1


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "found"),
    [
        ([], "192.168.1.9", "10.0.0.1", "192.168.1.9"),
        (["192.168.1.9/32"], "192.168.1.9", "10.0.0.1", "10.0.0.1"),
        (["192.168.1.9/32"], "192.168.1.9", "8.8.8.8, 10.0.0.1", "10.0.0.1"),
        (["192.168.1.9/32"], "192.168.1.8", "10.0.0.1", "192.168.1.8"),
        (["unix"], "", "10.0.0.1", "10.0.0.1"),
        ([], "", "10.0.0.1", "unknown"),
        (["unix"], "", "", "unknown"),
        (["192.168.1.9/32"], "::ffff:192.168.1.9", "10.0.0.1", "10.0.0.1"),
    ],
)
@pytest.mark.threat(34)
def test_an_address_counts_only_from_a_trusted_proxy(
    site: Site, wrap: Wrap, proxies: list[str], remote: str, forwarded: str, found: str
) -> None:
    app = wrap(workstation="address", trusted_proxies=proxies)
    person(app, address=remote).get("/", **({"X_Forwarded_For": forwarded} if forwarded else {}))
    assert [held.seat.client for held in site.local.seating.occupation().held] == [found]


def test_a_header_names_people_only_from_a_trusted_proxy(site: Site, wrap: Wrap) -> None:
    app = wrap(user="header:X-User", workstation="header:X-Pc", trusted_proxies=["192.168.1.9/32"])
    Browser(app).get("/", X_User="boss")
    assert site.local.seating.occupied().users.used == 0
    Browser(app, "192.168.1.9").get("/", X_User="سارا".encode().decode("latin-1"), X_Pc="desk-4")
    assert [(held.seat.user, held.seat.client) for held in site.local.seating.occupation().held] == [("سارا", "desk-4")]


@pytest.mark.parametrize(
    "more",
    [
        {"user": "header:X-User"},
        {"user": "nobody"},
        {"user": "environ:"},
        {"trusted_proxies": ["proxy.example"]},
    ],
)
def test_a_configuration_that_can_not_be_is_refused(wrap: Wrap, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        wrap(**more)


def test_accounts_of_integrations_cost_no_user(site: Site, wrap: Wrap) -> None:
    app = wrap(kind=lambda environ: "service" if "bot" in environ["HTTP_COOKIE"] else "person")
    got = person(app, "bot").get("/", Accept="application/json")
    assert got.json["dimension"] == "service"
    assert "service accounts" in person(app, "bot").get("/").text


def test_a_user_from_the_servers_environ(site: Site, wrap: Wrap) -> None:
    app = wrap(user="environ:REMOTE_USER")

    def as_server(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app(environ | {"REMOTE_USER": "sara"}, start_response)

    Browser(as_server).get("/")
    assert site.local.seating.occupied().users.used == 1
