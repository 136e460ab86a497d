"""The oldest C library on which the agent's files run: found, and made older where one function alone asks for a newer.

What a program asks of the C library carries versions: of each function the one that was newest where it was linked. A
system whose library lacks one of them does not start the program at all, whatever it would have called.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

AS_EVER = frozenset({"hypot"})
"""Functions whose newest version gives what the first one gave. Of hypot, glibc 2.35 left out that it sets errno, which
Python does not look at."""
_MAGIC = b"\x7fELF"
_VERSION = "GLIBC_"
_HASH, _NAME = ("vna_hash", 0), ("vna_name", 8)
"""What tells a version in a table of those that a file needs (ELF's GNU extension, Vernaux), and where in its entry."""


@dataclass(frozen=True, slots=True)
class Need:
    """A version of one of the C library's files that a file asks for."""

    library: str
    version: tuple[int, ...]
    place: int
    """Of its entry in the file, in bytes."""
    names: tuple[tuple[int, int], ...]
    """What tells the version in its entry: (offset in bytes, 32 bits)."""
    functions: frozenset[str]
    is_little_endian: bool


def floor(tree: Path) -> str:
    """Return the oldest version of the C library on which every file of a tree runs, as 2.34."""
    return ".".join(map(str, max(need.version for path in tree.rglob("*") for need in needs(path))))


def lower(tree: Path) -> None:
    """Let the files of a tree ask for the first version of functions that have given the same ever since."""
    for path in tree.rglob("*"):
        found = list(needs(path))
        for need in found:
            if need.functions and need.functions <= AS_EVER:
                _ask_for(path, need, min((each for each in found if each.library == need.library), key=_age))


def needs(path: Path) -> Iterator[Need]:
    """Return which versions of the C library a file asks for; one that is no program asks for none."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) == _MAGIC:
            yield from _needs(ELFFile(stream))


def _needs(file: ELFFile) -> Iterator[Need]:
    table = file.get_section_by_name(".gnu.version_r")
    if table is None:
        return
    bound = [(each.name, each["ndx"]) for each in file.get_section_by_name(".gnu.version").iter_symbols()]
    block = table["sh_offset"]
    for library, versions in table.iter_versions():
        place = block + library["vn_aux"]
        for each in versions:
            if each.name.startswith(_VERSION):
                yield Need(
                    library.name,
                    tuple(int(part) for part in each.name.removeprefix(_VERSION).split(".")),
                    place,
                    tuple((offset, each[name]) for name, offset in (_HASH, _NAME)),
                    frozenset(name for name, number in bound if number == each["vna_other"]),
                    file.little_endian,
                )
            place += each["vna_next"]
        block += library["vn_next"]


def _ask_for(path: Path, need: Need, other: Need) -> None:
    """Write another version of the same library in a version's place."""
    with path.open("r+b") as stream:
        for offset, number in other.names:
            stream.seek(need.place + offset)
            stream.write(struct.pack("<I" if need.is_little_endian else ">I", number))


def _age(need: Need) -> tuple[int, ...]:
    return need.version
