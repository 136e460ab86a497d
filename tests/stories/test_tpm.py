"""Both programs as processes, and a TPM 2.0: the key lives in it, moves into it, and a copy without it is dead."""

import shutil
from pathlib import Path

import pytest

from tests.stories.parties import Customer, Vendor, customer, vendor
from tests.tpm import software_tpm

pytestmark = pytest.mark.long


def settle(home: Path, tcti: str, device_key: str = "auto") -> None:
    """Write the agent's settings."""
    home.mkdir(exist_ok=True)
    (home / "agent.toml").write_text(f'device_key = "{device_key}"\ntpm = "{tcti}"\n')


def activated(agent: Customer, selling: Vendor, where: str) -> str:
    """Activate; return the licence."""
    licence, code = selling.issue()
    agent.activate(code, where, selling.home / "root.json")
    return licence


def place(agent: Customer) -> str:
    return str(agent.run("status")["device_key"]["place"])


def keys(agent: Customer) -> list[str]:
    return sorted(path.suffix for path in (agent.home / "keys").iterdir())


def copy_home(agent: Customer, thief: Customer) -> None:
    shutil.copytree(agent.home, thief.home, ignore=shutil.ignore_patterns("agent.sock"))


@pytest.mark.threat(1)
def test_a_key_in_a_tpm_from_the_activation_on(folder: Path) -> None:
    with software_tpm(folder / "tpm") as tcti, vendor(folder) as selling, customer(folder) as agent:
        where = selling.start()
        settle(agent.home, tcti)
        licence = activated(agent, selling, where)
        assert (place(agent), keys(agent)) == ("vtpm", [".tpm"])
        told = selling.run("licence", "show", licence)["activation"]
        assert (told["host"]["key"], "tpm_ek" in told["components"]) == ("vtpm", True)
        assert agent.run("validate")["mode"] == "full"
        agent.start()
        agent.cradle.kill()
        agent.start()
        assert agent.run("status")["mode"] == "full"
        agent.cradle.kill()

        with software_tpm(folder / "another") as other, customer(folder / "elsewhere") as thief:
            copy_home(agent, thief)
            settle(thief.home, other)
            assert (thief.run("status")["mode"], thief.run("status")["reason"]) == ("blocked", "key_missing")
            assert "another TPM" in thief.refused("validate")
            settle(thief.home, tcti)
            assert thief.run("status")["mode"] == "full", "the control: it was the TPM that was missing"


@pytest.mark.threat(1)
def test_a_key_moves_from_its_file_into_the_tpm(folder: Path) -> None:
    with software_tpm(folder / "tpm") as tcti, vendor(folder) as selling, customer(folder) as agent:
        where = selling.start()
        settle(agent.home, tcti, "file")
        licence = activated(agent, selling, where)
        before = selling.run("licence", "show", licence)["activation"]
        assert (place(agent), keys(agent)) == ("file", [".pem"])
        settle(agent.home, tcti, "tpm")
        assert agent.run("validate")["activation"] == before["id"]
        assert (place(agent), keys(agent)) == ("vtpm", [".tpm"])
        agent.start()
        assert agent.run("validate")["mode"] == "full"
        after = selling.run("licence", "show", licence)
        assert after["activation"]["moved_key"] != before["device_key"]
        assert [event["code"] for event in after["events"]].count("device_key_moved") == 1
        assert selling.run("audit", "verify")["valid"]
        agent.cradle.kill()

        with customer(folder / "elsewhere") as thief:
            copy_home(agent, thief)
            settle(thief.home, "device:/none")
            assert thief.run("status")["reason"] == "key_missing"
            assert "rehost" in thief.refused("validate")


def test_a_tpm_that_was_cleared_is_told_from_one_that_is_away(folder: Path) -> None:
    """And what is to be done; the licence moves to the same server by a rehost."""
    with vendor(folder) as selling, customer(folder) as agent:
        where = selling.start()
        with software_tpm(folder / "tpm") as tcti:
            settle(agent.home, tcti, "tpm")
            licence = activated(agent, selling, where)
        assert agent.run("status")["mode"] == "blocked"
        assert "The TPM refused tpm2_createprimary" in agent.refused("validate")
        with software_tpm(folder / "cleared") as tcti:
            settle(agent.home, tcti, "tpm")
            assert "cleared" in agent.refused("validate")
            code = selling.run("licence", "rehost", licence, "--reason", "the TPM was cleared")["code"]
            agent.run("activate", code, "--server", where, "--replace")
            assert (agent.run("status")["mode"], keys(agent)) == ("full", [".tpm"])
