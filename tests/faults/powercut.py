"""A power cut: a disk as it may be after the power went away at any moment of what a tape saw (tests.faults.tape).

A write that no sync followed is there, missing, or torn at 512-byte sectors, in any order with others; a name that was
made, renamed or removed is so only if its folder was synced after, else by chance; a sync of a file keeps its content
and not its name. SQLite's ``-shm``, which is memory, is gone.

It keeps no permissions: everything comes back as its owner's alone. Damage to what was synced, by a disk that lies or
rots, is no power cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a program did; it counts as kept from the end of a sync that began after ``ended``."""

    began: int
    ended: int
    at: int = 0
    data: bytes = b""
    size: int | None = None
    """The file's new size, of a change that writes nothing."""
    names: Mapping[str, "Node | None"] = field(default_factory=dict)
    """A folder's names with what they mean from now on; None: nothing."""


@dataclass(slots=True, eq=False)
class Node:
    """A file or folder: what it was when the tape began, and all that was done to it."""

    is_folder: bool = False
    content: bytes = b""
    names: dict[str, "Node"] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    syncs: list[tuple[int, int]] = field(default_factory=list)
    """When each began and ended."""
    size: int = 0

    def change(self, change: Change) -> None:
        """Do something to a file."""
        self.changes.append(change)
        self.size = max(self.size, change.at + len(change.data)) if change.size is None else change.size

    def kept(self, moment: int) -> int:
        """The moment before which everything that ended is on disk for sure."""
        return max((began for began, ended in self.syncs if ended <= moment), default=-1)


@dataclass(frozen=True, slots=True)
class Luck:
    """What becomes of changes that nobody synced, in one power cut."""

    chance: Random
    survival: float
    """How likely each of them is there."""

    def file(self, node: Node, moment: int) -> bytes:
        """A file's content as the disk may have it."""
        content, kept = bytearray(node.content), node.kept(moment)
        for change in node.changes:
            if change.ended < kept:
                _apply(content, change)
            elif change.began <= moment:
                self._maybe(content, change)
        return bytes(content)

    def names(self, node: Node, moment: int) -> dict[str, Node]:
        """A folder's names as the disk may have them."""
        found, kept = dict[str, Node | None](node.names), node.kept(moment)
        for change in node.changes:
            if change.ended < kept or (change.began <= moment and self._keeps()):
                found.update(change.names)
        return {name: child for name, child in found.items() if child is not None}

    def _keeps(self) -> bool:
        return self.chance.random() < self.survival

    def _maybe(self, content: bytearray, change: Change) -> None:
        if not self._keeps():
            if change.data and self._keeps():  # the size may be there without what it counts
                _grow(content, change.at + len(change.data))
            return
        if change.size is not None or self.chance.random() < 0.5:
            _apply(content, change)
            return
        for start in range(change.at - change.at % SECTOR, change.at + len(change.data), SECTOR):
            if self._keeps():
                first = max(start, change.at)
                part = change.data[first - change.at : start + SECTOR - change.at]
                _apply(content, Change(change.began, change.ended, first, part))


def lay_out(node: Node, target: Path, moment: int, luck: Luck) -> None:
    """Write a folder as it may be after a power cut at a moment."""
    target.mkdir(mode=0o700)
    for name, child in luck.names(node, moment).items():
        if child.is_folder:
            lay_out(child, target / name, moment, luck)
        elif not name.endswith("-shm"):
            (target / name).write_bytes(luck.file(child, moment))
            (target / name).chmod(0o600)


def any_luck(chance: Random) -> Luck:
    """Draw how kind the power cut is: from nothing that was not synced to all of it."""
    return Luck(chance, chance.choice((0.0, 0.2, 0.5, 0.8, 1.0)))


def _grow(content: bytearray, size: int) -> None:
    content.extend(bytes(max(0, size - len(content))))


def _apply(content: bytearray, change: Change) -> None:
    if change.size is not None:
        del content[change.size :]
        _grow(content, change.size)
        return
    _grow(content, change.at)
    content[change.at : change.at + len(change.data)] = change.data
