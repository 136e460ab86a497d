"""The vendor: the whole licence server over SQLite, with its keys, backups and people."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keys.ceremony import renewed, signed
from keys.documents.licence import Licence as Document
from keys.errors import LicensingError, StateConflictError
from keys.keyfolder import KeyFolder
from keys.rotating import Rotating
from licence_server.domain.activation import Activation
from licence_server.domain.audit import Entry, Sought
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Licence, Order
from licence_server.storage.archive import new_archive, open_archive
from licence_server.storage.dump import load_tables, save_tables
from tests.agent.vendor import claims_of
from tests.licence_server.office import ME, Home, Office
from tests.model.line import Reply

DAY = 86_400
INTERVAL, GRACE = 3 * DAY, 12 * DAY
USERS = 3


@dataclass
class Vendor:
    """One vendor with one customer."""

    home: Home
    on_signed: Callable[[Document], None] = lambda _: None
    """Told of every document when it is signed."""
    backups: list[Path] = field(default_factory=list)
    restores: int = 0

    def __post_init__(self) -> None:
        self.office = Office.of(self.home)
        self.customer = self.server.registering.add(NewCustomer("فولاد پارس"), ME)
        self.signed: dict[str, Document] = {}

    def close(self) -> None:
        self.office.close()

    @property
    def server(self) -> Any:
        return self.office.server

    def now(self) -> int:
        return self.home.clock.now()

    def answer(self, method: str, path: str, body: bytes | None) -> Reply:
        """Answer a request as the web application does."""
        media = None if body is None else "application/jwt"
        answer = self.office.call(method, path, data=body, content_type=media)
        if body is not None and answer.status_code < 300:
            document = Document.from_claims(claims_of(answer.data))
            if document.document_id not in self.signed:
                self.signed[document.document_id] = document
                self.on_signed(document)
        return answer.status_code, dict(answer.headers), bytes(answer.data)

    # What people do

    def sell(self) -> tuple[str, str]:
        """Issue a licence; return its id and code."""
        order = Order(self.customer.id, USERS, interval=INTERVAL, grace=GRACE)
        licence, code = self.server.issuing.issue(order, ME)
        return licence.id, code

    def code(self, licence_id: str) -> str:
        """Return a code for another server, whether the licence is on one or not. Raises LicensingError."""
        try:
            return str(self.server.moving.rehost(licence_id, "a new machine", ME))
        except StateConflictError:
            return str(self.server.issuing.new_code(licence_id, ME))

    def rotate(self) -> None:
        self._keys().rotate()

    def revoke_key(self) -> None:
        """Make the key that signs now worthless; another takes over."""
        self._keys().revoke(self.server.vault.signer.key.kid)

    def renew_trust(self) -> None:
        """Hold the ceremony that gives the trust document another year."""
        folder = KeyFolder.of_home(self.home.path, {})
        trust = folder.trust()
        folder.install(signed(renewed(trust, self.now()), folder.roots(trust.roots)))

    def back_up(self) -> None:
        file = self.home.path.parent / f"backup-{len(self.backups)}.zip"
        with new_archive(file) as archive:
            facts = save_tables(self.home.config.database, archive)
            archive.finish({"created_at": self.now(), "issuer": self.home.config.issuer, **facts})
        self.backups.append(file)

    def restore(self, number: int) -> None:
        """Bring the database back as it was; the keys stay the ones that are here."""
        self.office.close()
        with open_archive(self.backups[number]) as archive:
            load_tables(self.home.config.database, archive, self.server.vault, self.now(), ME)
        self.office = Office.of(self.home)
        self.restores += 1

    # What stands in the database

    def licence(self, licence_id: str) -> Licence | None:
        with suppress(LicensingError), self.server.database.reading() as unit:
            found: Licence = unit.licences.get(licence_id)
            return found
        return None

    def live(self, licence_id: str) -> list[Activation]:
        with self.server.database.reading() as unit:
            return [each for each in unit.activations.all() if (each.licence_id, each.binding) == (licence_id, "live")]

    def entries(self, subject: str, after: int) -> list[Entry]:
        entries: list[Entry] = self.server.auditing.entries(Sought(of=subject), after)
        return entries

    def head(self) -> int:
        with self.server.database.reading() as unit:
            head = unit.audit.head()
            return 0 if head is None else head.seq

    def _keys(self) -> Rotating:
        return Rotating(KeyFolder.of_home(self.home.path, {}), self.home.clock, ())
