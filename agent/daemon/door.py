"""How the daemon's local API is put together: who may come in, which papers it shows, where it listens."""

import os
import socket
import ssl
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from agent.config import Settings
from agent.daemon.assembly import Agent
from agent.daemon.log import Log
from agent.domain.faults import sentence
from agent.domain.mode import Standing
from agent.services.seating import Seating
from agent.store.certificates import tls_files
from agent.store.tokens import ApplicationTokens, administrator_token, application_token
from agent.web.access import Access
from agent.web.app import create_app
from agent.web.listener import LocalServer, Tls
from keys.addresses import read_network
from keys.errors import InvalidInputError
from keys.sentences import phrase

if sys.platform != "win32":
    import pwd
    import resource

_LONGEST_SOCKET = 107
"""Bytes that a Unix socket's path may have on Linux."""
_MOST_FILES = 4096
"""What the local API may hold open, with callers whose TLS handshake drags on, and all other files beside."""


def local_server(agent: Agent, seating: Seating, host: str, port: int, log: Log) -> LocalServer:
    """Put the local API together. Raises InvalidInputError, StateDamagedError."""
    settings, around = agent.config.settings, agent.around
    _allow_files()
    names = () if settings.tls_host is None else _names(settings)
    callers = peers(settings.socket_users)
    access = Access(
        application_token(agent.home, around.randomness),
        administrator_token(agent.home, around.randomness),
        callers,
        ApplicationTokens(agent.home, around.randomness),
        frozenset(names),
    )
    app = create_app(
        seating,
        standing=agent.judging.standing,
        document=around.papers.licence,
        access=access,
        upcoming=agent.validating(seating).upcoming,
        trust=around.papers.trust,
        outages=around.papers.outages,
        last_failure=partial(_last_failure, agent),
        trusted_proxies=[read_network(each) for each in settings.trusted_proxies],
    )
    tls = None if settings.tls_host is None else _tls(agent, settings.tls_host, names, log)
    return LocalServer(app, host=host, port=port, unix_socket=_socket(agent, log), socket_users=callers, tls=tls)


def _names(settings: Settings) -> tuple[str, ...]:
    """Return what this machine is known by: the address it listens on, its own name, and what the settings add."""
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - no address that anybody calls
    host = () if settings.tls_host is None or settings.tls_host in everywhere else (settings.tls_host,)
    found = (*host, socket.gethostname(), *settings.tls_names)
    return tuple(dict.fromkeys(name.lower() for name in found if name))


def _tls(agent: Agent, host: str, names: Sequence[str], log: Log) -> Tls:
    files = tls_files(agent.home, names, agent.around.clock.now())
    if files.is_anew:
        log.say("warning", "tls_certificate_anew", said="tls.key was damaged: applications need the new tls.crt.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.shown, files.key)
    return Tls(host, agent.config.settings.tls_port, context)


def _allow_files() -> None:
    """Have the system allow as many open files as may be needed, where less is usual."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _last_failure(agent: Agent, standing: Standing) -> str | None:
    _, last = agent.around.tallies.progress()
    return None if last is None or last.word == "answered" else sentence(last.word, last.sentence, standing)


def _socket(agent: Agent, log: Log) -> Path | None:
    """Return where the Unix socket goes; a home that is too long for one must not keep the CRM from its seats."""
    path = agent.home.folder / "agent.sock"
    if not agent.config.settings.unix_socket or sys.platform == "win32":
        return None
    if len(os.fsencode(path)) > _LONGEST_SOCKET:
        log.say("warning", "unix_socket_left_out", path=str(path), most=_LONGEST_SOCKET)
        return None
    return path


def peers(users: Sequence[str]) -> frozenset[int]:
    """Return who may use the Unix socket: root, the agent's own user, and those that ``agent.toml`` names.

    Raises InvalidInputError: there is no such user.
    """
    if sys.platform == "win32":
        return frozenset()
    found = {0, os.geteuid()}
    for user in users:
        try:
            found.add(pwd.getpwnam(user).pw_uid)
        except KeyError:
            raise InvalidInputError(
                phrase(
                    "agent.toml: socket_users names {user}, who is no user of this machine. Take the name out, or make "
                    "that user.",
                    user=user,
                )
            ) from None
    return frozenset(found)
