"""Which language the commands speak: Persian, where it was chosen and the terminal can show it; else English."""

from collections.abc import Mapping
from gettext import translation
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast, get_args

from agent.config import LANGUAGE_VARIABLE, Language, home_of, read_settings
from keys.command import is_unicode, tell
from keys.errors import LicensingError

if TYPE_CHECKING:
    from agent.cli.persian import Persian

CATALOGUES = Path(__file__).parent / "translations"
DOMAIN = "messages"
"""The one that click asks for its own words, too."""
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def wanted(environment: Mapping[str, str]) -> Language:
    """Return the language that was chosen: by the variable, else in agent.toml, else by the locale, else English."""
    named = environment.get(LANGUAGE_VARIABLE) or _setting(environment)
    if named in get_args(Language):
        return cast("Language", named)
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return "fa" if locale.split("_")[0].split(".")[0] == "fa" else "en"


def obstacle(environment: Mapping[str, str], *outputs: TextIO) -> str:
    """Return why Persian can't be shown there; empty: it can, as far as a program can know.

    Args:
        environment: the process's.
        outputs: where results and messages go. One that is piped away may still end before the same reader.
    """
    for encoding in (output.encoding or "ascii" for output in outputs):
        if not is_unicode(encoding):
            return f"its character set is {encoding}, and would have to be UTF-8"
    if environment.get("TERM") == "linux" and any(output.isatty() for output in outputs):
        return "the console of Linux has no Persian letters; over SSH it works"
    return ""


def persian_for(environment: Mapping[str, str], *outputs: TextIO) -> "Persian | None":
    """Return who speaks Persian to this reader; None: English it is, and where Persian was wanted they are told why."""
    if wanted(environment) == "en":
        return None
    reason = obstacle(environment, *outputs)
    if reason:
        tell(f"This terminal can't show Persian: {reason}. Until then in English ({LANGUAGE_VARIABLE}=en: as chosen).")
        return None
    try:
        from agent.cli.persian import Persian  # noqa: PLC0415 - whoever reads English need not wait for it
    except ModuleNotFoundError:  # the command itself says what to install
        return None
    return Persian(translation(DOMAIN, CATALOGUES, ["fa"]))


def _setting(environment: Mapping[str, str]) -> str | None:
    """Return what agent.toml says; a file that can't be read is told of by the command itself."""
    try:
        return read_settings(home_of(environment) / "agent.toml").language
    except (LicensingError, OSError):
        return None
