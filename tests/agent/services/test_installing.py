"""Installing and removing, cut off at any step: the same command goes on, and ends where it would have ended."""

from dataclasses import dataclass, field, replace

import pytest

from agent.domain.certificate import Certificate, SeatCheck
from agent.domain.installation import Fate, Found, Remains, Step, Undo, installed, removed
from agent.services.installing import Installing, Uninstalling
from keys.errors import (
    CodeUsedError,
    InvalidInputError,
    LicensingError,
    StateConflictError,
    UnreachableError,
)

REMAINS = Remains(is_running=True, has_units=True, has_state=True, has_user=True, has_program=True)


class Killed(BaseException):
    """SIGKILL: nothing of ours sees it coming."""


@dataclass
class Memory:
    """A server and its agent as facts; what is done to it can be cut off before and after each step."""

    found: Found = field(default_factory=lambda: Found(offered="b"))
    remains_: Remains = REMAINS
    is_image: bool = False
    licence: bool = False
    check: SeatCheck = "passed"
    certified: list[SeatCheck] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    kill: int = 0
    """Half steps until it is killed; 0: never."""
    fault: dict[str, LicensingError] = field(default_factory=dict)
    """What a step fails with."""
    is_back: bool = False

    def look(self) -> Found:
        return self.found

    def remains(self) -> Remains:
        return self.remains_

    def take(self, step: Step) -> None:
        self._step(step)
        self.found = installed(self.found, step)
        self._tick()

    def undo(self, step: Undo) -> None:
        self._step(step)
        self.remains_ = removed(self.remains_, step)
        self._tick()

    def go_back(self) -> None:
        self.is_back = True
        self.found = replace(self.found, current=self.found.before, before=None)

    def is_configured(self) -> bool:
        return self.found.has_settings

    def configure(self) -> None:
        self.take("settings")

    def is_crm_let_in(self) -> bool:
        return self.found.has_crm

    def let_crm_in(self) -> None:
        self.take("crm")

    def has_licence(self) -> bool:
        return self.licence

    def is_certified(self) -> bool:
        return bool(self.certified)

    def activate(self, code: str) -> None:
        self._step("activation")
        self.codes.append(code)
        self.licence = True
        self._tick()

    def give_back(self) -> None:
        self._step("give_back")
        self.licence = False
        self._tick()

    def check_seat(self) -> SeatCheck:
        self._step("seat")
        self._tick()
        return self.check

    def certify(self, check: SeatCheck) -> None:
        self._step("certificate")
        self.certified.append(check)
        self._tick()

    def certificate(self) -> Certificate | None:
        return None

    def _step(self, step: str) -> None:
        if step in self.fault:
            raise self.fault[step]
        self._tick()
        self.done.append(step)

    def _tick(self) -> None:
        self.kill -= 1
        if self.kill == 0:
            raise Killed


def install(memory: Memory, code: str | None = "CODE") -> tuple[Step, ...]:
    return Installing(memory, memory).install(code, lambda _: None)


def uninstall(memory: Memory, fate: Fate) -> tuple[Undo, ...]:
    return Uninstalling(memory, memory).uninstall(fate, lambda _: None)


def test_a_second_run_changes_nothing() -> None:
    memory = Memory()
    steps = install(memory)
    assert list(steps) == memory.done
    assert (memory.codes, memory.certified) == (["CODE"], ["passed"])
    memory.done.clear()
    assert install(memory) == ()
    assert not memory.done


@pytest.mark.parametrize("at", range(1, 27))
def test_killed_anywhere_the_same_command_goes_on(at: int) -> None:
    memory = Memory(Found(offered="b", has_settings=False, has_crm=False), kill=at)
    with pytest.raises(Killed):
        install(memory)
    install(memory)
    assert install(memory) == ()
    assert memory.codes == ["CODE"], "a code counts once"
    assert memory.found.is_running
    assert memory.certified[-1:] == ["passed"]


@pytest.mark.parametrize("at", range(1, 13))
def test_an_upgrade_killed_anywhere_ends_with_the_new_one(at: int) -> None:
    memory = Memory()
    install(memory)
    memory.found = replace(memory.found, offered="c", is_laid=False)
    memory.kill = at
    with pytest.raises(Killed):
        install(memory, None)
    assert "a" not in {memory.found.current, memory.found.before}
    install(memory, None)
    assert (memory.found.current, memory.found.before, memory.found.has_others) == ("c", None, False)
    assert install(memory, None) == ()


def test_a_crm_is_let_in_later_without_a_code() -> None:
    memory = Memory()
    install(memory)
    memory.found = replace(memory.found, has_crm=False)
    assert install(memory, None) == ("crm", "service")
    assert install(memory, None) == ()


def test_without_a_code_nothing_is_begun() -> None:
    memory = Memory()
    with pytest.raises(InvalidInputError, match="Nothing was done"):
        install(memory, None)
    assert not memory.done


def test_a_code_that_is_refused_stops_it_before_the_service() -> None:
    memory = Memory(fault={"activation": CodeUsedError("It has been used.")})
    with pytest.raises(CodeUsedError):
        install(memory)
    assert "service" not in memory.done


def test_a_new_version_that_does_not_come_up_gives_way_to_the_one_before() -> None:
    memory = Memory()
    install(memory)
    memory.found = replace(memory.found, offered="c", is_laid=False)
    memory.fault = {"service": StateConflictError("It says nothing.")}
    with pytest.raises(StateConflictError, match="at work again"):
        install(memory, None)
    assert memory.is_back
    assert memory.found.current == "b"


def test_a_first_version_that_does_not_come_up_has_none_before() -> None:
    memory = Memory(fault={"service": StateConflictError("It says nothing.")})
    with pytest.raises(StateConflictError, match="licence is here and stays"):
        install(memory)
    assert not memory.is_back
    memory.fault.clear()
    install(memory, None)
    assert install(memory, None) == ()


def test_an_image_needs_no_code() -> None:
    memory = Memory(is_image=True)
    assert install(memory, None) == ("tree", "switch", "command", "units")
    assert not memory.licence


@pytest.mark.parametrize("fate", ["give_back", "keep", "purge"])
@pytest.mark.parametrize("at", range(13))
def test_a_removal_killed_anywhere_ends(fate: Fate, at: int) -> None:
    memory = Memory(licence=True, kill=at)
    try:
        uninstall(memory, fate)
    except Killed:
        uninstall(memory, fate)
    assert uninstall(memory, fate) == ()
    assert memory.remains_.has_state == (fate == "keep")
    assert memory.licence == (fate != "give_back")
    gone = memory.remains_
    assert not any((gone.has_user, gone.has_program, gone.is_running))


def test_a_licence_that_cannot_be_given_back_keeps_everything_here() -> None:
    memory = Memory(licence=True, fault={"give_back": UnreachableError("No route to the vendor.")})
    with pytest.raises(UnreachableError, match="Nothing was removed") as refusal:
        uninstall(memory, "give_back")
    assert "--keep-licence" in str(refusal.value)
    assert memory.remains_ == REMAINS
