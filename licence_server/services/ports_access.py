"""What signing in needs from the outside: operators, sessions and tokens at rest, passwords, codes and a seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from licence_server.domain.federation import Claims, Federation, Flow
from licence_server.domain.operator import Operator
from licence_server.domain.passkey import Challenge, Passkey
from licence_server.domain.session import Lifetimes, Session
from licence_server.domain.token import Token


class Operators(Protocol):
    """The vendor's people at rest."""

    def add(self, operator: Operator) -> None:
        """Store an operator. Raises StateConflictError when the name is taken."""

    def all(self) -> Sequence[Operator]:
        """Return every operator, oldest first."""

    def all_locked(self) -> Sequence[Operator]:
        """Return every operator; nobody else changes one until the unit ends."""

    def get(self, operator_id: str) -> Operator:
        """Return an operator to look at. Raises NotFoundError."""

    def lock(self, operator_id: str) -> Operator:
        """Return an operator, which nobody else changes until the unit ends. Raises NotFoundError."""

    def named(self, name: str) -> Operator | None:
        """Return the operator of that name, or None."""

    def with_account(self, account: str) -> Operator | None:
        """Return who is linked to an account of the provider, or None."""

    def put(self, operator: Operator) -> None:
        """Store a changed operator; id, name and day can't be changed."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What stands under an idempotency key: a digest of what was asked for, and the sealed answer once there is one."""

    content: str
    status: int | None
    sealed: str | None


class Repeats(Protocol):
    """Requests under idempotency keys, at rest."""

    def begin(self, place: str, content: str, now: int) -> Repeat | None:
        """Take a place; return what stands there already, or None."""

    def finish(self, place: str, status: int, sealed: str) -> None:
        """Store an answer."""

    def forget(self, place: str) -> None:
        """Free a place."""

    def sweep(self, before: int) -> None:
        """Free the places that were taken by then."""


class Sessions(Protocol):
    """Sessions of operators at rest."""

    def add(self, session: Session) -> None:
        """Store a session."""

    def find(self, digest: str) -> Session | None:
        """Return the session of a token's digest, over or not; or None."""

    def of(self, operator_id: str) -> Sequence[Session]:
        """Return the open sessions of an operator, over or not, oldest first."""

    def seen(self, session_id: str, now: int) -> None:
        """Write down that a session was used."""

    def propose(self, session_id: str, proposal: str) -> None:
        """Store the sealed secret of a second factor that is being set up."""

    def end(self, session_id: str, operator_id: str) -> bool:
        """Remove a session of an operator, and tell whether there was one."""

    def end_all(self, operator_id: str | None, keep: str | None = None) -> int:
        """Remove all sessions of an operator (None: of everybody) but one, and return how many."""

    def sweep(self, now: int, lifetimes: Lifetimes) -> None:
        """Remove what is over."""


class Tokens(Protocol):
    """API tokens at rest."""

    def add(self, token: Token) -> None:
        """Store a token."""

    def find(self, token_id: str) -> Token | None:
        """Return a token, or None."""

    def lock(self, token_id: str) -> Token:
        """Return a token, which nobody else changes until the unit ends. Raises NotFoundError."""

    def all(self, operator_id: str | None = None) -> Sequence[Token]:
        """Return every token, or those of an operator, oldest first."""

    def used(self, token_id: str, now: int) -> None:
        """Write down that a token was used."""

    def revoke(self, token_id: str, now: int) -> None:
        """Mark a token as revoked."""


class Passkeys(Protocol):
    """Passkeys at rest."""

    def add(self, passkey: Passkey) -> None:
        """Store a passkey. Raises StateConflictError when its credential is registered already."""

    def all(self) -> Sequence[Passkey]:
        """Return every passkey, oldest first."""

    def of(self, operator_id: str) -> Sequence[Passkey]:
        """Return those of an operator, oldest first."""

    def with_credential(self, credential: str) -> Passkey | None:
        """Return the one that an authenticator calls so, or None."""

    def used(self, passkey: Passkey) -> None:
        """Store the counter of a passkey, and when it was used last."""

    def remove(self, passkey_id: str) -> None:
        """Remove a passkey."""


class Challenges(Protocol):
    """Challenges at rest, each for one answer."""

    def put(self, challenge: Challenge) -> None:
        """Store a challenge in place of the one that its holder had for the same purpose."""

    def is_there(self, holder: str) -> bool:
        """Tell whether a holder has one, over or not."""

    def take(self, holder: str) -> Challenge | None:
        """Remove the challenge of a holder and return it, over or not; None: there is none, or somebody took it."""

    def sweep(self, before: int) -> None:
        """Remove those that were made by then."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What a browser made: the authenticator's name for it, its public key (both base64url), and its counter."""

    credential: str
    public_key: str
    counter: int


class Ceremonies(Protocol):
    """What browsers are asked about passkeys, and whether their answers hold for our host, with the person verified."""

    @property
    def is_possible(self) -> bool:
        """Whether browsers know passkeys for our host at all."""

    def creation(self, challenge: str, operator: Operator, present: Sequence[Passkey]) -> str:
        """Return what to ask for a passkey beside the present ones, as JSON."""

    def created(self, challenge: str, answer: str) -> NewCredential | None:
        """Return what was made; None: the answer does not hold."""

    def request(self, challenge: str, passkeys: Sequence[Passkey]) -> str:
        """Return what to ask for an answer by one of some passkeys (none named: any), as JSON."""

    def credential(self, answer: str) -> str | None:
        """Return by which passkey an answer says that it is; None: it can't be read."""

    def asserted(self, challenge: str, answer: str, passkey: Passkey) -> int | None:
        """Return the authenticator's counter; None: the answer is not this passkey's to this challenge."""


class Provider(Protocol):
    """The provider of single sign-on. Raises UnavailableError where it does not answer as it should."""

    def address(self, flow: Flow, federation: Federation) -> str:
        """Return where a browser signs in."""

    def claims(self, flow: Flow, code: str, now: int) -> Claims:
        """Return what the provider says of whoever brings a code. Raises NotSignedInError: it does not hold."""


class Passwords(Protocol):
    """Makes of a password what may be stored, and finds out whether it is the stored one.

    Each takes tenths of a second, and raises UnavailableError where too many wait for it.
    """

    def hash(self, password: str) -> str:
        """Return a slow hash with its salt and parameters."""

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one; None is nobody's, and takes as long to find out."""

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether it was hashed with weaker parameters than the present ones."""

    def weakness(self, password: str, words: tuple[str, ...]) -> str | None:
        """Return in a sentence why a password is easily guessed by who tries those words first; None: it is not."""


class Authenticator(Protocol):
    """Makes the codes of the second factor, as the operator's telephone does."""

    def new_secret(self) -> str:
        """Return a secret that can be typed."""

    def code(self, secret: str, step: int) -> str:
        """Return the digits of a time step."""

    def uri(self, secret: str, name: str, issuer: str) -> str:
        """Return what the picture holds that an authenticator takes in."""


class Seal(Protocol):
    """Encrypts what is stored, and binds it to its place."""

    def seal(self, secret: str, place: str) -> str:
        """Return a secret as it may be stored. Raises KeyUnsafeError."""

    def open(self, sealed: str, place: str) -> str:
        """Return a secret that was sealed for that place. Raises KeyUnsafeError."""
