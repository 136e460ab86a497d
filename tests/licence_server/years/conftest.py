"""Servers for histories: the real use cases, with less of what is not their own."""

import random
from collections.abc import Callable

import pytest

from keys.documents.requests import open_validation_request
from keys.signing import SoftwareSigner
from licence_server.services import validating
from tests.licence_server.years.counter import Counter, Vendor
from tests.licence_server.years.memory import Memory
from tests.licence_server.years.quick import QuickDesk
from tests.licence_server.years.unwritten import UnwrittenCounter, UnwrittenSigning

New = Callable[[int], Counter]


@pytest.fixture(scope="session")
def desk() -> QuickDesk:
    return QuickDesk()


@pytest.fixture
def new(desk: QuickDesk, monkeypatch: pytest.MonkeyPatch) -> New:
    """Makes servers, each with one activation, in memory and without the text of documents."""

    def opened(asked, *more):
        return asked if isinstance(asked, tuple) else open_validation_request(asked, *more)

    monkeypatch.setattr(validating, "open_validation_request", opened)
    signer = SoftwareSigner.generate()

    def make(seed: int) -> Counter:
        memory = Memory()
        vendor = Vendor(memory.units, random.Random(seed).randbytes, desk, sign=UnwrittenSigning)
        return UnwrittenCounter(vendor, signer, lambda _: [note.event for note in memory.audit.notes])

    return make
