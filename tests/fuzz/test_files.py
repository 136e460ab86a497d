"""Files that somebody has touched: settings, the agent's memory, and what people carry to a ceremony."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.config import read_settings
from keys.cli import main as licence_keys
from keys.clock import SystemClock
from keys.errors import InvalidInputError
from licence_server.config import load_config
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, Vendor
from tests.conformance.material import NEXT, ROOT_1, ROOT_2, TRUST, Json, as_json, envelope, licence, trust
from tests.fakes import TurnableClock
from tests.faults.oddserver import honest, odd_server
from tests.fuzz.mutation import DEEP, bitten, changed, respelt
from tests.stories.test_wrong_input import check_sentence

pytestmark = pytest.mark.threat(28)
AGENT_TOML = b"""version = 1
server = "https://licence.example.com"
host = "::1"
port = 7411
unix_socket = false
socket_users = ["www-data", "crm"]
administrator = "sara"
ttl = 120
"""
CONFIG_TOML = b"""issuer = "https://licence.example.com"
host = "127.0.0.1"
port = 7410
workers = 2
product = "Owj CRM"
interval = 86400
grace = 1209600
threshold = 60
trusted_proxies = ["10.0.0.0/8"]
"""
VALUES = [
    b"-1", b"0", b"1e400", b"nan", b"9" * 30, b"9" * 5000, b"true", b"0x_1", b"\xff",
    b'""', b'"\\u0000"', b'"\\uD800"', b"[]", b"[1, [2]]",
    b"{ a = 1 }", b"2026-11-22T00:00:00Z", b"'''\n'''", b'"http://[::1"', b'"http://[evil]:x/"', b'"10.0.0.1/8"',
    b'["::/129"]', b"[" * 5000 + b"]" * 5000, b"{a=" * 5000 + b"1" + b"}" * 5000, b'"' + b"x" * 70_000 + b'"',
]  # fmt: skip


@st.composite
def tomls(draw: st.DrawFn, good: bytes) -> bytes:
    """Settings with another value, a name twice, a table, or bitten."""
    lines = good.splitlines()
    place = draw(st.integers(0, len(lines) - 1))
    how = draw(st.sampled_from(["value", "value", "twice", "table", "bitten"]))
    if how == "bitten":
        return draw(bitten(good))
    name = lines[place].partition(b" = ")[0]
    if how == "twice":
        lines.append(lines[place])
    elif how == "table":
        lines.insert(
            place, draw(st.sampled_from([b"[%b]" % name, b"[[%b]]" % name, b"[a.b", b"a.b.c = 1", b"%b.x = 1" % name]))
        )
    else:
        lines[place] = name + b" = " + draw(st.sampled_from(VALUES))
    return b"\n".join(lines) + b"\n"


def _refusal(attempt: Callable[[], object]) -> str:
    """What was said of settings, in a sentence of a bearable length; empty: they were taken."""
    try:
        attempt()
    except InvalidInputError as refusal:
        said = str(refusal)
    else:
        return ""
    return said


def _try_settings(folder: Path, examples: int) -> int:
    (folder / "config.toml").write_bytes(CONFIG_TOML)
    (folder / "agent.toml").write_bytes(AGENT_TOML)
    load_config(folder, {})
    read_settings(folder / "agent.toml")
    refused = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tomls(AGENT_TOML), tomls(CONFIG_TOML))
    def read(agents: bytes, servers: bytes) -> None:
        nonlocal refused
        (folder / "agent.toml").write_bytes(agents)
        (folder / "config.toml").write_bytes(servers)
        for attempt in (lambda: read_settings(folder / "agent.toml"), lambda: load_config(folder, {})):
            said = _refusal(attempt)
            assert not said or str(folder) in said, "it says where"
            refused += bool(said)

    read()
    return refused


def test_touched_settings_are_refused_by_name(tmp_path: Path) -> None:
    assert _try_settings(tmp_path, 100) > 0


@pytest.mark.parametrize(
    "value", VALUES, ids=lambda value: value[:12].decode("latin-1").encode("unicode_escape").decode()
)
def test_every_wrong_value_is_tried_in_every_setting(tmp_path: Path, value: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(CONFIG_TOML)
    for good, name in ((AGENT_TOML, "agent.toml"), (CONFIG_TOML, "config.toml")):
        lines = good.splitlines()
        for place, line in enumerate(lines):
            tried = [*lines[:place], line.partition(b" = ")[0] + b" = " + value, *lines[place + 1 :]]
            (tmp_path / name).write_bytes(b"\n".join(tried))
            said = _refusal(lambda: read_settings(tmp_path / "agent.toml"))
            said = said or _refusal(lambda: load_config(tmp_path, {}))
            assert not said or str(tmp_path) in said
        (tmp_path / name).write_bytes(good)


@pytest.fixture(scope="module")
def activated(tmp_path_factory: pytest.TempPathFactory) -> Program:
    vendor = Vendor(TurnableClock(wall=SystemClock().now()))
    program = Program(tmp_path_factory.mktemp("touched") / "one")
    with odd_server() as server:
        server.answer = honest(vendor)
        program.json("activate", CODE, "--server", server.url)
        program.json("validate")
    return program


WHAT_SAYS_YES = {"licence.jws", "trust.json"}


@st.composite
def touched_homes(draw: st.DrawFn, home: Path) -> tuple[str, bytes]:
    """One file of the agent's home, bitten or with other members."""
    files = [
        path
        for path in home.rglob("*")
        if path.is_file() and path.suffix in {".json", ".jws", ".pem", ".token", ".sqlite3"}
    ]
    path = draw(st.sampled_from(sorted(files)))
    good = path.read_bytes()
    if path.suffix == ".json" and draw(st.booleans()):
        content = draw(
            respelt(json.loads(good))
            | st.builds(as_json, changed(json.loads(good)))
            | st.sampled_from(DEEP).map(str.encode)
        )
    else:
        content = draw(bitten(good))
    return str(path.relative_to(home)), content


def _outcome(result: Result, what: str) -> str:
    """A refusal in one sentence, or what was asked for."""
    if result.exit_code:
        assert isinstance(result.exception, SystemExit), (what, result.exception)
        if result.stdout:
            return "said"
        check_sentence(result.stderr, result.exit_code, what)
        return "refused"
    return str(json.loads(result.stdout).get("mode", "said"))


def _try_homes(activated: Program, examples: int) -> dict[str, int]:
    good, counted = activated.home, dict[str, int]()
    copy = Program(good.parent.parent / "copy")

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(touched_homes(good))
    def look(touched: tuple[str, bytes]) -> None:
        name, content = touched
        shutil.rmtree(copy.home, ignore_errors=True)
        shutil.copytree(good, copy.home)
        (copy.home / name).write_bytes(content)
        mode = _outcome(copy("status", "--json"), f"status with {name}")
        _outcome(copy("doctor", "--json"), f"doctor with {name}")
        if name in WHAT_SAYS_YES and content.strip() != (good / name).read_bytes() and mode == "full":
            assert _means_the_same(content, (good / name).read_bytes()), (name, content)
        counted[mode] = counted.get(mode, 0) + 1

    look()
    return counted


def _means_the_same(content: bytes, good: bytes) -> bool:
    """An envelope is not signed itself: spaces, and members or signatures that count nothing, change nothing."""
    try:
        return bool(json.loads(content)["payload"] == json.loads(good)["payload"])
    except (ValueError, KeyError, TypeError):
        return False


def test_a_touched_home_is_never_full_by_mistake(activated: Program, figure) -> None:
    assert activated.json("status")["mode"] == "full"
    counted = _try_homes(activated, 25)
    figure(f"{sum(counted.values())} touched homes of an agent: 0 faults; {counted}")


@pytest.mark.long
def test_very_many_touched_homes_are_never_full_by_mistake(activated: Program, rounds, figure) -> None:
    counted = _try_homes(activated, rounds(600, sample=12))
    assert counted["full"] < sum(counted.values())
    figure(f"{sum(counted.values())} touched homes of an agent: 0 faults; {counted}")


CARRIED: dict[str, tuple[bytes, Json]] = {
    "trust.json": (trust(version=6), {**TRUST, "version": 6}),
    "key.jwk": (as_json(NEXT.jwk), NEXT.jwk),
    "licence.jws": (licence(), {}),
}
ERRANDS: dict[str, list[tuple[str, ...]]] = {
    "trust.json": [("trust", "show"), ("trust", "verify"), ("verify",), ("trust", "verify", "--current", "root.json")],
    "key.jwk": [("trust", "propose", "root.json", "-o", "new.json", "--signing")],
    "licence.jws": [("verify", "--root", "root.json")],
}


def _try_carried(folder: Path, examples: int) -> int:
    (folder / "root.json").write_bytes(trust())
    tried = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(CARRIED)).flatmap(lambda name: st.tuples(st.just(name), _carried(name))))
    def carry(case: tuple[str, bytes]) -> None:
        nonlocal tried
        name, content = case
        (folder / name).write_bytes(content)
        for errand in ERRANDS[name]:
            words = [str(folder / word) if word.endswith(".json") else word for word in errand]
            result = CliRunner().invoke(licence_keys, [*words, str(folder / name)])
            tried += 1
            if result.exit_code:
                assert isinstance(result.exception, SystemExit), (errand, result.exception, content)
                check_sentence(result.stderr, result.exit_code, " ".join(errand))

    carry()
    return tried


def _carried(name: str) -> st.SearchStrategy[bytes]:
    good, claims = CARRIED[name]
    if name == "trust.json":
        return bitten(good) | st.builds(lambda payload: envelope(payload, ROOT_1, ROOT_2), respelt(claims))
    return bitten(good) if name == "licence.jws" else bitten(good) | respelt(dict(claims))


def test_touched_files_of_a_ceremony_are_refused_with_a_sentence(tmp_path: Path, figure) -> None:
    figure(f"{_try_carried(tmp_path, 60)} commands on touched files: 0 faults")


@pytest.mark.long
def test_very_many_touched_files_are_refused_with_a_sentence(tmp_path: Path, rounds, figure) -> None:
    tried = _try_carried(tmp_path, rounds(1500, sample=30))
    tried += _try_settings(tmp_path, rounds(1500, sample=30))
    figure(f"{tried} commands and settings: 0 faults")
