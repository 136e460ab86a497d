"""``agent.toml`` as far as an installation writes it: whatever a person wrote there stays."""

import re


def with_setting(text: str, name: str, value: int) -> str:
    """Return the file's text with a setting, in place of the line that has it; else before all others."""
    line = f"{name} = {value}"
    there = re.compile(rf"^[ \t]*{name}[ \t]*=.*$", re.MULTILINE)
    return there.sub(line, text, count=1) if there.search(text) else f"{line}\n{text}"
