"""The power goes while the agent activates, validates and gives back: its files are whole, and no code is burned."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from agent.config import Settings
from keys.clock import SystemClock
from keys.errors import LicensingError
from tests.agent.vendor import HARDWARE
from tests.contract.installed import Installed
from tests.contract.serving import Premises
from tests.fakes import TurnableClock
from tests.faults.calls import NEVER
from tests.faults.exchanges import exchanges
from tests.faults.tape import Tape
from tests.licence_server.office import ISSUER, Home
from tests.stories.callers import BrokenPromiseError, promise
from tests.stories.cuts import SUSPICIONS, cut_often, program
from tests.stories.processes import clean_environment


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the agent's, on the tape."""

    action: str
    licence: str
    """The licence that it is about."""
    code: str
    moments: range
    sent: int
    """When its request was out, so that the server may have acted on it."""
    answered: int
    """When the server's answer was here, so that the server had acted on it."""
    acknowledged: int
    """When a person could have read that it is done."""
    before: Path
    after: Path
    """The licence server's home."""
    seq: int
    """The licence in hand when it was done."""


@dataclass
class Story:
    """A customer's way with two codes."""

    folder: Path
    tape: Tape
    premises: Premises
    environment: dict[str, str]
    alteration: str
    port: int
    steps: list[Step] = field(default_factory=list)
    licence: str = ""
    code: str = ""
    settings: Settings = Settings()  # noqa: RUF009 - it is frozen

    def do(self, action: str, *words: object) -> None:
        """Run a command of the agent's, with the server's home kept as it was before and after."""
        before, begin, told = self._kept(), self.tape.end, len(self.tape.said)
        out = self.tape.run([*program("licence-agent", self.alteration), action, *words, "--json"], self.environment)
        said = self.tape.said[told:]
        mirrored = exchanges(replace(part, is_heard=not part.is_heard) for part in said)
        (request,) = (each for each in mirrored if each.method == "POST")
        assert request.answered != NEVER
        printed = (part.began for part in said if part.channel == "stdout")
        acknowledged = next(began for began in printed if began > request.answered)  # a TPM's programs print, too
        assert json.loads(out)["licence"] in {self.licence, None}
        seq = 0 if action == "activate" else json.loads(out)["seq"]
        moments = range(begin, self.tape.end)
        known = (request.heard, request.answered, acknowledged)
        self.steps.append(Step(action, self.licence, self.code, moments, *known, before, self._kept(), seq))

    def sell(self) -> None:
        customer = self.premises.home.ask("customer", "add", f"customer {len(self.steps)}")["id"]
        sold = self.premises.home.ask("licence", "issue", "--customer", customer, "--users", 3)
        self.licence, self.code = sold["id"], sold["code"]

    def activate(self, *more: str) -> None:
        self.do("activate", self.code, "--server", self.premises.counter.url, *more)

    def _kept(self) -> Path:
        """A copy of the licence server's home as it is now."""
        copy = self.folder / f"vendor-{len(list(self.folder.glob('vendor-*')))}"
        self.premises.close()
        shutil.copytree(self.premises.home.path, copy)
        self.premises.open(self.port)
        return copy

    def check(self, disk: Path, moment: int) -> None:
        """Look at the agent's home after a power cut, and do the same again with what the server knows then."""
        step = next(step for step in self.steps if moment in step.moments)
        has_come = moment >= step.answered or (moment >= step.sent and Random(moment).random() < 0.5)
        vendor = shutil.copytree(step.after if has_come else step.before, disk / "vendor")
        clock = TurnableClock(SystemClock().now(), 5.0)
        premises = Premises(Home(vendor, clock))
        premises.open(self.port)
        try:
            (disk / "machine").mkdir(exist_ok=True)
            boot, url = "after the cut", premises.counter.url
            agent = Installed(disk / "machine", clock, url, HARDWARE, boot=boot, settings=self.settings)
            check_files(agent, step, moment)
            self.again(agent, step)
            check_server(premises, agent, step)
        except LicensingError as refusal:
            raise BrokenPromiseError(f"{step.action} again: {refusal}") from refusal
        finally:
            premises.close()

    def again(self, agent: Installed, step: Step) -> None:
        """Do as the person does who finds the machine without power: type it again, if it is not done."""
        hand = agent.judging.holding.hand()
        is_held = hand.licence is not None and hand.licence.licence_id == step.licence
        root = (self.premises.home.path / "root.json").read_bytes()
        if not is_held or agent.papers.pending("activation") is not None:
            agent.activate(step.code, root, replace=True)
        if step.action != "deactivate":
            agent.validate()
        elif agent.licence.status != "deactivated":
            agent.deactivate()


def check_files(agent: Installed, step: Step, moment: int) -> None:
    """Nothing is half there, and what a person was told is true."""
    hand = agent.judging.holding.hand()
    promise(not hand.flaw and not hand.key_flaw, f"a file is damaged: {hand.flaw or hand.key_flaw}")
    for slot in ("activation", "validation"):
        agent.papers.pending(slot)
    agent.agent.around.states.read()
    for name in ("ledger", "hardware", "progress"):
        promise(is_whole(agent.home.folder / f"{name}.json"), f"{name}.json is half there")
    if moment < step.acknowledged:
        return
    promise(hand.licence is not None and hand.licence.licence_id == step.licence, f"{step.action} was done, and lost")
    assert hand.licence is not None
    promise(hand.licence.seq >= step.seq, f"document {step.seq} was told of, and the one in hand is {hand.licence.seq}")
    wanted = "blocked" if step.action == "deactivate" else "full"
    promise(agent.standing.mode == wanted, f"{step.action} was done, and the mode is {agent.standing.mode}")


def is_whole(path: Path) -> bool:
    """Whether a file of the agent's is absent or a whole JSON object: a power cut may leave any bytes."""
    try:
        return not path.exists() or isinstance(json.loads(path.read_bytes()), dict)
    except ValueError:
        return False


def check_server(premises: Premises, agent: Installed, step: Step) -> None:
    """Agent and server agree, no second key was bound, and nobody is suspected."""
    shown = premises.show(step.licence)
    events = [event["code"] for event in shown["events"]]
    promise(events.count("licence_activated") == 1, f"{step.licence} was activated {events}")
    promise(not SUSPICIONS & set(events), f"an honest customer is suspected: {events}")
    wanted = "deactivated" if step.action == "deactivate" else "active"
    promise(agent.licence.status == wanted, f"{step.action}: {agent.licence.status}")
    left = [] if step.action == "deactivate" else list(agent.home.folder.glob("pending*"))
    promise(not left, "a request is kept though it was answered")


def go_on(story: Story) -> None:
    """Validate (in the end under a new signing key), activate another licence, give it back."""
    story.do("validate")
    story.premises.keys().rotate()
    story.do("validate")
    story.sell()
    story.activate("--replace")
    story.do("validate")
    story.do("deactivate")


def told(
    folder: Path,
    then: Callable[[Story], None] = lambda _: None,
    alteration: str = "",
    kind: Callable[..., Story] = Story,
) -> Story:
    """Activate, and do what comes then."""
    disk = folder / "disk"
    (disk / "machine").mkdir(parents=True)
    (folder / "hardware.json").write_text(json.dumps(HARDWARE))
    home = Home(folder / "vendor", TurnableClock(SystemClock().now()))
    home.founding().found(ISSUER, None, "tests")
    premises = Premises(home)
    port = urlsplit(premises.open().url).port or 0
    environment = clean_environment(
        LICENCE_AGENT_HOME=disk / "machine/home", LICENCE_AGENT_HARDWARE=folder / "hardware.json", NO_PROXY="127.0.0.1"
    )
    story = kind(folder, Tape(disk), premises, environment, alteration, port)
    try:
        story.sell()
        story.activate("--root", str(home.path / "root.json"))
        then(story)
    finally:
        premises.close()
    return story


@pytest.mark.long
@pytest.mark.threat(42)
@pytest.mark.timeout(400)
def test_no_file_is_half_there_and_no_code_is_burned(folder: Path, figure, rounds) -> None:
    cuts = rounds(300, sample=25)
    story = told(folder, go_on)
    cut_often(story.tape, folder, cuts, story.check)
    figure(f"agent's files: {cuts} power cuts, 0 half, 0 codes burned")


@pytest.mark.long
@pytest.mark.threat(42, control=True)
@pytest.mark.parametrize("alteration", ["no-file-sync", "no-folder-sync"])
def test_an_agent_that_does_not_sync_is_found_out(folder: Path, alteration: str) -> None:
    story = told(folder, alteration=alteration)
    with pytest.raises(BrokenPromiseError):
        cut_often(story.tape, folder, 60, story.check)
