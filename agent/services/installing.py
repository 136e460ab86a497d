"""Use cases: install or upgrade the agent on this server, and remove it again; every step can be repeated."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol, get_args

from agent.domain.certificate import Certificate, SeatCheck
from agent.domain.installation import Fate, Found, Remains, Rest, Step, Undo, installation, removal, rest
from keys.errors import InvalidInputError, LicensingError, StateConflictError, UnreachableError
from keys.sentences import phrase


class Premises(Protocol):
    """This server, as an installation changes it."""

    @property
    def is_image(self) -> bool:
        """Whether this is a system that does not run here."""
        ...

    def look(self) -> Found:
        """Return what is there, but for the licence and the certificate."""
        ...

    def remains(self) -> Remains:
        """Return what there is to remove, but for the licence."""
        ...

    def take(self, step: Step) -> None:
        """Do a step that needs no licence. Raises LicensingError, OSError."""
        ...

    def undo(self, step: Undo) -> None:
        """Undo a step that needs no licence. Raises LicensingError, OSError."""
        ...

    def go_back(self) -> None:
        """Put the tree before in force again, and start it. Raises LicensingError."""
        ...


class Licensee(Protocol):
    """The agent of this server, and its licence."""

    def is_configured(self) -> bool:
        """Tell whether the agent's settings say what was asked for. Raises InvalidInputError."""
        ...

    def configure(self) -> None:
        """Have them say so. Raises OSError."""
        ...

    def is_crm_let_in(self) -> bool:
        """Tell whether those are let in as whom the CRM runs, if anybody was named. Raises InvalidInputError."""
        ...

    def let_crm_in(self) -> None:
        """Let them in, from the service's next start on. Raises LicensingError, OSError."""
        ...

    def has_licence(self) -> bool:
        """Tell whether a licence is here that is not over."""
        ...

    def is_certified(self) -> bool:
        """Tell whether the certificate of installation tells of this program and this licence."""
        ...

    def activate(self, code: str) -> None:
        """Activate. Raises LicensingError."""
        ...

    def give_back(self) -> None:
        """Give the licence back. Raises LicensingError."""
        ...

    def check_seat(self) -> SeatCheck:
        """Take a seat as the CRM would, and release it. Raises LicensingError."""
        ...

    def certify(self, check: SeatCheck) -> None:
        """Write the certificate of installation down."""
        ...

    def certificate(self) -> Certificate | None:
        """Return the certificate of installation; None: there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Installing:
    """Installs: looks, and does what is left."""

    premises: Premises
    licensee: Licensee

    def left(self) -> tuple[Step, ...]:
        """Return the steps that are left. Raises LicensingError, OSError: what is there can't be read."""
        return installation(self._found(), is_image=self.premises.is_image)

    def install(
        self, code: str | None, tell: Callable[[Step], None], *, only: Collection[Step] = get_args(Step)
    ) -> tuple[Step, ...]:
        """Install what is left, and return the steps that were taken; none: everything was as it should be.

        Args:
            code: the activation code; None: there is a licence, or this is an image.
            tell: told of each step before it is taken.
            only: the steps that are taken, if they are left.

        Raises:
            InvalidInputError: a code is needed; nothing was done.
            StateConflictError: the service does not come up. The version before, if there is one, is at work again.
            LicensingError: another step failed. What was done stays, and the same command goes on from there.
        """
        steps = self.left()
        if code is None and "activation" in steps:
            raise InvalidInputError(
                phrase("This server has no licence yet: give the activation code. Nothing was done.")
            )
        check: SeatCheck = "left_out"
        taken = tuple(step for step in steps if step in only)
        for step in taken:
            tell(step)
            if step == "seat":
                check = self.licensee.check_seat()
            elif step == "certificate":
                self.licensee.certify(check)
            else:
                self._take(step, code or "")
        return taken

    def _take(self, step: Step, code: str) -> None:
        match step:
            case "settings":
                self.licensee.configure()
            case "crm":
                self.licensee.let_crm_in()
            case "activation":
                self.licensee.activate(code)
            case "service":
                self._start()
            case _:
                self.premises.take(step)

    def _start(self) -> None:
        before = self.premises.look().before
        try:
            self.premises.take("service")
        except LicensingError as error:
            if before is None:
                raise StateConflictError(
                    phrase(
                        "The agent does not come up: {error} Mend this and run the same command again; the licence is "
                        "here and stays. To look closer: licence-agent doctor",
                        error=error,
                    )
                ) from error
            self.premises.go_back()
            raise StateConflictError(
                phrase(
                    "The new version does not come up: {error} The one before is at work again, with the same licence "
                    "and seats. Send this sentence to the vendor.",
                    error=error,
                )
            ) from error

    def _found(self) -> Found:
        found = self.premises.look()
        if self.premises.is_image:
            return found
        licensee = self.licensee
        return replace(
            found,
            has_settings=licensee.is_configured(),
            has_crm=licensee.is_crm_let_in(),
            has_licence=licensee.has_licence(),
            is_certified=licensee.is_certified(),
        )


@dataclass(frozen=True, slots=True)
class Uninstalling:
    """Removes what was installed: looks, and undoes what is left."""

    premises: Premises
    licensee: Licensee

    def left(self, fate: Fate) -> tuple[Undo, ...]:
        """Return the steps that are left; ``fate``: what becomes of the licence. Raises LicensingError, OSError."""
        remains = self.premises.remains()
        has_licence = remains.has_state and fate == "give_back" and self.licensee.has_licence()
        return removal(replace(remains, has_licence=has_licence), fate, is_image=self.premises.is_image)

    def rest(self, fate: Fate) -> tuple[Rest, ...]:
        """Return what the whole uninstallation leaves; nobody can tell after it. Raises OSError."""
        return rest(self.premises.remains(), fate)

    def uninstall(self, fate: Fate, tell: Callable[[Undo], None]) -> tuple[Undo, ...]:
        """Remove what is left, and return the steps that were taken; none: nothing was installed.

        Raises:
            LicensingError: a step failed. If that was giving the licence back, nothing was removed.
        """
        steps = self.left(fate)
        for step in steps:
            tell(step)
            if step == "give_back":
                self._give_back()
            else:
                self.premises.undo(step)
        return steps

    def _give_back(self) -> None:
        try:
            self.licensee.give_back()
        except UnreachableError as error:
            raise UnreachableError(
                phrase(
                    "{error} Nothing was removed. Without a network: licence-agent deactivate -o FILE, and import the "
                    "answer first; or keep the licence: licence-agent uninstall --keep-licence",
                    error=error,
                )
            ) from error
