"""Space that is kept free for a full disk, on which SQLite can't even delete."""

from pathlib import Path

from keys.disk import remove, write_whole

SIZE = 1_048_576


class Ballast:
    """A file of nothing. It goes when the disk is full, so that releases can be stored, and comes back after."""

    def __init__(self, path: Path, size_bytes: int = SIZE) -> None:
        self._path, self._size = path, size_bytes
        self._is_there = path.is_file() and path.stat().st_size == size_bytes

    def load(self) -> None:
        """Have the file there. Raises OSError: the disk is too full for it."""
        if not self._is_there:
            write_whole(self._path, bytes(self._size))
            self._is_there = True

    def drop(self) -> None:
        """Make its space free. Raises OSError."""
        self._is_there = False
        remove(self._path)
