"""What real programs do to one folder, as strace sees it, for power cuts (tests.faults.powercut).

``Tape`` takes up a folder as it is, runs programs, and takes down every write, sync, new name, rename and removal in
it. What the programs said to sockets and to standard output is on the same tape, so "acknowledged, and lost" is no
matter of opinion. A moment is a line of the trace: strace stops a call before it begins and after it ends, so a call
that waits for another comes after it here, too.

What the tape can't follow it refuses: writable mappings (but of SQLite's ``-shm``), links, renames between folders,
``fallocate``. Plain writes are placed by the file and the descriptor's number, so two processes must not write to one
file at once in this way.
"""

import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import kill
from pathlib import Path
from random import Random

from tests.faults.calls import NEVER, Call, calls, readable
from tests.faults.powercut import Change, Node, any_luck, lay_out

PATIENCE = 60
"""Seconds that a command may take, and times that a server is asked to end."""
_UNFORESEEN = (
    "open,creat,pwritev,pwritev2,truncate,fallocate,link,linkat,symlink,symlinkat,mknod,mknodat,renameat,renameat2,"
    "sendfile,splice,copy_file_range"
)
_TRACED = (
    f"trace={_UNFORESEEN},openat,write,writev,pwrite64,ftruncate,fsync,fdatasync,lseek,rename,unlink,unlinkat,rmdir,"
    "mkdir,mkdirat,mmap,sendto,sendmsg,recvfrom"
)
_STRACE = ("strace", "-f", "-y", "-xx", "-a1", "-s", "8388608", "--seccomp-bpf", "-e", "signal=none", "-e", _TRACED)


class UnforeseenError(Exception):
    """A program did something to the folder that a tape can't follow."""


@dataclass(frozen=True, slots=True)
class Said:
    """Bytes that left a program or came in."""

    began: int
    channel: str
    """``socket:[N]``, or ``stdout``."""
    data: bytes
    is_heard: bool


class Tape:
    """What programs do to one folder, from now on. While none is on the tape nobody may change the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.said: list[Said] = []
        self.end = 0
        """The moment after everything that was taken down so far."""
        self._nodes: dict[str, Node] = {}
        self._every: list[Node] = []
        self._root = self._found(self.folder)
        self._positions: dict[tuple[Node, str], int] = {}

    def run(self, command: Sequence[object], environment: Mapping[str, str]) -> str:
        """Run a program that must succeed, take down what it did, and return its standard output."""
        with self.running(command, environment) as process:
            out, error = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, error
        return out

    @contextmanager
    def running(self, command: Sequence[object], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
        """Run a program; if it still runs at the end it gets SIGTERM. Then take down what it did."""
        log = self.folder.with_name(f"{self.folder.name}.strace")
        words = [*_STRACE, "-o", str(log), *map(str, command)]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                terminate(process)
        with log.open(encoding="ascii") as lines:
            self._take_down(calls(lines, self.end))
        log.unlink()

    def moments(self, first: int = 0) -> list[int]:
        """Every moment from the first on at which a power cut may leave something else than at the one before."""
        told = {part.began for part in self.said}
        for node in self._every:
            told.update(change.began for change in node.changes)
            told.update(moment for sync in node.syncs for moment in sync)
        return sorted(moment for moment in told if first <= moment < NEVER)

    def rebuild(self, target: Path, moment: int, chance: Random) -> None:
        """Lay out the folder as it may be after a power cut at a moment; by chance, kinder or less kind."""
        lay_out(self._root, target, moment, any_luck(chance))

    def _found(self, path: Path) -> Node:
        """Take up what is there before the tape begins: all of it is on disk."""
        if path.is_dir():
            kept = [child for child in path.iterdir() if child.is_dir() or child.is_file()]
            node = Node(is_folder=True, names={child.name: self._found(child) for child in kept})
        else:
            content = path.read_bytes()
            node = Node(content=content, size=len(content))
        self._nodes[str(path)] = node
        self._every.append(node)
        return node

    def _take_down(self, made: Iterable[Call]) -> None:
        for call in made:
            self.end = max(self.end, call.began + 1, 0 if call.ended == NEVER else call.ended + 1)
            is_done = call.ended == NEVER or not call.result.startswith(("-", "?"))
            if not is_done:
                continue
            if call.name in _MEANINGS:
                _MEANINGS[call.name](self, call)
            elif any(f"{self.folder}/" in text for text in map(readable, call.words)):
                raise UnforeseenError(f"{call.name}({', '.join(map(readable, call.words))})")

    def _talk(self, call: Call) -> None:
        channel = call.descriptor()[1]
        self.said.append(Said(call.began, channel, call.data, call.name == "recvfrom"))

    def _openat(self, call: Call) -> None:
        path = call.path()
        if not self._is_ours(path) or ("O_CREAT" not in call.words[2] and "O_TRUNC" not in call.words[2]):
            return
        if "O_APPEND" in call.words[2]:
            raise UnforeseenError(f"{path} is appended to")
        if path not in self._nodes:
            self._name(call, path, Node())
        node = self._nodes[path]
        if "O_TRUNC" in call.words[2]:
            node.change(Change(call.began, call.ended, size=0))
        self._positions = {key: at for key, at in self._positions.items() if key[0] is not node}

    def _write(self, call: Call) -> None:
        number, path = call.descriptor()
        node = self._nodes.get(path)
        if node is not None:
            at = self._positions.get((node, number), 0)
            self._positions[node, number] = at + len(call.data)
            node.change(Change(call.began, call.ended, at, call.data))
        elif number == "1":
            self.said.append(Said(call.began, "stdout", call.data, is_heard=False))

    def _lseek(self, call: Call) -> None:
        number, path = call.descriptor()
        if path in self._nodes:
            self._positions[self._nodes[path], number] = int(call.result)

    def _pwrite(self, call: Call) -> None:
        node = self._nodes.get(call.descriptor()[1])
        if node is not None:
            node.change(Change(call.began, call.ended, int(call.words[3]), call.data))

    def _ftruncate(self, call: Call) -> None:
        node = self._nodes.get(call.descriptor()[1])
        if node is not None:
            node.change(Change(call.began, call.ended, size=int(call.words[1])))

    def _sync(self, call: Call) -> None:
        node = self._nodes.get(call.descriptor()[1])
        if node is not None:
            node.syncs.append((call.began, call.ended))

    def _rename(self, call: Call) -> None:
        old, new = call.path(), call.path(1)
        if not self._is_ours(old):
            return
        if old.rpartition("/")[0] != new.rpartition("/")[0]:
            raise UnforeseenError(f"{old} becomes {new}")
        self._name(call, new, self._nodes.pop(old), {old.rpartition("/")[2]: None})

    def _remove(self, call: Call) -> None:
        if call.path() in self._nodes:  # else it is a socket
            self._name(call, call.path(), None)

    def _mkdir(self, call: Call) -> None:
        if self._is_ours(call.path()):
            self._name(call, call.path(), Node(is_folder=True))

    def _mmap(self, call: Call) -> None:
        path = call.descriptor(4)[1]
        is_shared = "PROT_WRITE" in call.words[2] and "MAP_SHARED" in call.words[3]
        if is_shared and self._is_ours(path) and not path.endswith("-shm"):
            raise UnforeseenError(f"{path} is mapped")

    def _name(self, call: Call, path: str, node: Node | None, others: Mapping[str, None] | None = None) -> None:
        """Give a name in a folder another meaning, and ``others`` in the same step."""
        folder, _, name = path.rpartition("/")
        self._nodes[folder].changes.append(Change(call.began, call.ended, names={name: node, **(others or {})}))
        if node is None:
            del self._nodes[path]
        else:
            self._nodes[path] = node
            self._every.append(node)

    def _is_ours(self, path: str) -> bool:
        return path.startswith(f"{self.folder}/")


_MEANINGS: Mapping[str, Callable[[Tape, Call], None]] = {
    **dict.fromkeys(("sendto", "sendmsg", "recvfrom"), Tape._talk),
    **dict.fromkeys(("write", "writev"), Tape._write),
    **dict.fromkeys(("fsync", "fdatasync"), Tape._sync),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), Tape._remove),
    **dict.fromkeys(("mkdir", "mkdirat"), Tape._mkdir),
    "openat": Tape._openat,
    "pwrite64": Tape._pwrite,
    "ftruncate": Tape._ftruncate,
    "lseek": Tape._lseek,
    "rename": Tape._rename,
    "mmap": Tape._mmap,
}


def terminate(process: subprocess.Popen[str]) -> None:
    """Ask the program under strace to end, and wait for both.

    Ask again and again: while a program is traced, a signal may reach a thread that doesn't act on it.
    """
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for number in [signal.SIGTERM] * PATIENCE + [signal.SIGKILL]:
        with suppress(OSError):
            for child in children.read_text().split():
                kill(int(child), number)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
            return
