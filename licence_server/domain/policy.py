"""The vendor's defaults for what an order leaves open. Durations are seconds."""

from dataclasses import dataclass, field

from keys.fingerprint import DEFAULT_THRESHOLD
from licence_server.domain.approval import FourEyes

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Policy:
    """Set once, in the server's configuration."""

    product: str = "Owj CRM"
    edition: str = "standard"
    interval: int = DAY
    """Between two validations."""
    grace: int = 14 * DAY
    """How long the CRM goes on after a missed validation."""
    terms_grace: int = 7 * DAY
    """How long a licence goes on after its end."""
    threshold: int = DEFAULT_THRESHOLD
    """Percent of the enrolled fingerprint's weight that must fit."""
    code_lifetime: int = 30 * DAY
    terms_version: str = "1"
    """The version of the terms that an activation must accept (T12)."""
    four_eyes: FourEyes = field(default_factory=FourEyes)
    """What one person must not do alone."""
