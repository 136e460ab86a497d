"""What can happen. Each rule is one sentence of the story that a failing run prints."""

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.contract.serving import MEMORY
from tests.model.customers import Customers
from tests.model.invariants import Invariants, record_is_whole
from tests.model.line import Fate
from tests.model.machine import ADMINISTRATOR, Machine
from tests.model.vendor import DAY
from tests.model.world import World

HOUR = 3600
USERS = st.sampled_from(["ana", "ben", "cyrus", "dara", "Ana", ADMINISTRATOR])
CLIENTS = st.sampled_from(["pc", "phone"])
FATES = st.sampled_from(
    ["lose request", "lose reply", "twice", "old answer", "delay", "cut before", "cut after"]
)  # fmt: skip
CALM = st.sampled_from([0, HOUR, 8 * DAY])
"""How long nothing else happens after it."""
TURNS = st.sampled_from([-400 * DAY, -20 * DAY, -HOUR, -1, HOUR, 20 * DAY, 4_000 * DAY])


class Story(RuleBasedStateMachine):
    """The beginning and the end of every run."""

    founded: ClassVar[Path]
    """A complete home of a vendor, which is copied."""
    stories: ClassVar[int] = 0
    steps: ClassVar[int] = 0
    """How many were told, and how many steps they had in all."""

    def __init__(self) -> None:
        super().__init__()
        in_memory = MEMORY if MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="model-", dir=in_memory))
        self.world = World(self.founded, self.folder)
        self.people = Customers(self.world)
        self.look = Invariants()
        self.people.activate()
        type(self).stories += 1

    def teardown(self) -> None:
        try:
            record_is_whole(self.world)
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def machine(self, number: int) -> Machine:
        """Return a running machine; the rightful one is the first."""
        running = [each for each in self.world.machines if each.is_on]
        running.sort(key=lambda each: each is not self.world.crm)
        return running[number % len(running)] if running else self.world.crm

    @invariant()
    def all_is_well(self) -> None:
        type(self).steps += 1
        self.look.after_step(self.world)


class Time(Story):
    """Time, clocks and power."""

    @rule(seconds=st.sampled_from([60, 600, 6 * HOUR, 2 * DAY, 5 * DAY, 16 * DAY, 40 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.world.advance(seconds, self.look)

    @rule(seconds=TURNS, who=st.integers(0, 2), reboots=st.booleans(), then=CALM)
    def clock_is_turned(self, seconds: int, who: int, reboots: bool, then: int) -> None:
        machine = self.machine(who)
        machine.clock.turn(seconds)
        if machine is self.world.crm and seconds > 0:
            self.world.disturbed()
        if reboots:
            machine.reboot()
        self.world.advance(then, self.look)

    @rule(who=st.integers(0, 2))
    def clock_is_set_right(self, who: int) -> None:
        self.machine(who).clock.wall = self.world.now

    @rule(who=st.integers(0, 2))
    def machine_reboots(self, who: int) -> None:
        self.machine(who).reboot()

    @rule(seconds=st.sampled_from([HOUR, 3 * DAY, 20 * DAY]))
    def machine_is_off_for(self, seconds: int) -> None:
        crm = self.world.crm
        crm.stop()
        self.world.disturbed()
        self.world.advance(seconds, self.look)
        crm.reboot()

    @rule(change=st.integers(1, 9), after=st.booleans(), who=st.integers(0, 2))
    def power_will_be_cut_at_a_write(self, change: int, after: bool, who: int) -> None:
        disk = self.machine(who).disk
        disk.stop_at, disk.after = disk.changes + change, after


class Network(Story):
    """What the line does to what passes."""

    @rule(fates=st.lists(FATES, min_size=1, max_size=3), who=st.integers(0, 2))
    def line_will(self, fates: list[Fate], who: int) -> None:
        self.machine(who).line.coming += fates

    @rule(seconds=st.sampled_from([6 * HOUR, 4 * DAY, 9 * DAY, 20 * DAY]), who=st.integers(0, 2))
    def line_is_dead_for(self, seconds: int, who: int) -> None:
        line = self.machine(who).line
        line.is_up = False
        self.world.advance(seconds, self.look)
        line.is_up = True

    @rule(who=st.integers(0, 2), back=st.integers(1, 6))
    def somebody_replays_a_request(self, who: int, back: int) -> None:
        self.people.replay(self.machine(who), back)

    @rule(who=st.integers(0, 2))
    def delayed_requests_arrive(self, who: int) -> None:
        self.people.let_arrive(self.machine(who))


class Vendors(Story):
    """What the vendor's people do."""

    @rule(seconds=st.sampled_from([HOUR, 5 * DAY, 16 * DAY]))
    def vendor_suspends_for(self, seconds: int) -> None:
        self.people.decide("suspend")
        self.world.advance(seconds, self.look)
        self.people.decide("resume")

    @rule(what=st.sampled_from(["fewer", "more", "end soon", "renew", "renew", "confirm"]))
    def vendor_decides(self, what: str) -> None:
        self.people.decide(what)

    @rule(what=st.sampled_from(["rotate", "revoke", "renew"]), then=CALM)
    def keys_change(self, what: str, then: int) -> None:
        vendor = self.world.vendor
        if what == "revoke" and self.world.owed:
            return  # what an agent shows of what the backup lacks would be worth nothing: see docs/operators.md
        {"rotate": vendor.rotate, "revoke": vendor.revoke_key, "renew": vendor.renew_trust}[what]()
        self.world.advance(then, self.look)

    @rule()
    def vendor_backs_up(self) -> None:
        self.world.vendor.back_up()

    @precondition(lambda self: self.world.vendor.backups)
    @rule(number=st.integers(0, 5), then=CALM)
    def vendor_restores(self, number: int, then: int) -> None:
        world = self.world
        world.vendor.restore(number % len(world.vendor.backups))
        world.visits.clear()
        world.calm = 0  # agents show at their next validation what the backup lacks
        world.owed = True
        record_is_whole(world)
        world.advance(then, self.look)


class Buyers(Story):
    """What honest customers do."""

    @rule()
    def customer_activates(self) -> None:
        self.people.activate()

    @rule(who=st.integers(0, 2))
    def agent_validates(self, who: int) -> None:
        machine = self.machine(who)
        machine.do(machine.validate)
        machine.wake()

    @rule()
    def customer_gives_it_back_and_activates_again(self) -> None:
        self.people.give_back()
        self.people.activate()

    @rule()
    def customer_moves_to_a_new_server(self) -> None:
        self.people.move(old_goes_on=False)

    @rule()
    def customer_backs_up(self) -> None:
        self.world.backups.append(self.world.snapshot(self.world.crm))

    @precondition(lambda self: self.world.backups)
    @rule(number=st.integers(0, 5), then=CALM)
    def customer_restores(self, number: int, then: int) -> None:
        self.people.restore(number)
        self.world.advance(then, self.look)

    @precondition(lambda self: self.world.backups)
    @rule(number=st.integers(0, 5), seconds=st.sampled_from([HOUR, 4 * DAY]), memory=st.booleans())
    def customer_tries_a_backup_for(self, number: int, seconds: int, memory: bool) -> None:
        self.people.begin_drill(number)
        self.world.advance(seconds, self.look)
        self.people.end_drill(memory=memory)


class Seats(Story):
    """What the CRM does."""

    @rule(user=USERS, client=CLIENTS, who=st.integers(0, 2))
    def user_checks_out(self, user: str, client: str, who: int) -> None:
        self.people.seat(self.machine(who), user, client)

    @rule(users=st.lists(USERS, min_size=4, max_size=6, unique=True), who=st.integers(0, 2))
    def users_check_out_at_once(self, users: list[str], who: int) -> None:
        self.people.seat_all(self.machine(who), users)

    @rule(who=st.integers(0, 2))
    def crm_sends_heartbeats(self, who: int) -> None:
        self.machine(who).heartbeat()

    @rule(number=st.integers(0, 5), who=st.integers(0, 2))
    def user_leaves(self, number: int, who: int) -> None:
        machine = self.machine(who)
        if machine.known.seats:
            machine.release(list(machine.known.seats)[number % len(machine.known.seats)])


class Cheats(Story):
    """What dishonest customers do."""

    @rule()
    def customer_clones_the_machine(self) -> None:
        self.people.clone()

    @rule(times=st.integers(1, 5))
    def copies_are_kept_in_step(self, times: int) -> None:
        for _ in range(times):
            self.people.keep_in_step()
            self.world.advance(2 * DAY, self.look)

    @rule()
    def copies_are_destroyed(self) -> None:
        self.people.destroy_copies()

    @rule()
    def old_server_goes_on_after_a_move(self) -> None:
        self.people.move(old_goes_on=True)

    @rule(who=st.integers(0, 2), cuts=st.lists(st.booleans(), min_size=8, max_size=24))
    def machine_runs_off_the_network_with_its_clock_held_back(self, who: int, cuts: list[bool]) -> None:
        """For a day each time, now and then with a start in between."""
        machine = self.machine(who)
        machine.line.is_up = False
        self.world.disturbed()
        for starts in cuts:
            self.world.advance(DAY, self.look)
            machine.clock.turn(-DAY)
            if starts:
                machine.reboot()
        machine.line.is_up = True

    @rule(who=st.integers(0, 2))
    def ledger_is_deleted(self, who: int) -> None:
        machine = self.machine(who)
        machine.home.ledger.unlink(missing_ok=True)
        machine.reboot()

    @rule()
    def vendor_ends_it_for_good(self) -> None:
        self.people.decide("revoke")


class Honest(Time, Network, Vendors, Buyers, Seats):
    """An honest customer, whatever happens."""


class Whole(Time, Network, Vendors, Buyers, Seats, Cheats):
    """A customer who cheats as well."""
