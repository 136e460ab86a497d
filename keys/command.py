"""How all three commands behave: results on standard output, the rest on standard error, fixed exit codes.

0 done; 1 the answer is no, with the problem's word and a sentence; 2 wrong usage; 3 the other side can't be reached.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

import click

from keys.errors import LicensingError, UnreachableError
from keys.sentences import phrase

REFUSED, UNREACHABLE = 1, 3
LONGEST_WORD = 4096
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HYPHENED_ID = re.compile("-[A-Za-z0-9_-]{42}")
JsonValue = Mapping[str, Any] | Sequence[Any]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object (a list: an array) and nothing else."
)


class Commands(click.Group):
    """A group whose commands need no ``try``: refusals become one line and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command line and end the process."""
        _escape_what_is_not_there(sys.stdout, sys.stderr)
        try:
            return super().main(*args, **kwargs)
        except LicensingError as refusal:
            click.echo(f"{refusal.word}: {_voice.get().refusal(refusal)}", err=True)
            sys.exit(UNREACHABLE if isinstance(refusal, UnreachableError) else REFUSED)
        except OSError as error:
            place = error.filename or phrase("The machine")
            tell(
                phrase(
                    "{place}: {reason}. Mend this and run the command again.",
                    place=place,
                    reason=error.strerror or str(error),
                )
            )
            sys.exit(REFUSED)
        except Exception as error:
            if os.environ.get("LICENCE_TRACEBACK"):
                raise
            name = type(error).__name__
            tell(phrase("internal error: {name}. Please report it; LICENCE_TRACEBACK=1 shows where.", name=name))
            sys.exit(REFUSED)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See click.Command. Refuses words that no command has a use for before any sees them."""
        for word in args:
            _check_word(word, ctx)
        return super().parse_args(ctx, args)


class LazyCommands(Commands):
    """A group that loads a command's module only when that command is called, so that all of them start quickly.

    Args:
        modules: command name to ``module:attribute``.
        extra: what to install where a library is missing.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], extra: str, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self._modules, self._extra = modules, extra

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """See click.Group."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See click.Group."""
        module, _, attribute = self._modules.get(cmd_name, "").partition(":")
        try:
            command = getattr(importlib.import_module(module), attribute) if module else None
        except ModuleNotFoundError as error:
            program, command = ctx.find_root().info_name, f"pip install 'onpremise-licensing[{self._extra}]'"
            tell(
                phrase(
                    "{program} needs {name}. Install it: {command}", program=program, name=error.name, command=command
                )
            )
            sys.exit(REFUSED)
        return command if isinstance(command, click.Command) else None


class TakesKeyId(click.Command):
    """A command whose argument is a key id: every 64th of them begins with a hyphen, and is no option for that."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See click.Command."""
        hyphened = [word for word in args if _HYPHENED_ID.fullmatch(word)]
        others = [word for word in args if word not in hyphened]
        return super().parse_args(ctx, args if "--" in args else [*others, "--", *hyphened])


class NewFile(click.Path):
    """The path of a file to write, which may or may not be there already."""

    def __init__(self, *, in_folder: bool = False) -> None:
        """Take a path; ``in_folder``: its folder has to be there already, since what is written can't be undone."""
        super().__init__(path_type=Path, dir_okay=False)
        self._in_folder = in_folder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """See click.ParamType. An empty word would be the folder that one is in."""
        if not value:
            self.fail(phrase("The name of the file is empty."))
        if self._in_folder and not Path(value).parent.is_dir():
            self.fail(phrase("There is no folder to write the file into."))
        return super().convert(value, param, ctx)


class GivenFile(click.Path):
    """The path of a file to read; ``-`` is standard input."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


def read_given(path: Path, most: int) -> bytes:
    """Return the content of such a file; of one with more than ``most`` bytes, one byte more than that."""
    with click.open_file(str(path), "rb") as file:
        content: bytes = file.read(most + 1)
    return content


def show(value: JsonValue, as_json: bool, people: Callable[[], str | Iterable[str]]) -> None:
    """Print a result.

    Args:
        value: what ``--json`` prints.
        as_json: whether it was asked for.
        people: makes the text for people, or its lines, only when it is needed.
    """
    if as_json:
        encoding = sys.stdout.encoding or ""
        click.echo(harmless(json.dumps(value, ensure_ascii=not is_unicode(encoding), indent=2)))
        return
    text = people()
    click.echo("\n".join(map(spoken, [text] if isinstance(text, str) else text)))


def tell(message: str) -> None:
    """Print a message for people on standard error."""
    click.echo(spoken(message), err=True)


class Voice:
    """How people are spoken to: in English. A program that knows another language has a voice of its own."""

    def say(self, text: str) -> str:
        """Return a sentence (keys/sentences.py) or another text as it is shown: none of it steers a terminal."""
        return harmless(text)

    def refusal(self, refusal: LicensingError) -> str:
        """Return what a refusal says, in one line."""
        return harmless(" ".join(str(refusal).split()))


_voice: ContextVar[Voice] = ContextVar("voice", default=Voice())  # noqa: B039 - it has no state


@contextmanager
def speaking(voice: Voice) -> Iterator[None]:
    """Speak to people by a voice meanwhile."""
    token = _voice.set(voice)
    try:
        yield
    finally:
        _voice.reset(token)


def spoken(text: str) -> str:
    """Return a text for people as it is shown to them now."""
    return _voice.get().say(text)


def harmless(text: str) -> str:
    """Escape what could steer a terminal or turn its lines around: names and reasons come from outside.

    In JSON the escapes mean what was there: the text reads back the same.
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def is_unicode(encoding: str) -> bool:
    """Tell whether an encoding has all letters; of those that terminals have, only UTF-8 does."""
    return encoding.lower().replace("-", "").startswith("utf8")


def _escape_what_is_not_there(*outputs: TextIO) -> None:
    """Let letters that an output's encoding lacks, as in a name, be shown by their numbers, and break nothing."""
    for output in outputs:
        if isinstance(output, TextIOWrapper) and not is_unicode(output.encoding):
            output.reconfigure(errors="backslashreplace")


def _check_word(word: str, ctx: click.Context) -> None:
    """Raise click.UsageError for what is no text: bytes that are not UTF-8, NUL, more than a page."""
    if len(word) > LONGEST_WORD:
        raise click.UsageError(
            phrase("A word of the command is longer than {most} characters.", most=LONGEST_WORD), ctx
        )
    if "\0" in word or any("\ud800" <= letter <= "\udfff" for letter in word):
        raise click.UsageError(phrase("A word of the command is not text in UTF-8."), ctx)
