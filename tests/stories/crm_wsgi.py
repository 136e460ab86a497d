"""A CRM in Python that our middleware holds to its licence, on a listener for IPv4 and IPv6 at once.

Usage: python -m tests.stories.crm_wsgi PORT AGENT_HOME ROOT [TRUSTED_PROXY ...]

Who is signed in stands in the cookie ``sessionid``; computers are told apart by their address. It answers with the
address that it takes the client to come from. Prints ``ready``.
"""

import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from agent.crm.client import Client
from agent.crm.wsgi import LicenceMiddleware


class _Silent(WSGIRequestHandler):
    def address_string(self) -> str:
        """Return the address as it is; names are nobody's business."""
        return str(self.client_address[0])

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _ForBoth(ThreadingMixIn, WSGIServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def crm(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Greet whoever is in."""
    body = f"welcome, {environ['REMOTE_ADDR']}".encode()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def main(port: str, home: str, root: str, *proxies: str) -> None:
    """Serve until it is killed."""
    token = Path(home) / "application.token"
    client = Client("http://127.0.0.1:7411", root=Path(root), token=token)
    held = LicenceMiddleware(
        crm, client, user="cookie:sessionid", login="/login", workstation="address", trusted_proxies=proxies
    )
    server = _ForBoth(("::", int(port)), _Silent)
    server.set_app(held)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
