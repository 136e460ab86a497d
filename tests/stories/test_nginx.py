"""A CRM that knows nothing of licences, behind nginx as deploy/nginx sets it up, with a real agent."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from keys.clock import SystemClock
from tests.stories.nginx import BY_SESSION, Browser, Front, Site, by_name, site
from tests.stories.processes import pause, wait_for
from tests.threats.plugin import Figure, Rounds

pytestmark = pytest.mark.long
BOSS = "boss"
FORGETFUL = {"proxy_cache_valid 204 20s;": "proxy_cache_valid 204 1s;"}
"""A yes is asked again so soon that every outage meets it."""
FORGOTTEN = 2.1
"""Seconds after which that is sure: nginx counts whole ones."""
NO_CACHE = {"proxy_cache licence;": "proxy_cache off;"}


@pytest.fixture(scope="module")
def whole() -> Iterator[Site]:
    """Five users, one network, and an administrator."""
    with TemporaryDirectory(prefix="story-") as name:
        order = ("--users", 5, "--clients", 40, "--network", "127.0.0.0/28")
        with site(Path(name), *order, administrator=BOSS) as made:
            yield made


@pytest.fixture
def place(whole: Site) -> Site:
    whole.empty()
    return whole


@pytest.fixture
def front(place: Site) -> Iterator[Front]:
    """A proxy where the CRM's cookies tell names."""
    with place.front(by_name()) as made:
        yield made


def let_in(front: Front, *users: str) -> list[Browser]:
    browsers = [front.browser() for _ in users]
    for browser, user in zip(browsers, users, strict=True):
        assert browser.log_in(user).text == f"hello {user}"
    return browsers


def test_five_get_in_and_the_sixth_gets_a_page_and_the_reason(place: Site, front: Front) -> None:
    let_in(front, "ali", "سارا", "reza", "mina", "omid")
    assert len(place.holders) == 5
    sixth = front.browser()
    refused = sixth.log_in("neda")
    assert (refused.status, refused.problem) == (403, "seats-exhausted")
    assert "همهٔ جایگاه‌ها پر است" in refused.text
    assert "All seats are taken" in refused.text
    assert sixth.send("POST", "/save", "x=1").status == 403
    as_program = sixth.get("/api", Accept="application/json")
    assert (as_program.status, as_program.headers["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(as_program.text)["type"] == "urn:licence:problem:seats-exhausted"
    assert sixth.get("/login").text == "who are you?", "the login page is there for everybody"
    assert sixth.get("/static/logo.png").text == "a picture"
    assert sixth.log_out().status == 303
    assert len(place.holders) == 5


def test_one_user_on_two_computers_is_one_user(place: Site, front: Front) -> None:
    let_in(front, "ali", "ALI", "reza", "mina", "omid", "neda")
    users = [user for user, _ in place.holders]
    assert (len(users), len(set(users))) == (6, 5)
    assert front.browser().log_in("sara").problem == "seats-exhausted"


def test_by_sessions_every_session_is_a_user(place: Site) -> None:
    """The files as they are, for CRMs whose cookies tell no names."""
    with place.front(BY_SESSION) as front:
        let_in(front, "ali", "ali", "ali", "ali", "ali")
        assert len(place.holders) == 5
        assert front.browser().log_in("ali").problem == "seats-exhausted"


def test_who_is_not_logged_in_takes_no_seat(place: Site, front: Front) -> None:
    stranger = front.browser()
    assert stranger.get("/").status == 303
    stranger.cookies["sessionid"] = "ali.forged"
    assert stranger.get("/").status == 303
    assert not place.holders


@pytest.mark.threat(34)
@pytest.mark.threat(47)
def test_what_a_browser_says_of_itself_counts_for_nothing(place: Site, front: Front) -> None:
    """Neither a name nor an address; and the CRM's own headers reach it unchanged."""
    lies = {
        "Licence_User": "boss",
        "Licence_Client": "pc",
        "Licence_Kind": "service",
        "X_Real_IP": "10.0.0.1",
        "X_Forwarded_For": "10.0.0.1",
        "Origin": "https://example.com",
        "Authorization": "Bearer stolen",
    }
    (ali,) = let_in(front, "ali")
    seen = ali.get("/headers", **lies)
    assert seen.status == 200
    assert "Bearer stolen" in seen.text
    assert "application" not in seen.text
    ((user, client),) = place.holders
    assert user == "ali"
    assert client != "pc"
    outside = front.browser("127.0.0.99")
    outside.get("/login")
    outside.send("POST", "/login", "user=ali")
    lies["X_Real_IP"] = lies["X_Forwarded_For"] = "127.0.0.1"
    refused = outside.get("/", **lies)
    assert (refused.status, refused.problem) == (403, "outside-network")
    assert "این شبکه در پروانه نیست" in refused.text
    assert "This network is not in the licence" in refused.text


def test_a_logout_frees_its_seat_at_once(place: Site, front: Front, figure: Figure) -> None:
    clock = SystemClock()
    browsers = let_in(front, "ali", "sara", "reza", "mina", "omid")
    waiting = front.browser()
    assert waiting.log_in("neda").status == 403
    began = clock.boot()
    assert browsers[0].log_out().status == 303
    wait_for("a free seat", lambda: None if len(place.holders) == 5 else True)
    took = clock.boot() - began
    wait_for("a free seat", lambda: True if waiting.get("/").text == "hello neda" else None)
    # Who left has no seat any more, whatever nginx remembers of the session before.
    again = browsers[0].log_in("ali")
    assert (again.status, again.problem) == (403, "seats-exhausted")
    figure(f"the seat was free {1_000 * took:.0f} ms after the click")


def test_a_logout_that_shows_in_the_body_alone_frees_too(place: Site) -> None:
    """As README.md says of JSON-RPC."""
    line = r'"~^POST /rpc .*\"method\": *\"logout\"" 1;'
    changes = {
        "mirror_request_body off;": "mirror_request_body on;",
        'map "$request_method $request_uri" $licence_logout {': f"map "
        f'"$request_method $request_uri $request_body" $licence_logout {{ {line}',
    }
    with place.front(by_name() | changes) as front:
        ali, _ = let_in(front, "ali", "sara")
        ali.send("POST", "/rpc", '{"method": "list"}')
        assert len(place.holders) == 2
        assert ali.send("POST", "/rpc", '{"id": 1, "method": "logout"}').text == "got 29"
        wait_for("a free seat", lambda: True if len(place.holders) == 1 else None)


@pytest.mark.parametrize(
    ("changes", "most"),
    [({}, 1), pytest.param(NO_CACHE, None, id="control: without the cache")],
)
def test_not_every_image_asks_the_agent(place: Site, changes: dict[str, str], most: int | None, figure: Figure) -> None:
    with place.front(by_name() | changes) as front:
        (ali,) = let_in(front, "ali")
        before = place.asked
        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(lambda number: ali.get(f"/image/{number}").status, range(100)))
        asked = place.asked - before
    assert statuses == {200}
    if most is None:
        assert asked == 100
        return
    assert asked <= most
    figure(f"{asked} of 100 images asked the agent")


def test_a_page_that_is_begun_with_a_hundred_requests_at_once_asks_once(place: Site, front: Front) -> None:
    """Nothing is remembered yet: one asks, the others wait for it."""
    ali = front.browser()
    ali.get("/login")
    ali.send("POST", "/login", "user=ali")
    before = place.asked
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda number: ali.get(f"/image/{number}").status, range(100))) == {200}
    assert place.asked - before == 1


@pytest.mark.parametrize("changes", [{}, pytest.param(NO_CACHE, id="control: without the cache")])
def test_the_agent_is_down_and_nobody_who_is_in_is_thrown_out(
    place: Site, changes: dict[str, str], rounds: Rounds, figure: Figure
) -> None:
    """A yes is kept for a second only here, so that nginx asks in vain all the time."""
    clock = SystemClock()
    seconds = rounds(10, sample=3)
    with place.front(by_name() | FORGETFUL | changes) as front:
        browsers = let_in(front, "ali", "sara", "reza")
        held = sorted(place.holders)
        place.stop_agent()
        statuses = list[int]()
        try:
            until = clock.boot() + seconds
            while clock.boot() < until:
                statuses += [browser.get("/").status for browser in browsers]
                pause(0.2)
            late = front.browser().log_in("late")
        finally:
            place.start_agent()
        statuses += [browser.get("/").status for browser in browsers]
        assert (late.status, late.problem, late.headers["Retry-After"]) == (503, "unavailable", "5")
        assert "چند لحظه صبر کنید" in late.text
        assert "One moment, please" in late.text
        assert sorted(place.holders) == held
        assert front.browser().log_in("late").status == 200
    if changes:
        assert 503 in statuses
        return
    assert set(statuses) == {200}
    figure(f"agent down for {seconds} s: {len(statuses)} requests of 3 people who were in, 0 refused")


def test_a_restart_of_the_agent_is_not_noticed(place: Site) -> None:
    with place.front(by_name() | FORGETFUL) as front:
        browsers = let_in(front, "ali", "sara", "reza")
        held = sorted(place.holders)
        for _ in range(2):
            pause(FORGOTTEN)
            place.stop_agent()
            assert {browser.get("/").status for browser in browsers} == {200}
            place.start_agent()
            pause(FORGOTTEN)
            assert {browser.get("/").status for browser in browsers} == {200}
        assert sorted(place.holders) == held


def test_a_wrong_token_lets_nobody_in_and_says_that_it_is_not_the_person(place: Site) -> None:
    with place.front(by_name(), token="wrong") as front:
        refused = front.browser().log_in("ali")
        assert (refused.status, refused.problem) == (503, "unavailable")
        as_program = front.browser().get("/", Accept="application/json")
        assert as_program.status == 303, "nobody is logged in"
        assert front.browser().get("/login").status == 200
    assert not place.holders


def test_the_crms_own_answers_pass_unchanged(place: Site, front: Front) -> None:
    (ali,) = let_in(front, "ali")
    assert (ali.get("/forbidden").status, ali.get("/forbidden").text) == (403, "the CRM's own no")
    assert (ali.get("/broken").status, ali.get("/broken").text) == (500, "the CRM's own trouble")
    assert ali.send("POST", "/save", "x" * 200_000).text == "got 200000"
    assert ali.get("/headers").headers["Licence-Problem"] is None


def test_a_page_that_stays_open_keeps_its_seat(place: Site) -> None:
    with place.front(by_name() | FORGETFUL) as front:
        (ali,) = let_in(front, "ali")
        script = ali.get("/_licence/beat.js")
        assert (script.status, script.headers["Content-Type"]) == (200, "text/javascript")
        pause(FORGOTTEN)
        before = place.asked
        assert ali.get("/_licence/beat").text == "ok\n"
        assert place.asked == before + 1
        place.empty()
        assert not place.holders
        pause(FORGOTTEN)
        assert ali.get("/_licence/beat").status == 200
        assert len(place.holders) == 1
        assert ali.get("/_licence/authorize").status == 404, "what nginx asks is for nginx alone"
        assert ali.get("/_licence/release").status == 404


def test_a_suspended_licence_shows_its_page_and_lets_the_administrator_in(place: Site, front: Front) -> None:
    """Last, for the licence is not resumed."""
    place.vendor.run("licence", "suspend", place.licence, "--reason", "payment_overdue")
    place.customer.run("validate")
    refused = front.browser().log_in("ali")
    assert (refused.status, refused.problem) == (403, "licence-restricted")
    assert "فقط مدیر سامانه" in refused.text
    assert "Only the administrator" in refused.text
    assert front.browser().log_in(BOSS).text == f"hello {BOSS}"
    place.vendor.run("licence", "revoke", place.licence, "--reason", "ended")
    place.customer.run("validate")
    blocked = front.browser().log_in("ali")
    assert (blocked.status, blocked.problem) == (403, "licence-blocked")
