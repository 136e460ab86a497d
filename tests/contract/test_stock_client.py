"""A program that knows only docs/protocol.md, against a real licence-server process."""

import ast
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contract import stock_client
from tests.contract.stock_client import JWT, RefusedError, StockAgent, Trust, UnbelievableError

BIN = Path(sys.executable).parent
ISSUER = "https://licences.example.com"
HARDWARE = {"product_uuid": "4C4C4544-0042", "machine_id": "8d6a6a5e", "disk_serial": "S3Z9NB0K", "cpu": "vendor model"}
FROZEN = Path(__file__).parent.parent / "vectors" / "frozen-1"
OTHER_HARDWARE = {name: f"another {value}" for name, value in HARDWARE.items()}


class Vendor:
    """A licence server's home, its commands, and its process."""

    def __init__(self, home: Path) -> None:
        self.environment = {**os.environ, "LICENCE_SERVER_HOME": str(home)}
        self.environment.pop("LICENCE_SERVER_DATABASE", None)
        self.home = home
        self.run("licence-server", "init", "--issuer", ISSUER)
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.customer = ""

    def run(self, program: str, *arguments: str) -> Any:
        done = subprocess.run(
            [BIN / program, *arguments, "--json"], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> None:
        command = [str(BIN / "licence-server"), "run", "--port", "0", "--workers", "1"]
        log = (self.home / "log").open("a")
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().rpartition(" ")[2].strip()
        assert self.url.startswith("http://127.0.0.1:"), (self.home / "log").read_text()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def issue(self) -> Any:
        self.customer = self.customer or self.run("licence-server", "customer", "add", "فولاد پارس")["id"]
        seats = ("--users", "3", "--clients", "4")
        return self.run("licence-server", "licence", "issue", "--customer", self.customer, *seats)

    def agent(self, **more: Any) -> StockAgent:
        trust = Trust.pin((self.home / "root.json").read_bytes())
        return StockAgent(self.url, trust, **({"hardware": HARDWARE} | more))


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    vendor = Vendor(tmp_path_factory.mktemp("vendor") / "home")
    vendor.start()
    yield vendor
    vendor.stop()


def refused(word: str, status: int, ask: Callable[[], object]) -> None:
    with pytest.raises(RefusedError) as refusal:
        ask()
    assert (refusal.value.word, refusal.value.status) == (word, status)


def test_it_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(stock_client.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    strangers = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert strangers == {"jwt", "cryptography"}


@pytest.mark.parametrize("key", [{}, {"private": ec.generate_private_key(ec.SECP256R1())}], ids=["Ed25519", "ES256"])
def test_a_licence_from_activation_to_deactivation(vendor: Vendor, key: dict[str, Any]) -> None:
    issued, agent = vendor.issue(), vendor.agent(**key)
    first = agent.activate(issued["code"])
    assert (first["status"], first["seq"], first["sub"]) == ("active", 1, issued["id"])
    assert (first["seats"]["users"], first["seats"]["clients"]) == (3, 4)
    assert first["customer"]["name"] == "فولاد پارس"
    assert first["activated_at"] == first["iat"]
    assert first["exp"] == first["validation"]["refresh_at"] + first["validation"]["grace"]
    second = agent.validate()
    assert (second["status"], second["seq"], second["activated_at"]) == ("active", 2, first["activated_at"])
    third = agent.deactivate()
    assert (third["status"], third["seq"]) == ("deactivated", 3)


def test_every_step_can_be_repeated(vendor: Vendor) -> None:
    agent = vendor.agent()
    agent.activate(vendor.issue()["code"])
    assert agent.send_again("activations").decode() == agent.document
    agent.validate()
    stale = agent.last_request
    assert agent.send_again("validations").decode() == agent.document
    agent.validate()
    agent.last_request = stale
    refused("request-replayed", 409, lambda: agent.send_again("validations"))
    assert agent.validate()["status"] == "active"


def test_a_code_serves_one_server(vendor: Vendor) -> None:
    code = vendor.issue()["code"]
    vendor.agent().activate(code)
    refused("code-used", 409, lambda: vendor.agent().activate(code))
    refused("code-unknown", 404, lambda: vendor.agent().activate("00000-00000-00000-00000-00000"))
    weak = vendor.agent(hardware={"cpu": "x"})
    refused("fingerprint-insufficient", 422, lambda: weak.activate(vendor.issue()["code"]))
    refused("terms-not-accepted", 422, lambda: vendor.agent().activate(vendor.issue()["code"], "0"))


def test_other_hardware_is_refused_by_a_signature_and_harms_nobody(vendor: Vendor) -> None:
    agent = vendor.agent()
    first = agent.activate(vendor.issue()["code"])
    agent.hardware = OTHER_HARDWARE
    no = agent.validate()
    assert (no["status"], no["reason"], no["seq"]) == ("refused", "fingerprint_mismatch", first["seq"])
    agent.hardware = HARDWARE
    assert agent.validate()["seq"] == 2


def test_a_suspension_and_its_end_arrive_as_documents(vendor: Vendor) -> None:
    issued, agent = vendor.issue(), vendor.agent()
    agent.activate(issued["code"])
    vendor.run("licence-server", "licence", "suspend", issued["id"], "--reason", "payment_overdue")
    stopped = agent.validate()
    assert (stopped["status"], stopped["reason"]) == ("suspended", "payment_overdue")
    vendor.run("licence-server", "licence", "resume", issued["id"], "--reason", "paid")
    assert agent.validate()["status"] == "active"


def test_after_a_rotation_it_fetches_the_trust_document_and_goes_on(vendor: Vendor) -> None:
    agent = vendor.agent()
    agent.activate(vendor.issue()["code"])
    version = agent.trust.claims["version"]
    vendor.run("licence-keys", "rotate")
    assert agent.validate()["status"] == "active"
    assert agent.trust.claims["version"] == version + 1
    old = next(iter(agent.trust.claims["signing"]))
    vendor.run("licence-keys", "revoke", stock_client.thumbprint(old["jwk"]))
    assert agent.validate()["status"] == "active"


def test_a_key_that_nobody_vouches_for_is_not_believed(vendor: Vendor, tmp_path: Path) -> None:
    stranger = Vendor(tmp_path / "stranger")
    agent = vendor.agent()
    agent.trust = Trust.pin((stranger.home / "root.json").read_bytes())
    code = vendor.issue()["code"]
    with pytest.raises(UnbelievableError, match="roots"):
        agent.activate(code)


def test_another_issuer_and_media_type_are_refused(vendor: Vendor) -> None:
    agent = vendor.agent()
    agent.trust = Trust({**agent.trust.claims, "iss": "https://other.example"})
    refused("malformed", 400, lambda: agent.activate(vendor.issue()["code"]))
    request = urllib.request.Request(f"{vendor.url}/agent/v1/validations", b"x", {"Content-Type": "text/plain"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310
    assert (error.value.code, error.value.headers.get_content_type()) == (415, "application/problem+json")
    error.value.close()
    assert JWT == "application/jwt"


def test_the_frozen_documents_say_the_same_to_a_stock_library() -> None:
    agent = StockAgent("http://nowhere", Trust.pin((FROZEN / "trust.json").read_bytes()), {})
    agent.trust = agent.trust.replaced_by((FROZEN / "trust-rotated.json").read_bytes())
    key = agent.trust.claims["signing"][0]["jwk"]
    licence = stock_client.decoded((FROZEN / "licence-active.jws").read_text().strip(), key)
    assert (licence["iss"], licence["customer"]["name"]) == (agent.trust.claims["iss"], "فولاد پارس")
    document = (FROZEN / "activation-request.jws").read_text().strip()
    jwk = jwt.get_unverified_header(document)["jwk"]
    request = stock_client.decoded(document, jwk)
    assert stock_client.thumbprint(jwk) == request["iss"] == licence["cnf"]["jkt"]


def test_a_server_restored_from_a_backup_is_told_by_its_agents(tmp_path: Path) -> None:
    """The backup knows neither activation nor licence: the agent's evidence brings both back."""
    vendor = Vendor(tmp_path / "home")
    vendor.run("licence-server", "backup", str(tmp_path / "backup"))
    vendor.start()
    agent, issued = vendor.agent(), vendor.issue()
    agent.activate(issued["code"])
    agent.validate()
    vendor.stop()
    vendor.run("licence-server", "restore", str(tmp_path / "backup"))
    vendor.start()
    try:
        agent.url = vendor.url
        assert (agent.validate()["seq"], agent.licence and agent.licence["sub"]) == (3, issued["id"])
        assert vendor.run("licence-server", "licence", "show", issued["id"])["state"] == "recovered"
    finally:
        vendor.stop()
