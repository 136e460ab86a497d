"""A stand-in for a CRM: it lets people in as long as the agent gives them seats, and dies without a farewell.

Usage: crm.py ADDRESS TOKEN_FILE USER@CLIENT …    prints one JSON line for each person, then waits to be killed.
"""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any


def call(address: str, token: str, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    """Ask the agent's local API; a refusal is an answer like any other."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, headers, method=method)  # noqa: S310 - the agent's address
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            content = response.read()
            return response.status, json.loads(content) if content else {}
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def main(address: str, token_file: str, *people: str) -> None:
    """Let everybody in, or say why not."""
    token = Path(token_file).read_text().strip()
    for person in people:
        user, _, client = person.partition("@")
        status, answer = call(address, token, "POST", "/v1/seats", {"user": user, "client": client})
        print(json.dumps({"person": person, "status": status, "answer": answer}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
