"""The device keys that activations were made with."""

from collections.abc import Callable
from functools import lru_cache

from keys.errors import EvidenceRequiredError
from keys.signing import PublicKey
from licence_server.services.ports import Units

REMEMBERED = 20_000


def device_keys(reading: Units) -> "DeviceKeys":
    """Return a key ring over the activations. A key belongs to one activation for ever, so it is remembered."""

    @lru_cache(maxsize=REMEMBERED)
    def look_up(kid: str) -> PublicKey:
        with reading() as unit:
            activation = unit.activations.with_key(kid)
        jwk = None if activation is None else activation.jwk_of(kid)
        if jwk is None:
            raise EvidenceRequiredError("This server does not know the activation: show the licence in hand.")
        return PublicKey.from_jwk(dict(jwk))

    return DeviceKeys(look_up)


class DeviceKeys:
    """Whom to believe about validations (keys.jws.KeyRing)."""

    def __init__(self, look_up: Callable[[str], PublicKey]) -> None:
        self._look_up = look_up

    def find(self, kid: str) -> PublicKey:
        """Return the device key of that thumbprint. Raises EvidenceRequiredError where no activation has it."""
        return self._look_up(kid)
