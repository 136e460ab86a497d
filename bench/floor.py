"""The floor that physics sets: one verification, one signature and one durable commit, on this core and this disk."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from keys.signing import SoftwareSigner

MESSAGE = os.urandom(1200)
"""As many bytes as a licence document has."""
_ROUNDS = 300


def verification_us() -> float:
    """Return what one Ed25519 verification takes, in microseconds."""
    signer = SoftwareSigner.generate()
    signature = signer.sign(MESSAGE)
    return typical(lambda: signer.key.verify(MESSAGE, signature))


def signature_us() -> float:
    """Return what one Ed25519 signature takes, in microseconds."""
    signer = SoftwareSigner.generate()
    return typical(lambda: signer.sign(MESSAGE))


def commit_us(folder: Path) -> float:
    """Return what SQLite takes to make one row of a document's size durable, in microseconds."""
    path = folder / "floor.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b)",
    ):
        connection.execute(statement)

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t (b) VALUES (?)", (MESSAGE,))
        connection.execute("COMMIT")

    took = typical(commit)
    connection.close()
    for leftover in folder.glob("floor.sqlite3*"):
        leftover.unlink()
    return took


def validation_us(folder: Path) -> float:
    """Return the floor of a validation: what no program can do without, in microseconds."""
    return verification_us() + signature_us() + commit_us(folder)


def typical(once: Callable[[], object]) -> float:
    """Return the median of some hundred calls, in microseconds."""
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        once()
        times.append(time.perf_counter() - begun)
    return median(times) * 1e6
