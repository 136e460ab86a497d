"""The story: a licence for three people and four computers, from the order to the audit record."""

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm import call
from narrator import Narrator, StoryError, expect
from programs import Programs, free_port

CUSTOMER = "شرکت نمونهٔ مشهد"
OTHER_HARDWARE = {
    "machine_id": "a-machine-that-was-bought-elsewhere",
    "mac": "02:00:00:00:00:99",
    "cpu": "another make",
}


@dataclass
class Story:
    """Told from above to below; each part stands on the ones before it."""

    programs: Programs
    narrator: Narrator
    server_port: int = field(default_factory=free_port)
    agent_port: int = field(default_factory=free_port)
    licence: str = ""
    code: str = ""

    @property
    def server(self) -> str:
        """The licence server's address."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def agent(self) -> str:
        """The agent's address, for the CRM."""
        return f"http://127.0.0.1:{self.agent_port}"

    def tell(self) -> None:
        """Tell all of it."""
        self.the_vendor_sells()
        self.the_installer_activates()
        self.the_crm_fills_up()
        self.processes_die()
        self.the_licence_is_validated()
        self.the_vendor_suspends()
        self.somebody_copies_the_server()
        self.the_record_is_checked()

    def the_vendor_sells(self) -> None:
        """A server, a customer, a licence."""
        vendor, narrator = self.programs, self.narrator
        with narrator.step("The vendor sets up its licence server and starts it."):
            made = vendor.run("licence-server", "init", "--issuer", self.server)
            narrator.say(
                f"It made its root key, its signing key and its database. Agents will pin {Path(made['root']).name}."
            )
            vendor.start("server", "licence-server", "run", "--port", str(self.server_port))
            vendor.wait_for(f"{self.server}/readyz")
        with narrator.step("Sales ops issue a licence for 3 users and 4 clients."):
            customer = vendor.run("licence-server", "customer", "add", CUSTOMER)["id"]
            order = ("--customer", customer, "--users", "3", "--clients", "4")
            issued = vendor.run("licence-server", "licence", "issue", *order)
            self.licence, self.code = issued["id"], issued["code"]
            narrator.say(f"The activation code {self.code} is shown this once; the server keeps only a digest of it.")

    def the_installer_activates(self) -> None:
        """This very machine is bound to the licence."""
        customer, narrator = self.programs, self.narrator
        with narrator.step("The installer looks at what makes this machine recognisable."):
            found = customer.run("licence-agent", "fingerprint")
            narrator.say(
                f"{', '.join(found['components'])} weigh {found['weight']}; 40 are needed. Only keyed digests leave it."
            )
        with narrator.step("The installer mistypes the code: that is found before anything is sent."):
            mistyped = self.code[:-1] + ("0" if self.code[-1] != "0" else "1")
            said = customer.run("licence-agent", "activate", mistyped, "--server", self.server, code=1)["said"]
            narrator.say(said)
        with narrator.step("The installer types it well: this machine, and no other, now holds the licence."):
            root = str(customer.server_home / "root.json")
            made = customer.run("licence-agent", "activate", self.code, "--server", self.server, "--root", root)
            expect("the mode", made["mode"], "full")
        with narrator.step("The agent starts beside the CRM."):
            self.start_agent()

    def the_crm_fills_up(self) -> None:
        """Users and clients are two dimensions, and both have an end."""
        narrator = self.narrator
        with narrator.step("People log in to the CRM until the licence is full."):
            for said in self.start_crm("sara@pc-1", "reza@pc-2", "mina@pc-3", "omid@pc-4"):
                narrator.say(_outcome(said))
            expect("the statuses", [said["status"] for said in self.people], [201, 201, 201, 409])
        with narrator.step("Sara opens the CRM on her laptop too: she is still one user, on two computers."):
            status, seat = self.ask("POST", "/v1/seats", {"user": "sara", "client": "laptop"})
            expect("the status", status, 201)
            users, clients = seat["users"], seat["clients"]
            narrator.say(
                f"{users['used']} of {users['limit']} users, {clients['used']} of {clients['limit']} clients are in."
            )
        with narrator.step("A fifth computer is one too many, even for her."):
            status, refusal = self.ask("POST", "/v1/seats", {"user": "sara", "client": "tablet"})
            expect("the refusal", (status, refusal["type"]), (409, "urn:licence:problem:seats-exhausted"))
            narrator.say(refusal["detail"])

    def processes_die(self) -> None:
        """Nothing that was answered for is lost."""
        programs, narrator = self.programs, self.narrator
        before = {said["person"]: said["answer"].get("seat") for said in self.people if said["status"] == 201}
        with narrator.step("The CRM crashes (kill -9) and comes back: everybody has the same seat as before."):
            programs.kill("crm")
            again = self.start_crm(*before)
            expect("the seats", {said["person"]: said["answer"]["seat"] for said in again}, before)
            expect("the statuses", {said["status"] for said in again}, {200})
        with narrator.step("The agent is killed (kill -9) and started again: no seat is lost, none is doubled."):
            programs.kill("agent")
            took = self.start_agent()
            held = {seat: self.ask("POST", "/v1/seats/heartbeat", {"seats": [seat]})[1] for seat in before.values()}
            expect(
                "the seats kept", [answer["renewed"] for answer in held.values()], [[seat] for seat in before.values()]
            )
            narrator.say(f"It was ready after {took:.1f} seconds, from the journal that every answer waited for.")

    def the_licence_is_validated(self) -> None:
        """A licence is a lease."""
        with self.narrator.step("The agent validates: the licence server signs the next lease."):
            before = self.programs.run("licence-agent", "status")
            after = self.programs.run("licence-agent", "validate")
            expect("the number of the document", after["seq"], before["seq"] + 1)
            self.narrator.say(
                f"Document {after['seq']} replaces {before['seq']}; if ours or their internet fails, it lasts for days."
            )

    def the_vendor_suspends(self) -> None:
        """Only a signature can say no."""
        programs, narrator = self.programs, self.narrator
        with narrator.step("An invoice is overdue: the vendor suspends the licence, and the agent follows."):
            programs.run("licence-server", "licence", "suspend", self.licence, "--reason", "payment_overdue")
            followed = programs.run("licence-agent", "validate")
            expect("mode and reason", (followed["mode"], followed["reason"]), ("restricted", "payment_overdue"))
            status, refusal = self.ask("POST", "/v1/seats", {"user": "omid", "client": "pc-1"})
            expect("the refusal", (status, refusal["type"]), (403, "urn:licence:problem:licence-restricted"))
            narrator.say("Nobody is let in any more; the CRM should go read-only. No data is touched.")
        with narrator.step("The invoice is paid: the vendor resumes it."):
            programs.run("licence-server", "licence", "resume", self.licence, "--reason", "paid")
            expect("the mode", programs.run("licence-agent", "validate")["mode"], "full")

    def somebody_copies_the_server(self) -> None:
        """A copied disk gains nothing, and harms nobody."""
        programs, narrator = self.programs, self.narrator
        copy = programs.folder / "copy"
        shutil.copytree(programs.agent_home, copy, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
        hardware = programs.folder / "other-hardware.json"
        hardware.write_text(json.dumps(OTHER_HARDWARE))
        elsewhere = {"LICENCE_AGENT_HOME": str(copy), "LICENCE_AGENT_HARDWARE": str(hardware)}
        with narrator.step("Somebody copies the agent's whole home to another machine: it is blocked at once."):
            status = programs.run("licence-agent", "status", **elsewhere)
            expect("mode and reason", (status["mode"], status["reason"]), ("blocked", "hardware_changed"))
            narrator.say("It is not the machine that the licence is bound to; no network was needed to see that.")
        with narrator.step("The copy asks the licence server: refused, by a signature, for that request alone."):
            said = programs.run("licence-agent", "validate", code=1, **elsewhere)["said"]
            narrator.say(said.splitlines()[-1])
            expect("the mode", programs.run("licence-agent", "status", **elsewhere)["mode"], "blocked")
        with narrator.step("The rightful server does not notice."):
            expect("the mode", programs.run("licence-agent", "validate")["mode"], "full")

    def the_record_is_checked(self) -> None:
        """Who did what, and that nobody changed it since."""
        with self.narrator.step("The audit record proves what happened."):
            shown = self.programs.run("licence-server", "licence", "show", self.licence)
            self.narrator.say(" → ".join(event["code"] for event in shown["events"]))
            verified = self.programs.run("licence-server", "audit", "verify")
            expect("the record", verified["valid"], True)
            self.narrator.say(
                f"{verified['events']} entries, each chained to the one before, the end sealed by the signing key."
            )

    def start_agent(self) -> float:
        """Start the agent's daemon, and return the seconds until it answered."""
        self.programs.start("agent", "licence-agent", "run", "--port", str(self.agent_port))
        return self.programs.wait_for(f"{self.agent}/healthz")

    def start_crm(self, *people: str) -> list[dict[str, Any]]:
        """Start the CRM stand-in, and return what it says of each person."""
        program = str(Path(__file__).parent / "crm.py")
        command = (sys.executable, program, self.agent, str(self.programs.agent_home / "application.token"), *people)
        process = self.programs.start("crm", *command)
        if process.stdout is None:
            raise StoryError("the CRM has no output")
        self.people = [json.loads(process.stdout.readline()) for _ in people]
        return self.people

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Ask the agent as the CRM does."""
        token = (self.programs.agent_home / "application.token").read_text().strip()
        return call(self.agent, token, method, path, body)

    def how_to_play(self) -> None:
        """Say what is running and what to type."""
        folder, python = self.programs.folder, Path(sys.executable).parent
        self.programs.kill("crm")  # it would end with this program, since it listens to it
        pids = " ".join(str(process.pid) for process in self.programs.running.values())
        print(
            f"\nEverything is still running.\n\n"
            f"  licence server   {self.server}     (health: /readyz, numbers: /metrics)\n"
            f"  agent            {self.agent}     (token: {self.programs.agent_home}/application.token)\n"
            f"  licence          {self.licence}\n\n"
            f"  export PATH={python}:$PATH LICENCE_SERVER_HOME={self.programs.server_home} "
            f"LICENCE_AGENT_HOME={self.programs.agent_home}\n"
            f"  licence-agent status\n"
            f"  licence-agent seats\n"
            f"  licence-server licence seats {self.licence} --users 5 && licence-agent validate\n"
            f"  licence-server audit list\n\n"
            f"To end it:  kill {pids}; sleep 3; rm -r {folder}\n"
        )


def _outcome(said: dict[str, Any]) -> str:
    user, _, client = said["person"].partition("@")
    if said["status"] < 300:
        users = said["answer"]["users"]
        return f"{user} is in, on {client}: {users['used']} of {users['limit']} users."
    return f"{user} is refused: {said['answer']['detail']}"
