"""A CRM's front door: a listener for IPv4 and IPv6 at once that asks the agent about whoever comes.

Usage: python -m tests.stories.crm PORT TOKEN_FILE careful|naive

It passes on the transport's address, as nginx does with ``proxy_set_header X-Real-IP $remote_addr``, and everything
else that the client sent, as a proxy may. The naive one believes what the client says. Prints ``ready``.
"""

import http.client
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Door(BaseHTTPRequestHandler):
    token = ""
    naive = False

    def do_GET(self) -> None:
        user, _, client = self.path.removeprefix("/").partition("/")
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        if not self.naive or "X-Real-IP" not in headers:
            headers = {name: value for name, value in headers.items() if name.lower() != "x-real-ip"}
            headers["X-Real-IP"] = str(self.client_address[0])
        headers |= {"Licence-User": user, "Licence-Client": client, "Authorization": f"Bearer {self.token}"}
        line = http.client.HTTPConnection("127.0.0.1", 7411, timeout=10)
        try:
            line.request("GET", "/v1/authorize", headers=headers)
            answer = line.getresponse()
            answer.read()
        finally:
            line.close()
        said = f"{answer.status} {answer.getheader('Licence-Problem', '')} {self.client_address[0]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _ForBoth(ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def main(port: str, token_file: str, manner: str) -> None:
    """Serve until it is killed."""
    _Door.token, _Door.naive = Path(token_file).read_text().strip(), manner == "naive"
    server = _ForBoth(("::", int(port)), _Door)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
