"""The awkward server's rules: which request meets what, what a home can do, and where it refuses to run."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest

from keys.ceremony import rotated, signed
from keys.errors import StateConflictError
from keys.keyfolder import KeyFolder
from keys.signing import SoftwareSigner
from keys.trust import MOST_KEYS
from licence_server.web.awkward.cards import cards
from licence_server.web.awkward.deck import PLAIN, Deck, dealt
from licence_server.web.awkward.past import Past
from licence_server.web.awkward.rehearsal import check_rehearsal
from tests.contract.serving import Premises
from tests.contract.test_awkward import NAMES, TRUST
from tests.licence_server.office import Home


def test_a_deck_has_every_awkwardness_once_and_as_many_plain_answers() -> None:
    first = Counter(islice(dealt(NAMES, 7), 2 * len(NAMES)))
    assert first == Counter(NAMES) + Counter({PLAIN: len(NAMES)})


def test_a_seed_repeats_and_another_differs() -> None:
    first, again, other = (list(islice(dealt(NAMES, seed), 500)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_card_waits_for_a_request_that_it_fits() -> None:
    deck = Deck(["trust-only", "any"], 1)
    drawn = Counter(deck.draw(lambda name: name == "any") for _ in range(300))
    assert drawn["trust-only"] == 0
    assert drawn["any"] >= 60
    assert deck.draw(lambda _: True) == "trust-only"
    assert Deck(["never"], 1).draw(lambda _: False) == PLAIN


def test_without_its_roots_it_leaves_trust_alone(founded: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").copied_from(founded)
    for root in (home.path / "keys" / "root").iterdir():
        root.unlink()
    known = cards(Past(), KeyFolder.of_home(home.path, {}), home.clock)
    assert set(NAMES) - set(known) == set(TRUST)


def test_keys_stop_rotating_before_the_oldest_would_fall_out(premises: Premises) -> None:
    folder, now = KeyFolder.of_home(premises.home.path, {}), premises.home.clock.now()
    trust, exchange = folder.trust(), cast("Any", None)
    for _ in range(MOST_KEYS - 2):
        trust = rotated(trust, (last := SoftwareSigner.generate()).key, now)
    folder.add_signing_key(last)
    folder.install(signed(trust, folder.roots(trust.roots)))
    rotating = cards(Past(), folder, premises.home.clock)["key-rotated"]
    assert rotating.suits(exchange)
    premises.keys().rotate()
    assert not rotating.suits(exchange)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:7410",
        "http://localhost:7410",
        "http://[::1]:7410",
        "https://licences.test",
        "https://vendor.example",
        "https://licences.example.com",
    ],
)
def test_it_runs_under_names_that_nobody_owns(issuer: str) -> None:
    check_rehearsal(issuer, "sqlite:////tmp/licences.sqlite3")


@pytest.mark.parametrize(
    "issuer",
    [
        "https://licences.owj.ir",
        "https://example.com.owj.ir",
        "https://notexample.com",
        "https://test.owj.ir",
        "https://10.0.0.1",
    ],
)
def test_it_refuses_names_that_real_licences_carry(issuer: str) -> None:
    with pytest.raises(StateConflictError, match="real licences"):
        check_rehearsal(issuer, "sqlite:////tmp/licences.sqlite3")


def test_it_refuses_a_database_that_others_may_share() -> None:
    with pytest.raises(StateConflictError, match="another server"):
        check_rehearsal("https://licences.test", "postgresql+psycopg://licences@db/licences")


@pytest.mark.parametrize("words", [(), ("1234",)])
def test_the_command_refuses_it_in_production_before_anything_listens(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = Home(tmp_path / "home")
    home.founding().found("https://licences.owj.ir", None, "cli:tests")
    result = home.type("run", "--port", "0", "--awkward", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "state-conflict: --awkward is for trying agents out" in result.stderr


def test_it_is_one_process(founded: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").copied_from(founded)
    result = home.type("run", "--awkward", "--workers", "2")
    assert result.exit_code == 2
    assert "--workers" in result.stderr
