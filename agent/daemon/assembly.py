"""The one place where the agent is put together; nothing is read from the environment, nothing happens at import."""

from dataclasses import dataclass

from agent.config import Config
from agent.domain.usage import Report
from agent.hardware.machine import ThisMachine, agent_version, this_machine
from agent.server import HttpServer
from agent.services.activating import Activating
from agent.services.holding import Holding
from agent.services.importing import Importing
from agent.services.judging import Judging, Recognising, Timekeeping
from agent.services.outages import Outages
from agent.services.ports import Reports, Surroundings
from agent.services.renewing import Renewing
from agent.services.trusting import Trusting
from agent.services.validating import Validating
from agent.store.devicekeys import DeviceKeys
from agent.store.home import Home
from agent.store.locks import hold
from agent.store.papers import Papers
from agent.store.state import States
from agent.store.tallies import Tallies
from agent.store.tpmkeys import TpmKeys
from keys.clock import Clock
from keys.disk import ON_WINDOWS
from keys.identity import Randomness
from keys.sentences import phrase
from keys.tpm import DEVICE, Tpm

_PATIENCE = 100.0
"""Seconds to wait for another process of this home that talks to the licence server: a little more than it may take."""


class Silence:
    """Nothing to report: the seats are the daemon's, and the daemon reports them."""

    def report(self) -> Report:
        """See agent.services.ports.Reports."""
        return Report()

    def settle(self, told: Report) -> None:
        """See Reports."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent's home and all that can be done in it."""

    config: Config
    home: Home
    around: Surroundings
    keys: DeviceKeys
    machine: ThisMachine
    judging: Judging
    trusting: Trusting

    def server(self) -> HttpServer:
        """Return the licence server: the configured one, else the one of the activation, else the issuer."""
        url = self.config.settings.server or self.around.states.read().server
        return self.server_at(url or self.judging.holding.trust().issuer)

    def server_at(self, url: str) -> HttpServer:
        """Return the licence server at an address. Raises InvalidInputError."""
        return HttpServer(url, agent_version(), self.around.clock)

    @property
    def activating(self) -> Activating:
        """Binding this server to a licence."""
        return Activating(self.around, self.judging)

    def validating(self, reports: Reports | None = None) -> Validating:
        """Exchanging the licence for its successor, and giving it back."""
        return Validating(self.around, self.judging, self.trusting, reports or Silence())

    @property
    def importing(self) -> Importing:
        """Taking what somebody brought."""
        return Importing(self.activating, self.validating(), self.trusting, self.outages)

    @property
    def outages(self) -> Outages:
        """Keeping the outages that the vendor declared."""
        return Outages(self.around.papers, self.judging.holding, self.around.lock)

    def renewing(self, reports: Reports) -> Renewing:
        """The loop that does so when it is time."""
        return Renewing(self.around, self.judging, self.validating(reports), self.trusting, self.server)


def assemble(config: Config, clock: Clock, randomness: Randomness) -> Agent:
    """Put an agent together. Raises LicensingError."""
    home = Home(config.home)
    tpm = TpmKeys(home, _tpm(config), clock)
    keys = DeviceKeys(home, config.passphrase, tpm, config.settings.device_key)
    machine = this_machine(clock, config.stand_in, tpm.endorsement)
    around = Surroundings(
        papers=Papers(home),
        states=States(home),
        tallies=Tallies(home),
        keys=keys,
        machine=machine,
        lock=lambda: hold(home.exchange_lock, phrase("talks to the licence server"), _PATIENCE),
        clock=clock,
        randomness=randomness,
    )
    holding = Holding(around.papers, around.states, around.keys)
    timekeeping = Timekeeping(around.tallies, machine, clock)
    judging = Judging(holding, timekeeping, Recognising(machine, around.tallies))
    return Agent(config, home, around, keys, machine, judging, Trusting(around.papers, around.states, holding))


def _tpm(config: Config) -> Tpm | None:
    """Return the TPM to use; where a file stands in for the machine, its TPM is left alone unless it is named."""
    tcti = config.settings.tpm or (DEVICE if config.stand_in is None else None)
    return None if tcti is None or ON_WINDOWS else Tpm(tcti)
