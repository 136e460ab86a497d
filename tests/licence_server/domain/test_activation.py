"""An activation follows hardware that is exchanged bit by bit, as far as the budget of a year goes."""

from dataclasses import replace
from typing import Any

import pytest

from keys.fingerprint import COMPONENTS, compare, digests
from licence_server.domain.activation import (
    DRIFT_PERIOD,
    Activation,
    Answer,
    DeviceKey,
    Drift,
    Suspicion,
    binding_digest,
)
from licence_server.domain.chain import Chain, Displaced, Surrounding, Visit
from tests.licence_server.samples import DAY, HOST, ISSUER, NOW, activation

WHOLE = digests({name: f"{name} of the machine" for name in COMPONENTS}, ISSUER)


def seen(**exchanged: str) -> dict[str, str]:
    return WHOLE | digests(exchanged, ISSUER)


def follow(before: Activation, components: dict[str, str], now: int = NOW) -> tuple[Activation, bool]:
    return before.followed(components, compare(before.components, components, 60), now)


@pytest.mark.threat(7)
@pytest.mark.parametrize(
    ("exchanged", "cost", "enrolled"),
    [
        (("cpu",), 5, True),
        (("mac", "disk_serial", "board_serial"), 40, True),
        (("tpm_ek",), 40, True),
        (("tpm_ek", "cpu"), 45, False),
        (("machine_id", "board_serial"), 40, True),
        (("product_uuid", "disk_serial"), 45, False),
    ],
)
def test_at_most_a_weight_of_40_is_exchanged_in_a_year(exchanged, cost: int, enrolled: bool) -> None:
    new = seen(**dict.fromkeys(exchanged, "a spare part"))
    after, followed = follow(activation(components=WHOLE), new)
    assert followed is enrolled
    assert after.components == (new if enrolled else WHOLE)
    assert after.drifts == ((Drift(NOW, cost),) if enrolled else ())


@pytest.mark.threat(7)
def test_the_budget_is_the_sum_of_365_days() -> None:
    after, _ = follow(activation(components=WHOLE), seen(product_uuid="spare"))
    for at, enrolled in ((NOW + DAY, False), (NOW + DRIFT_PERIOD - 1, False), (NOW + DRIFT_PERIOD, True)):
        assert follow(after, seen(product_uuid="spare", board_serial="spare"), at)[1] is enrolled
    assert follow(after, seen(product_uuid="spare"), NOW + DRIFT_PERIOD) == (replace(after, drifts=()), False)
    later, _ = follow(after, seen(product_uuid="spare", mac="spare"), NOW + DAY)
    assert later.drifts == (Drift(NOW, 30), Drift(NOW + DAY, 10))


@pytest.mark.threat(7)
def test_a_ship_of_theseus_does_not_reach_the_other_shore() -> None:
    """One component a month towards another machine: the match breaks before the machine is another."""
    ship, new = activation(components=WHOLE), {}
    for month, name in enumerate(("cpu", "mac", "disk_serial", "board_serial", "machine_id", "product_uuid", "tpm_ek")):
        new[name] = "of the other machine"
        match = compare(ship.components, seen(**new), 60)
        if not match.fits:
            break
        ship, _ = ship.followed(seen(**new), match, NOW + month * 30 * DAY)
    assert set(new) <= {"cpu", "mac", "disk_serial", "board_serial", "machine_id", "product_uuid"}
    assert not compare(ship.components, seen(**dict.fromkeys(WHOLE, "of the other machine")), 60).fits


def test_what_is_missing_stays_enrolled_and_costs_nothing() -> None:
    without = {name: value for name, value in WHOLE.items() if name != "cpu"}
    assert follow(activation(components=WHOLE), without) == (activation(components=WHOLE), False)


def test_what_is_new_is_enrolled_at_its_weight() -> None:
    without = {name: value for name, value in WHOLE.items() if name != "mac"}
    after, followed = follow(activation(components=without), WHOLE)
    assert (followed, after.components, after.drifts) == (True, WHOLE, (Drift(NOW, 10),))


def test_an_answer_makes_the_document_the_head() -> None:
    host = replace(HOST, agent="0.2.0")
    after = activation().answered("req_2", "doc_2", b"second", host, NOW)
    assert (after.chain.head, after.chain.seq, after.seen_at, after.host) == ("doc_2", 2, NOW, host)
    assert (after.last.request_id, after.last.document, after.first.document) == ("req_2", "second", "first")


def test_the_digest_shows_every_change_of_what_binds_a_licence() -> None:
    chains = [
        Chain("doc_2", 1),
        Chain("doc_1", 2),
        Chain("doc_1", 1, anchored=False),
        Chain("doc_1", 1, switches=(NOW,)),
        Chain("doc_1", 1, displaced=(Displaced("doc_0", "return", NOW),)),
        Chain("doc_1", 1, visits=(Visit("boot", 1, NOW),)),
        Chain("doc_1", 1, surroundings=(Surrounding("boot", NOW),)),
    ]
    changed: list[dict[str, Any]] = [
        {"id": "act_2"}, {"licence_id": "lic_2"}, {"device_key": "other"}, {"jwk": {}}, {"binding": "superseded"},
        {"activated_at": 1}, {"components": {}}, {"drifts": (Drift(NOW, 1),)}, {"first": Answer("req_1", "other")},
        {"last": Answer("req_2", "first")},
        {"suspicion": Suspicion("clone_suspected", NOW)}, {"moved": DeviceKey("tpm", {"kty": "EC"})},
        *({"chain": chain} for chain in chains),
    ]  # fmt: skip
    digests = {binding_digest(activation(**each)) for each in changed} | {binding_digest(activation())}
    assert len(digests) == len(changed) + 1
    # What people merely look at may differ from the record.
    looked_at = {"host", "seen_at", "days", "refused_at", "overdraft_at"}
    assert {name for each in changed for name in each} == set(Activation.__dataclass_fields__) - looked_at


MOVED = DeviceKey("tpm", {"kty": "EC"})
DISPLACED = Chain("doc_1", 1, displaced=(Displaced("doc_0", "return", NOW - 3 * DAY),))


@pytest.mark.parametrize(
    ("changes", "previous", "now", "lets"),
    [
        ({}, "doc_1", NOW, True),
        ({}, "doc_0", NOW, False),
        ({"moved": MOVED}, "doc_1", NOW, False),
        ({"jwk": MOVED.jwk}, "doc_1", NOW, False),
        ({"binding": "superseded"}, "doc_1", NOW, False),
        ({"suspicion": Suspicion("state_rolled_back", NOW)}, "doc_1", NOW, False),
        ({"chain": DISPLACED}, "doc_1", NOW - 1, False),
        ({"chain": DISPLACED}, "doc_1", NOW, True),
    ],
)
def test_a_key_moves_once_and_only_where_nothing_looks_like_two(changes, previous: str, now: int, lets: bool) -> None:
    assert activation(**changes).lets_move(previous, DAY, now) is lets


def test_an_activation_has_the_key_that_it_was_made_with_and_the_one_that_took_its_place() -> None:
    both = activation(moved=MOVED)
    assert [both.jwk_of(kid) for kid in ("device-key", "tpm", "another")] == [both.jwk, MOVED.jwk, None]
    assert activation().jwk_of("tpm") is None
