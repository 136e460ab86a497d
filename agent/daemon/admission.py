"""Who is let into the agent of the service: over the socket by name, over TCP by a token that their group may read."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from agent.config import read_settings
from agent.store.home import Home
from agent.store.tokens import application_token
from agent.system.accounts import is_in_group, own_group
from agent.system.owner import acting_as_owner
from agent.system.settings import write_setting
from keys.errors import StateDamagedError
from keys.identity import Randomness
from keys.sentences import phrase

_GROUP_READS = 0o040
_LENT = 0o640


@dataclass(frozen=True, slots=True)
class Admission:
    """Users of this machine as whom a CRM runs: who is let into a home, and who should be."""

    home: Home
    asked: tuple[str, ...]
    """Who should be, of whom the person said so."""
    randomness: Randomness

    @property
    def named(self) -> tuple[str, ...]:
        """Whom ``agent.toml`` lets in. Raises InvalidInputError: it can't be read."""
        return read_settings(self.home.settings).socket_users

    @property
    def is_for_nobody(self) -> bool:
        """Whether nobody is let in, but root and the agent's own user. Raises InvalidInputError."""
        return not self.named and self._readers() is None

    def can_read_token(self, user: str) -> bool:
        """Tell whether a user is in the group that may read the application's token."""
        readers = self._readers()
        return readers is not None and is_in_group(user, readers)

    def is_granted(self) -> bool:
        """Tell whether all are let in who should be, by the service that runs too. Raises InvalidInputError."""
        users, named = self._users(), self.named
        return set(users) <= set(named) and (not users or (self._is_lent() and self._is_known()))

    def grant(self) -> None:
        """Let them in, from the service's next start on; who was let in before stays so.

        The token's file has one group: it is the first one's whose group is that user's alone, and stays as it is where
        somebody who is let in can read it already. Everybody else has the socket.

        Raises:
            InvalidInputError: ``agent.toml`` can't be read, or only a person can change it.
            StateDamagedError: the token is none, or no plain file of the home's owner.
            OSError: the disk is full or not writable.
        """
        users, named = self._users(), self.named
        with acting_as_owner(self.home.folder):
            if not set(users) <= set(named):
                write_setting(self.home.settings, "socket_users", list(dict.fromkeys((*named, *users))))
            application_token(self.home, self.randomness)
        group = self._group()
        if group is not None and not self._is_lent():
            _lend(self.home.application_token, group)

    def _users(self) -> tuple[str, ...]:
        """Return who should be let in: who was named now; else who was before, where the home changed hands since.

        Who gives a home to somebody gives the token to that one's group, and its mode still says that it was lent.
        """
        readers = self._readers()
        is_returned = readers is not None and readers == self.home.folder.stat().st_gid
        return self.asked or (self.named if is_returned else ())

    def _group(self) -> int | None:
        return next((group for user in self._users() if (group := own_group(user)) is not None), None)

    def _is_lent(self) -> bool:
        """Whether somebody who is let in reads the token, or nobody has a group for that."""
        return self._group() is None or any(map(self.can_read_token, self.named))

    def _is_known(self) -> bool:
        """Whether the service, if it runs, started after the settings were written."""
        try:
            return self.home.settings.stat().st_mtime_ns <= self.home.address.stat().st_mtime_ns
        except FileNotFoundError:
            return True

    def _readers(self) -> int | None:
        """Return the group that may read the token; None: none, or there is no token."""
        try:
            facts = self.home.application_token.lstat()
        except FileNotFoundError:
            return None
        return facts.st_gid if facts.st_mode & _GROUP_READS else None


def _lend(path: Path, group: int) -> None:
    """Have a group read a token: root's work, and of nothing but a file of the folder's owner with no other name."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_uid != path.parent.stat().st_uid:
            raise StateDamagedError(
                phrase("{path} is no token. Remove it: a new one is made at the next start.", path=path)
            )
        os.fchown(descriptor, -1, group)
        os.fchmod(descriptor, _LENT)
    finally:
        os.close(descriptor)
