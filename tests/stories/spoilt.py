"""Homes that are none, or not as they should be."""

import shutil
from collections.abc import Callable
from pathlib import Path


def replaced(name: str, content: bytes | None) -> Callable[[Path, Path], None]:
    """Break a file in each home that has it, or takes such a file; None: a folder lies in its place."""

    def spoil(server: Path, agent: Path) -> None:
        for home in (server, agent):
            path = home / name
            if path.parent.is_dir() and (path.exists() or name in {"agent.toml", "config.toml"}):
                path.unlink(missing_ok=True)
                path.mkdir() if content is None else path.write_bytes(content)

    return spoil


def gone(server: Path, agent: Path) -> None:
    for home in (server, agent):
        shutil.rmtree(home)


def a_file(server: Path, agent: Path) -> None:
    gone(server, agent)
    for home in (server, agent):
        home.write_text("a file")


def empty(server: Path, agent: Path) -> None:
    gone(server, agent)
    for home in (server, agent):
        home.mkdir()


def keys_readable(server: Path, agent: Path) -> None:
    for path in (*server.rglob("*.pem"), *agent.rglob("*.pem"), server / "passphrase"):
        path.chmod(0o644)


def keys_gone(server: Path, agent: Path) -> None:
    for path in (server / "keys/signing", agent / "keys"):
        shutil.rmtree(path)


def read_only(server: Path, agent: Path) -> None:
    for home in (server, agent):
        for path in (home, *home.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)


def unreadable(server: Path, agent: Path) -> None:
    for home in (server, agent):
        home.chmod(0)


NOISE = bytes(range(256))
SPOILT: dict[str, Callable[[Path, Path], None]] = {
    "missing": gone,
    "a file": a_file,
    "empty": empty,
    "config.toml noise": replaced("config.toml", NOISE),
    "config.toml unknown name": replaced("config.toml", b'colour = "red"\n'),
    "config.toml a folder": replaced("config.toml", None),
    "agent.toml noise": replaced("agent.toml", NOISE),
    "agent.toml unknown name": replaced("agent.toml", b'colour = "red"\n'),
    "agent.toml a folder": replaced("agent.toml", None),
    "database noise": replaced("licences.sqlite3", NOISE * 100),
    "database a folder": replaced("licences.sqlite3", None),
    "passphrase wrong": replaced("passphrase", b"wrong\n"),
    "passphrase empty": replaced("passphrase", b""),
    "server's trust empty": replaced("keys/trust.json", b"{}"),
    "agent's trust empty": replaced("trust.json", b"{}"),
    "licence cut": replaced("licence.jws", b"e30.e30.AA"),
    "licence a folder": replaced("licence.jws", None),
    "state noise": replaced("state.json", NOISE),
    "ledger noise": replaced("ledger.json", NOISE),
    "hardware noise": replaced("hardware.json", NOISE),
    "progress noise": replaced("progress.json", NOISE),
    "keys readable by others": keys_readable,
    "keys gone": keys_gone,
    "read-only": read_only,
    "unreadable": unreadable,
}


def remove(path: Path) -> None:
    if path.is_dir():
        for folder in (path, *(inner for inner in path.rglob("*") if inner.is_dir())):
            folder.chmod(0o700)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
