"""The server's storage in memory, behind the same ports: what a database costs is measured elsewhere.

It does what these histories need: one caller at a time, and a unit of work that is kept whole or not at all. Beside
the databases, it runs the same histories in test_compared.py, and every answer and every entry has to be the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Generic, TypeVar, cast

from keys.documents.licence import Licence as Document
from keys.documents.requests import Usage
from keys.errors import CodeUnknownError, LicenceNotActivatableError, NotFoundError, RequestReplayedError
from licence_server.domain.activation import Activation
from licence_server.domain.audit import Head, Note, check_clock
from licence_server.domain.code import Code
from licence_server.domain.customer import Customer
from licence_server.domain.licence import Licence
from licence_server.services.ports import Units

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Things by name; what was put there since the unit began is apart until it ends."""

    def __init__(self) -> None:
        self._kept, self._fresh = dict[str, Thing](), dict[str, Thing]()

    def find(self, name: str) -> Thing | None:
        found = self._fresh.get(name)
        return self._kept.get(name) if found is None else found

    def put(self, name: str, thing: Thing) -> None:
        self._fresh[name] = thing

    def all(self) -> list[Thing]:
        return list({**self._kept, **self._fresh}.values())

    def end(self, *, well: bool) -> None:
        if well:
            self._kept.update(self._fresh)
        self._fresh.clear()


class MemoryCustomers:
    """See Customers."""

    def __init__(self) -> None:
        self.shelf = Shelf[Customer]()

    def add(self, customer: Customer) -> None:
        self.shelf.put(customer.id, customer)

    def get(self, customer_id: str) -> Customer:
        found = self.shelf.find(customer_id)
        if found is None:
            raise NotFoundError(f"There is no customer {customer_id}.")
        return found


class MemoryLicences:
    """See Licences."""

    def __init__(self) -> None:
        self.shelf = Shelf[Licence]()
        self.find_locked = self.shelf.find

    def add(self, licence: Licence) -> None:
        self.shelf.put(licence.id, licence)

    put = add

    def lock(self, licence_id: str) -> Licence:
        found = self.shelf.find(licence_id)
        if found is None:
            raise NotFoundError(f"There is no licence {licence_id}.")
        return found


class MemoryCodes:
    """See Codes."""

    def __init__(self) -> None:
        self.shelf = Shelf[Code]()

    def add(self, code: Code) -> None:
        self.shelf.put(code.digest, code)

    def get(self, digest: str) -> Code:
        found = self.shelf.find(digest)
        if found is None:
            raise CodeUnknownError("This activation code is unknown.")
        return found

    def use(self, digest: str, activation_id: str, now: int) -> None:
        self.shelf.put(digest, replace(self.get(digest), used_at=now, used_by=activation_id))

    def void_unused(self, licence_id: str | None, now: int, made_until: int | None = None) -> int:
        unused = [code for code in self.shelf.all() if code.licence_id == licence_id and code.is_open]
        for code in unused:
            self.shelf.put(code.digest, replace(code, void_at=now))
        return len(unused)


class MemoryActivations:
    """See Activations."""

    def __init__(self) -> None:
        self.shelf = Shelf[Activation]()
        self.find = self.shelf.find

    def add(self, activation: Activation) -> None:
        if self.with_key(activation.device_key) is not None:
            raise LicenceNotActivatableError("This device key serves another activation.")
        self.put(activation)

    def put(self, activation: Activation) -> None:
        self.shelf.put(activation.id, activation)

    def with_key(self, device_key: str) -> Activation | None:
        return next((found for found in self.shelf.all() if found.device_key == device_key), None)

    def live(self, licence_id: str) -> Activation | None:
        mine = (found for found in self.shelf.all() if found.licence_id == licence_id)
        return next((found for found in mine if found.binding == "live"), None)


class MemoryDocuments:
    """See Documents."""

    def __init__(self) -> None:
        self.ids, self.requests = Shelf[bool](), Shelf[bool]()

    def add(self, document: Document, request_id: str, *, moved: bool = False) -> None:
        request = f"{document.activation_id}/{request_id}"
        if self.requests.find(request):
            raise RequestReplayedError("This request was answered before.")
        self.requests.put(request, True)
        if document.status != "refused":
            self.ids.put(f"{document.activation_id}/{document.document_id}", True)

    def knows(self, activation_id: str, document_id: str) -> bool:
        return self.ids.find(f"{activation_id}/{document_id}") is not None


class MemoryUsages:
    """See Usages; nobody asks for them here."""

    def put(self, activation_id: str, usage: Iterable[Usage]) -> None:
        assert not tuple(usage)


class MemoryAudit:
    """See Audit. Not chained: the notes themselves are compared with a database's entries."""

    def __init__(self) -> None:
        self.notes, self._fresh, self._at = list[Note](), list[Note](), 0

    def note(self, note: Note) -> None:
        self._fresh.append(note)

    def head(self) -> Head | None:
        return Head(len(self.notes), "", self._at, "") if self.notes else None

    def write(self) -> None:
        """Refuse notes that are older than the record, as the real one does."""
        if self._fresh:
            check_clock(self._at, self._fresh[-1].at)

    def end(self, *, well: bool) -> None:
        if well:
            self.notes += self._fresh
            self._at = max(self._at, *(note.at for note in self._fresh)) if self._fresh else self._at
        self._fresh.clear()


class Memory:
    """Everything that is stored, as far as an activation and its validations ask for it."""

    def __init__(self) -> None:
        self.customers, self.licences, self.codes = MemoryCustomers(), MemoryLicences(), MemoryCodes()
        self.activations, self.documents, self.usages = MemoryActivations(), MemoryDocuments(), MemoryUsages()
        self.audit = MemoryAudit()
        shelves = [kind.shelf for kind in (self.customers, self.licences, self.codes, self.activations)]
        self._parts = (*shelves, self.documents.ids, self.documents.requests, self.audit)

    @property
    def units(self) -> Units:
        """What the use cases take."""
        return cast("Units", self.unit)

    @contextmanager
    def unit(self) -> Iterator["Memory"]:
        """Begin a unit of work: kept at its end, forgotten on any error."""
        well = False
        try:
            yield self
            self.audit.write()
            well = True
        finally:
            for part in self._parts:
                part.end(well=well)
