"""What can be wrong with the server's home and what it stands on, checked, with what to do about it."""

import os
import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from keys.addresses import is_loopback
from keys.checkup import Finding, examine
from keys.clock import Clock
from keys.disk import read_secret, sweep_drafts
from keys.errors import StateDamagedError
from keys.keyfile import load_key
from keys.keyfolder import KeyFolder
from keys.trust import WARNING, Envelope, Trust
from licence_server.config import Config, load_config
from licence_server.domain.audit import TOLERANCE
from licence_server.services.auditing import Auditing
from licence_server.storage.damage import flaw_of, sqlite_file
from licence_server.storage.engine import Database, check_there
from licence_server.storage.homefiles import UNFINISHED, unfinished
from licence_server.storage.migrate import newest_revision, revision_at
from licence_server.storage.vault import FileVault
from licence_server.web.console.files import check_files

DAY = 86_400
_LITTLE_ROOM = 1 << 30
_NO_ROOM = 1 << 26
_QUICKLY = 1 << 28
"""Bytes of a database that are read through at the start of ``run``; a larger one takes too long for that."""
_PATIENCE = 2.0
_RESTORE = "Bring back a backup: licence-server restore FILE. What happened since, agents bring back by themselves."


@dataclass(frozen=True, slots=True)
class Place:
    """A server's home and surroundings; ``is_start`` asks for what is cheap alone."""

    home: Path
    environment: Mapping[str, str]
    clock: Clock
    is_start: bool = False

    @property
    def config(self) -> Config:
        """The settings. Raises InvalidInputError."""
        return load_config(self.home, self.environment)

    @property
    def folder(self) -> KeyFolder:
        """The keys. Raises KeyUnsafeError, InvalidInputError."""
        return KeyFolder.of_home(self.home, self.environment)

    @property
    def vault(self) -> FileVault:
        """The keys, opened. Raises as FileVault."""
        return FileVault(self.folder.path, self.folder.passphrase)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where files of ours are written."""
        keys = self.home / "keys"
        return self.home, keys, keys / "signing", keys / "root"


Check = Callable[[Place], Finding]


def _home(place: Place) -> Finding:
    home = place.home
    if not home.is_dir():
        return Finding("home", "failed", f"{home} does not exist.", "Do: licence-server init, or: restore FILE")
    if not _is_usable(home, os.X_OK):
        said = f"{home} can't be read and written by this user."
        return Finding("home", "failed", said, "Run as the server's user, or make the folder writable for it.")
    if home.stat().st_mode & 0o022:
        return Finding("home", "failed", f"Others can write into {home}.", f"Do: chmod 700 {home}")
    secrets = [home / "passphrase", home / "first-password", *home.glob("keys/*/*.pem")]
    for path in (*secrets, *home.glob("licences.sqlite3*")):
        if path.exists() and path.stat().st_mode & (0o077 if path in secrets else 0o022):
            return Finding("home", "failed", f"{path} is open to others.", f"Do: chmod 600 {path}")
    closed = [path for path in home.glob("licences.sqlite3*") if not _is_usable(path)]
    if closed:
        said = f"{closed[0]} can't be read and written by this user."
        return Finding("home", "failed", said, "Run as the server's user, or give the file back to it.")
    return Finding("home", "ok", f"{home} and the secrets in it are the server's alone.")


def _is_usable(path: Path, more: int = 0) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.R_OK | os.W_OK | more, effective_ids=effective)


def _configuration(place: Place) -> Finding:
    config = place.config
    return Finding("configuration", "ok", f"The issuer is {config.issuer}; {len(Config.model_fields)} settings.")


def _restore(place: Place) -> Finding:
    backup = unfinished(place.home)
    if backup is not None:
        said = f"A restore of {backup} was cut off, or refused half-way."
        remedy = f"Run it again: licence-server restore {backup} --force. Or remove {place.home / UNFINISHED}"
        return Finding("restore", "failed", said, f"{remedy} if keys and database here are the right ones.")
    return Finding("restore", "ok", "No restore was left half-done.")


def _keys(place: Place) -> Finding:
    folder = place.folder
    trust, signer = place.vault.trust, place.vault.signer
    named = {entry.key.kid for entry in trust.signing}
    present = {path.stem: path for path in sorted((folder.path / "signing").glob("*.pem"))}
    for kid, path in present.items():
        if load_key(path, folder.passphrase).key.kid != kid:
            return Finding("keys", "failed", f"{path} holds another key than it is named for.", "Restore it.")
    pinned = place.home / "root.json"
    newest = (folder.path / "trust.json").read_bytes()
    if not pinned.exists() or pinned.read_bytes() != newest:
        said = f"{pinned}, which agents are given, is not the trust document in force."
        return Finding("keys", "warning", said, "Do: licence-server init, which copies it again.")
    strange = sorted(set(present) - named)
    if strange:
        said = f"Keys that no trust document names: {', '.join(strange)}."
        return Finding("keys", "warning", said, "A ceremony was cut off or waits for signatures; else remove them.")
    return Finding("keys", "ok", f"{signer.key.kid} signs; {len(present)} signing keys can be opened.")


def _trust(place: Place) -> Finding:
    trust = place.vault.trust
    left = (trust.expires_at - place.clock.now()) // DAY
    said = f"Version {trust.version}, good for {left} days."
    if left < 0:
        said = f"Version {trust.version} ended {-left} days ago: agents stop {WARNING // DAY} days after its end."
        return Finding("trust", "failed", said, "Do at once: licence-keys rotate")
    if left < WARNING // DAY:
        return Finding("trust", "warning", said, "Do: licence-keys rotate")
    return Finding("trust", "ok", said)


def _roots(place: Place) -> Finding:
    roots = sorted((place.folder.path / "root").glob("*.pem"))
    if roots and not is_loopback(urlsplit(place.config.issuer).hostname or ""):
        said = "A root key lies beside the keys that it vouches for: who takes this machine takes both."
        return Finding(
            "roots", "warning", said, f"For production keep {roots[0].parent} offline; see docs/security.md."
        )
    return Finding(
        "roots", "ok", "No root key lies here." if not roots else "A root key is here; for tests that is fine."
    )


def _sso(place: Place) -> Finding:
    file = place.config.sso_secret_file
    there = Path(file).exists()
    if file and not (there and read_secret(Path(file)).strip()):
        said = f"{file} {'is empty' if there else 'does not exist'}: nobody comes in by single sign-on."
        return Finding("sso", "failed", said, "Write the provider's secret into it, for the server's account alone.")
    return Finding("sso", "ok", f"{file} is the server's alone." if file else "No secret of single sign-on is set.")


def _proposal(place: Place) -> Finding:
    path = place.folder.proposal
    if not path.exists():
        return Finding("proposal", "ok", "No trust document waits for signatures.")
    version = Trust.of_payload(Envelope.from_bytes(path.read_bytes()).payload).version
    said = f"Version {version} of the trust document waits for signatures of roots that are not here: {path}."
    return Finding("proposal", "warning", said, "Do: licence-keys trust sign, then: licence-keys trust install")


def _database(place: Place) -> Finding:
    url = place.config.database
    check_there(url)
    file = sqlite_file(url)
    if file is not None and not (place.is_start and file.stat().st_size > _QUICKLY):
        flaw = flaw_of(file)
        if flaw:
            return Finding("database", "failed", f"{file} is damaged: {flaw}.", _RESTORE)
    found, newest = revision_at(url), newest_revision()
    if found is None:
        return Finding("database", "failed", "The database has no tables of ours.", _RESTORE)
    if found != newest:
        said = f"The database has the tables of an earlier version ({found}); this one works with {newest}."
        return Finding("database", "warning", said, "licence-server run brings it up to date at its start.")
    return Finding("database", "ok", f"The database answers; its tables are of version {found}.")


def _record(place: Place) -> Finding:
    """Check the end of the audit record, and the clock against it."""
    check_there(place.config.database)
    database = Database(place.config.database, place.vault)
    try:
        auditing = Auditing(database.unit, database.reading, place.clock, place.vault)
        at = auditing.check_end()
    finally:
        database.close()
    behind = at - place.clock.now()
    if behind > TOLERANCE:
        said = f"The clock is {behind} seconds behind the last signature, so nothing is signed."
        remedy = "Set it right; if it is right: licence-server clock accept --reason TEXT"
        return Finding("record", "failed", said, remedy)
    whole = "licence-server audit verify checks the whole."
    return Finding("record", "ok", f"The end of the audit record is sealed, and the clock is not behind it. {whole}")


def _room(place: Place) -> Finding:
    file = sqlite_file(place.config.database)
    free = min(shutil.disk_usage(path).free for path in {place.home, place.home if file is None else file.parent})
    said = f"{free >> 20} MiB are free."
    if free < _NO_ROOM:
        return Finding("room", "failed", said, "Make room: without it nothing is signed.")
    if free < _LITTLE_ROOM:
        return Finding("room", "warning", said, "Make room before it ends.")
    return Finding("room", "ok", said)


def _port(place: Place) -> Finding:
    config = place.config
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            if _is_ours(place):
                return Finding("port", "ok", f"This server answers on port {config.port}.")
            said = f"Port {config.port} of {config.host} can't be had ({error.strerror})."
            return Finding("port", "failed", said, "End the other program, or set another port in config.toml.")
    return Finding("port", "warning", f"Port {config.port} is free: the server does not run.", "Do: licence-server run")


def _is_ours(place: Place) -> bool:
    """Ask who listens there for the trust document."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(place.config.host, place.config.host)  # noqa: S104
    connection = HTTPConnection(host, place.config.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/agent/v1/trust")
        return connection.getresponse().read(1 << 17) == place.vault.trust_document
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _drafts(place: Place) -> Finding:
    left = [path.name for folder in place.folders for path in folder.glob(".*.draft")]
    if left:
        said = f"Half-written files of processes that were killed, or are writing now: {', '.join(left)}."
        return Finding("drafts", "warning", said, "licence-server run removes those of dead processes.")
    return Finding("drafts", "ok", "Nothing was left half-written.")


NEEDED: dict[str, Check] = {
    "home": _home,
    "configuration": _configuration,
    "restore": _restore,
    "keys": _keys,
    "database": _database,
}
"""Without these ``licence-server run`` does not start."""

TOLD: dict[str, Check] = {
    "trust": _trust,
    "roots": _roots,
    "sso": _sso,
    "proposal": _proposal,
    "record": _record,
    "room": _room,
    "console": check_files,
}
"""What ``run`` logs at its start."""

CHECKS: dict[str, Check] = {**NEEDED, **TOLD, "drafts": _drafts, "port": _port}


def check_start(place: Place) -> list[Finding]:
    """Make the checks of a start, sweep up what killed processes left, and return what is to be logged.

    Raises:
        StateDamagedError: the server must not start like this; the sentence says what to do.
        LicensingError: as the check says.
    """
    findings = list[Finding]()
    for check in NEEDED.values():
        found = check(place)
        if found.state == "failed":
            raise StateDamagedError(f"{found.said} {found.remedy}")
        findings.append(found)
    findings += examine(TOLD, place)
    swept = [name for folder in place.folders for name in sweep_drafts(folder)]
    if swept:
        findings.append(
            Finding("drafts", "warning", f"Half-written files of dead processes: {', '.join(swept)}.", "Removed.")
        )
    return [found for found in findings if found.state != "ok"]
