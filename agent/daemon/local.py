"""Asking the running agent through its local API, as its administrator."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from agent.daemon.assembly import Agent
from agent.store.jsonfile import read_json
from agent.store.tokens import administrator_token
from keys.claims import Reader
from keys.errors import LicensingError, UnreachableError, all_refusals
from keys.sentences import phrase

_SILENCE = 10
_LARGEST = 64 * 1024 * 1024
_PROBLEM = "urn:licence:problem:"


class RefusedByAgentError(LicensingError):
    """A refusal of the running agent, by its own word."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word  # type: ignore[misc]  # the word came over the wire


def ask(agent: Agent, method: str, path: str, content: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - whatever JSON the endpoint answers
    """Send one request, with JSON if there is any, to the running agent and return its answer; None: it has no body.

    Raises:
        UnreachableError: it does not run, or does not answer.
        LicensingError: what it refused with.
    """
    found = read_json(
        agent.home.address, lambda reader: (reader.text("host"), reader.whole("port")), phrase("Start the agent.")
    )
    if found is None:
        raise _not_running(agent)
    token = administrator_token(agent.home, agent.around.randomness)
    connection = http.client.HTTPConnection(*found, timeout=_SILENCE)
    try:
        sent = None if content is None else json.dumps(content)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, sent, headers)
        answer = connection.getresponse()
        body = answer.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        raise _not_running(agent) from error
    finally:
        connection.close()
    said = json.loads(body) if body else None
    if answer.status >= http.client.BAD_REQUEST:
        raise _refusal(said, answer.status)
    return said


def _not_running(agent: Agent) -> UnreachableError:
    return UnreachableError(phrase("The agent does not run in {home}. Do: licence-agent run", home=agent.home.folder))


def _refusal(content: object, status: int) -> LicensingError:
    reader = Reader(content if isinstance(content, dict) else {})
    kind = reader.text("type") if reader.has("type") else ""
    word, detail = kind.removeprefix(_PROBLEM), reader.text("detail") if reader.has("detail") else ""
    if word not in all_refusals():
        return UnreachableError(
            phrase("What answers at the agent's address is not the agent (HTTP {status}).", status=status)
        )
    return RefusedByAgentError(word, detail)
