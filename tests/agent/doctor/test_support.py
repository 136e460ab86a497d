"""What goes to the vendor's support tells of the site, and opens nothing."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from agent.doctor.checks import checks_of
from agent.doctor.support import LOG, SETTINGS, STATUS, bundle
from keys.checkup import examine
from tests.agent.cli.program import Program
from tests.agent.doctor.patient import HERE, HOST, Patient
from tests.agent.vendor import CODE, HARDWARE, Vendor

TOKEN = "Zk3v9mQhYx0bJ7tTn2sLw8cRf5gDa1eUoPiKjHyGfDs"
LINES = (
    {"at": "2027-01-15T08:00:00+00:00", "level": "warning", "event": "check", "check": "name", "said": "No DNS."},
    {"at": "2027-01-15T08:00:01+00:00", "level": "info", "event": "seat", "user": "sara.karimi", "token": TOKEN},
    {"at": "2027-01-15T08:00:02+00:00", "level": "error", "event": "odd", "detail": f"Bearer {TOKEN} and {CODE}"},
)


def opened(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {Path(name).name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def parts(patient: Patient, vendor: Vendor) -> dict[str, str]:
    patient.activate(vendor)
    (patient.home / "application.token").write_text(TOKEN)
    (patient.home / "agent.toml").write_text('administrator = "sara.karimi"\nttl = 90\n')
    patient.environment["HTTPS_PROXY"] = f"http://sara:s3cret@{HERE}:1"
    patient.services = "\n".join(["noise that is no JSON", "[1]", *map(json.dumps, LINES)])
    subject = patient.subject(f"https://{HOST}")
    status = {name: name for name in (*STATUS, "customer", "home")}
    return opened(bundle(subject, examine(checks_of(subject), subject), status))


@pytest.mark.threat(26)
def test_nothing_that_opens_anything_is_in_it(patient: Patient, parts: dict[str, str]) -> None:
    everything = "\n".join(parts.values())
    keys = [path.read_text().splitlines()[1] for path in patient.home.glob("keys/*.pem")]
    assert keys
    documents = [(patient.home / name).read_text() for name in ("licence.jws", "trust.json")]
    digests = json.loads((patient.home / "hardware.json").read_text())["components"]
    secrets = [*keys, *documents, TOKEN, CODE, "s3cret", "sara.karimi", *HARDWARE.values()]
    secrets += [component["digest"] for component in digests]
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.threat(26)
@pytest.mark.parametrize("password", ["s3%2Fkret", "s3/@?#: kret"])
@pytest.mark.parametrize("place", ["HTTPS_PROXY", "ALL_PROXY", "AUTO_PROXY", "server", "file", "log"])
def test_no_password_is_in_it_wherever_and_however_it_was_written(
    patient: Patient, vendor: Vendor, password: str, place: str
) -> None:
    address = f"http://sara:{password}@{HERE}:1"
    patient.activate(vendor)
    patient.refusal = TimeoutError()
    match place:
        case "server":
            patient.settings = replace(patient.settings, server=address)
        case "file":
            patient.write("etc/environment", f'HTTPS_PROXY="{address}"\n')
        case "log":
            patient.services = json.dumps(dict.fromkeys(LOG, f"asked {address}/agent in vain"))
        case _:
            patient.environment[place] = address
    subject = patient.subject()
    said = "\n".join(opened(bundle(subject, examine(checks_of(subject), subject), {})).values())
    assert "kret" not in said


@pytest.mark.threat(26)
@pytest.mark.parametrize("between", ["-", "", " ", "\u2010", "\u2013"])
def test_no_code_is_in_it_however_it_was_typed(patient: Patient, between: str) -> None:
    code = CODE.replace("-", between)
    patient.services = "\n".join(
        json.dumps({"event": f"typed {each}."}, ensure_ascii=False) for each in (code, code.lower())
    )
    subject = patient.subject()
    said = "\n".join(opened(bundle(subject, [], {})).values())
    assert code not in said
    assert said.count("(left out)") == 2


def test_only_what_is_on_the_lists_is_in_it(parts: dict[str, str]) -> None:
    assert set(json.loads(parts["status.json"])) == set(STATUS)
    assert set(json.loads(parts["settings.json"])) == set(SETTINGS)
    lines = [json.loads(line) for line in parts["log.jsonl"].splitlines()]
    assert [line["event"] for line in lines] == ["check", "seat", "odd"]
    assert {name for line in lines for name in line} <= set(LOG)


def test_what_support_asks_first_is_in_it(parts: dict[str, str]) -> None:
    found = {each["check"]: each["word"] for each in json.loads(parts["findings.json"])}
    assert found["proxy"] == "proxy-dead"
    versions = json.loads(parts["versions.json"])
    assert versions["libraries"]["requests"]
    names = {each["name"]: each["mode"] for each in json.loads(parts["files.json"])}
    assert names["licence.jws"].endswith("600")
    assert parts["README.txt"].startswith("What is in this file")


def test_the_command_writes_it_for_its_owner_alone(tmp_path: Path) -> None:
    program = Program(tmp_path / "one")
    said = program.json("support", "-o", str(tmp_path / "support.zip"))
    file = Path(said["file"])
    assert (file.stat().st_mode & 0o777, said["bytes"]) == (0o600, file.stat().st_size)
    assert "licence" in {each["check"] for each in json.loads(opened(file.read_bytes())["findings.json"])}
    assert "before you send it" in program("support", "-o", str(file)).stdout
