"""The program's trees: each version in a folder of its own, named for what is in it, and a link to the one in force.

A tree comes into its place by one rename, and into force by another, so that a program is whole or not there whenever
the power fails.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from agent.system.layout import Layout
from keys.disk import make_folder, sync_folder
from keys.errors import InvalidInputError, LicensingError, StateConflictError
from keys.sentences import phrase

_NAME = re.compile(r"licence-agent-[0-9a-f]{12}")
_LEFT = re.compile(r"\.licence-agent-[0-9a-f]{12}\.(draft|gone)")
PROGRAM = Path("bin/licence-agent")
"""Where the program lies in a tree."""


class Trees:
    """The trees below one root folder, and the one that is offered."""

    def __init__(
        self, layout: Layout, source: Path | None = None, check: Callable[[Path], object] = lambda _: None
    ) -> None:
        """Take the folder of the tree that is to be installed.

        Args:
            layout: where the trees lie.
            source: the folder; None: nothing is to be installed.
            check: raises LicensingError where a folder is not the tree that it should be.

        Raises:
            InvalidInputError: that is no tree of the agent.
            StateConflictError: a package of the distribution has its own tree in the place.
        """
        self._layout, self._source, self._check = layout, source, check
        self.offered = None if source is None else name_of(source)
        if source is not None and layout.is_packaged:
            raise StateConflictError(
                phrase(
                    "{path} belongs to a package of this system. Upgrade that package (dpkg -i FILE.deb), or remove it "
                    "first; then run this again.",
                    path=layout.current,
                )
            )

    @property
    def program(self) -> Path | None:
        """The program in force after an installation; None: no tree has one."""
        has_one = self.offered is not None or self._layout.current.is_dir()
        return Path("/") / self._layout.current.relative_to(self._layout.prefix) / PROGRAM if has_one else None

    @property
    def is_laid(self) -> bool:
        """Whether the offered tree lies in its place, whole."""
        return self.offered is not None and (self._layout.trees / self.offered).is_dir()

    @property
    def current(self) -> str | None:
        """The name of the tree in force, of those that we laid."""
        return _target(self._layout.current)

    @property
    def before(self) -> str | None:
        """The name of the tree before a switch whose end nobody saw."""
        return _target(self._layout.before)

    @property
    def others(self) -> list[Path]:
        """Trees, and what is left of some, that are neither in force nor the one before."""
        known = {self.current, self.before, self.offered}
        found = sorted(self._layout.trees.glob("*licence-agent-*"))
        trees = [path for path in found if _NAME.fullmatch(path.name) and path.name not in known]
        return trees + [path for path in found if _LEFT.fullmatch(path.name)]

    def lay(self) -> None:
        """Copy the offered tree into its place; everybody may read it, and nobody but root change it.

        Raises:
            StateConflictError: not all of it can be copied.
            LicensingError: it is not as it should be by now. It is the copy that is checked, since somebody else may be
                able to write where it comes from. Either way nothing of it is left.
        """
        if self._source is None or self.offered is None:
            return
        make_folder(self._layout.trees, 0o755)
        draft = self._layout.trees / f".{self.offered}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            shutil.copytree(self._source, draft, symlinks=True)
        except shutil.Error as error:  # a list of all files that could not be
            shutil.rmtree(draft, ignore_errors=True)
            _, _, reason = error.args[0][0]
            raise StateConflictError(
                phrase(
                    "The program can't be copied into {folder}: {reason}. Nothing is in force yet. Mend this, and run "
                    "the same command again; is there room? df -h {folder}",
                    folder=self._layout.trees,
                    reason=str(reason).rstrip("."),
                )
            ) from error
        _make_readable(draft)
        try:
            self._check(draft)
        except LicensingError:
            shutil.rmtree(draft)
            raise
        os.sync()
        draft.rename(self._layout.trees / self.offered)
        sync_folder(self._layout.trees)

    def switch(self) -> None:
        """Put the offered tree in force, and remember the one before until it is confirmed."""
        current = self.current
        if current is not None and self.before is None:
            _link(self._layout.before, current)
        if self.offered is not None:
            _link(self._layout.current, self.offered)

    def confirm(self) -> None:
        """Forget the tree before: the one in force does its work."""
        self._layout.before.unlink(missing_ok=True)

    def go_back(self) -> None:
        """Put the tree before in force again; what was offered is only in the way from now on."""
        before = self.before
        if before is not None:
            _link(self._layout.current, before)
            self.offered = None

    def sweep(self) -> None:
        """Remove what is neither in force, nor the one before, nor offered."""
        for path in self.others:
            _remove(path)

    def link_command(self) -> None:
        """Make the command be the program in force. Raises StateConflictError: somebody else's command is there."""
        command, program = self._layout.command, self.program
        if program is None:
            return
        if command.exists() and not command.is_symlink():
            raise StateConflictError(
                phrase("{path} is there already, and not ours. Move it away, and run this again.", path=command)
            )
        make_folder(command.parent, 0o755)
        _link(command, str(program))

    @property
    def has_command(self) -> bool:
        """Whether the command is the program in force; a program that is in no tree is where people found it."""
        command = self._layout.command
        return self.program is None or (command.is_symlink() and command.readlink() == self.program)

    @property
    def is_ours(self) -> bool:
        """Whether there is anything that we laid: the command, or a tree."""
        return self._is_our_command() or any(os.path.lexists(path) for path in self._links()) or bool(self.others)

    def remove(self) -> None:
        """Remove the command and all trees that we laid; the trees last, since this program runs from one."""
        if self._is_our_command():
            self._layout.command.unlink()
        for link in self._links():
            link.unlink(missing_ok=True)
        self.sweep()

    def _links(self) -> list[Path]:
        return [path for path in (self._layout.current, self._layout.before) if path.is_symlink()]

    def _is_our_command(self) -> bool:
        command = self._layout.command
        program = Path("/") / self._layout.current.relative_to(self._layout.prefix) / PROGRAM
        return command.is_symlink() and command.readlink() == program and not self._layout.is_packaged


def name_of(tree: Path) -> str:
    """Return the name of a tree: a digest of the names, links and contents in it. Raises InvalidInputError."""
    if not (tree / PROGRAM).is_file():
        raise InvalidInputError(
            phrase("{tree} is no tree of the agent: there is no {program} in it.", tree=tree, program=PROGRAM)
        )
    digest = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        is_program = path.is_file() and os.access(path, os.X_OK)
        digest.update(f"{path.relative_to(tree)}\0{path.is_symlink()}{path.is_dir()}{is_program}\0".encode())
        if path.is_symlink():
            digest.update(str(path.readlink()).encode())
        elif path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"licence-agent-{digest.hexdigest()[:12]}"


def _target(link: Path) -> str | None:
    """Return the name of the tree that a link leads to."""
    if not link.is_symlink():
        return None
    name = str(link.readlink())
    return name if _NAME.fullmatch(name) else None


def _link(link: Path, target: str) -> None:
    """Make a link, in place of the one that is there, by one rename."""
    draft = link.with_name(f".{link.name}.link")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
    sync_folder(link.parent)


def _remove(path: Path) -> None:
    """Remove a tree; it loses its name first, so that no half of one is ever taken for whole."""
    gone = path if _LEFT.fullmatch(path.name) else path.rename(path.with_name(f".{path.name}.gone"))
    shutil.rmtree(gone, ignore_errors=True)


def _make_readable(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
