"""The one place where installing and removing are put together: this server's files, its service, its agent.

What a command has of its process and of the person who typed it is passed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from agent.config import HOME_VARIABLE, read_config, read_settings
from agent.daemon.admission import Admission
from agent.daemon.assembly import Agent, assemble
from agent.daemon.local import RefusedByAgentError, ask
from agent.domain.certificate import Certificate, SeatCheck, Server, certify, read_certificate
from agent.hardware.kept import kept
from agent.services.activating import OVER, Wish
from agent.services.installing import Installing, Uninstalling
from agent.store.home import Home
from agent.store.jsonfile import as_json, read_json
from agent.store.vendors import Vendor, vendor_of
from agent.system.accounts import check_crm_user
from agent.system.labels import Labels
from agent.system.layout import Layout
from agent.system.outbound import Outbound
from agent.system.owner import acting_as_owner
from agent.system.premises import ThisServer, check_place
from agent.system.services import service_of
from agent.system.settings import write_setting
from agent.system.trees import PROGRAM, Trees
from keys.bundled import check_package
from keys.clock import Clock
from keys.documents.licence import Licence
from keys.errors import InvalidInputError, UnreachableError
from keys.identity import Randomness
from keys.sentences import phrase
from keys.trust import Trust

_CHECKER = {"user": "installation check", "client": "installation check"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command of a person has: its process, how it speaks, and what was typed."""

    environment: Mapping[str, str]
    clock: Clock
    randomness: Randomness
    program: Path
    """The program that runs."""
    believe: Callable[[str, Trust], None]
    """Says whom the agent is about to believe at an address, or refuses."""
    written: Callable[[Certificate], str]
    """The certificate of installation as people read it."""
    vendor: Vendor = field(default_factory=Vendor)
    """Whom the person named, in place of the one that the package names."""
    terms_version: str | None = None
    """Version of the terms that are accepted; None: the first."""
    port: int | None = None
    """Port of the local API; None: the one that the settings have."""
    crm_users: tuple[str, ...] = ()
    """Users of this machine as whom the CRM runs, to be let in."""


@dataclass(frozen=True, slots=True)
class Customer:
    """The agent of the service on this server; see agent.services.installing.Licensee."""

    layout: Layout
    program: Path
    service: str
    vendor: Vendor
    typed: Typed

    def agent(self) -> Agent:
        """Return the agent of the service's home. Raises LicensingError."""
        config = read_config({**self.typed.environment, HOME_VARIABLE: str(self.layout.home)})
        if self.typed.port is not None:
            config = replace(config, settings=replace(config.settings, port=self.typed.port))
        return assemble(config, self.typed.clock, self.typed.randomness)

    def is_configured(self) -> bool:
        """See Licensee."""
        return self.typed.port in {None, read_settings(Home(self.layout.home).settings).port}

    def configure(self) -> None:
        """See Licensee."""
        if self.typed.port is not None:
            with acting_as_owner(self.layout.home):
                write_setting(Home(self.layout.home).settings, "port", self.typed.port)

    @property
    def admission(self) -> Admission:
        """Who is let in, and who should be."""
        return Admission(Home(self.layout.home), self.typed.crm_users, self.typed.randomness)

    def is_crm_let_in(self) -> bool:
        """See Licensee."""
        return self.admission.is_granted()

    def let_crm_in(self) -> None:
        """See Licensee."""
        self.admission.grant()

    def has_licence(self) -> bool:
        """See Licensee."""
        return _in_force(self.agent()) is not None

    def is_certified(self) -> bool:
        """See Licensee."""
        licence, certificate = _in_force(self.agent()), self.certificate()
        if licence is None or certificate is None:
            return False
        return certificate.is_of(str(self.program.resolve()), licence.licence_id, licence.activation_id)

    def activate(self, code: str) -> None:
        """See Licensee."""
        url = self.vendor.server
        if url is None:
            raise InvalidInputError(
                phrase("Nobody said which licence server to ask. Give --server URL, and --root FILE.")
            )
        wish = Wish(code, url, self.vendor.root, terms_version=self.typed.terms_version or "1")
        self._do(
            lambda agent: agent.activating.activate(
                wish, agent.server_at(url), lambda trust: self.typed.believe(url, trust)
            )
        )

    def give_back(self) -> None:
        """See Licensee."""
        self._do(lambda agent: agent.validating().deactivate(agent.server()))

    def check_seat(self) -> SeatCheck:
        """See Licensee."""

        def check(agent: Agent) -> SeatCheck:
            licence = _in_force(agent)
            if licence is None or licence.seats.model == "named":
                return "left_out"
            try:
                seat = ask(agent, "POST", "/v1/seats", _CHECKER)["seat"]
            except RefusedByAgentError:
                return "refused"
            ask(agent, "DELETE", f"/v1/seats/{seat}")
            return "passed"

        return self._do(check)

    def certify(self, check: SeatCheck) -> None:
        """See Licensee."""

        def write(agent: Agent) -> None:
            host = agent.machine.host(maker="")  # what made the key is not on the certificate
            server = Server(host.name, host.os, host.agent, str(self.program.resolve()), self.service)
            made = certify(agent.judging.standing(), server, check)
            if made is not None:
                agent.home.disk.write(self.certificate_file, as_json(made.to_claims()))
                agent.home.disk.write(self.certificate_text, f"{self.typed.written(made)}\n".encode())

        self._do(write)

    def certificate(self) -> Certificate | None:
        """See Licensee."""
        remedy = phrase("Remove it: licence-agent install writes it anew.")
        return read_json(self.certificate_file, read_certificate, remedy)

    @property
    def certificate_file(self) -> Path:
        """The certificate of installation for programs."""
        return self.layout.home / "installation.json"

    @property
    def certificate_text(self) -> Path:
        """The same for people."""
        return self.layout.home / "installation.txt"

    def believed(self) -> Trust | None:
        """Return whom the agent believes; None: nobody yet. Raises StateDamagedError."""
        return self._do(lambda agent: agent.judging.holding.believed())

    def answers(self) -> bool:
        """Tell whether the agent answers over its local API."""
        return self._do(_answers)

    def _do(self, work: Callable[[Agent], T]) -> T:
        """Work in the home as its owner, to whom all that is written there belongs."""
        with acting_as_owner(self.layout.home):
            return work(self.agent())


@dataclass(frozen=True, slots=True)
class Site:
    """This server with both use cases."""

    customer: Customer
    premises: ThisServer

    def letting_in(self, user: str) -> "Site":
        """Return it as it lets in a user of the CRM's."""
        typed = replace(self.customer.typed, crm_users=(user,))
        return replace(self, customer=replace(self.customer, typed=typed))

    @property
    def is_elsewhere(self) -> bool:
        """Whether the program that runs is not the one that is installed, and may lie where only root can read."""
        offered = self.premises.trees.offered
        program = self.customer.layout.trees / str(offered) / PROGRAM
        return offered is not None and not self.premises.is_image and self.premises.here != program

    @property
    def installing(self) -> Installing:
        """Installing and upgrading."""
        return Installing(self.premises, self.customer)

    @property
    def uninstalling(self) -> Uninstalling:
        """Removing."""
        return Uninstalling(self.premises, self.customer)


def site_of(prefix: Path, typed: Typed, source: Path | None = None) -> Site:
    """Return this server, or the image under ``prefix``.

    Args:
        prefix: the root folder.
        typed: what the command has.
        source: the tree to install from; None: the program stays where it is.

    Raises:
        InvalidInputError: not root; the folder is no root folder, or the tree none; a user is not one to let in.
        StateConflictError: a package has its own tree here.
        LicensingError: the tree is not as a vendor sealed it whom this server believes; see check_package.
    """
    layout = Layout(prefix)
    check_place(layout)
    for user in () if layout.is_image else typed.crm_users:
        check_crm_user(user)
    packaged, named = vendor_of(source or layout.current), typed.vendor
    vendor = Vendor(named.server or packaged.server, named.root or packaged.root)

    def check(tree: Path) -> None:
        check_package(tree, vendor.root, customer.believed())

    trees, service = Trees(layout, source, check), service_of(layout)
    labels, outbound = Labels(layout), Outbound(layout, typed.environment)
    customer = Customer(layout, trees.program or typed.program, service.name, vendor, typed)
    if source is not None:
        check(source)
    premises = ThisServer(
        layout, trees, service, labels, outbound, typed.program, _has_hardware, customer.answers, typed.clock
    )
    return Site(customer, premises)


def _in_force(agent: Agent) -> Licence | None:
    licence = agent.judging.holding.hand().licence
    return None if licence is None or licence.status in OVER else licence


def _answers(agent: Agent) -> bool:
    try:
        ask(agent, "GET", "/healthz")
    except UnreachableError:
        return False
    return True


def _has_hardware() -> bool:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return kept(boot, Path("/")) is not None
