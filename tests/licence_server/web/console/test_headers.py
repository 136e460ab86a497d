"""The console's headers: what browsers are told to forbid, on every kind of answer."""

import re

import pytest
from werkzeug.datastructures import Headers

from licence_server.web.console.files import load_files
from tests.licence_server.office import Home, Office
from tests.licence_server.web.console.observatory import found, policy_of, score
from tests.licence_server.web.console.reader import Reader

A_PLUS = 100
NOTHING_UNSAFE = {"'none'", "'self'", "data:"}


def answers(reader: Reader) -> dict[str, Headers]:
    file = f"/console/static/{load_files().version}/console.css"
    refused = reader.post("/console/preferences", {"theme": "dark"}, token="")
    changed = reader.post("/console/preferences", {"theme": "dark"})
    pages = {path: reader.get(path) for path in ("/console/sign-in", "/console/nothing", file)}
    statuses = [answer.status_code for answer in (refused, changed, *pages.values())]
    assert statuses == [403, 303, 200, 404, 200]
    return {"refused": refused.headers, "changed": changed.headers} | {
        path: answer.headers for path, answer in pages.items()
    }


def test_every_answer_is_an_a_plus(reader: Reader) -> None:
    scores = {what: score(headers) for what, headers in answers(reader).items()}
    assert all(number >= A_PLUS for number in scores.values()), scores


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", None),
        ("Content-Security-Policy", "default-src 'none'; script-src 'self' 'unsafe-inline'"),
        ("Strict-Transport-Security", None),
        ("Strict-Transport-Security", "max-age=3600"),
        ("X-Content-Type-Options", None),
        ("Set-Cookie", "session=1; HttpOnly; SameSite=Lax"),
        ("Access-Control-Allow-Origin", "*"),
    ],
)
def test_a_weaker_answer_loses_points(reader: Reader, name: str, value: str | None) -> None:
    headers = reader.get("/console/sign-in").headers.copy()
    whole = score(headers)
    del headers[name]
    if value is not None:
        headers[name] = value
    assert score(headers) < whole, list(found(headers))


@pytest.mark.threat(27)
def test_nothing_is_allowed_but_what_we_serve(reader: Reader) -> None:
    policy = policy_of(reader.get("/console/sign-in").headers)
    assert {source for sources in policy.values() for source in sources} <= NOTHING_UNSAFE
    assert policy["img-src"] == ["'self'", "data:"]
    assert {name for name, sources in policy.items() if "data:" in sources} == {"img-src"}


def test_pages_are_kept_nowhere_and_files_for_ever(reader: Reader) -> None:
    sent = answers(reader)
    kept = {what: headers.getlist("Cache-Control") for what, headers in sent.items()}
    file = next(what for what in kept if "static" in what)
    assert kept.pop(file) == ["public, max-age=31536000, immutable"]
    assert set(map(tuple, kept.values())) == {("no-store",)}
    assert "Set-Cookie" not in sent[file]


def test_no_page_has_a_script_or_a_style_of_its_own(reader: Reader) -> None:
    for path in ("/console/sign-in", "/console/nothing"):
        page = reader.get(path).text
        assert not re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_cookies_are_for_this_host_alone(reader: Reader) -> None:
    (visit,) = reader.get("/console/sign-in").headers.getlist("Set-Cookie")
    assert re.fullmatch(r"__Host-visit=[\w=-]{44}; Secure; HttpOnly; Path=/; SameSite=Lax", visit)


def test_over_plain_http_on_this_machine_cookies_work_too(home: Home) -> None:
    office = Office.of(home, issuer="http://127.0.0.1:7410")
    reader = Reader.of(office)
    answer = reader.get("/console/sign-in")
    (visit,) = answer.headers.getlist("Set-Cookie")
    assert visit.startswith("visit=")
    assert "Secure" not in visit
    assert "Strict-Transport-Security" not in answer.headers
    assert reader.post("/console/preferences", {"theme": "dark"}).status_code == 303
    office.close()


def test_the_api_keeps_its_problems(office: Office) -> None:
    for path in ("/", "/consoles", "/agent/v1/nothing"):
        assert office.call("GET", path).mimetype == "application/problem+json"
