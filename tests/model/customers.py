"""What the people of a story do, and what the model knows of it."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from agent.services.seating import Answer
from keys.errors import LicensingError
from licence_server.domain.sizes import Sizes
from tests.licence_server.office import ME
from tests.model.invariants import fence_grew
from tests.model.machine import Machine
from tests.model.record import Told
from tests.model.vendor import DAY, USERS
from tests.model.world import BrokenError, World

_OVER = frozenset({"superseded", "deactivated", "revoked"})


class Customers:
    """Acts for customers and for the vendor's people."""

    def __init__(self, world: World) -> None:
        self.world = world

    # Licences

    def activate(self, *, replace: bool = False) -> None:
        """Activate, with a code that the vendor gives when asked; a licence that is here and runs stays."""
        world, crm = self.world, self.world.crm
        licence = crm.judging.holding.hand().licence
        if world.aside is not None or (licence is not None and licence.status not in _OVER and not replace):
            return
        sold = world.vendor.licence(world.licence_id)
        if sold is not None and sold.state == "revoked":
            world.licence_id, world.code = world.vendor.sell()
            world.told = Told()
            world.visits.clear()
        if world.code is None:
            with suppress(LicensingError):
                world.code = world.vendor.code(world.licence_id)
        if world.code is None:
            return
        world.take_a_minute()
        answer = crm.do(partial(crm.activate, world.code, world.root, replace=True))
        if not isinstance(answer, str):
            world.code = None
            world.backups.clear()
        elif answer.startswith(("code-", "licence-")):
            world.code = None
        world.disturbed()

    def give_back(self) -> None:
        crm = self.world.crm
        crm.do(crm.deactivate)
        self.world.disturbed()

    def move(self, *, old_goes_on: bool) -> None:
        """Move the licence to a new server; the old one should be switched off."""
        world = self.world
        try:
            world.code = world.vendor.code(world.licence_id)
        except LicensingError:
            return
        if not old_goes_on:
            world.crm.stop()
        world.crm = world.new_machine("crm")
        world.backups.clear()
        world.disturbed()
        self.activate()

    def decide(self, what: str) -> None:
        """Let the vendor's people change the licence, where its state allows it."""
        world, server = self.world, self.world.vendor.server
        now, licence_id = world.now, world.licence_id
        deeds: dict[str, Callable[[], object]] = {
            "suspend": partial(server.suspending.suspend, licence_id, "payment_overdue", ME),
            "resume": partial(server.suspending.resume, licence_id, "paid", ME),
            "revoke": partial(server.suspending.revoke, licence_id, "fraud", ME),
            "fewer": partial(server.changing.seats, licence_id, Sizes(1, None), ME),
            "more": partial(server.changing.seats, licence_id, Sizes(USERS, None), ME),
            "end soon": partial(server.changing.renew, licence_id, now + 20 * DAY, ME),
            "renew": partial(server.changing.renew, licence_id, None, ME),
            "confirm": partial(server.changing.confirm, licence_id, ME),
        }
        with suppress(LicensingError):
            deeds[what]()
            if what in {"suspend", "resume", "revoke", "end soon", "renew"}:
                world.disturbed()
            if what == "resume":
                world.visits.clear()

    # Backups

    def restore(self, number: int) -> None:
        """Put a backup on the machine, whose own disk is lost; younger backups belong to a time that is gone."""
        world = self.world
        number %= len(world.backups)
        world.crm.load(world.backups[number])
        del world.backups[number + 1 :]
        world.restores.append(None)
        world.disturbed()

    def begin_drill(self, number: int) -> None:
        """Try a backup on the machine, whose own disk waits."""
        world = self.world
        world.aside = world.crm
        world.machines.remove(world.crm)
        world.crm = world.copy_of(world.aside, world.backups[number % len(world.backups)])
        world.restores.append(None)
        world.disturbed()

    def end_drill(self, *, memory: bool) -> None:
        """Throw the tried disk away; the machine goes on where it was, by a memory snapshot or a start."""
        world, drilled = self.world, self.world.crm
        assert world.aside is not None
        drilled.close()
        world.machines.remove(drilled)
        world.crm, world.aside = world.aside, None
        world.machines.append(world.crm)
        world.crm.clock.wall = world.now
        if memory:
            world.crm.boots += 1
        else:
            world.crm.reboot()
        world.restores.append(None)
        world.disturbed()

    # Copies

    def clone(self) -> None:
        """Run a copy of the machine beside it."""
        world = self.world
        if world.aside is None and sum(each.is_on for each in world.machines) < 3 and world.crm.is_on:
            world.clones.add(world.activation())
            world.copy_of(world.crm)

    def keep_in_step(self) -> None:
        """Give the oldest copy what the machine holds; where there is none, make one."""
        world = self.world
        if all(each is world.crm or not each.is_on for each in world.machines):
            self.clone()
        copy = next((each for each in world.machines if each is not world.crm and each.is_on), None)
        if copy is None or not world.crm.is_on or not world.activation():
            return
        world.clones.add(world.activation())
        boots = copy.boots
        copy.take_state_of(world.crm)
        assert copy.boots == boots

    def destroy_copies(self) -> None:
        world = self.world
        for machine in [each for each in world.machines if each is not world.crm]:
            machine.close()
            world.machines.remove(machine)

    # Network

    def replay(self, machine: Machine, back: int) -> None:
        """Send a request that was answered once more: nothing may change by it."""
        if not machine.line.requests:
            return
        path, document = machine.line.requests[-min(back, len(machine.line.requests))]
        machine.line.replay(path, document)

    def let_arrive(self, machine: Machine) -> None:
        for path, document in machine.line.delayed:
            machine.line.replay(path, document)
        machine.line.delayed.clear()

    # Seats

    def seat(self, machine: Machine, user: str, client: str) -> None:
        self._took(machine, [machine.check_out(user, client)])

    def seat_all(self, machine: Machine, users: list[str]) -> None:
        self._took(machine, machine.check_out_at_once(users))

    def _took(self, machine: Machine, answers: list[Answer | str]) -> None:
        for answer in answers:
            if isinstance(answer, Answer) and answer.is_new:
                fence_grew(machine, answer.fence)
                if answer.seat_id not in machine.known.seats:
                    raise BrokenError(3, "a seat was answered for twice")
