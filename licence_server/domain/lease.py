"""What a licence document says at one moment: the lease (protocol, section 2)."""

from dataclasses import dataclass

from keys.documents.licence import Licence as Document
from keys.documents.licence import Status
from keys.documents.parts import Fingerprint, Product, Validation
from licence_server.domain.activation import Activation
from licence_server.domain.licence import Licence
from licence_server.domain.notices import notices_for


@dataclass(frozen=True, slots=True)
class Lease:
    """Everything but the signature."""

    issuer: str
    licence: Licence
    activation: Activation
    device_key: str
    """Thumbprint of the device key that the document is bound to, one of the activation's."""

    def document(self, document_id: str, nonce: str, now: int, refusal: str | None = None) -> Document:
        """Build the successor of the activation's head, or a refused document for one request alone.

        Args:
            document_id: ``jti`` of the document.
            nonce: the request's.
            now: the server's time.
            refusal: the reason of a refused document, which is no link of the chain and repeats the head's ``seq``.
        """
        status, reason = ("refused", refusal) if refusal else self._status(now)
        refresh_at = now + self.licence.interval
        ends = self.licence.ends_for_good_at
        return Document(
            issuer=self.issuer,
            licence_id=self.licence.id,
            activation_id=self.activation.id,
            document_id=document_id,
            seq=self.activation.chain.seq + (0 if refusal else 1),
            issued_at=now,
            expires_at=refresh_at + self.licence.grace if ends is None else min(refresh_at + self.licence.grace, ends),
            nonce=nonce,
            device_key=self.device_key,
            activated_at=self.activation.activated_at,
            status=status,
            reason=reason,
            customer=self.licence.customer,
            product=Product(self.licence.product, self.licence.edition),
            site=self.licence.site,
            terms=self.licence.terms,
            seats=self.licence.seats,
            features=self.licence.features,
            networks=self.licence.networks,
            fingerprint=self._fingerprint,
            validation=Validation(self.licence.interval, refresh_at, self.licence.grace),
            notices=notices_for(status, reason, self.licence.terms, now),
            network_policy=self.licence.network_policy,
        )

    @property
    def _fingerprint(self) -> Fingerprint:
        counting = self.activation.counting(self.activation.components, self.device_key)
        return Fingerprint(counting, self.licence.threshold)

    def _status(self, now: int) -> tuple[Status, str | None]:
        if self.activation.binding == "superseded":
            return "superseded", "moved_to_another_server"
        if self.activation.binding == "deactivated":
            return "deactivated", "given_back"
        state = self.licence.state_at(now)
        if state in ("revoked", "suspended"):
            return state, self.licence.reason
        if state == "expired":
            return "expired", "terms_ended"
        return "active", None
