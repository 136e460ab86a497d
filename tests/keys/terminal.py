"""licence-keys, typed."""

import json
from typing import Any

from click.testing import CliRunner, Result

from keys.cli import main

PASSPHRASES = {"LICENCE_KEYS_PASSPHRASE": "carried by a person", "LICENCE_SERVER_PASSPHRASE": "kept in the home"}


def run(*arguments: object, code: int = 0, environment: dict[str, str] | None = None) -> Result:
    """Run a command, and check that it ended as it should, without a traceback."""
    given = PASSPHRASES if environment is None else environment
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=given)
    assert (result.exit_code, isinstance(result.exception, SystemExit | None)) == (code, True), result.output
    assert "Traceback" not in result.output
    return result


def answer(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found
