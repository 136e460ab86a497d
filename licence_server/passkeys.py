"""The ceremonies of passkeys, by the library webauthn: what browsers are asked, and whether their answer holds."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from licence_server.domain.operator import Operator
from licence_server.domain.passkey import CEREMONY, LONGEST_ANSWER, Passkey
from licence_server.services.ports_access import NewCredential

_VERIFIED = UserVerificationRequirement.REQUIRED


class Ceremonies:
    """Passkeys for one host (services.ports_access.Ceremonies).

    Args:
        issuer: the server's public URL, which browsers compare with the page they are on.
    """

    def __init__(self, issuer: str) -> None:
        parts = urlsplit(issuer)
        self._host = parts.hostname or ""
        port = "" if parts.port in (None, {"https": 443, "http": 80}[parts.scheme]) else f":{parts.port}"
        self._origin = f"{parts.scheme}://{self._host}{port}"

    @property
    def is_possible(self) -> bool:
        """Whether browsers know passkeys for the host: names alone, no addresses."""
        try:
            ipaddress.ip_address(self._host)
        except ValueError:
            return True
        return False

    def creation(self, challenge: str, operator: Operator, present: Sequence[Passkey]) -> str:
        """Return what a browser is asked to make a passkey, as JSON."""
        selection = AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        )
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=self._host,
            user_id=operator.id.encode(),
            user_name=operator.name,
            challenge=base64url_to_bytes(challenge),
            timeout=CEREMONY * 1000,
            authenticator_selection=selection,
            exclude_credentials=_descriptors(present),
        )
        return options_to_json(options)

    def created(self, challenge: str, answer: str) -> NewCredential | None:
        """Return the passkey that a browser made; None: the answer does not hold."""
        try:
            found = webauthn.verify_registration_response(
                credential=_bounded(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - the answer is a stranger's, and the library names no end of what it may raise
            return None
        key = bytes_to_base64url(found.credential_public_key)
        return NewCredential(bytes_to_base64url(found.credential_id), key, found.sign_count)

    def request(self, challenge: str, passkeys: Sequence[Passkey]) -> str:
        """Return what a browser is asked to answer with one of some passkeys (none named: any), as JSON."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=base64url_to_bytes(challenge),
            timeout=CEREMONY * 1000,
            allow_credentials=_descriptors(passkeys),
            user_verification=_VERIFIED,
        )
        return options_to_json(options)

    def credential(self, answer: str) -> str | None:
        """Return by which passkey a browser says it answers; None: it can't be read."""
        try:
            found = webauthn.helpers.parse_authentication_credential_json(_bounded(answer))
        except Exception:  # noqa: BLE001 - as above
            return None
        return bytes_to_base64url(found.raw_id)

    def asserted(self, challenge: str, answer: str, passkey: Passkey) -> int | None:
        """Return the authenticator's counter; None: the answer is not this passkey's to this challenge.

        Whether the counter went on is for the caller to judge, who then knows that it is signed.
        """
        try:
            credential = webauthn.helpers.parse_authentication_credential_json(_bounded(answer))
            if credential.response.user_handle not in {None, passkey.operator_id.encode()}:
                return None
            found = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - as above
            return None
        is_ours = bytes_to_base64url(found.credential_id) == passkey.credential
        return found.new_sign_count if is_ours else None


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential)) for each in passkeys]


def _bounded(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any answer")
    return answer
