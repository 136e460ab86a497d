"""A TPM that the device key moved into is enrolled for nothing, once; and nobody gains a second change by it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.fingerprint import COMPONENTS, compare, digests, weight
from licence_server.domain.activation import DRIFT_PERIOD, DRIFT_WEIGHT, Activation, DeviceKey, Drift
from tests.licence_server.samples import DAY, ISSUER, NOW, activation

WHOLE = digests({name: f"{name} of the machine" for name in COMPONENTS}, ISSUER)
TPM, OTHER = WHOLE["tpm_ek"], digests({"tpm_ek": "another"}, ISSUER)["tpm_ek"]
BARE = {name: value for name, value in WHOLE.items() if name != "tpm_ek"}
FILE, KEY = {"kty": "OKP"}, {"kty": "EC"}
MOVED = DeviceKey("moved", KEY)


@pytest.mark.parametrize(
    ("before", "seen", "kid", "enrolled"),
    [
        pytest.param(activation(components=BARE, moved=MOVED), WHOLE, "moved", TPM, id="moved"),
        pytest.param(activation(components=BARE, jwk=KEY), WHOLE, "device-key", TPM, id="activated in it, read later"),
        pytest.param(activation(components=BARE, moved=MOVED), BARE, "moved", None, id="not to be read yet"),
        pytest.param(activation(components=BARE), WHOLE, "device-key", None, id="a key in a file"),
        pytest.param(activation(components=BARE, moved=MOVED), WHOLE, "device-key", None, id="the key from before"),
        pytest.param(activation(components=BARE, moved=MOVED), WHOLE, "another", None, id="nobody's key"),
        pytest.param(activation(components=WHOLE, moved=MOVED), {"tpm_ek": OTHER}, "moved", TPM, id="enrolled already"),
    ],
)
def test_a_tpm_is_enrolled_beside_a_key_that_lives_in_it(before: Activation, seen, kid: str, enrolled) -> None:
    after = before.settled(seen, kid)
    assert after.components.get("tpm_ek") == enrolled
    assert replace(after, components=before.components) == before, "no budget is used, and nothing else changes"


@pytest.mark.threat(7)
def test_another_tpm_costs_what_it_weighs() -> None:
    before = activation(components=BARE, moved=MOVED).settled(WHOLE, "moved")
    seen = {**WHOLE, "tpm_ek": OTHER}
    assert before.settled(BARE, "moved").settled(seen, "moved") == before, "left out in between"
    after, followed = before.followed(seen, compare(before.components, seen, 60), NOW)
    assert (followed, after.drifts) == (True, (Drift(NOW, 40),))


@pytest.mark.parametrize(
    ("moved", "kid", "counts"),
    [(None, "device-key", True), (MOVED, "moved", True), (MOVED, "device-key", False)],
)
def test_a_backup_from_before_the_move_is_recognised_without_the_tpm(moved, kid: str, counts: bool) -> None:
    counting = activation(moved=moved).counting(WHOLE, kid)
    assert counting == (WHOLE if counts else BARE)


STEP = st.tuples(
    st.sampled_from(["device-key", "moved"]),
    st.dictionaries(st.sampled_from(sorted(COMPONENTS)), st.sampled_from("abc")),
    st.integers(0, 120),
)


@pytest.mark.threat(7)
@given(
    st.sampled_from([FILE, KEY]),
    st.dictionaries(st.sampled_from(sorted(COMPONENTS)), st.sampled_from("abc"), min_size=1),
    st.lists(STEP, max_size=12),
)
def test_whatever_is_named_and_left_out_no_more_than_the_budget_changes_in_a_year(jwk, enrolled, steps) -> None:
    """Beside one TPM that was first named; the rest is counted here again, without the rule's own notes."""
    now, first, changes = NOW, 0, []
    bound = activation(jwk=jwk, components=enrolled, moved=MOVED if jwk == FILE else None)
    for kid, seen, days in steps:
        now += days * DAY
        before = bound.components
        settled = bound.settled(seen, kid)
        counted = settled.counting(seen, kid)
        match = compare(settled.counting(settled.components, kid), counted, 60)
        bound, _ = settled.followed(counted, match, now)
        assert set(before) <= set(bound.components), "what was enrolled stays"
        fresh = [name for name, value in bound.components.items() if before.get(name) != value]
        free = settled.components != before
        first += free
        changes.append((now, weight(fresh) - (COMPONENTS["tpm_ek"].weight if free else 0)))
        assert sum(cost for at, cost in changes if at > now - DRIFT_PERIOD) <= DRIFT_WEIGHT
    assert first <= 1
