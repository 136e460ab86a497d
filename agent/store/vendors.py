"""What a vendor's package says of the vendor: whom to ask, and whom to believe."""

from dataclasses import dataclass
from pathlib import Path

from agent.store.jsonfile import read_bytes, read_json
from keys.sentences import phrase


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whom this server asks and believes: the vendor's package says so in ``vendor.json``, or the person who types."""

    server: str | None = None
    root: bytes | None = None


def vendor_of(tree: Path) -> Vendor:
    """Return what ``vendor.json`` of a tree says; nothing where there is none. Raises StateDamagedError."""
    remedy = phrase("Get the package from the vendor once more.")
    found = read_json(tree / "vendor.json", lambda reader: (reader.text("server"), reader.text("root", 255)), remedy)
    if found is None:
        return Vendor()
    server, name = found
    return Vendor(server.rstrip("/"), read_bytes(tree / Path(name).name))
