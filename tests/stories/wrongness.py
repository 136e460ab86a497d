"""Wrong words for every kind of parameter."""

from collections.abc import Iterator
from pathlib import Path

import click

HUGE = "x" * 100_000
CONTROL = "a\x1b[2J\rb\nc"
NOT_UTF8 = "caf\udce9"
NUMBERS = ("", "x", "1.5", "-1", "9" * 40, HUGE)
DAYS = ("", "tomorrow", "2027-02-30", "20270321", "0000-01-01", "0001-01-01", "9" * 40, CONTROL)
TEXTS = ("", " ", HUGE, CONTROL, NOT_UTF8)


def wrong_files(folder: Path) -> tuple[str, ...]:
    """Files to read that are none, or say nothing that can be understood."""
    return (
        "",
        str(folder / "missing"),
        str(folder),
        *(str(folder / name) for name in RUBBISH),
        HUGE,
        CONTROL,
        NOT_UTF8,
    )


RUBBISH = {
    "empty": b"",
    "zeros": bytes(1000),
    "noise": bytes(range(256)),
    "large": b'{"payload":"' + b"A" * 300_000 + b'"}',
    "deep": b"[" * 5000,
    "list.json": b"[]",
    "object.json": b"{}",
    "three-parts": b"e30.e30.AA",
    "half.zip": b"PK\x03\x04" + bytes(30),
}


def wrong_targets(folder: Path) -> tuple[str, ...]:
    """Files to write that can't be."""
    return ("", str(folder), str(folder / "missing/file"), str(folder / "empty/file"), HUGE, NOT_UTF8)


def wrong_values(parameter: click.Parameter, folder: Path) -> tuple[str, ...]:
    """Values that this parameter can't have."""
    kind = parameter.type
    if isinstance(kind, click.Path):
        return wrong_files(folder) if kind.exists else wrong_targets(folder)
    if isinstance(kind, click.Choice):
        return ("", "nonsense", CONTROL)
    if kind.name == "date":
        return DAYS
    if kind.name.startswith("integer"):
        return NUMBERS
    return TEXTS


def mistyped(command: click.Command, right: tuple[str, ...], folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every mistake in the words after a command, one at a time, with what it is."""
    yield "unknown option", (*right, "--nonsense")
    yield "one word more", (*right, "nonsense-word")
    places = [each for each in command.params if isinstance(each, click.Argument)]
    for number, argument in enumerate(places):
        yield f"no {argument.name}", right[:number]
        for value in wrong_values(argument, folder):
            yield f"{argument.name} {value[:20]!r}", (*right[:number], "--", value)
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag:
            yield from _mistyped(option, right, folder)


def _mistyped(option: click.Option, right: tuple[str, ...], folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    name = option.opts[0]
    rest = right
    if name in right:
        place = right.index(name)
        rest = (*right[:place], *right[place + 2 :])
        if option.required:
            yield f"no {name}", rest
    yield f"{name} without a value", (*rest, name)
    for value in wrong_values(option, folder):
        yield f"{name} {value[:20]!r}", (*rest, name, value)
