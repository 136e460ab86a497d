"""The shell scripts of packages. What they share is put into each, since each goes to the customer alone."""

from pathlib import Path

_FOLDER = Path(__file__).parent
_SHARED = "language.sh"


def script(name: str) -> str:
    """Return a script by the name of its file below this folder."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return text.replace(f". ./{_SHARED}\n", (_FOLDER / _SHARED).read_text(encoding="utf-8"))
