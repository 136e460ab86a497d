"""Many at one moment: exactly one wins, on SQLite and on PostgreSQL, in threads and in processes (threat 25)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import MultipleResultsFound

from keys.documents.licence import Licence as Document
from keys.errors import CodeUsedError, StateConflictError, UnavailableError
from keys.signing import SoftwareSigner
from licence_server.domain.customer import NewCustomer
from licence_server.storage.engine import Database
from licence_server.storage.migrate import upgrade
from licence_server.storage.tables import activations, customers
from tests.contract.racing import Racetrack, at_once, race_processes
from tests.fakes import MemoryDesk, TurnableClock
from tests.licence_server.backups import Backup
from tests.licence_server.device import Device
from tests.licence_server.vendor import ME, Vendor
from tests.threats.plugin import Figure

SERVERS = 64
ROUNDS = [10, pytest.param(50, marks=pytest.mark.long)]
PROCESSES = 4


@pytest.fixture
def vendor(database_url: str) -> Iterator[Vendor]:
    upgrade(database_url)
    desk = MemoryDesk()
    database = Database(database_url, desk, pool_size=SERVERS)
    yield Vendor.over(database, desk, TurnableClock())
    database.close()


def race(vendor: Vendor, code: str, *strange: type[Exception]) -> list[Any]:
    """Let 64 servers present one code at once."""
    requests = [Device(vendor).activation_request(code) for _ in range(SERVERS)]
    return at_once([partial(vendor.activating.activate, request) for request in requests], *strange)


def bound(vendor: Vendor) -> dict[str, int]:
    """How many activations each licence has."""
    count = select(activations.c.licence_id, func.count().label("number")).group_by(activations.c.licence_id)
    with vendor.database.engine.connect() as connection:
        return {row.licence_id: row.number for row in connection.execute(count)}


@pytest.mark.threat(25)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("times", ROUNDS)
def test_of_64_servers_that_present_one_code_exactly_one_wins(vendor: Vendor, times: int, figure: Figure) -> None:
    track = Racetrack(SERVERS)
    racing = Vendor.over(vendor.database, vendor.desk, vendor.clock, track.careful(vendor.database))
    customer = vendor.customer()
    for _ in range(times):
        track.next_round()
        licence, code = vendor.sell(customer.id)
        answers = race(racing, code)
        assert Counter(type(answer) for answer in answers) == {bytes: 1, CodeUsedError: SERVERS - 1}
        assert bound(vendor)[licence.id] == 1
    assert vendor.auditing.verify().valid
    figure(f"{SERVERS} at once in {times} rounds, {vendor.database.engine.dialect.name}: one winner each")


@pytest.mark.threat(25)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("times", ROUNDS)
def test_of_64_servers_in_4_processes_exactly_one_wins(database_url: str, times: int) -> None:
    upgrade(database_url)
    signer = SoftwareSigner.generate()
    desk = MemoryDesk(signer=signer)
    database = Database(database_url, desk)
    vendor = Vendor.over(database, desk, TurnableClock())
    customer = vendor.customer()
    codes = [vendor.sell(customer.id)[1] for _ in range(times)]
    key = signer.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    told = race_processes(database_url, key, codes, PROCESSES, SERVERS // PROCESSES)
    for by_code in zip(*told, strict=True):
        assert Counter(by_code) == {"won": 1, "code-used": SERVERS - 1}
    assert set(bound(vendor).values()) == {1}
    assert len(bound(vendor)) == times
    assert vendor.auditing.verify().valid
    database.close()


@contextmanager
def careless(vendor: Vendor) -> Iterator[Vendor]:
    """The same services over units that begin by the library's default and lock nothing."""
    engine = create_engine(vendor.database.engine.url, pool_size=SERVERS)
    units = Racetrack(SERVERS).careless(engine, vendor.desk)
    yield Vendor.over(vendor.database, vendor.desk, vendor.clock, units)
    engine.dispose()


@pytest.mark.threat(25, control=True)
def test_units_that_lock_nothing_give_the_code_to_several(vendor: Vendor) -> None:
    """A negative control: the test above can see what it looks for. Who comes last may even meet two winners."""
    with vendor.database.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_activations_one_live"))
    _, code = vendor.sell()
    with careless(vendor) as naive:
        answers = race(naive, code, MultipleResultsFound)
    assert sum(isinstance(answer, bytes) for answer in answers) > 1


def test_even_then_the_database_itself_lets_one_win(vendor: Vendor) -> None:
    """T4 once more, by the index, whatever the code above does."""
    licence, code = vendor.sell()
    with careless(vendor) as naive:
        answers = race(naive, code)
    assert sum(isinstance(answer, bytes) for answer in answers) == 1
    assert bound(vendor) == {licence.id: 1}


@pytest.mark.threat(15)
def test_one_request_sent_by_many_at_once_has_one_answer(vendor: Vendor) -> None:
    device = Device(vendor)
    _, code = vendor.sell()
    first = device.activation_request(code)
    answers = at_once([partial(vendor.activating.activate, first)] * 32)
    assert len(set(answers)) == 1
    device.take(answers[0])
    for seq in range(2, 7):
        request = device.request()
        answers = at_once([partial(vendor.validating.validate, request)] * 16)
        assert len(set(answers)) == 1
        assert device.take(answers[0]).seq == seq
    assert vendor.auditing.verify().valid


def test_copies_that_validate_at_once_make_one_chain(vendor: Vendor) -> None:
    device = Device(vendor)
    _, code = vendor.sell()
    device.activate(code)
    requests = [device.copy().request() for _ in range(16)]
    answers = at_once([partial(vendor.validating.validate, request) for request in requests])
    documents: list[Document] = [vendor.opened(answer) for answer in answers]
    assert sorted(document.seq for document in documents) == list(range(2, 18))
    assert vendor.auditing.verify().valid


def test_a_rehost_code_and_the_old_server_s_validations_at_once(vendor: Vendor) -> None:
    old, others = Device(vendor), [Device(vendor) for _ in range(15)]
    licence, code = vendor.sell()
    old.activate(code)
    code = vendor.moving.rehost(licence.id, "new server", ME)
    calls = [partial(device.activate, code) for device in others]
    answers = at_once([old.validate, *calls])
    assert answers[0].status in {"active", "superseded"}
    assert sum(isinstance(answer, Document) for answer in answers[1:]) == 1
    assert old.validate().status == "superseded"
    assert vendor.auditing.verify().valid


def test_one_national_id_is_registered_once(vendor: Vendor) -> None:
    new = NewCustomer("فولاد پارس", "10380284790")
    answers = at_once([partial(vendor.registering.add, new, ME)] * 16)
    assert Counter(isinstance(answer, StateConflictError) for answer in answers) == {False: 1, True: 15}
    with vendor.database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(customers)).scalar() == 1


@pytest.mark.threat(6)
def test_the_agents_of_a_lost_customer_come_back_all_at_once(vendor: Vendor) -> None:
    """Who meets another at the same row is told to come again, and is served then."""
    backup, customer = Backup.of(vendor.database.engine), vendor.customer()
    devices = [Device(vendor) for _ in range(12)]
    for device in devices:
        device.activate(vendor.sell(customer.id)[1])
    backup.restore(vendor.database.engine)
    waiting = devices
    for _ in range(len(devices)):
        answers = at_once([partial(device.validate, evidence=True) for device in waiting])
        assert {type(answer) for answer in answers} <= {Document, UnavailableError}
        waiting = [device for device, answer in zip(waiting, answers, strict=True) if not isinstance(answer, Document)]
        if not waiting:
            break
    assert not waiting
    assert set(bound(vendor).values()) == {1}
    assert vendor.auditing.verify().valid


@pytest.mark.threat(6)
def test_the_copies_of_a_lost_server_come_back_all_at_once(vendor: Vendor) -> None:
    backup = Backup.of(vendor.database.engine)
    device = Device(vendor)
    device.activate(vendor.sell()[1])
    backup.restore(vendor.database.engine)
    copies = [device.copy() for _ in range(12)]
    answers = at_once([partial(copy.validate, evidence=True) for copy in copies])
    assert {type(answer) for answer in answers} <= {Document, UnavailableError}
    assert any(isinstance(answer, Document) for answer in answers)
    assert device.validate(evidence=True).status in {"active", "suspended"}
    assert vendor.auditing.verify().valid
