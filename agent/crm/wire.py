"""One request to the agent and its answer, over connections that stay open."""

import http.client
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.crm.reaching import Connect
from keys.claims import Reader
from keys.errors import (
    InvalidInputError,
    LicensingError,
    MalformedError,
    SeatsExhaustedError,
    TokenInvalidError,
    UnavailableError,
    UnreachableError,
    all_refusals,
)
from keys.jws import from_json, to_json

Answer = TypeVar("Answer")

_LARGEST = 4 * 1024 * 1024
"""Bytes of an answer: a heartbeat of 16,000 seats has under one million."""
_IDLE = 16
"""Connections that are kept for later; more are opened when more threads ask at once."""
_PROBLEM = "urn:licence:problem:"
_TIRED = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
"""How a connection ends that the agent closed while nobody used it."""


class Wire:
    """Sends requests from any thread; each takes a connection that nobody uses. A forked process opens its own."""

    def __init__(self, connect: Connect, token: Path | None, timeout: float) -> None:
        """Take what opens a connection, the file of the application's token, and seconds that an answer may take."""
        self._connect, self._token_file, self._timeout = connect, token, timeout
        self._token = "" if token is None else _read(token)
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._process = os.getpid()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        read: Callable[[Reader], Answer],
        wait: int = 0,
    ) -> Answer:
        """Send a request; every one of the local API may be repeated without harm.

        Args:
            method: of HTTP.
            path: such as ``/v1/seats``.
            body: becomes JSON.
            read: reads the answer; what it finds malformed no agent has said.
            wait: seconds that the agent may take beyond the usual.

        Raises:
            UnreachableError: nobody answers, or not as an agent does.
            LicensingError: what the agent refuses with.
        """
        status, content = self._exchange(method, path, body, wait)
        if status == http.client.UNAUTHORIZED and self._token_changed():
            status, content = self._exchange(method, path, body, wait)
        try:
            reader = Reader(from_json(content) if content else {})
        except MalformedError as error:
            raise _stranger(status) from error
        if status >= http.client.BAD_REQUEST:
            raise _refusal(reader, status)
        if status not in {http.client.OK, http.client.CREATED, http.client.NO_CONTENT}:
            raise _stranger(status)
        try:
            return read(reader)
        except MalformedError as error:
            raise _stranger(status) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while (connection := self._unused()) is not None:
            connection.close()

    def _exchange(self, method: str, path: str, body: Mapping[str, object] | None, wait: int) -> tuple[int, bytes]:
        if self._process != os.getpid():
            self._idle, self._process = deque(), os.getpid()
        content = None if body is None else to_json(body)
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers |= {} if content is None else {"Content-Type": "application/json"}
        request = _Request(method, path, content, headers, self._timeout + wait)
        try:
            connection = self._unused()
            if connection is not None:
                with suppress(*_TIRED):
                    return self._send(connection, request)
                self.close()  # the others are as old
            return self._send(self._connect(), request)
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"The licence agent does not answer: {str(error) or type(error).__name__}."
            ) from error

    def _unused(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _send(self, connection: http.client.HTTPConnection, request: "_Request") -> tuple[int, bytes]:
        done = False
        try:
            if connection.sock is None:
                connection.connect()
            connection.sock.settimeout(request.timeout)
            connection.request(request.method, request.path, request.content, request.headers)
            answer = connection.getresponse()
            found = answer.read(_LARGEST)
            done = answer.isclosed() and not answer.will_close
            return answer.status, found
        finally:
            if done and len(self._idle) < _IDLE:
                self._idle.append(connection)
            else:
                connection.close()

    def _token_changed(self) -> bool:
        """Read the file again: the agent may have got another token, or this application none."""
        before = self._token
        if self._token_file is not None:
            with suppress(InvalidInputError):
                self._token = _read(self._token_file)
        return self._token != before


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    content: bytes | None
    headers: dict[str, str]
    timeout: float


def _read(token: Path) -> str:
    try:
        return token.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise InvalidInputError(f"The agent's token can't be read from {token}: {error}") from error


def _refusal(problem: Reader, status: int) -> LicensingError:
    """Read problem details (RFC 9457) as the refusal that the agent raised."""
    try:
        word = problem.text("type").removeprefix(_PROBLEM)
        detail = problem.text("detail", 65_536)
        if word == SeatsExhaustedError.word:
            counts = problem.whole("used"), problem.whole("limit")
            return SeatsExhaustedError(detail, problem.text("dimension"), *counts)
        if word == UnavailableError.word:
            return UnavailableError(detail, 5)
        if word == TokenInvalidError.word:
            return TokenInvalidError(f"The agent does not know this application's token: {detail}")
        return all_refusals()[word](detail)
    except (MalformedError, KeyError, TypeError):
        return _stranger(status)


def _stranger(status: int) -> UnreachableError:
    return UnreachableError(f"What answers at the agent's address is not the agent (HTTP {status}).")
