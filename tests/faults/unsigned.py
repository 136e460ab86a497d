"""Answers that nobody signed: what proxies, portals, broken servers and liars say in a licence server's place."""

import gzip
import json
import socket
import struct
import zlib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler

from agent.server import REFUSALS
from keys.errors import all_refusals
from tests.faults.oddserver import Answer, plain, raw

JWT = {"Content_Type": "application/jwt"}
HTML = {"Content_Type": "text/html; charset=utf-8"}
PROBLEM = {"Content_Type": "application/problem+json"}
_BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/jwt\r\n"
_CHUNKS = _BEGUN + b"Transfer-Encoding: chunked\r\n\r\n"
PAUSE = 0.03
"""Seconds between the pieces of an answer that drips; it has 60 of them."""
_PAGE = b"<html><title>Welcome to the airport</title>Please pay.</html>"


def problem(word: str, **more: object) -> bytes:
    return json.dumps({"type": f"urn:licence:problem:{word}", "title": "No", **more}).encode()


def reset(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    """An answer that ends in a reset (RST) in its middle."""
    handler.wfile.write(_BEGUN)
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.rfile.close()
    handler.connection.close()


STATUSES: Mapping[str, Answer] = {
    f"HTTP {status} with a page": plain(status, _PAGE, **HTML)
    for status in (400, 401, 403, 404, 405, 407, 408, 413, 429, 451, 500, 501, 502, 503, 504, 511, 599, 999)
}
PAGES: Mapping[str, Answer] = {
    "captive portal": plain(200, _PAGE, **HTML),
    "captive portal with a cookie": plain(200, _PAGE, Set_Cookie="session=1; Path=/", **HTML),
    "redirect to another server": plain(302, Location="https://portal.example/login"),
    "redirect that keeps the body": plain(307, Location="https://portal.example/agent/v1/validations"),
    "redirect for ever": plain(308, Location="/agent/v1/validations"),
    "redirect to nowhere": plain(301),
    "404 without a body": plain(404),
    "503 that names a time": plain(503, b"busy", Retry_After="120"),
    "200 without a body": plain(200),
    "204": plain(204),
    "304": plain(304),
    "100 without end": raw(*[b"HTTP/1.1 100 Continue\r\n\r\n" * 25] * 60, pause=PAUSE),
    "101": plain(101, Upgrade="websocket"),
    "a licence's type and a page": plain(200, _PAGE, **JWT),
    "a licence's type and no body": plain(200, **JWT),
    "a text": plain(200, b"a.b.c", Content_Type="text/plain"),
    "no type": plain(200, b"a.b.c"),
    "a crash": plain(500, b"Traceback (most recent call last):"),
}
SIZES: Mapping[str, Answer] = {
    "5 MB": plain(200, b"a" * 5_000_000, **JWT),
    "5 MB in chunks": raw(_CHUNKS, *[b"10000\r\n" + b"a" * 65_536 + b"\r\n"] * 80),
    "chunks without end": raw(_CHUNKS, *[b"1\r\na\r\n"] * 60, pause=PAUSE),
    "chunks that are none": raw(_CHUNKS, b"zz\r\nabc\r\n"),
    "gzip bomb": plain(200, gzip.compress(b"a" * 5_000_000), Content_Encoding="gzip", **JWT),
    "gzip bomb in two layers": plain(
        200, gzip.compress(gzip.compress(b"a" * 5_000_000)), Content_Encoding="gzip, gzip", **JWT
    ),
    "deflate bomb": plain(200, zlib.compress(b"a" * 5_000_000), Content_Encoding="deflate", **JWT),
    "gzip that says nothing of it": plain(200, gzip.compress(b"a" * 5_000_000), **JWT),
    "a byte at a time": raw(_BEGUN + b"\r\n", *[b"a"] * 60, pause=PAUSE),
    "headers a byte at a time": raw(_BEGUN, *[b"X"] * 60, pause=PAUSE),
    "a header of 200 KB": plain(200, b"a.b.c", X_Long="a" * 200_000, **JWT),
    "a thousand headers": plain(200, b"a.b.c", **JWT, **{f"X-{number}": "a" for number in range(1000)}),
    "a status line of 200 KB": raw(b"HTTP/1.1 200 " + b"a" * 200_000 + b"\r\n\r\n"),
}
BYTES: Mapping[str, Answer] = {
    "cut": raw(_BEGUN + b"Content-Length: 100\r\n\r\nabc"),
    "reset": reset,
    "nothing": raw(),
    "SSH": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a TLS alert": raw(b"\x15\x03\x01\x00\x02\x02\x28"),
    "HTTP/0.9": raw(_PAGE),
    "HTTP/9.9": raw(b"HTTP/9.9 200 OK\r\n\r\n" + _PAGE),
    "no status": raw(b"HTTP/1.1 \r\n\r\n"),
    "a status of letters": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a reason with an escape": raw(b"HTTP/1.1 403 \x1b[31mpaid\x1b[0m\xff\r\nContent-Length: 0\r\n\r\n"),
    "headers in headers": raw(_BEGUN + b"X: a\r\n b\rRetry-After: 99\r\nContent-Length: 5\r\n\r\na.b.c"),
    "headers that are none": raw(b"HTTP/1.1 200 OK\r\n\x00\x01\x02\r\n:\r\nno colon\r\n\r\na.b.c"),
    "a length below nothing": raw(_BEGUN + b"Content-Length: -1\r\n\r\na.b.c"),
    "a length of letters": raw(_BEGUN + b"Content-Length: many\r\n\r\na.b.c"),
    "two lengths": raw(_BEGUN + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\na.b.c"),
    "zero bytes": plain(200, bytes(1000), **JWT),
    "random bytes": plain(200, bytes(range(256)) * 8, **JWT),
    "three dots": plain(200, b"...", **JWT),
}
PROBLEMS: Mapping[str, Answer] = {
    "problem without a type": plain(404, b'{"title": "No"}', **PROBLEM),
    "problem that is no JSON": plain(404, b"{", **PROBLEM),
    "problem that is a list": plain(404, b"[]", **PROBLEM),
    "problem with a name twice": plain(503, b'{"type": "about:blank", "type": "about:blank"}', **PROBLEM),
    "problem nested deeply": plain(503, b'{"a":' * 20_000, **PROBLEM),
    "problem in other letters": plain(503, '{"type": "urn:licence:problem:malformed"}'.encode("utf-16"), **PROBLEM),
    "problem of somebody else": plain(404, b'{"type": "about:blank"}', **PROBLEM),
    "problem under another media type": plain(404, problem("code-unknown"), Content_Type="application/json"),
    "problem of another status": plain(404, problem("code-used"), **PROBLEM),
    "problem of the local API": plain(403, problem("licence-blocked"), **PROBLEM),
    "problem with an unknown word": plain(403, problem("nonsense"), **PROBLEM),
}
LOOK_ALIKES = ("suspended", "licence-suspended", "revoked", "superseded", "refused", "expired", "payment_overdue")
_KNOWN = {word: status for words in REFUSALS.values() for word, status in words.items()}
WORDS: Mapping[str, Answer] = {
    f"{status} {word}": plain(status, problem(word, detail="This licence was withdrawn. Pay at once."), **PROBLEM)
    for word in (*sorted(all_refusals()), *LOOK_ALIKES)
    for status in sorted({403, 409, _KNOWN.get(word, 503)})
}
"""Every word that there is, and some that look like one, under its own status and under two others."""

UNSIGNED: Mapping[str, Answer] = {**STATUSES, **PAGES, **SIZES, **BYTES, **PROBLEMS}
