"""The agent's home: what is damaged is said or rebuilt, and newer releases are respected."""

import json

import pytest

from agent.services.ports import Pending, State
from agent.store.home import Home
from agent.store.locks import hold, is_held
from agent.store.papers import Papers
from agent.store.state import States
from agent.store.tallies import Tallies
from agent.store.tokens import administrator_token, application_token
from keys.errors import BusyError, StateDamagedError

PENDING = Pending("validation", b"a.b.c", 5, "key", "https://l.example", "non_1", "doc_1")


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def test_the_home_is_its_owners_alone(home: Home) -> None:
    assert home.folder.stat().st_mode & 0o777 == 0o700
    home.folder.chmod(0o711)
    home.prepare()
    assert home.folder.stat().st_mode & 0o777 == 0o711
    States(home).write(State())
    assert home.state.stat().st_mode & 0o777 == 0o600


def test_state_comes_back_as_it_was(home: Home) -> None:
    assert States(home).read() == State()
    state = State("https://l.example", "2", "doc_1")
    States(home).write(state)
    assert States(home).read() == state


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version":"1"}', b"\xff\xfe", b'{"version":1}'])
def test_a_damaged_state_is_said_in_a_sentence(home: Home, content: bytes) -> None:
    home.state.write_bytes(content)
    with pytest.raises(StateDamagedError, match=r"state\.json is damaged.*remove it"):
        States(home).read()


def test_a_newer_releases_state_is_refused(home: Home) -> None:
    home.state.write_bytes(b'{"version":2}')
    with pytest.raises(StateDamagedError, match="newer release"):
        States(home).read()


def test_an_older_releases_state_is_brought_up_to_date(home: Home) -> None:
    States(home).write(State("https://l.example"))

    def step(content: dict[str, object]) -> dict[str, object]:
        return {**content, "terms_version": "7"}

    newer = States(home, {1: step}, version=2)
    assert newer.read().terms_version == "7"
    newer.write(newer.read())
    assert json.loads(home.state.read_bytes())["version"] == 2


def test_each_pending_request_waits_in_its_own_place(home: Home) -> None:
    papers = Papers(home)
    papers.keep_pending("validation", PENDING)
    assert papers.pending("activation") is None
    assert Papers(home).pending("validation") == PENDING
    papers.drop_pending("validation")
    assert papers.pending("validation") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\0" * 100, b'{"version":1,"document_id":5}'])
def test_what_can_be_rebuilt_counts_as_none_when_it_is_damaged(home: Home, content: bytes) -> None:
    for path in (home.ledger, home.hardware, home.progress):
        path.write_bytes(content)
    tallies = Tallies(home)
    assert (tallies.ledger(), tallies.memory(), tallies.progress()[1]) == (None, None, None)


def test_a_lock_keeps_others_out_and_dies_with_its_holder(home: Home) -> None:
    with hold(home.daemon_lock, "runs the agent"):
        assert is_held(home.daemon_lock)
        with pytest.raises(BusyError, match="runs the agent"), hold(home.daemon_lock, "runs the agent", 0.06):
            pass
    assert not is_held(home.daemon_lock)


def test_tokens_are_made_once_and_differ(home: Home) -> None:
    numbers = iter(range(10))

    def randomness(count: int) -> bytes:
        return bytes([next(numbers)]) * count

    application = application_token(home, randomness)
    assert application_token(home, randomness) == application
    assert administrator_token(home, randomness) != application
    assert home.application_token.stat().st_mode & 0o777 == 0o600
    home.application_token.write_text("\n")
    with pytest.raises(StateDamagedError, match="Remove it"):
        application_token(home, randomness)
