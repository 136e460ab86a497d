"""Use cases: what operators do about their own password and second factor, each time with a proof of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from keys.errors import NotAllowedError, NotSignedInError
from keys.identity import Randomness
from licence_server.domain.operator import Operator
from licence_server.domain.rights import Actor
from licence_server.domain.second_factor import new_recovery_codes, recovery_digests
from licence_server.domain.session import Place
from licence_server.services.admitting import note
from licence_server.services.ports import Unit
from licence_server.services.proving import WRONG, Proving


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody types to show that it is them at the keyboard, and where."""

    password: str = field(repr=False)
    code: str = field(repr=False)
    """Of the second factor, or a recovery code; it is used up."""
    place: Place


Deed = Callable[[Unit, Operator], tuple[Operator, Mapping[str, object]]]
"""What a proof allows to, within one transaction; returns the operator as it is then, and more for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Securing:
    """Changes how an operator signs in.

    Every use case raises NotSignedInError (password or code are wrong), RateLimitedError and UnavailableError as a
    sign-in does, and NotAllowedError where a program asks by a token.
    """

    proving: Proving
    randomness: Randomness

    def change_password(self, actor: Actor, proof: Proof, password: str, keep: str | None = None) -> int:
        """Set another password, end all sessions but the one to keep, and return how many.

        Raises:
            InvalidInputError: the password is too short, easily guessed, or the present one.
        """
        proved = self.proved(actor, proof)
        stored, now = self.proving.new_password(proved, password), self.proving.clock.now()
        return self._change("password_changed", proved, proof, lambda each: each.with_password(stored, now), keep)

    def new_recovery_codes(self, actor: Actor, proof: Proof, keep: str | None = None) -> tuple[str, ...]:
        """Make recovery codes in place of all that were left, end all sessions but the one to keep, and return them."""
        proved, codes = self.proved(actor, proof), new_recovery_codes(self.randomness)
        digests = recovery_digests(codes)
        self._change("recovery_codes_made", proved, proof, lambda each: replace(each, recovery=digests), keep)
        return codes

    def drop_second_factor(self, actor: Actor, proof: Proof) -> int:
        """Give the telephone up for another one: end all sessions, and let the next sign-in set one up."""
        proved = self.proved(actor, proof)
        return self._change("second_factor_dropped", proved, proof, Operator.without_second_factor, None)

    def proved(self, actor: Actor, proof: Proof) -> Operator:
        """Return the operator whose password it is; the code is judged by ``act``."""
        if actor.token is not None:
            raise NotAllowedError("No program changes how a person signs in: sign in at the console.")
        return self.proving.password(actor.name, proof.password, proof.place)

    def act(self, event: str, proved: Operator, proof: Proof, deed: Deed) -> None:
        """Judge the code, and do what it allows to; a wrong one is counted, and nothing else happens."""
        now = self.proving.clock.now()
        self.proving.count(proved.name, proof.place)
        with self.proving.units() as unit:
            before = unit.operators.lock(proved.id)
            judged = self.proving.code(before, proof.code, now)
            if before.password_hash != proved.password_hash or before.disabled_at is not None:
                raise NotSignedInError(WRONG)
            refusal = self.proving.wrong_code(unit, before, now) if judged is None else None
            if judged is not None:
                after, about = deed(unit, judged[0])
                unit.operators.put(after)
                note(unit, event, after, now, **about)
        if refusal is not None:
            raise refusal  # outside, so that the count of wrong codes is kept
        self.proving.attempts.give_back(proved.name, proof.place)

    def _change(
        self, event: str, proved: Operator, proof: Proof, change: Callable[[Operator], Operator], keep: str | None
    ) -> int:
        ended = 0

        def deed(unit: Unit, operator: Operator) -> tuple[Operator, Mapping[str, object]]:
            nonlocal ended
            ended = unit.sessions.end_all(operator.id, keep)
            return change(operator), {"sessions_ended": ended}

        self.act(event, proved, proof, deed)
        return ended
