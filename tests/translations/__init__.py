"""The agent's catalogue: gathers every sentence that an installer can read, for ``make translations`` and its tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from gettext import translation
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from agent.cli.languages import CATALOGUES, DOMAIN
from agent.cli.persian import Persian
from agent.cli.program import main as program
from agent.cli.speaking import EXAMPLE, paragraphs
from keys.errors import all_refusals

ROOT = Path(__file__).parent.parent.parent
_PYTHON = [("**.py", "python")]
_OURS = {"phrase": None, "marked": None}
_OF_CLICK = {"_": None, "gettext": None, "ngettext": (1, 2)}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Id = str | tuple[str, ...]


def gathered() -> set[Id]:
    """Every sentence: those marked in the code, help texts, what refusals mean, and click's own words."""
    found: set[Id] = set()
    for folder, keywords in ((ROOT / "keys", _OURS), (ROOT / "agent", _OURS), (_click(), _OF_CLICK)):
        found |= {message for _, _, message, _, _ in extract_from_dir(folder, _PYTHON, {}, keywords)}
    found |= set(helps(program))
    return found | {refusal.title for refusal in all_refusals().values()}


def helps(command: click.Command) -> Iterator[str]:
    """Yield the help texts of a command and of all that are under it, as they are looked up."""
    yield from (EXAMPLE if each.startswith(EXAMPLE) else each for each in paragraphs(command))
    yield from (each.help for each in command.params if isinstance(each, click.Option) and each.help)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from helps(found)


def catalogue(language: str = "fa") -> Catalog:
    """The catalogue as it is translated."""
    with _path(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def ids(found: Catalog) -> set[Id]:
    """The sentences of a catalogue in English."""
    return {tuple(each.id) if isinstance(each.id, list | tuple) else each.id for each in found if each.id}


def pairs(found: Catalog) -> Iterator[tuple[str, str]]:
    """Every form of every sentence of a catalogue, and its translation."""
    for each in found:
        if each.id:
            several = isinstance(each.id, list | tuple)
            english, other = (each.id, each.string) if several else ((each.id,), (each.string,))
            yield from ((str(one), str(two or "")) for one, two in zip(english, other or ("", ""), strict=True))


def persian() -> Persian:
    """The voice that speaks by the catalogue as it is installed."""
    return Persian(translation(DOMAIN, CATALOGUES, ["fa"]))


def update(language: str = "fa") -> list[str]:
    """Bring the catalogue up to what is gathered, compile it, and return what has to be translated."""
    before, after = catalogue(language), Catalog(locale=language)
    for each in sorted(gathered(), key=str):
        known = before.get(each[0] if isinstance(each, tuple) else each)
        after.add(each, known.string if known else "")
    with _path(language, "po").open("wb") as file:
        write_po(file, after, width=0, omit_header=True, sort_output=True)
    _path(language, "mo").write_bytes(compiled(after))
    return [english for english, other in pairs(after) if not other]


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as gettext reads it; the same for the same sentences."""
    catalog.creation_date = _NEVER
    content = BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def _path(language: str, kind: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


def _click() -> Path:
    return Path(click.__file__).parent
