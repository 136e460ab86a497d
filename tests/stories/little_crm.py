"""A little CRM that knows nothing of licences: a login, a page, images, a logout.

Usage: python -m tests.stories.little_crm PORT. Prints ``ready``. The session cookie is name.random.signature.
"""

import hmac
import secrets
import sys
from hashlib import sha256
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

_KEY = secrets.token_bytes(16)


class _Crm(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        user = self._user()
        if self.path.startswith("/static/"):
            self._say(200, "a picture")
        elif self.path == "/logout":
            self._say(303, "bye", Location="/login", Set_Cookie="sessionid=; Max-Age=0; Path=/")
        elif self.path == "/login":
            self._say(200, "who are you?")
        elif user is None:
            self._say(303, "", Location="/login")
        elif self.path == "/forbidden":
            self._say(403, "the CRM's own no")
        elif self.path == "/broken":
            self._say(500, "the CRM's own trouble")
        elif self.path == "/headers":
            self._say(200, str(self.headers))
        else:
            self._say(200, f"hello {user}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/login":
            name = f"{parse_qs(body)['user'][0]}.{secrets.token_hex(8)}"
            self._say(303, "", Location="/", Set_Cookie=f"sessionid={name}.{_signature(name)}; Path=/")
        elif self.path == "/logout":
            self.do_GET()
        else:
            self._say(200 if self._user() else 401, f"got {len(body)}")

    def _user(self) -> str | None:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("sessionid")
        name, _, signature = (cookie.value if cookie else "").rpartition(".")
        return unquote(name.split(".")[0]) if hmac.compare_digest(_signature(name), signature) else None

    def _say(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def _signature(name: str) -> str:
    return hmac.new(_KEY, name.encode(), sha256).hexdigest()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Crm)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
