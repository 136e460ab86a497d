"""What docs/integration.md shows and marks as what has to run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "integration.md"
_BLOCK = re.compile(r"^<!-- run: (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> dict[str, str]:
    """Examples by the name of their file."""
    return dict(_BLOCK.findall(PAGE.read_text()))
