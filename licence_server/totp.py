"""Time-based one-time passwords (RFC 6238) as every authenticator makes them: SHA-1, six digits, thirty seconds."""

import base64

from pyotp import TOTP

from keys.identity import Randomness
from licence_server.domain.second_factor import DIGITS, STEP

_SECRET = 20
"""Bytes: what SHA-1 takes in whole (RFC 4226, section 4)."""


class Totp:
    """Makes secrets, and the codes that belong to them (services.ports.Codes of the second factor)."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness

    def new_secret(self) -> str:
        """Return a secret in base32, as a person can type it where no camera is at hand."""
        return base64.b32encode(self._randomness(_SECRET)).decode()

    def code(self, secret: str, step: int) -> str:
        """Return the digits of a time step."""
        return _totp(secret).generate_otp(step)

    def uri(self, secret: str, name: str, issuer: str) -> str:
        """Return what the picture holds that an authenticator takes in (``otpauth://``)."""
        return _totp(secret).provisioning_uri(name=name, issuer_name=issuer)


def _totp(secret: str) -> TOTP:
    return TOTP(secret, digits=DIGITS, interval=STEP)
