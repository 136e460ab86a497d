"""Browsers without a network: each is one person's, calls a WSGI application and keeps its cookies."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from agent.crm.wsgi import LicenceMiddleware

Application = Callable[..., Iterable[bytes]]
Wrap = Callable[..., LicenceMiddleware]
HTML = [("Content-Type", "text/html; charset=utf-8")]
PAGE = "<html><BODY class=a>سلام</BODY></html>".encode()


@dataclass
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """One browser on one computer."""

    app: Application
    address: str = "192.168.1.7"
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "en"

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Got:
        """Send a request through wsgiref's validator; underscores in headers' names stand for dashes."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "REMOTE_ADDR": self.address,
            "CONTENT_TYPE": headers.pop("Content_Type", "application/x-www-form-urlencoded"),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "HTTP_ACCEPT": "text/html,*/*;q=0.8",
            "HTTP_ACCEPT_LANGUAGE": self.language,
        }
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        setup_testing_defaults(environ)
        begun = list[tuple[str, list[tuple[str, str]]]]()

        def start_response(status: str, head: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            begun.append((status, head))
            return lambda _: None

        answer = validator(self.app)(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            answer.close()  # type: ignore[attr-defined]
        status, head = begun[-1]
        for name, value in head:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        return Got(int(status[:3]), dict(head), content)

    def get(self, path: str = "/", **headers: str) -> Got:
        return self.call("GET", path, b"", **headers)

    def post(self, path: str = "/", body: bytes = b"", **headers: str) -> Got:
        return self.call("POST", path, body, **headers)

    def sign_in(self, user: str) -> Got:
        """Open the page, and sign in as people do."""
        self.get("/login")
        return self.post("/login", f"user={user}".encode())


def application(
    *pieces: bytes, status: str = "200 OK", headers: list[tuple[str, str]] | None = None, whole: bool = True
):
    """A CRM that answers everything so, and remembers what it was told."""
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(environ)
        length = [("Content-Length", str(sum(map(len, pieces))))] if whole else []
        start_response(status, [*(HTML if headers is None else headers), *length])
        return iter(pieces)

    app.seen = seen  # type: ignore[attr-defined]
    return app


def person(app: Any, user: str = "sara", **more: Any) -> Browser:
    return Browser(app, cookies={"user": user, "licence-client": f"{user:a>22}"}, **more)
