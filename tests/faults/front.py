"""What stands before a licence server and opens TLS: an honest front, or one that reads along and changes answers.

Usage: python -m tests.faults.front ADDRESS PORT CERTIFICATE ORDERS LOG

ORDERS is a JSON file that is read for each request: ``upstream``, the server's URL, and ``tamper``, one of TAMPERING,
or ``late``. LOG gets every request as it came. Prints ``ready`` when it listens. It forwards what agents need, no more.
"""

import http.client
import json
import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from keys.jws import decode, encode, from_json, to_json
from keys.signing import SoftwareSigner

Reply = tuple[int, str, bytes]
"""Status, media type and body."""
LATE = 1.5
_STRANGE = SoftwareSigner.generate()


def _bit(reply: Reply) -> Reply:
    body = bytearray(reply[2])
    body[len(body) // 2] ^= 1
    return reply[0], reply[1], bytes(body)


def _more_seats(reply: Reply) -> Reply:
    """Another number of users under the signature as it was."""
    header, claims, signature = reply[2].split(b".")
    changed = dict(from_json(decode(claims)))
    changed["seats"] = {**changed["seats"], "users": 9999}  # type: ignore[dict-item]  # a licence has them
    return reply[0], reply[1], b".".join([header, encode(to_json(changed)), signature])


def _resigned(reply: Reply) -> Reply:
    """The claims that came, under a key of one's own."""
    header, claims, _ = reply[2].split(b".")
    named = encode(to_json({**from_json(decode(header)), "kid": _STRANGE.key.kid}))
    return reply[0], reply[1], b".".join([named, claims, encode(_STRANGE.sign(named + b"." + claims))])


TAMPERING: Mapping[str, Callable[[Reply], Reply]] = {
    "nothing": lambda reply: reply,
    "bit": _bit,
    "more seats": _more_seats,
    "own key": _resigned,
    "forbidden": lambda _: (403, "text/html", b"<h1>Forbidden by policy</h1>"),
    "portal": lambda _: (200, "text/html", b"<h1>Please sign in</h1>"),
}


class _Front(BaseHTTPRequestHandler):
    orders: Path
    log: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.log.open("ab") as log:
            log.write(b"%b\n%b\n%b\n\n" % (self.requestline.encode(), bytes(self.headers), body))
        orders = json.loads(self.orders.read_bytes())
        reply = self._forward(urlsplit(orders["upstream"]).netloc, body)
        if orders["tamper"] == "late":
            threading.Event().wait(LATE)
        elif self.command == "POST" and reply[1] == "application/jwt":
            reply = TAMPERING[orders["tamper"]](reply)
        self.send_response(reply[0])
        self.send_header("Content-Type", reply[1])
        self.send_header("Content-Length", str(len(reply[2])))
        self.end_headers()
        self.wfile.write(reply[2])

    do_GET = do_POST  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _forward(self, upstream: str, body: bytes) -> Reply:
        line = http.client.HTTPConnection(upstream, timeout=10)
        try:
            line.request(self.command, self.path, body or None, {"Content-Type": self.headers.get("Content-Type", "")})
            answer = line.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            line.close()


def main(address: str, port: str, certificate: str, orders: str, log: str) -> None:
    """Serve until it is killed."""
    _Front.orders, _Front.log = Path(orders), Path(log)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer((address, int(port)), _Front)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
