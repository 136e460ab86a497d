"""Use cases: the passkeys of an operator. Whoever adds or removes one proves both factors, or owns the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keys.errors import InvalidInputError, LicensingError, NotFoundError, StateConflictError
from keys.identity import Randomness, new_id
from licence_server.domain.audit import Note
from licence_server.domain.operator import Operator
from licence_server.domain.passkey import (
    Passkey,
    check_another_factor_stays,
    check_passkey_name,
    check_there_is_room,
    holder_of,
    new_challenge,
)
from licence_server.domain.rights import Actor
from licence_server.services.admitting import note
from licence_server.services.ports import Unit
from licence_server.services.ports_access import Ceremonies
from licence_server.services.recognising import ADDRESS, ASK_AGAIN
from licence_server.services.securing import Proof, Securing

REFUSED = "The browser's answer does not hold: it is of another page, or nobody unlocked the passkey. Try once more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipping:
    """Registers passkeys, lists and removes them."""

    securing: Securing
    ceremonies: Ceremonies
    randomness: Randomness

    def passkeys(self, operator_id: str) -> Sequence[Passkey]:
        """Return the passkeys of an operator, oldest first."""
        with self.securing.proving.reading() as unit:
            return unit.passkeys.of(operator_id)

    def propose(self, actor: Actor, proof: Proof, token: str) -> str:
        """Return what to ask the operator's browser for a passkey, as JSON; the code is used up.

        Args:
            actor: whose passkey it will be.
            proof: that it is them.
            token: of the session, which has to bring the answer.

        Raises:
            StateConflictError: browsers know no passkeys for this host, or the operator has enough of them.
            NotSignedInError, RateLimitedError, UnavailableError, NotAllowedError: see Securing.
        """
        if not self.ceremonies.is_possible:
            raise StateConflictError(ADDRESS)
        challenge = new_challenge("add", token, self.randomness, self.securing.proving.clock.now())
        present: Sequence[Passkey] = ()

        def deed(unit: Unit, operator: Operator) -> tuple[Operator, Mapping[str, object]]:
            nonlocal present
            present = unit.passkeys.of(operator.id)
            check_there_is_room(present)
            unit.challenges.put(challenge)
            return operator, {}

        proved = self.securing.proved(actor, proof)
        self.securing.act("passkey_asked", proved, proof, deed)
        return self.ceremonies.creation(challenge.text, proved, present)

    def add(self, actor: Actor, token: str, name: str, answer: str) -> Passkey:
        """Register what the browser made.

        Args:
            actor: as propose.
            token: as propose.
            name: what the operator calls it.
            answer: the browser's, as JSON.

        Raises:
            InvalidInputError: the name can't be one, or the answer does not hold, was given before or too late.
            StateConflictError: it is registered already, or the operator has enough of them.
        """
        name = check_passkey_name(name)
        with self.securing.proving.units() as unit:
            outcome = self._add(unit, actor, holder_of("add", token), name, answer)
        if isinstance(outcome, LicensingError):
            raise outcome  # outside, so that the challenge stays used up
        return outcome

    def remove(self, actor: Actor, proof: Proof, passkey_id: str, keep: str | None = None) -> None:
        """Remove a passkey of one's own, and end all sessions but the one to keep.

        Raises:
            NotFoundError: there is none of that id, or it is somebody else's.
            StateConflictError: it is the last second factor.
            NotSignedInError, RateLimitedError, UnavailableError, NotAllowedError: see Securing.
        """

        def deed(unit: Unit, operator: Operator) -> tuple[Operator, Mapping[str, object]]:
            return operator, _remove(unit, operator, passkey_id, keep)

        self.securing.act("passkey_removed", self.securing.proved(actor, proof), proof, deed)

    def take_away(self, operator_id: str, passkey_id: str, by: str) -> None:
        """Remove a passkey of an operator's, as the owner of the server, and sign them out. Raises as remove."""
        with self.securing.proving.units() as unit:
            operator = unit.operators.lock(operator_id)
            details = {"name": operator.name, **_remove(unit, operator, passkey_id, None)}
            unit.audit.note(Note(self.securing.proving.clock.now(), by, "passkey_removed", operator_id, details))

    def _add(self, unit: Unit, actor: Actor, holder: str, name: str, answer: str) -> Passkey | LicensingError:
        now = self.securing.proving.clock.now()
        challenge = unit.challenges.take(holder)
        if challenge is None or challenge.is_over(now):
            return InvalidInputError(ASK_AGAIN)
        made = self.ceremonies.created(challenge.text, answer)
        if made is None:
            return InvalidInputError(REFUSED)
        if unit.passkeys.with_credential(made.credential) is not None:
            return StateConflictError("This passkey is registered already.")
        operator = unit.operators.lock(actor.id)
        check_there_is_room(unit.passkeys.of(operator.id))
        passkey_id = new_id("pky", self.randomness)
        passkey = Passkey(passkey_id, operator.id, name, made.credential, made.public_key, made.counter, now)
        unit.passkeys.add(passkey)
        note(unit, "passkey_added", operator, now, passkey=passkey.id, called=name, passkeys=passkey.recorded)
        return passkey


def _remove(unit: Unit, operator: Operator, passkey_id: str, keep: str | None) -> Mapping[str, object]:
    present = unit.passkeys.of(operator.id)
    if passkey_id not in {each.id for each in present}:
        raise NotFoundError("There is no passkey of that id: it was removed already, or is somebody else's.")
    check_another_factor_stays(operator, present)
    unit.passkeys.remove(passkey_id)
    ended = unit.sessions.end_all(operator.id, keep)
    return {"passkey": passkey_id, "sessions_ended": ended, "passkeys": {passkey_id: None}}
