"""What the agent counts and remembers for itself. All of it can be rebuilt, so a damaged file counts as none."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from agent.domain.components import Memory, Remembered
from agent.domain.faults import plain
from agent.domain.renewal import Progress
from agent.domain.time import Boot, Ledger
from agent.services.ports import LastTry
from agent.store.home import Home
from agent.store.jsonfile import as_json, read_json
from keys.claims import Reader
from keys.errors import StateDamagedError

T = TypeVar("T")
_LONGEST_SENTENCE = 1000


class Tallies:
    """Reads and replaces ledger, hardware memory and progress of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def ledger(self) -> Ledger | None:
        """Return the running-time ledger."""
        return _rebuildable(self._home.ledger, _ledger)

    def keep_ledger(self, ledger: Ledger) -> None:
        """Replace the running-time ledger."""
        content = {
            "version": 1,
            "document_id": ledger.document_id,
            "boot_id": ledger.boot_id,
            "boot_at_start": ledger.started,
            "elapsed_before": ledger.before,
            "written": ledger.written,
            "ahead": ledger.ahead,
        }
        self._home.disk.write(self._home.ledger, as_json(content))

    def memory(self) -> Memory | None:
        """Return the components as they were last read."""
        return _rebuildable(self._home.hardware, _memory)

    def keep_memory(self, memory: Memory) -> None:
        """Replace what is remembered of the components."""
        seen = [
            {"name": name, "digest": entry.digest, "unread": entry.unread} for name, entry in memory.components.items()
        ]
        content = {"version": 1, "boot": {"id": memory.boot.id, "seconds": memory.boot.seconds}, "components": seen}
        self._home.disk.write(self._home.hardware, as_json(content))

    def progress(self) -> tuple[Progress, LastTry | None]:
        """Return how asking has gone so far, and how the last try went."""
        return _rebuildable(self._home.progress, _progress) or (Progress(), None)

    def keep_progress(self, progress: Progress, last: LastTry | None) -> None:
        """Replace how asking has gone so far."""
        content = {
            "version": 1,
            "failures": progress.failures,
            "retry_at": progress.retry_at,
            "trust_failures": progress.trust_failures,
            "trust_at": progress.trust_at,
            "last": None if last is None else _from_last(last),
        }
        self._home.disk.write(self._home.progress, as_json(content))


def read_ledger(path: Path) -> Ledger | None:
    """Read the running-time ledger. Raises StateDamagedError."""
    return read_json(path, _ledger, "")


def read_hardware(path: Path) -> Memory | None:
    """Read the components. Raises StateDamagedError."""
    return read_json(path, _memory, "")


def read_progress(path: Path) -> tuple[Progress, LastTry | None] | None:
    """Read how asking has gone. Raises StateDamagedError."""
    return read_json(path, _progress, "")


def _rebuildable(path: Path, parse: Callable[[Reader], T]) -> T | None:
    try:
        return read_json(path, parse, "")
    except StateDamagedError:
        return None


def _ledger(reader: Reader) -> Ledger:
    return Ledger(
        reader.text("document_id", 128),
        reader.text("boot_id", 128),
        reader.number("boot_at_start"),
        reader.number("elapsed_before"),
        reader.number("written"),
        reader.whole("ahead") if reader.has("ahead") else 0,
    )


def _memory(reader: Reader) -> Memory:
    boot = reader.inner("boot")
    components = {
        entry.word("name"): Remembered(entry.text("digest", 128), entry.number("unread"))
        for entry in reader.objects("components")
    }
    return Memory(Boot(boot.text("id", 128), boot.number("seconds")), components)


def _progress(reader: Reader) -> tuple[Progress, LastTry | None]:
    whole, maybe = reader.whole, reader.maybe_whole
    progress = Progress(whole("failures"), maybe("retry_at"), whole("trust_failures"), maybe("trust_at"))
    if reader.raw("last") is None:
        return progress, None
    last = reader.inner("last")
    cause = last.text("cause", 64) if last.has("cause") else ""
    return progress, LastTry(last.whole("at"), last.word("word"), last.text("sentence"), cause)


def _from_last(last: LastTry) -> Mapping[str, object]:
    """Write what people are told: no odd letter in it may cost the rest of the file."""
    sentence = plain(last.sentence, _LONGEST_SENTENCE)
    return {"at": last.at, "word": last.word, "sentence": sentence, "cause": last.cause}
