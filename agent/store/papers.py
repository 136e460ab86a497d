"""The signed documents in the agent's home, as bytes: opening and believing them is the services' business."""

from collections.abc import Sequence
from pathlib import Path

from agent.services.ports import Errand, Pending, Slot
from agent.store.home import Home
from agent.store.jsonfile import as_json, read_bytes, read_json, stamp
from keys.carried import write_carried
from keys.claims import Reader
from keys.jws import MAX_BYTES
from keys.sentences import phrase

_REMEDY = phrase("Remove it: the agent then makes a new request.")


class Papers:
    """Reads and replaces the documents of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._watched = [str(path) for path in (home.licence, home.refusal, home.trust, home.state, home.outages)]
        self._slots: dict[Slot, Path] = {
            "activation": home.pending_activation,
            "validation": home.pending,
            "again": home.pending_again,
        }

    def stamp(self) -> object:
        """Return a value that differs when anything that the standing rests on was replaced."""
        return tuple(map(stamp, self._watched))

    def trust(self) -> bytes | None:
        """Return the newest trust document."""
        return read_bytes(self._home.trust)

    def licence(self) -> bytes | None:
        """Return the licence in hand."""
        return read_bytes(self._home.licence)

    def refusal(self) -> bytes | None:
        """Return the refused document beside it."""
        return read_bytes(self._home.refusal)

    def outages(self) -> tuple[bytes, ...]:
        """Return the outage documents."""
        return tuple((read_bytes(self._home.outages) or b"").split())

    def keep_outages(self, documents: Sequence[bytes]) -> None:
        """Replace the outage documents."""
        self._home.keep(self._home.outages, write_carried(documents))

    def keep_trust(self, document: bytes) -> None:
        """Replace the trust document."""
        self._home.keep(self._home.trust, document)

    def keep_licence(self, document: bytes) -> None:
        """Replace the licence in hand; whatever was refused before is history."""
        self._home.keep(self._home.licence, document)
        self._home.disk.remove(self._home.refusal)

    def keep_refusal(self, document: bytes) -> None:
        """Put a refused document beside the licence in hand."""
        self._home.disk.write(self._home.refusal, document)

    def pending(self, slot: Slot) -> Pending | None:
        """Return the request that is not answered yet. Raises StateDamagedError."""
        return read_json(self._slots[slot], _pending, _REMEDY)

    def keep_pending(self, slot: Slot, pending: Pending) -> None:
        """Store a request; from now on it is the one that is sent."""
        content = {
            "version": 1,
            "kind": pending.errand,
            "document": pending.document.decode(),
            "created_at": pending.created_at,
            "key": pending.key,
            "audience": pending.audience,
            "nonce": pending.nonce,
            "topic": pending.topic,
            **({"next_key": pending.next_key} if pending.next_key else {}),
            **({} if pending.pinned is None else {"pinned": pending.pinned.decode()}),
        }
        self._home.disk.write(self._slots[slot], as_json(content))

    def drop_pending(self, slot: Slot) -> None:
        """Forget the request: it is answered, or a new one is needed."""
        self._home.disk.remove(self._slots[slot])


def _pending(reader: Reader) -> Pending:
    return Pending(
        errand=reader.one_of("kind", Errand),
        document=reader.text("document", MAX_BYTES).encode(),
        created_at=reader.whole("created_at"),
        key=reader.text("key", 128),
        audience=reader.text("audience"),
        nonce=reader.text("nonce", 128),
        topic=reader.text("topic", 128),
        next_key=reader.text("next_key", 128) if reader.has("next_key") else "",
        pinned=reader.text("pinned", MAX_BYTES).encode() if reader.has("pinned") else None,
    )
