"""The agent's commands in their reader's language: help, usage errors, and click's own words."""

import copy
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import bindtextdomain
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agent.cli.languages import CATALOGUES, DOMAIN, persian_for
from keys.command import LazyCommands, speaking
from keys.sentences import Sentence

if TYPE_CHECKING:
    from agent.cli.persian import Persian

EXAMPLE = "Example:"
Command = TypeVar("Command", bound=click.Command)
_CHOICE = "LANGUAGE"
"""The variable by which gettext, and so click, chooses before all others."""


class SpokenCommands(LazyCommands):
    """Lazy commands that speak Persian where their reader does."""

    _persian: "Persian | None" = None

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """See Commands."""
        persian = persian_for(os.environ, sys.stdout, sys.stderr)
        if persian is None:
            return super().main(*args, **kwargs)
        spoken = in_persian(self, persian)
        spoken._persian = persian  # noqa: SLF001 - a copy of this very one
        with speaking(persian), _click_speaks("fa"):
            return super(SpokenCommands, spoken).main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401 - click's own signature
        """See click.Command."""
        with self._told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """See click.Command."""
        with self._told():
            return super().invoke(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See click.Group."""
        found = super().get_command(ctx, cmd_name)
        return found if found is None or self._persian is None else in_persian(found, self._persian)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of wrong usage in order; in English click does that by itself."""
        try:
            yield
        except click.ClickException as error:
            if self._persian is None:
                raise
            if isinstance(error.message, Sentence):
                error.message = self._persian.bare(error.message)  # type: ignore[misc]  # click has no other way
            page = StringIO()
            error.show(page)
            click.echo(self._persian.page(page.getvalue()), err=True, nl=False)
            sys.exit(error.exit_code)


def in_persian(command: Command, persian: "Persian") -> Command:
    """Return a command with its help, and all that is under it, in Persian; the one given stays as it is."""
    spoken = copy.copy(command)
    spoken.help = "\n\n".join(_in_persian(each, persian) for each in paragraphs(command))
    spoken.params = [copy.copy(parameter) for parameter in command.params]
    for parameter in spoken.params:
        if isinstance(parameter, click.Option):
            parameter.help = persian.translated(parameter.help or "")
    spoken._help_option = None  # noqa: SLF001 - click keeps the option of the command that was copied
    spoken.context_class = type("PersianContext", (click.Context,), {"formatter_class": _formatter(persian)})
    if isinstance(spoken, click.Group):
        spoken.commands = {name: in_persian(each, persian) for name, each in spoken.commands.items()}
    return spoken


def paragraphs(command: click.Command) -> list[str]:
    """Return the help of a command as the catalogue has it: paragraphs without line ends."""
    return [" ".join(each.split()) for each in (command.help or "").split("\n\n") if each.strip()]


def _in_persian(paragraph: str, persian: "Persian") -> str:
    """Return a paragraph in Persian; an example comes on a line of its own, which click is told not to wrap."""
    if not paragraph.startswith(EXAMPLE):
        return persian.translated(paragraph)
    return f"\b\n{persian.translated(EXAMPLE)}\n  {paragraph.removeprefix(EXAMPLE).strip()}"


def _formatter(persian: "Persian") -> type[click.HelpFormatter]:
    class Formatter(click.HelpFormatter):
        def getvalue(self) -> str:
            return persian.page(super().getvalue())

    return Formatter


@contextmanager
def _click_speaks(language: str) -> Iterator[None]:
    """Let click find its own words in our catalogue, which it asks gettext for."""
    before = os.environ.get(_CHOICE)
    bindtextdomain(DOMAIN, CATALOGUES)
    os.environ[_CHOICE] = language
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CHOICE]
        else:
            os.environ[_CHOICE] = before
