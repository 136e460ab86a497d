"""What the daemon's local API shows of the agent's papers is what lies in its home, and can be verified by itself."""

import json
import resource

import psutil

from agent.store.home import Home
from keys.documents.licence import open_licence
from keys.trust import pin_trust
from tests.agent.cli.program import Program
from tests.agent.cli.test_daemon import ask
from tests.faults.oddserver import OddServer, plain


def test_a_crm_can_verify_the_licence_and_learns_how_the_last_validation_went(
    activated: Program, server: OddServer
) -> None:
    home = Home(activated.home)
    (activated.home / "agent.toml").write_text('trusted_proxies = ["10.0.0.5/32"]\nidle = 600\n')
    with activated.running() as daemon:
        page = json.loads(ask(activated, daemon, "GET", "/v1/licence")[1])
        assert page["trust"] == home.trust.read_text()
        licence = open_licence(page["document"].encode(), pin_trust(page["trust"].encode()))
        assert (page["licence"], page["last_validated_at"]) == (licence.licence_id, licence.issued_at)
        assert page["last_failure"] is None
        server.answer = plain(500)
        assert activated("validate").exit_code == 3
        page = json.loads(ask(activated, daemon, "GET", "/v1/licence")[1])
        assert page["last_failure"].endswith(".")
        assert page["last_validated_at"] == licence.issued_at


def test_it_may_hold_as_many_files_as_there_may_be_callers(program: Program) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, before[1]), before[1]))
    try:
        with program.running() as daemon:
            soft, _ = psutil.Process(daemon.process.pid).rlimit(psutil.RLIMIT_NOFILE)
            assert soft == min(4096, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
