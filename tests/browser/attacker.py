"""Somebody's web server with a page that attacks its reader's machine."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.background import answering

_FILES = {"/": ("page.html", "text/html; charset=utf-8"), "/attack.js": ("attack.js", "text/javascript")}


class _Site(BaseHTTPRequestHandler):
    """Closes after every answer (HTTP/1.0), so that the next request looks the name up again."""

    def do_GET(self) -> None:
        name, kind = _FILES.get(self.path, ("", ""))
        self.send_response(200 if name else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.end_headers()
        if name:
            self.wfile.write((Path(__file__).parent / name).read_bytes())

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def site(address: str, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve the page, and say on which port."""
    server = ThreadingHTTPServer((address, port), _Site)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with answering(server):
        yield int(server.server_address[1])
