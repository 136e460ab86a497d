"""What is damaged in the agent's home: found at its start, said in one sentence each, and mended where that is safe.

Nothing is deleted: what is damaged keeps lying beside its place, under a name with the moment. What can't be made anew
has a second copy (Home.keep), and what has none and can't be made anew is left alone, with a sentence on what to do.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.services.holding import believe_stored, without_revocations
from agent.services.ports import Surroundings
from agent.store.home import Home
from agent.store.jsonfile import read_bytes
from agent.store.locks import hold
from agent.store.papers import Papers
from agent.store.state import States
from agent.store.tallies import read_hardware, read_ledger, read_progress
from agent.store.tokens import administrator_token, application_token, read_token
from keys.disk import make_folder, put_aside, sweep_drafts
from keys.documents.outage import open_outage
from keys.errors import BusyError, LicensingError, StateDamagedError, StateNewerError
from keys.sentences import of, phrase, together
from keys.trust import Trust, pin_trust

Cure = Literal["copy", "anew", "access", "none"]
"""Its second copy takes its place; a new one is made; its owner may read it again; a person has to see to it."""
_READERS = 0o640
"""What a token's mode may be: its owner's, and readable for one group."""
_CARRY_TRUST = phrase("Copy the root file that the vendor gave you to it.")
_CARRY_LICENCE = phrase(
    "Restore the agent's folder from a backup; or ask the vendor for a code to move the licence, and do: "
    "licence-agent activate CODE --server URL --replace"
)
_CARRY_OUTAGE = phrase("Import the outage document that the vendor sent once more: licence-agent import FILE")
_OTHER_ADDRESS = phrase(
    "The server is asked at the address in the licence; set `server` in agent.toml if it has another."
)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as it was written."""

    path: Path
    said: str
    """What is wrong, in a sentence."""
    cure: Cure
    after: str
    """What its loss means, or what to do where there is no cure; a sentence."""


class Healing:
    """Looks at every file of one home, and mends what it can."""

    def __init__(self, home: Home, around: Surroundings) -> None:
        self._home, self._around = home, around
        self._papers, self._states = Papers(home), States(home)

    def examine(self) -> list[Damage]:
        """Return what is damaged, and change nothing. Raises OSError: the home itself can't be read."""
        return list(self._look())

    def heal(self) -> list[str]:
        """Mend what can be mended, and return a sentence for each damage that was found.

        Nothing happens while another process of this home talks to the licence server: it may be writing.
        """
        said = []
        with suppress(BusyError), hold(self._home.exchange_lock, phrase("mends")):
            # Each is looked for after the one before is mended: a licence is believed under the trust that came back.
            said = [self._mend(damage) for damage in self._look()]
            self._copy_again()
        return said

    def sweep(self) -> list[str]:
        """Remove what killed processes left half-written, and return its names."""
        folders = (self._home.folder, self._home.keys, self._home.copies, self._home.tokens)
        return [name for folder in folders for name in sweep_drafts(folder)]

    def _look(self) -> Iterator[Damage]:
        home = self._home
        yield from self._kept(home.trust, pin_trust_of, "none", _CARRY_TRUST)
        yield from self._kept(home.state, self._is_state, "anew", _OTHER_ADDRESS)
        trust = self._trust()
        if trust is not None:
            yield from self._kept(home.licence, lambda path: self._believe(path, trust), "none", _CARRY_LICENCE)
            yield from self._kept(home.outages, lambda path: are_outages(path, trust), "anew", _CARRY_OUTAGE)
        yield from self._others()
        socket = home.folder / "agent.sock"
        if os.path.lexists(socket) and not stat.S_ISSOCK(socket.lstat().st_mode):
            yield Damage(
                socket, phrase("{path} is no socket.", path=socket), "anew", phrase("The agent's own takes its place.")
            )

    def _kept(self, path: Path, check: Callable[[Path], bool], cure: Cure, after: str) -> Iterator[Damage]:
        """Look at a file that has a second copy; ``cure`` and ``after`` are for where that is no good either."""
        copy = _is_good(check, self._home.copy_of(path))
        try:
            if check(path) or not copy:
                return  # it is good; or neither was ever written
            said: str = phrase("{path} is gone.", path=path)
        except StateNewerError as error:
            yield Damage(path, of(error), "none", phrase("Nothing was changed."))
            return
        except LicensingError as error:
            if isinstance(error.__cause__, PermissionError):
                yield self._closed(path)
                return
            said = _said(path, error)
        yield (
            Damage(path, said, "copy", phrase("Its second copy is used.")) if copy else Damage(path, said, cure, after)
        )

    def _others(self) -> Iterator[Damage]:
        papers, home = self._papers, self._home
        anew = phrase("A new request is made.")
        activation = phrase(
            "If the code is answered with code-used now, ask the vendor for a code to move the licence."
        )
        shown = phrase("A new one is made, which the same users may read: let the CRM read it again.")
        for path, read, after in (
            (home.pending, lambda: papers.pending("validation"), anew),
            (home.pending_again, lambda: papers.pending("again"), anew),
            (home.pending_activation, lambda: papers.pending("activation"), activation),
            (
                home.ledger,
                lambda: read_ledger(home.ledger),
                phrase("The journal's copy is used; else counting begins anew."),
            ),
            (home.hardware, lambda: read_hardware(home.hardware), phrase("The hardware is read anew.")),
            (home.progress, lambda: read_progress(home.progress), phrase("Waiting times begin anew.")),
            (home.refusal, self._read_refusal, phrase("The licence server is asked again.")),
            (home.application_token, lambda: read_token(home.application_token), shown),
            (home.administrator_token, lambda: read_token(home.administrator_token), phrase("A new one is made.")),
        ):
            try:
                read()
            except StateDamagedError as error:
                is_closed = isinstance(error.__cause__, PermissionError)
                yield self._closed(path) if is_closed else Damage(path, _said(path, error), "anew", after)

    def _read_refusal(self) -> None:
        document, trust = self._papers.refusal(), self._trust()
        if document is not None and trust is not None:
            try:
                believe_stored(document, trust, lambda: None)
            except LicensingError as error:
                raise StateDamagedError(of(error)) from error

    def _closed(self, path: Path) -> Damage:
        """Tell of a file that its reader may not read: whole, as far as anybody knows."""
        said = phrase("{path} can't be read by this user.", path=path)
        if os.name != "nt" and path.lstat().st_uid == os.geteuid():
            return Damage(path, said, "access", phrase("Its owner may read it again."))
        return Damage(path, said, "none", phrase("Run as the agent's user, or give the file back to it."))

    def _mend(self, damage: Damage) -> str:
        path, home = damage.path, self._home
        if damage.cure == "none":
            return together(damage.said, damage.after)
        if damage.cure == "access":
            path.chmod(0o600)
            return together(damage.said, damage.after)
        kept, aside = "", None
        if os.path.lexists(path):
            aside = put_aside(path, self._around.clock.now())
            kept = phrase("What was there is kept as {name}.", name=aside.name)
        if damage.cure == "copy":
            home.disk.write(path, home.copy_of(path).read_bytes())
        if aside is not None and path in (home.application_token, home.administrator_token):
            self._new_token(path, aside)
        return together(damage.said, damage.after, kept)

    def _new_token(self, path: Path, aside: Path) -> None:
        """Make a token that the same users may read as the one before, which lies aside."""
        make = application_token if path == self._home.application_token else administrator_token
        token = make(self._home, self._around.randomness)
        facts = aside.lstat()
        if os.name == "nt" or not stat.S_ISREG(facts.st_mode):
            return
        mode = stat.S_IMODE(facts.st_mode)
        try:
            os.chown(path, facts.st_uid, facts.st_gid)
            path.chmod(mode & _READERS)
        except PermissionError:  # only root can give a file to a group of others
            if not mode & ~_READERS:  # who could open the old file may hold it open
                self._put_into(aside, path, token)

    def _put_into(self, aside: Path, path: Path, token: str) -> None:
        """Write a token into the file of the one before, whose group stays; if that fails, it is its maker's alone."""
        with suppress(OSError):
            damaged = aside.read_bytes()
            with aside.open("r+b") as file:
                file.truncate()
                file.write(f"{token}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            self._home.disk.write(aside, damaged)

    def _copy_again(self) -> None:
        """Make second copies what the first ones are: they are missing in homes of older releases."""
        checks: dict[Path, Callable[[Path], bool]] = {
            self._home.trust: pin_trust_of,
            self._home.state: self._is_state,
        }
        trust = self._trust()
        if trust is not None:
            checks[self._home.licence] = lambda path: self._believe(path, trust)
            checks[self._home.outages] = lambda path: are_outages(path, trust)
        for path, check in checks.items():
            if _is_good(check, path):
                content, copy = path.read_bytes(), self._home.copy_of(path)
                with suppress(OSError):
                    make_folder(self._home.copies)
                    if not copy.is_file() or copy.read_bytes() != content:
                        self._home.disk.write(copy, content)

    def _is_state(self, path: Path) -> bool:
        return read_bytes(path) is not None and self._states.read_from(path) is not None

    def _trust(self) -> Trust | None:
        with suppress(LicensingError):
            document = self._papers.trust()
            return None if document is None else pin_trust(document)
        return None

    def _believe(self, path: Path, trust: Trust) -> bool:
        document = read_bytes(path)
        if document is not None:
            believe_stored(document, trust, lambda: self._states.read().spared)
        return document is not None


def _said(path: Path, error: LicensingError) -> str:
    """Say what is wrong, without what a reader tells to do."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        return phrase("{path} can't be read: {reason}.", path=path, reason=cause.strerror)
    return phrase("{path} is damaged: {error}", path=path, error=cause if isinstance(cause, LicensingError) else error)


def pin_trust_of(path: Path) -> bool:
    """Open a trust document, and tell whether there is one. Raises LicensingError: it can't be believed."""
    document = read_bytes(path)
    if document is not None:
        pin_trust(document)
    return document is not None


def are_outages(path: Path, trust: Trust) -> bool:
    """Open outage documents, and tell whether there are any. Raises LicensingError: one can't be believed."""
    documents = (read_bytes(path) or b"").split()
    for document in documents:
        open_outage(document, without_revocations(trust))
    return bool(documents)


def _is_good(check: Callable[[Path], bool], path: Path) -> bool:
    try:
        return check(path)
    except LicensingError:
        return False
