"""Backups: one moment of everything, back whole or not at all, on both databases."""

import hashlib
import json
import stat
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.errors import CodeExpiredError, CodeUsedError, NotSignedInError
from keys.identity import code_digest
from licence_server.domain.customer import NewCustomer
from licence_server.domain.licence import Order
from licence_server.domain.plan import Offer
from licence_server.storage.migrate import upgrade
from licence_server.storage.tables import metadata
from tests.licence_server.office import ISSUER, ME, Home, Office, ProblemError, device_at
from tests.licence_server.people import DESK, PASSWORD

SINCE_0005 = ("kind", "phone", "address", "language", "by_email", "by_sms", "note", "representatives", "search")


@pytest.fixture
def office(home: Home, database_url: str) -> Iterator[Office]:
    """A server over each database in turn."""
    home.environment["LICENCE_SERVER_DATABASE"] = database_url
    upgrade(database_url)
    office = Office.of(home)
    yield office
    office.close()


def refusal(office: Office, code: str) -> str:
    with pytest.raises(ProblemError) as problem:
        device_at(office).activate(code)
    return str(problem.value.word)


def test_a_restore_brings_back_what_was_and_voids_what_it_cant_know(home: Home, office: Office, tmp_path: Path) -> None:
    plan = office.server.planning.add(Offer("Standard", 3), ME)
    licence, used = office.sell(plan=plan.id)
    _, unused = office.sell(site="mashhad")
    device = device_at(office)
    device.activate(used)
    saved = home.ask("backup", tmp_path / "b.zip")
    assert saved["rows"]["licences"] == 2
    office.clock.advance(3600)
    later, lost = office.sell(site="tehran")
    office.server.suspending.suspend(licence.id, "payment_overdue", ME)
    assert device.validate().status == "suspended"

    assert home.ask("restore", tmp_path / "b.zip") == {
        "file": str(tmp_path / "b.zip"),
        "keys": False,
        "codes_void": 1,
    }
    assert {each["id"] for each in home.ask("licence", "list")} >= {licence.id}
    assert home.ask("licence", "show", licence.id)["plan"] == home.ask("plan", "list")[0]["id"] == plan.id
    assert later.id not in {each["id"] for each in home.ask("licence", "list")}
    assert home.ask("audit", "verify")["valid"]
    assert home.ask("audit", "list")[-1]["event"] == "backup_restored"
    assert [refusal(office, code) for code in (used, unused, lost)] == [
        CodeUsedError.word,
        CodeExpiredError.word,
        "code-unknown",
    ]


def test_a_restore_brings_people_and_tokens_back_and_signs_everybody_out(
    home: Home, office: Office, tmp_path: Path
) -> None:
    server = office.server
    welcome = server.enrolling.add("sara", "sales", ME)
    ends_at = office.clock.now() + 86_400
    lent = server.delegating.add("web shop", welcome.operator.id, ["licences.read"], ends_at, ME)
    pending = server.signing_in.begin("sara", welcome.password, DESK)
    home.ask("backup", tmp_path / "b.zip")
    server.enrolling.disable(welcome.operator.id, ME)
    home.ask("restore", tmp_path / "b.zip")
    assert server.enrolling.operator(welcome.operator.id) == welcome.operator
    assert server.authenticating.bearer(lent.text).name == "sara"
    with pytest.raises(NotSignedInError):
        server.signing_in.set_password(pending.token, PASSWORD, DESK)
    assert server.signing_in.begin("sara", welcome.password, DESK).step == "password"
    assert home.ask("audit", "verify")["valid"]


def test_an_agent_brings_back_what_the_backup_lacks(home: Home, office: Office, tmp_path: Path) -> None:
    home.ask("backup", tmp_path / "b.zip")
    office.clock.advance(3600)
    licence, code = office.sell()
    device = device_at(office)
    device.activate(code)
    home.ask("restore", tmp_path / "b.zip")
    office.clock.advance(86_400)
    with pytest.raises(ProblemError, match="evidence-required"):
        device.validate()
    assert device.validate(evidence=True).status == "active"
    assert [each["id"] for each in home.ask("licence", "list", "--state", "recovered")] == [licence.id]
    assert home.ask("licence", "confirm", licence.id)["state"] == "active"


def test_a_backup_while_others_write_is_of_one_moment(home: Home, office: Office, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            office.sell()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for number in range(5):
        home.ask("backup", tmp_path / f"{number}.zip")
    stop.set()
    for writer in writers:
        writer.join()
    home.ask("restore", tmp_path / "3.zip")
    assert home.ask("audit", "verify")["valid"]


def test_a_backup_into_an_empty_home_of_another_machine(home: Home, tmp_path: Path) -> None:
    licence = home.ask("customer", "add", "Pars")
    result = home.type("backup", tmp_path / "b.zip")
    assert "passphrase is not in it" in result.stderr
    other = Home(tmp_path / "other", home.clock)
    for _ in range(2):
        refused = other.type("restore", tmp_path / "b.zip")
        assert "no passphrase was given. Nothing was changed. Copy the backup's passphrase to" in refused.stderr
        assert not other.path.exists()
    other.path.mkdir(mode=0o700)
    (other.path / "passphrase").write_bytes((home.path / "passphrase").read_bytes())
    (other.path / "passphrase").chmod(0o600)
    assert other.ask("restore", tmp_path / "b.zip")["codes_void"] == 0
    assert other.ask("customer", "list") == [licence]
    assert other.config.issuer == ISSUER
    for path in other.path.rglob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_with_its_passphrase_a_backup_is_enough(home: Home, tmp_path: Path) -> None:
    home.ask("backup", tmp_path / "b.zip", "--with-passphrase")
    other = Home(tmp_path / "other", home.clock)
    assert other.ask("restore", tmp_path / "b.zip")["keys"]
    other.server().checking.check()
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_no_secret_is_in_a_backup(home: Home, office: Office, tmp_path: Path) -> None:
    _, code = office.sell()
    home.ask("backup", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert code.encode() not in everything
    assert code_digest(code).encode() in everything
    assert (home.path / "passphrase").read_bytes().strip() not in everything
    assert b"BEGIN PRIVATE KEY" not in everything


def rewritten(source: Path, target: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return target


def without(source: Path, name: str, columns: tuple[str, ...]) -> Path:
    """The same backup with fewer columns in one table, as the manifest says too."""
    member = f"tables/{name}.jsonl"
    with zipfile.ZipFile(source) as archive:
        members = json.loads(archive.read("manifest.json"))["members"]
        heads, *rows = [json.loads(line) for line in archive.read(member).splitlines()]
    kept = [place for place, head in enumerate(heads) if head not in columns]
    content = b"".join(json.dumps([row[place] for place in kept]).encode() + b"\n" for row in (heads, *rows))
    members[member] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    target = source.with_name(f"{name}.zip")
    return changed_manifest(rewritten(source, target, member, content), target.with_suffix(".sealed"), members=members)


def changed_manifest(source: Path, target: Path, **changes: object) -> Path:
    with zipfile.ZipFile(source) as old:
        manifest = json.loads(old.read("manifest.json"))
    return rewritten(source, target, "manifest.json", json.dumps({**manifest, **changes}).encode())


def test_a_damaged_backup_changes_nothing(home: Home, tmp_path: Path) -> None:
    home.ask("customer", "add", "Pars")
    home.ask("backup", tmp_path / "b.zip")
    before = home.ask("audit", "list")
    whole, bad = (tmp_path / "b.zip").read_bytes(), tmp_path / "bad.zip"
    for place in range(0, len(whole), len(whole) // 40):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        result = home.type("restore", bad)
        assert "internal error" not in result.stderr
        if result.exit_code == 0:  # a byte that nothing depends on, such as a time in the ZIP's directory
            before = home.ask("audit", "list")
        assert home.ask("audit", "list") == before
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:length])
        assert home.type("restore", bad).exit_code == 1
    assert home.ask("audit", "list") == before


WRONG: dict[str, dict[str, object]] = {
    "newer version": {"format": 2},
    "of a newer version": {"revision": "9999"},
    "which version": {"revision": None},
    "has no keys": {"members": {}},
    "no backup": {"members": [1]},
}


@pytest.mark.parametrize("word", WRONG)
def test_what_no_backup_of_ours_says(home: Home, tmp_path: Path, word: str) -> None:
    home.ask("backup", tmp_path / "b.zip")
    result = home.type("restore", changed_manifest(tmp_path / "b.zip", tmp_path / "bad.zip", **WRONG[word]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert word in result.stderr


def test_a_table_that_was_exchanged_is_named(home: Home, tmp_path: Path) -> None:
    home.ask("backup", tmp_path / "b.zip")
    result = home.type("restore", rewritten(tmp_path / "b.zip", tmp_path / "bad.zip", "tables/audit.jsonl", b"[]"))
    assert "tables/audit.jsonl is not as it was written" in result.stderr


def test_a_backup_of_another_issuer(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other", home.clock)
    other.founding().found("https://other.example.com", None, ME)
    other.ask("backup", tmp_path / "b.zip")
    result = home.type("restore", tmp_path / "b.zip", "--force")
    assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "state-conflict")


def test_keys_are_replaced_by_force_alone(home: Home, tmp_path: Path) -> None:
    home.ask("backup", tmp_path / "b.zip")
    with (home.path / "config.toml").open("a") as file:
        file.write("port = 1234\n")
    assert not home.ask("restore", tmp_path / "b.zip")["keys"]
    assert home.config.port == 1234
    assert home.ask("restore", tmp_path / "b.zip", "--force")["keys"]
    assert home.config.port == 7410


def test_tables_of_another_shape_are_made_anew(home: Home, office: Office, tmp_path: Path) -> None:
    office.server.registering.add(NewCustomer("Pars"), ME)
    home.ask("backup", tmp_path / "b.zip")
    with office.server.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION licences_keep_customer")
    home.ask("restore", tmp_path / "b.zip")
    assert [each["name"] for each in home.ask("customer", "list")] == ["Pars"]


def test_a_backup_of_an_earlier_release_comes_back(home: Home, office: Office, tmp_path: Path) -> None:
    """Made out of one of today: its tables as they were, without what was not known then."""
    customer = office.server.registering.add(NewCustomer("شركت فولاد"), ME)
    office.server.issuing.issue(Order(customer.id, users=3, site="كرمان"), ME)
    home.ask("backup", tmp_path / "b.zip")
    old = without(without(tmp_path / "b.zip", "customers", SINCE_0005), "licences", SINCE_0005)
    home.ask("restore", changed_manifest(old, tmp_path / "old.zip", revision="0003"))
    assert [each["id"] for each in home.ask("customer", "find", "شرکت فولاد")] == [customer.id]
    assert len(home.ask("customer", "find", "کرمان")) == 1
    assert home.ask("audit", "verify")["valid"]


def test_a_backup_that_can_not_be_written_leaves_nothing(home: Home, tmp_path: Path) -> None:
    (tmp_path / "b.zip").mkdir()
    assert home.type("backup", tmp_path / "b.zip").exit_code == 2
    (home.path / "licences.sqlite3").write_bytes(b"nonsense" * 1000)
    assert home.type("backup", tmp_path / "c.zip").exit_code == 1
    assert not list(tmp_path.glob("*c.zip*"))
