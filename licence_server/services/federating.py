"""Use cases: signing in by way of a provider (OpenID Connect, authorization code with a proof key)."""

from dataclasses import dataclass, field

from keys.errors import LicensingError, NotFoundError, NotSignedInError
from licence_server.domain.federation import Federation, Flow, account_of, check_assurance
from licence_server.domain.passkey import holder_of, new_challenge
from licence_server.domain.session import Place
from licence_server.services.admitting import Admitting, Pending, SignedIn, note
from licence_server.services.ports import Unit
from licence_server.services.ports_access import Provider
from licence_server.services.proving import Proving

NONE = "There is no single sign-on here: sign in with name and password."
STALE = "This answer of the provider was not asked for by this browser, was used before, or came too late: begin again."
REFUSED = "The provider did not let you in, or you cancelled. Try again, or sign in with name and password."


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back from the provider."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    """Empty where the provider refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Federating:
    """Lets operators in whom the provider knows, and who are linked to their account there."""

    proving: Proving
    admitting: Admitting
    federation: Federation | None
    """None: there is no provider."""
    provider: Provider

    def begin(self, visit: str, place: Place) -> str:
        """Return the address at the provider where a browser signs in.

        Args:
            visit: the secret of the browser, which has to bring it with the answer.
            place: where it is.

        Raises:
            NotFoundError: there is no provider.
            RateLimitedError: too many were begun at this address.
            UnavailableError: the provider does not answer, or not as one does.
        """
        federation = self._there()
        self.proving.count(place.address, place)
        challenge = new_challenge("provider", visit, self.admitting.randomness, self.proving.clock.now())
        address = self.provider.address(Flow.of(challenge.text), federation)
        with self.proving.units() as unit:
            unit.challenges.put(challenge)
        return address

    def finish(self, visit: str, returned: Returned, place: Place) -> SignedIn | Pending:
        """Let in whom the provider names; where it does not prove a second factor, that comes next.

        Raises:
            NotFoundError: there is no provider.
            NotSignedInError: the answer was not asked for by this browser; the provider refused, or what it says does
                not hold; nobody is linked to the account, or the operator is disabled.
            UnavailableError: as begin.
        """
        federation, now = self._there(), self.proving.clock.now()
        flow = self._taken(visit, returned.state, now)
        if not returned.code:
            raise NotSignedInError(REFUSED)
        claims = self.provider.claims(flow, returned.code, now)
        check_assurance(claims, federation, now)
        account = account_of(claims, federation.identity)
        with self.proving.units() as unit:
            outcome = self._admit(unit, account, federation, now, place)
        if isinstance(outcome, LicensingError):
            raise outcome
        self.proving.attempts.give_back(place.address, place)
        return outcome

    def _there(self) -> Federation:
        if self.federation is None:
            raise NotFoundError(NONE)
        return self.federation

    def _taken(self, visit: str, state: str, now: int) -> Flow:
        """Use the challenge of a browser up. Nothing is asked of the provider before: a stranger's code is not ours."""
        holder = holder_of("provider", visit)
        with self.proving.reading() as unit:
            if not unit.challenges.is_there(holder):
                raise NotSignedInError(STALE)
        with self.proving.units() as unit:
            challenge = unit.challenges.take(holder)
        flow = None if challenge is None or challenge.is_over(now) else Flow.of(challenge.text)
        if flow is None or not flow.is_state(state):
            raise NotSignedInError(STALE)
        return flow

    def _admit(
        self, unit: Unit, account: str, federation: Federation, now: int, place: Place
    ) -> SignedIn | Pending | LicensingError:
        operator = unit.operators.with_account(account)
        if operator is not None:
            operator = unit.operators.lock(operator.id)
        if operator is None or operator.account != account or operator.disabled_at is not None:
            return NotSignedInError(
                f"Nobody here is linked to the account {account} of the provider, or they are disabled: ask an "
                "administrator (licence-server operator sso)."
            )
        if federation.proves_second_factor:
            return self.admitting.open(unit, operator, now, place, how="provider")
        note(unit, "provider_proved", operator, now, address=place.address)
        return self.admitting.go_on(unit, operator, now, now, place)
