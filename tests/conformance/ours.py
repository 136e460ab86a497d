"""Our own verifier for the runner, without a process for each step."""

from collections.abc import Sequence

from click.testing import CliRunner

from keys.cli import main
from tests.conformance.run import Ended


def ours(arguments: Sequence[str]) -> Ended:
    """Run licence-keys pinned in this process."""
    done = CliRunner().invoke(main, ["pinned", *arguments])
    return Ended(done.exit_code, done.stdout, done.stderr)
