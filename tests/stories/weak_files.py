"""``licence-agent`` with one weakness: it writes into its files where they lie, instead of replacing them whole."""

from pathlib import Path

from agent.cli.program import main
from keys import disk

__all__ = ["main"]


def write_in_place(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


setattr(disk, "write_whole", write_in_place)  # noqa: B010 - mypy knows that nobody else may do so
