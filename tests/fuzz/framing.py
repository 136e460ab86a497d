"""HTTP as nobody should write it, and a caller who sends bytes and listens until the end."""

import re
import socket
from contextlib import suppress

from hypothesis import strategies as st

PATIENCE = 30
"""Seconds that an answer may take."""
LARGEST_ANSWER = 300_000
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")

LENGTHS = (b"0", b"5", b"+5", b"-1", b"5, 5", b"0x5", b"5_0", b"1e1", b"", b" 5", b"9" * 30, b"9" * 5000, b"\xb2")
CODINGS = (b"chunked", b"gzip", b"chunked, chunked", b"xchunked", b"identity", b"", b"\x0bchunked", b"chunked;q=1")
METHODS = (
    b"GET",
    b"POST",
    b"DELETE",
    b"HEAD",
    b"OPTIONS",
    b"TRACE",
    b"CONNECT",
    b"get",
    b"PRI",
    b"",
    b"\xff",
    b"A" * 3000,
)
TARGETS = (
    b"/healthz",
    b"*",
    b"//[/",
    b"http://[evil/",
    b"http://evil/healthz",
    b"/%00%ff%zz",
    b"/../../etc/passwd",
    b"",
    b"/?" + b"a=b&" * 900,
    b"\xff",
)
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"HTTP/2.0", b"http/1.1", b"", b"HTTP/1.1 x")
STRAYS = (
    b"X : y", b" folded: line", b"no colon", b": empty", b"X: \0", b"X: \xff\xfe", b"X: a\rb", b"X: " + b"a" * 9_000,
    b"Host: evil.example", b"Origin: null", b"Expect: 100-continue", b"Expect: 200-maybe", b"Connection: upgrade",
    b"Upgrade: h2c", b"Transfer-Encoding: chunked", b"Content-Length: 3", b"Content-Type: text/html",
    b"X-Forwarded-For: 10.0.0.1, [",
)  # fmt: skip
BODIES = (
    # Good and bad chunks.
    b"",
    b"{}",
    b"0\r\n\r\n",
    b"5\r\nabcde\r\n0\r\n\r\n",
    b"-1\r\na\r\n",
    b"ffffffffffffffffffff\r\na",
    b"zz\r\n",
    b"5;x=y\r\nabcde\r\n0\r\nX: y\r\n\r\n",
)


@st.composite
def requests(draw: st.DrawFn, paths: tuple[bytes, ...], headers: tuple[bytes, ...]) -> bytes:
    """A request to one of some paths, with most of what can be wrong about one."""
    method = draw(st.sampled_from(METHODS[:3]) | st.sampled_from(METHODS))
    target = draw(st.sampled_from(paths) | st.sampled_from(TARGETS))
    lines = [b" ".join([method, target, draw(st.just(b"HTTP/1.1") | st.sampled_from(VERSIONS))]), *headers]
    if draw(st.booleans()):
        lines.append(b"Content-Length: " + draw(st.sampled_from(LENGTHS)))
    if draw(st.booleans()):
        lines.append(b"Transfer-Encoding: " + draw(st.sampled_from(CODINGS)))
    for stray in draw(st.lists(st.sampled_from(STRAYS), max_size=2)):
        lines.insert(draw(st.integers(1, len(lines))), stray)
    body = draw(st.sampled_from(BODIES) | st.binary(max_size=40))
    end = draw(st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r"]))
    return end.join(lines) + end + end + body


def talk(port: int, content: bytes) -> bytes:
    """Send bytes, close that direction, and return all that comes back."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        try:
            line.sendall(content)
            with suppress(OSError):  # whoever hung up already is heard out all the same
                line.shutdown(socket.SHUT_WR)
            while (piece := line.recv(65_536)) and len(found) < LARGEST_ANSWER:
                found += piece
        except (ConnectionResetError, BrokenPipeError):
            return found
    return found


def statuses(answer: bytes) -> list[int]:
    """The statuses of all answers on a connection; 100 is none yet."""
    return [int(found) for found in _STATUS.findall(answer) if found != b"100"]
