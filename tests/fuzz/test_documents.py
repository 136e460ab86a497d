"""Documents that are almost good, put to our verifier and to the second one: both refuse, or both read the same."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.material import (
    ACTIVATING,
    ACTIVATION,
    CLAIMS,
    DEVICE,
    LICENCE,
    NOW,
    ROOT_1,
    ROOT_2,
    TRUST,
    VALIDATING,
    VALIDATION,
    as_json,
    envelope,
    header,
    licence,
    trust,
)
from tests.conformance.material import SIGNING as KEY
from tests.conformance.ours import ours
from tests.conformance.run import Batch, Ended, outcome
from tests.contract import npm
from tests.fuzz.mutation import bitten, changed, respelt, signed

pytestmark = [pytest.mark.threat(16), pytest.mark.threat(17)]
WORDS = {"accepted", "malformed", "signature-invalid", "trust-refused", "licence-restricted", "too-large"}

EVIDENCE = {**VALIDATING, "held": licence(jti="doc_1", seq=1).decode()}
DOCUMENTS = {
    LICENCE: signed(header(LICENCE), CLAIMS, KEY),
    ACTIVATION: signed(header(ACTIVATION, DEVICE, introduce=True), ACTIVATING, DEVICE),
    VALIDATION: signed(header(VALIDATION, DEVICE), VALIDATING, DEVICE)
    | signed(header(VALIDATION, DEVICE, introduce=True), EVIDENCE, DEVICE),
}
DOCUMENTS["trust"] = st.one_of(
    bitten(trust(version=6)),
    st.builds(lambda payload: envelope(payload, ROOT_1, ROOT_2), respelt({**TRUST, "version": 6})),
    st.builds(as_json, changed(json.loads(trust(version=6)))),
    respelt(json.loads(trust(version=6))),
)


class Pair:
    """Two verifiers with a state each, asked the same."""

    def __init__(self, folder: Path, second: Batch) -> None:
        self.folder, self.second = folder, second
        (folder / "root").write_bytes(trust())
        (folder / "device").write_bytes(as_json(DEVICE.jwk))
        for each, ask in (("first", ours), ("second", second)):
            assert ask(["init", str(folder / each), str(folder / "root")]).exit == 0

    def ask(self, do: str, document: bytes, *more: str) -> tuple[Ended, Ended]:
        """Give both a document; a state that was updated is put back."""
        (self.folder / "file").write_bytes(document)
        found = []
        for each, verifier in (("first", ours), ("second", self.second)):
            state = self.folder / each
            found.append(verifier([do, str(state), *more[:1], str(self.folder / "file"), *more[1:], "--now", str(NOW)]))
            state.write_bytes(trust())
        return found[0], found[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    second = Batch(["node", str(npm.installed())])
    yield Pair(tmp_path_factory.mktemp("pair"), second)
    second.close()


def check(pair: Pair, do: str, document: bytes, *more: str) -> str:
    """Both know what to say of it, in a word, and say the same."""
    first, second = pair.ask(do, document, *more)
    words = [outcome({"do": do}, ended) for ended in (first, second)]
    assert words[0] in WORDS, (document, first)
    assert "Traceback" not in first.stderr
    assert "internal error" not in first.stderr
    assert words[0] == words[1], (document, first, second)
    if words[0] == "accepted" and do == "verify" and "licence+jwt" in more:
        ours_says, theirs = json.loads(first.stdout), json.loads(second.stdout)
        assert {name: ours_says[name] for name in CLAIMS if name != "networks"} == only(theirs, ours_says)
    return words[0]


def only(theirs: Any, ours_says: Any) -> dict[str, Any]:
    """Theirs has what nobody knows, too, on every level; take what ours has."""
    return {name: _within(theirs[name], ours_says[name]) for name in CLAIMS if name != "networks"}


def _within(theirs: Any, shape: Any) -> Any:
    if isinstance(theirs, dict) and isinstance(shape, dict):
        return {name: _within(theirs[name], shape[name]) for name in shape}
    if isinstance(theirs, list) and isinstance(shape, list):
        return [_within(one, other) for one, other in zip(theirs, shape, strict=True)]
    return theirs


def differing(pair: Pair, examples: int) -> Counter[str]:
    """Try so many documents, and count what came of them."""
    counted: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(*(st.tuples(st.just(kind), documents) for kind, documents in DOCUMENTS.items())))
    def put_to_both(case: tuple[str, bytes]) -> None:
        kind, document = case
        if kind == "trust":
            counted[check(pair, "update", document)] += 1
        else:
            device = () if kind == LICENCE else ("--device", str(pair.folder / "device"))
            counted[check(pair, "verify", document, kind, *device)] += 1

    put_to_both()
    return counted


def test_two_verifiers_agree_on_documents_that_are_almost_good(pair: Pair, figure) -> None:
    counted = differing(pair, examples=60)
    assert set(counted) <= WORDS
    figure(f"{sum(counted.values())} documents, two verifiers: 0 read differently ({counted['accepted']} accepted)")


@pytest.mark.long
def test_two_verifiers_agree_on_very_many_documents(pair: Pair, rounds, figure) -> None:
    counted = differing(pair, examples=rounds(1500, sample=50))
    assert counted["accepted"] > 0
    figure(f"{counted.total()} documents, two verifiers: 0 read differently ({counted['accepted']} accepted)")
