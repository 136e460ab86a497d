"""Single sign-on (OpenID Connect Core 1.0): what we believe of what a provider says, and whose account it is."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from keys.errors import InvalidInputError, NotSignedInError

Claims: TypeAlias = Mapping[str, object]
Identity = Literal["sub", "email", "preferred_username"]
"""The claim by which accounts of the provider are linked to operators."""
LONGEST_ACCOUNT = 255
LEEWAY = 60
"""Seconds that the provider's clock and ours may differ."""
DOWN = "The provider of single sign-on does not answer as it should. Sign in with name and password, or try again."
ODD = "What the provider of single sign-on says does not hold. Tell an administrator; sign in with name and password."
UNREADABLE = "This server can't read its secret at the provider. Tell an administrator; sign in with name and password."
WEAK = (
    "The provider does not say that it proved a second factor, and this console relies on it for that: sign in there "
    "with one, or here with your password."
)


@dataclass(frozen=True, slots=True)
class Federation:
    """What the vendor decided about its provider."""

    name: str
    """What people call it, for the button."""
    identity: Identity
    proves_second_factor: bool
    """Whether the provider's word is enough; else the operator's own second factor is asked for."""
    assurances: tuple[str, ...]
    """Values of ``acr`` or ``amr``, of which one is needed where the provider proves the second factor; none: any."""
    max_age: int | None
    """Seconds since the person proved to the provider who they are; None: however long ago."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The secrets of one sign-in at the provider, all made of one challenge."""

    state: str
    nonce: str
    verifier: str
    """Of the proof key (RFC 7636)."""

    @classmethod
    def of(cls, challenge: str) -> "Flow":
        """Derive them, so that only the challenge has to be kept, and none tells another."""
        return cls(*(_derived(challenge, what) for what in ("state", "nonce", "verifier")))

    @property
    def proof(self) -> str:
        """What the provider gets of the verifier (S256)."""
        return _encoded(hashlib.sha256(self.verifier.encode()).digest())

    def is_state(self, sent: str) -> bool:
        """Tell in constant time whether an answer belongs to this flow."""
        return hmac.compare_digest(self.state.encode(), sent.encode(errors="replace"))


def account_of(claims: Claims, identity: Identity) -> str:
    """Return the account that claims are about.

    Raises NotSignedInError: the claim is missing, or an address that the provider has not verified.
    """
    account = claims.get(identity)
    if not isinstance(account, str) or not 1 <= len(account) <= LONGEST_ACCOUNT or not account.isprintable():
        raise NotSignedInError(f"The provider does not say who you are: {identity} is missing. Tell an administrator.")
    if identity == "email" and claims.get("email_verified") is not True:
        raise NotSignedInError(f"The provider has not verified the address {account}: have it do so first.")
    return account


def check_assurance(claims: Claims, federation: Federation, now: int) -> None:
    """Check how and when the person proved to the provider who they are. Raises NotSignedInError."""
    if federation.max_age is not None:
        proved_at = claims.get("auth_time")
        if not isinstance(proved_at, int) or proved_at + federation.max_age + LEEWAY < now:
            raise NotSignedInError("The provider asked you too long ago who you are: sign in there again.")
    if federation.proves_second_factor and federation.assurances:
        methods = claims.get("amr")
        said = {claims.get("acr"), *(methods if isinstance(methods, list) else [])} - {None}
        if not said & set(federation.assurances):
            raise NotSignedInError(WEAK)


def check_account(text: str) -> str:
    """Return an account to link to an operator, trimmed. Raises InvalidInputError."""
    account = text.strip()
    if not 1 <= len(account) <= LONGEST_ACCOUNT or not account.isprintable():
        raise InvalidInputError(f"An account of the provider has 1 to {LONGEST_ACCOUNT} printable characters.")
    return account


def _derived(challenge: str, what: str) -> str:
    return _encoded(hmac.new(challenge.encode(), f"licence server sso {what}".encode(), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
