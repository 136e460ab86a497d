"""What every command stands on: the home, the use cases, and who types."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import click

from keys.clock import Clock, SystemClock
from keys.errors import InvalidInputError
from keys.identity import Randomness
from keys.keyfolder import KeyFolder
from licence_server.assembly import Server, build_server
from licence_server.config import Config, find_home, load_config
from licence_server.passwords import Argon2Passwords
from licence_server.services.ports_access import Passwords
from licence_server.storage.engine import check_there


@dataclass
class Session:
    """One command's surroundings; what a command does not need is not opened."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=SystemClock)
    randomness: Randomness = os.urandom
    passwords: Passwords = field(default_factory=Argon2Passwords)

    @cached_property
    def home(self) -> Path:
        """The server's home."""
        return find_home(self.environment, is_root=os.geteuid() == 0)

    @cached_property
    def config(self) -> Config:
        """The settings. Raises InvalidInputError."""
        return load_config(self.home, self.environment)

    @cached_property
    def folder(self) -> KeyFolder:
        """The keys. Raises KeyUnsafeError, InvalidInputError."""
        return KeyFolder.of_home(self.home, self.environment)

    @cached_property
    def server(self) -> Server:
        """The use cases. Raises as build_server; the database is closed when the command ends."""
        config = self.config
        if not (self.home / "keys" / "trust.json").exists():
            raise InvalidInputError(f"{self.home} is not complete. Run: licence-server init")
        check_there(config.database)
        server = build_server(
            config, self.folder, clock=self.clock, randomness=self.randomness, passwords=self.passwords
        )
        click.get_current_context().find_root().call_on_close(server.database.close)
        return server

    @cached_property
    def by(self) -> str:
        """Who types, for the audit record."""
        try:
            return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
        except KeyError:
            return f"cli:{os.getuid()}"


pass_session = click.make_pass_decorator(Session, ensure=True)
