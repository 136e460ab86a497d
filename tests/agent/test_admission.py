"""How an installation lets in those as whom the CRM runs, in a home that is somebody else's."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config import read_settings
from agent.daemon.admission import Admission
from agent.store.home import Home
from agent.system.accounts import check_crm_user
from agent.system.premises import give
from keys.errors import InvalidInputError, StateDamagedError
from tests.contract.serving import in_memory

AGENT, CRM, STRANGER = 65_534, 33, 6
"""Debian's nobody, www-data and man, who are in groups of their own but for the first one."""


@pytest.fixture
def home() -> Iterator[Home]:
    with in_memory() as folder:
        folder.chmod(0o711)
        folder.joinpath("agent.toml").write_text("# ours\nttl = 90\n")
        give(folder, AGENT, AGENT)
        yield Home(folder)


def of(home: Home, *asked: str) -> Admission:
    return Admission(home, asked, os.urandom)


def reads(path: Path, user: int) -> bool:
    """Whether a user in the group of the same number can read a file."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        os._exit(not os.access(path, os.R_OK))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.threat(44)
def test_whom_the_installer_names_comes_in_and_nobody_else(home: Home) -> None:
    crm, token = of(home, "www-data"), home.application_token
    assert (crm.is_for_nobody, crm.is_granted(), of(home).is_granted()) == (True, False, True)
    crm.grant()
    assert (crm.is_for_nobody, crm.is_granted(), crm.can_read_token("www-data")) == (False, True, True)
    assert read_settings(home.settings) == replace(read_settings(Path("none")), socket_users=("www-data",), ttl=90)
    facts = token.stat()
    assert (facts.st_mode & 0o777, facts.st_uid, home.settings.stat().st_uid) == (0o640, AGENT, AGENT)
    assert [reads(token, user) for user in (CRM, STRANGER)] == [True, False]
    assert home.settings.read_text().endswith("# ours\nttl = 90\n")


def test_a_second_run_changes_nothing(home: Home) -> None:
    of(home, "www-data").grant()
    before = [(path.read_bytes(), path.stat()) for path in (home.settings, home.application_token)]
    of(home, "www-data").grant()
    assert [(path.read_bytes(), path.stat()) for path in (home.settings, home.application_token)] == before


def test_names_add_up_and_the_token_stays_whose_it_is(home: Home) -> None:
    of(home, "www-data").grant()
    second = of(home, "games", "man")
    assert not second.is_granted()
    second.grant()
    assert (second.named, second.is_granted()) == (("www-data", "games", "man"), True)
    assert [second.can_read_token(user) for user in second.named] == [True, False, False]


def test_a_group_that_others_share_gets_no_token(home: Home) -> None:
    for users in (("sync",), ("sync", "games")):
        crm = of(home, *users)
        crm.grant()
        assert crm.is_granted()
        assert [crm.can_read_token(user) for user in users] == [False, True][: len(users)]
    assert home.application_token.stat().st_gid == 60


def test_what_was_written_by_hand_is_completed_and_kept(home: Home) -> None:
    home.settings.write_text('socket_users = ["games"]\n')
    assert not of(home).is_for_nobody
    of(home, "www-data").grant()
    assert of(home).named == ("games", "www-data")
    os.chown(home.application_token, -1, 60)
    assert of(home, "www-data").is_granted(), "a person gave the token to the other one"
    os.chown(home.application_token, -1, 12)
    assert of(home).is_granted(), "or to somebody whom nobody named"


def test_cut_off_before_the_token_or_the_service_it_goes_on(home: Home) -> None:
    crm = of(home, "www-data")
    crm.grant()
    home.application_token.chmod(0o600)
    assert not crm.is_granted()
    crm.grant()
    home.address.write_text("{}")
    os.utime(home.address, ns=(0, home.settings.stat().st_mtime_ns - 1))
    assert not crm.is_granted(), "the service started before that"
    os.utime(home.address)
    assert crm.is_granted()


def test_a_home_that_was_kept_lets_in_whom_it_let_in(home: Home) -> None:
    of(home, "www-data").grant()
    give(home.folder, 0, 0)
    assert not of(home).is_granted()
    give(home.folder, AGENT, AGENT)
    assert not of(home).is_granted()
    of(home).grant()
    assert of(home).is_granted()
    assert reads(home.application_token, CRM)
    home.settings.write_text('socket_users = ["nobody-any-more"]\n')
    home.application_token.chmod(0o640)
    os.chown(home.application_token, -1, AGENT)
    assert of(home).is_granted(), "whom this machine no longer has needs nothing"


@pytest.mark.threat(49)
@pytest.mark.parametrize("way", ["link", "second name", "another's", "folder"])
def test_no_file_but_the_token_is_given_to_a_group(home: Home, way: str) -> None:
    secret, token = home.folder / "secret", home.application_token
    secret.write_text("x" * 43)
    os.chown(secret, AGENT, AGENT)
    secret.chmod(0o600)
    if way == "link":
        token.symlink_to(secret)
    elif way == "second name":
        token.hardlink_to(secret)
    elif way == "another's":
        token.write_text("x" * 43)
        os.chown(token, STRANGER, -1)
        token.chmod(0o604)
    else:
        token.mkdir()
    with pytest.raises((StateDamagedError, OSError)):
        of(home, "www-data").grant()
    assert secret.stat().st_gid != CRM
    assert token.lstat().st_gid != CRM


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("nobody-here", "no user nobody-here"),
        ("x" * 300, f"no user {'x' * 256}\\."),
        ("a\0b", "no user"),
        ("", "no user"),
        ("root", "no CRM should run as root"),
        ("licence-agent", "no CRM should run as root or as the agent's own user"),
    ],
)
def test_who_is_no_user_to_let_in_is_refused(user: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as refusal:
        check_crm_user(user)
    assert "Nothing was changed" in str(refusal.value)
    check_crm_user("www-data")
