"""The agent's home: one folder, and where everything lies in it."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from keys import disk


class Disk:
    """Changes files, each whole or not at all."""

    def write(self, path: Path, content: bytes) -> None:
        """Replace a file, mode 0600. Raises OSError; the old content is untouched then."""
        disk.write_whole(path, content)

    def remove(self, path: Path) -> None:
        """Remove a file for good; not being there is fine."""
        disk.remove(path)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one agent. ``disk`` makes every change in it."""

    folder: Path
    disk: Disk = field(default_factory=Disk, compare=False)

    def prepare(self) -> None:
        """Make the folder, for its owner alone. One that is there keeps its mode: an administrator chose it."""
        disk.make_folder(self.folder)

    def keep(self, path: Path, content: bytes) -> None:
        """Replace a file that can't be made anew, and then its second copy, which may be missing at worst."""
        self.disk.write(path, content)
        with suppress(OSError):
            disk.make_folder(self.copies)
            self.disk.write(self.copy_of(path), content)

    def copy_of(self, path: Path) -> Path:
        """Return where the second copy of a file lies."""
        return self.copies / path.name

    @property
    def copies(self) -> Path:
        """Second copies of what can't be made anew."""
        return self.folder / "copies"

    @property
    def settings(self) -> Path:
        """What the administrator set: ``agent.toml``."""
        return self.folder / "agent.toml"

    @property
    def state(self) -> Path:
        """What the agent must remember beside its documents."""
        return self.folder / "state.json"

    @property
    def trust(self) -> Path:
        """The newest trust document."""
        return self.folder / "trust.json"

    @property
    def licence(self) -> Path:
        """The licence in hand."""
        return self.folder / "licence.jws"

    @property
    def refusal(self) -> Path:
        """The last refused document, beside the licence."""
        return self.folder / "refusal.jws"

    @property
    def outages(self) -> Path:
        """The outage documents that the vendor declared, one in a line."""
        return self.folder / "outages.jws"

    @property
    def pending(self) -> Path:
        """The validation or deactivation that is not answered yet."""
        return self.folder / "pending.json"

    @property
    def pending_again(self) -> Path:
        """The request that the server asked for in its place, which is not answered yet either."""
        return self.folder / "pending-again.json"

    @property
    def pending_activation(self) -> Path:
        """The activation that is not answered yet."""
        return self.folder / "pending-activation.json"

    @property
    def ledger(self) -> Path:
        """The running time since the licence came."""
        return self.folder / "ledger.json"

    @property
    def hardware(self) -> Path:
        """The components as they were last read."""
        return self.folder / "hardware.json"

    @property
    def progress(self) -> Path:
        """How asking the licence server has gone so far."""
        return self.folder / "progress.json"

    @property
    def keys(self) -> Path:
        """The device keys' folder."""
        return self.folder / "keys"

    @property
    def daemon_lock(self) -> Path:
        """Held by the one daemon of this home."""
        return self.folder / "agent.lock"

    @property
    def exchange_lock(self) -> Path:
        """Held while one process talks to the licence server."""
        return self.folder / "validating.lock"

    @property
    def application_token(self) -> Path:
        """What the CRM shows to the local API."""
        return self.folder / "application.token"

    @property
    def administrator_token(self) -> Path:
        """What the administrator's commands show to the local API."""
        return self.folder / "administrator.token"

    @property
    def tokens(self) -> Path:
        """The folder of the tokens of further applications."""
        return self.folder / "tokens"

    @property
    def tls_key(self) -> Path:
        """The private key of the local API's certificates."""
        return self.folder / "tls.key"

    @property
    def tls_certificate(self) -> Path:
        """The certificate that applications pin."""
        return self.folder / "tls.crt"

    @property
    def tls_shown(self) -> Path:
        """The certificate that the local API shows, which that one vouches for."""
        return self.folder / "tls-shown.crt"

    @property
    def journal(self) -> Path:
        """The seats' journal; SQLite keeps others beside it."""
        return self.folder / "seats.sqlite3"

    @property
    def address(self) -> Path:
        """Where the running daemon's local API listens."""
        return self.folder / "address.json"
