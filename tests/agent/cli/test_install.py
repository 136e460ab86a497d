"""What install and uninstall do in an image, what they refuse, and the certificate that people sign."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.certificate import as_text
from agent.cli.program import main
from agent.domain.certificate import SeatCheck, certify
from agent.store.vendors import Vendor, vendor_of
from keys.documents.parts import Seats
from keys.errors import StateDamagedError
from keys.trust import Envelope, SigningKey
from tests.agent.cli.persian import left_in_english
from tests.agent.domain.test_certificate import SERVER, STANDING
from tests.agent.vendor import CODE, a_licence
from tests.keys import packages
from tests.keys.samples import DEVICE, NEW_SIGNING, NOW, ROOT_3, STRANGER, TRUST

FILES = ["etc/systemd/system/licence-agent-hardware.service", "etc/systemd/system/licence-agent.service"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "image/usr").mkdir(parents=True)
    return tmp_path / "image"


def tree(folder: Path, said: str) -> Path:
    """An agent's files, sealed, whose program says something."""
    vendor = b'{"server": "https://licences.example.com", "root": "root.json"}'
    files = {**packages.FILES, "bin/licence-agent": f"#!/bin/sh\necho {said}\n".encode(), "vendor.json": vendor}
    return packages.unpacked(folder, files=files)


def type_(*words: object, **variables: str) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env=variables)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink())


def test_an_image_gets_the_program_and_its_service(image: Path, tmp_path: Path) -> None:
    program = tree(tmp_path / "one", "one")
    words = ("install", "--from", program, "--prefix", image, "--json")
    said = json.loads(type_(*words).stdout)
    assert said["steps"] == ["tree", "switch", "command", "units"]
    assert [name for name in files(image) if not name.startswith("opt/")] == [*FILES, "usr/bin/licence-agent"]
    assert (image / "opt/licence-agent/bin/licence-agent").is_file()
    assert json.loads(type_(*words).stdout)["changed"] is False
    gone = json.loads(type_("uninstall", "--prefix", image, "--yes", "--json").stdout)
    assert (gone["steps"], gone["left"]) == (["units", "program"], [])
    assert files(image) == []
    assert json.loads(type_("uninstall", "--prefix", image, "--json").stdout)["changed"] is False


def test_a_program_of_a_package_stays_where_it_is(image: Path) -> None:
    packaged = {"opt/licence-agent/bin/licence-agent", "usr/bin/licence-agent"}
    for name in packaged:
        (image / name).parent.mkdir(parents=True)
    (image / "opt/licence-agent/bin/licence-agent").touch()
    (image / "usr/bin/licence-agent").symlink_to("/opt/licence-agent/bin/licence-agent")
    assert type_("install", "--prefix", image).exit_code == 0
    assert set(files(image)) == {*FILES, *packaged}
    done = type_("uninstall", "--prefix", image, "--yes")
    assert f"  {image}/opt/licence-agent: the program, of a package of this system (dpkg --remove" in done.stdout
    assert set(files(image)) == packaged


def test_what_was_done_is_said_in_persian(image: Path, tmp_path: Path) -> None:
    for words, said in (
        (("install", "--from", tree(tmp_path / "one", "one")), "licence-agent install CODE"),
        (("install",), "چیزی تغییر نکرد"),
        (("uninstall", "--yes"), "عامل برداشته شد"),
        (("uninstall",), "چیزی تغییر نکرد"),
    ):
        done = type_(*words, "--prefix", image, LICENCE_AGENT_LANGUAGE="fa")
        assert (done.exit_code, said in done.stdout, left_in_english(done.output)) == (0, True, []), done.output


def test_an_upgrade_of_an_image_leaves_one_program(image: Path, tmp_path: Path) -> None:
    for said in ("one", "two"):
        done = type_("install", "--from", tree(tmp_path / said, said), "--prefix", image)
        assert done.stdout.endswith(f"To undo this: licence-agent uninstall --prefix {image}\n"), done.output
    assert "echo two" in (image / "opt/licence-agent/bin/licence-agent").read_text()


@pytest.mark.threat(56)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tree: (tree / "bin/_internal/libz.so.1").write_bytes(b"librari"), "libz.so.1 was changed"),
        (lambda tree: (tree / "bin/_internal/libz.so.1").unlink(), "libz.so.1 is missing"),
        (lambda tree: (tree / "bin/sitecustomize.py").touch(), "sitecustomize.py was added"),
        (lambda tree: (tree / "bundle.jws").unlink(), "bundle.jws is missing"),
    ],
    ids=["changed", "lost", "added", "unsealed"],
)
def test_a_tree_that_is_not_as_it_was_sealed_is_not_installed(
    image: Path, tmp_path: Path, change: Callable[[Path], object], said: str
) -> None:
    program = tree(tmp_path / "one", "one")
    change(program)
    done = type_("install", "--from", program, "--prefix", image)
    assert (done.exit_code, said in done.stderr, "Nothing of it may be installed" in done.stderr) == (1, True, True)
    assert files(image) == []


@pytest.mark.threat(56)
def test_where_an_agent_believes_somebody_a_stranger_upgrades_nothing(image: Path, tmp_path: Path) -> None:
    other = (ROOT_3.key, STRANGER.key, DEVICE.key)
    believed = replace(TRUST, roots=other, signing=(SigningKey(NEW_SIGNING.key, "active", NOW, None),))
    trust = image / "var/lib/licence-agent/trust.json"
    trust.parent.mkdir(parents=True)
    trust.write_bytes(Envelope.of(believed).signed_by(ROOT_3).signed_by(STRANGER).to_bytes())
    done = type_("install", "--from", tree(tmp_path / "one", "one"), "--prefix", image)
    assert (done.exit_code, "The seal of this package is not good" in done.stderr) == (1, True), done.stderr
    assert files(image) == ["var/lib/licence-agent/trust.json"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("install", CODE, "--prefix", "IMAGE"), 2, "only files are laid down"),
        (("install", "--prefix", "IMAGE", "--server", "https://x.example"), 2, "only files are laid down"),
        (("install", "--prefix", "IMAGE", "--crm-user", "www-data"), 2, "only files are laid down"),
        (("install", "--crm-user", "nobody-here"), 1, "no user nobody-here. Nothing was changed"),
        (("install", CODE, "--crm-user", "www-data", "--crm-user", "root"), 1, "no CRM should run as root"),
        (("install", "--prefix", "NOTHING"), 1, "no root folder of a Linux system"),
        (("install", "--prefix", "IMAGE", "--from", "NOTHING"), 1, "no tree of the agent"),
        (("install", "0-0"), 1, "invalid-input"),
        (("uninstall", "--keep-licence", "--purge"), 2, "Give one of"),
    ],
)
def test_what_can_not_be_is_refused(image: Path, tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "nothing").mkdir()
    places = {"IMAGE": image, "NOTHING": tmp_path / "nothing"}
    done = type_(*(places.get(word, word) for word in words))
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert files(image) == []


@pytest.mark.parametrize(("user", "said"), [("nobody-here", "nobody-here"), ("root", "یا با کاربر خود عامل")])
def test_whom_nobody_should_let_in_is_refused_in_persian(user: str, said: str) -> None:
    done = type_("install", "--crm-user", user, LICENCE_AGENT_LANGUAGE="fa")
    assert (done.exit_code, said in done.stderr, left_in_english(done.stderr)) == (1, True, []), done.stderr


def test_whoever_is_not_root_is_told_to_be() -> None:
    os.seteuid(65_534)
    try:
        done = type_("install", CODE, "--server", "https://licences.example.com")
    finally:
        os.seteuid(0)
    assert (done.exit_code, "sudo" in done.stderr) == (1, True)


def test_a_removal_asks_or_is_told(image: Path, tmp_path: Path) -> None:
    type_("install", "--from", tree(tmp_path / "one", "one"), "--prefix", image)
    done = type_("uninstall", "--prefix", image)
    assert (done.exit_code, "--yes" in done.stderr) == (2, True)
    assert len(files(image)) > 3


def test_the_vendors_package_says_whom_to_ask_and_to_believe(tmp_path: Path) -> None:
    assert vendor_of(tmp_path) == Vendor()
    (tmp_path / "vendor.json").write_text('{"server": "https://licences.example.com/", "root": "../../root.json"}')
    (tmp_path / "root.json").write_text("pinned")
    assert vendor_of(tmp_path) == Vendor("https://licences.example.com", b"pinned")
    (tmp_path / "vendor.json").write_text('{"server": 7}')
    with pytest.raises(StateDamagedError, match="package"):
        vendor_of(tmp_path)


@pytest.mark.parametrize("check", ["passed", "refused", "left_out"])
@pytest.mark.parametrize(("clients", "bought"), [(4, "3 users, 4 computers"), (None, "any number of computers")])
def test_people_sign_it_in_either_language(check: SeatCheck, clients: int | None, bought: str) -> None:
    standing = replace(STANDING, licence=a_licence(seats=Seats("concurrent", 3, clients)))
    made = certify(standing, SERVER, check)
    assert made is not None
    persian, _, english = as_text(made).partition("Certificate of installation")
    for part in ("گواهی نصب", "CL-OJ-05", "Pars Steel", "lic_1", "نمایندهٔ مشتری", "۳ کاربر"):
        assert part in persian
    for part in ("CL-OJ-05", "Pars Steel", "lic_1", "act_1", "For the customer", bought):
        assert part in english
    assert ("[x] A seat was taken" in english) == (check == "passed")
