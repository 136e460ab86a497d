"""A request that was answered gets the same bytes again, for as long as they are worth anything."""

from keys.documents.licence import Licence as Document
from keys.signing import SoftwareSigner
from keys.trust import SigningKey, Trust
from tests.fakes import MemoryDesk
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor


class RevokingDesk(MemoryDesk):
    """A desk whose key can be revoked; another takes over."""

    gone: tuple[SigningKey, ...] = ()

    @property
    def trust(self) -> Trust:
        before = super().trust
        return Trust(
            before.issuer, 2, before.issued_at, before.expires_at, before.roots, 1, (*self.gone, *before.signing)
        )

    def revoke(self) -> None:
        self.gone = (*self.gone, SigningKey(self.signer.key, "revoked", 0, None))
        self.signer = SoftwareSigner.generate()


def revoking(vendor: Vendor) -> tuple[Vendor, RevokingDesk]:
    desk = RevokingDesk(vendor.desk.issuer, vendor.desk.signer, vendor.desk.root)
    return Vendor.over(vendor.database, desk, vendor.clock), desk


def test_an_answer_under_a_revoked_key_is_signed_again_as_the_same_link(vendor: Vendor) -> None:
    """An agent whose reply was lost before the key was revoked would ask for worthless bytes until its lease ends."""
    vendor, desk = revoking(vendor)
    licence, code = vendor.sell()
    device = Device(vendor)
    device.activate(code)
    request = device.request()
    lost = vendor.opened(vendor.validating.validate(request))
    desk.revoke()
    vendor.clock.advance(3600)
    answer = vendor.validating.validate(request)
    again = device.take(answer)
    assert (again.document_id, again.seq, again.nonce) == (lost.document_id, lost.seq, lost.nonce)
    assert again.issued_at == lost.issued_at + 3600
    assert vendor.validating.validate(request) == answer, "once is enough"
    assert device.validate().seq == lost.seq + 1
    assert "state_rolled_back" not in vendor.events(licence.id)
    assert vendor.auditing.verify().valid


def test_an_activation_s_answer_too(vendor: Vendor) -> None:
    vendor, desk = revoking(vendor)
    licence, code = vendor.sell()
    device = Device(vendor)
    request = device.activation_request(code)
    lost: Document = vendor.opened(vendor.activating.activate(request))
    desk.revoke()
    vendor.suspending.suspend(licence.id, "payment_overdue", ME)
    again = device.take(vendor.activating.activate(request))
    assert (again.document_id, again.seq, again.status) == (lost.document_id, 1, "suspended")
    assert vendor.auditing.verify().valid


def test_a_first_answer_that_others_followed_is_history(vendor: Vendor) -> None:
    vendor, desk = revoking(vendor)
    _, code = vendor.sell()
    device = Device(vendor)
    request = device.activation_request(code)
    first = vendor.activating.activate(request)
    device.take(first)
    device.validate()
    desk.revoke()
    assert vendor.activating.activate(request) == first
