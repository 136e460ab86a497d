"""``agent.toml`` as far as an installation writes it: whatever a person wrote there stays."""

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from keys.disk import write_whole
from keys.errors import InvalidInputError
from keys.sentences import phrase


def write_setting(file: Path, name: str, value: int | Sequence[str]) -> None:
    """Have a file say a setting; see with_setting. Raises InvalidInputError, OSError."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    write_whole(file, with_setting(text, name, value).encode())


def with_setting(text: str, name: str, value: int | Sequence[str]) -> str:
    """Return the file's text with a setting, in place of the lines that have it; else before all others.

    Raises InvalidInputError: it stands there in a form that only a person can change.
    """
    shown = str(value) if isinstance(value, int) else f"[{', '.join(map(_quoted, value))}]"
    line, lines = f"{name} = {shown}", text.split("\n")
    there = re.compile(rf"[ \t]*{name}[ \t]*=")
    begin = next((number for number, each in enumerate(lines) if there.match(each)), None)
    if begin is None:
        written = f"{line}\n{text}"
    else:
        ends = range(begin + 1, len(lines) + 1)
        end = next((end for end in ends if _read("\n".join(lines[begin:end])) is not None), begin + 1)
        written = "\n".join([*lines[:begin], line, *lines[end:]])
    wanted = value if isinstance(value, int) else list(value)
    if _read(written) != {**tomllib.loads(text), name: wanted}:
        raise InvalidInputError(
            phrase(
                "{name} stands in agent.toml in a form that only a person can change: write {line}",
                name=name,
                line=line,
            )
        )
    return written


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _read(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
