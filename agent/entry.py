"""The command ``licence-agent``: says what to install where the agent's libraries are missing."""

import importlib
import sys


def main() -> None:
    """Run the command line."""
    try:
        program = importlib.import_module("agent.cli.program")
    except ModuleNotFoundError as error:
        sys.exit(
            f"licence-agent needs {error.name}. Install with the extra `agent`: pip install onpremise-licensing[agent]"
        )
    program.main()
