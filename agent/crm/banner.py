"""Notices of the licence in the CRM's own pages: put into whole HTML answers, never into streams or packed ones."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Any
from wsgiref.types import StartResponse

from agent.crm.answers import language
from keys.documents.parts import Notice

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

LARGEST = 2 * 1024 * 1024
"""Bytes of a page that is held back to put something into it; longer ones pass as they are."""
_BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_STALE = frozenset({"content-length", "etag", "content-md5", "digest", "repr-digest", "content-digest"})
"""Headers that are about the bytes as they were."""
_COLOURS = {"info": "#e7f0fb", "warning": "#fdf3d8", "critical": "#fbe3e3"}


def fragment(notices: Sequence[Notice], first: str) -> str:
    """Return the notices as HTML in one language."""
    worst = next((name for name in ("critical", "warning") if any(each.severity == name for each in notices)), "info")
    direction = "rtl" if first == "fa" else "ltr"
    lines = "<br>".join(escape(notice.fa if first == "fa" else notice.en) for notice in notices)
    return (
        f'<div class="licence-notices licence-{worst}" role="status" lang="{first}" dir="{direction}" '
        f'style="background:{_COLOURS[worst]};color:#1c2330;padding:.6rem 1rem;text-align:start">{lines}</div>'
    )


def with_banner(
    app: Callable[[Environ, StartResponse], Iterable[bytes]],
    environ: Environ,
    start_response: StartResponse,
    notices: Sequence[Notice],
) -> Iterable[bytes]:
    """Call an application and put notices into its answer, if that is a whole page of HTML."""
    held = _Held(start_response)
    answer = app(environ, held.start)
    if held.is_settled or environ["REQUEST_METHOD"] == "HEAD":
        return held.passed(answer)
    return held.changed(answer, fragment(notices, language(environ)))


class _Held:
    """An answer whose beginning is held back until it is known whether it will be changed."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._begun: tuple[str, Headers] | None = None
        self.is_settled = False

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401
        """Take the place of the server's start_response (PEP 3333)."""
        if self.is_settled or exc_info is not None or not _is_whole_page(status, headers):
            self.is_settled = True
            return self._start_response(status, headers, exc_info)
        self._begun = status, headers
        return self._write

    def _write(self, content: bytes) -> object:
        """Serve an application that writes: it can't be held back."""
        if not self.is_settled:
            self.is_settled = True
            assert self._begun is not None  # noqa: S101 - nobody has this function before
            self._write_on = self._start_response(*self._begun)
        return self._write_on(content)

    def passed(self, answer: Iterable[bytes]) -> Iterable[bytes]:
        """Return the answer as it is."""
        if not self.is_settled and self._begun is not None:
            self.is_settled = True
            self._start_response(*self._begun)
        return answer

    def changed(self, answer: Iterable[bytes], banner: str) -> Iterator[bytes]:
        """Yield the answer with the banner in it."""
        pieces = iter(answer)
        try:
            first = next(pieces, b"")  # an application may begin only now
            if self.is_settled or self._begun is None:
                yield first
                yield from pieces
                return
            page = b"".join((first, *pieces))
            yield self._settled(page, *self._begun, banner)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    def _settled(self, page: bytes, status: str, headers: Headers, banner: str) -> bytes:
        """Begin the answer and return its page, unless it failed midway and has begun anew."""
        if not self.is_settled:
            page, headers = _inserted(page, headers, banner)
            self.is_settled = True
            self._start_response(status, headers)
        return page


def _is_whole_page(status: str, headers: Headers) -> bool:
    found = {name.lower(): value for name, value in headers}
    length = found.get("content-length", "")
    return (
        not status.startswith(("204", "206", "304"))
        and found.get("content-type", "").lower().startswith("text/html")
        and found.get("content-encoding", "identity").lower() == "identity"
        and "content-disposition" not in found
        and length.isdigit()
        and int(length) <= LARGEST
    )


def _inserted(page: bytes, headers: Headers, banner: str) -> tuple[bytes, Headers]:
    body = _BODY.search(page)
    content = _encoded(banner, headers)
    if body is None or content is None:
        return page, headers
    page = page[: body.end()] + content + page[body.end() :]
    kept = [(name, value) for name, value in headers if name.lower() not in _STALE]
    return page, [*kept, ("Content-Length", str(len(page)))]


def _encoded(banner: str, headers: Headers) -> bytes | None:
    """Write it in the page's own character set; None: that is not one that begins like ASCII."""
    media_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    _, _, charset = media_type.lower().partition("charset=")
    try:
        codec = codecs.lookup(charset.partition(";")[0].strip().strip('"') or "utf-8")
    except LookupError:
        return None
    return banner.encode(codec.name, "xmlcharrefreplace") if "<".encode(codec.name) == b"<" else None
