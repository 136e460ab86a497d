"""Notices of the licence in the CRM's pages, and what is never touched for them."""

import gzip
from collections.abc import Iterable
from typing import Any

import pytest

from tests.agent.crm.browsers import HTML, PAGE, Wrap, application, person
from tests.contract.local import Site


@pytest.fixture
def noticed(site: Site) -> None:
    """The clock of the server can't be right: the agent has something to tell."""
    site.rig.clock.turn(-3_600)


@pytest.mark.usefixtures("noticed")
@pytest.mark.parametrize(("language", "text"), [("en", "clock is at least"), ("fa", "ساعت سرور")])
def test_notices_come_into_whole_pages(wrap: Wrap, language: str, text: str) -> None:
    headers = [*HTML, ("ETag", '"1"'), ("X-Own", "kept")]
    got = person(wrap(application(PAGE[:20], PAGE[20:], headers=headers), banner=True), language=language).get("/")
    assert '<BODY class=a><div class="licence-notices licence-warning"' in got.text
    assert text in got.text
    assert got.text.endswith("سلام</BODY></html>")
    assert got.headers["Content-Length"] == str(len(got.body))
    assert "ETag" not in got.headers
    assert got.headers["X-Own"] == "kept"


@pytest.mark.usefixtures("noticed")
def test_notices_are_written_in_the_pages_own_letters(wrap: Wrap) -> None:
    page = "<body>سلام".encode("windows-1256")
    app = application(page, headers=[("Content-Type", "text/html; charset=windows-1256")])
    got = person(wrap(app, banner=True), language="fa").get("/")
    assert "ساعت سرور" in got.body.decode("windows-1256").replace("&#1740;", "ی").replace("&#1705;", "ک")


@pytest.mark.usefixtures("noticed")
@pytest.mark.parametrize(
    ("app", "method"),
    [
        (application(PAGE, whole=False), "GET"),
        (application(gzip.compress(PAGE), headers=[*HTML, ("Content-Encoding", "gzip")]), "GET"),
        (application(PAGE, headers=[*HTML, ("Content-Encoding", "own")]), "GET"),
        (application(b"{}", headers=[("Content-Type", "application/json")]), "GET"),
        (application(PAGE, headers=[*HTML, ("Content-Disposition", "attachment")]), "GET"),
        (application(PAGE, headers=[("Content-Type", "text/html; charset=utf-16")]), "GET"),
        (application(PAGE, headers=[("Content-Type", "text/html; charset=klingon")]), "GET"),
        (application(b"<p>a fragment</p>"), "GET"),
        (application(PAGE, status="206 Partial Content"), "GET"),
        (application(b"<body>" + b"a" * 2_097_152), "GET"),
        (application(), "GET"),
        (application(b""), "HEAD"),
    ],
)
def test_whatever_is_no_whole_page_passes_as_it_is(wrap: Wrap, app: Any, method: str) -> None:
    plain, noticed = (person(wrap(app, banner=banner)).call(method, "/") for banner in (False, True))
    assert noticed.body == plain.body
    assert noticed.headers == plain.headers


@pytest.mark.usefixtures("noticed")
def test_a_page_that_is_written_passes(wrap: Wrap) -> None:
    def writing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", [*HTML, ("Content-Length", "12")])
        write(b"<body>")
        write(b"abcdef")
        return []

    written = list[bytes]()
    app = wrap(writing, banner=True)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": "user=sara", "REMOTE_ADDR": "10.0.0.1"}
    rest = b"".join(app(environ, lambda *_: written.append))
    assert b"".join(written) + rest == b"<body>abcdef"


@pytest.mark.usefixtures("noticed")
def test_an_application_that_begins_late_and_one_that_fails_midway(wrap: Wrap) -> None:
    closed = []

    class Late:
        def __init__(self, start_response: Any, fails: bool) -> None:
            self.start_response, self.fails = start_response, fails

        def __iter__(self) -> Any:
            self.start_response("200 OK", [*HTML, ("Content-Length", str(len(PAGE)))])
            yield PAGE[:5]
            if self.fails:
                self.start_response("500 Oops", [("Content-Type", "text/html")], (ValueError, ValueError(), None))
                yield b"sorry"
                return
            yield PAGE[5:]

        def close(self) -> None:
            closed.append(self)

    late = person(wrap(lambda environ, start: Late(start, fails=False), banner=True)).get("/")
    assert "licence-notices" in late.text
    failing = person(wrap(lambda environ, start: Late(start, fails=True), banner=True)).get("/")
    assert (failing.status, failing.body.endswith(b"sorry")) == (500, True)
    assert len(closed) == 2
