"""The real use cases without the text of their documents, at a third of the price of a year.

A request comes to the use case as if it had been opened and its signature checked, and an answer is not written as
JSON. What is asked, looked up, decided, stored and recorded is the same; test_compared.py compares.
"""

from keys.documents.licence import Licence as Document
from keys.documents.requests import Boot, ValidationRequest
from keys.identity import new_id
from keys.signing import PublicKey
from licence_server.domain.lease import Lease
from licence_server.services.ports import Unit
from licence_server.services.signing import Case, Signing
from tests.licence_server.years.counter import Counter
from tests.licence_server.years.machines import Paper


class UnwrittenSigning(Signing):
    """Makes the same documents, and hands out the little that a machine reads of them."""

    __slots__ = ()

    def _sign(self, case: Case, refusal: str | None = None) -> tuple[Document, bytes]:
        lease = Lease(self.desk.trust.issuer, case.licence, case.activation, case.asked.device_key)
        document = lease.document(new_id("doc", self.randomness), case.asked.nonce, case.now, refusal)
        return document, f"{document.activation_id} {document.document_id} {document.seq}".encode()

    def repeated(self, unit: Unit, case: Case) -> bytes:
        """Return the stored answer; that the key which signed it is still good needs no proof here."""
        return case.activation.last.document.encode()


class UnwrittenCounter(Counter):
    """A Server of histories whose machines hand over what they mean."""

    def compose(self, previous: Paper, boot: Boot, now: int) -> tuple[ValidationRequest, PublicKey]:
        """Return what opening the request would (keys.documents.requests.open_validation_request)."""
        self.requests += 1
        request = self.request(f"req-{self.requests}", f"nonce-{self.requests}", previous.id, boot, now)
        return request, self.quick.key

    @staticmethod
    def read(document: bytes) -> tuple[str, str, int]:
        activation_id, document_id, seq = document.decode().split(" ")
        return activation_id, document_id, int(seq)
