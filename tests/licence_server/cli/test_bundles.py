"""Installation packages: made at once, always of the same bytes, and refused when one of them is another."""

import gzip
import io
import os
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from keys.bundled import check_package
from keys.errors import SignatureInvalidError
from keys.trust import pin_trust
from licence_server.bundles.scripts import script
from licence_server.bundles.tarball import Item
from tests.licence_server.office import ISSUER, Home
from tests.licence_server.release import MOMENT, PLACE, SCRIPT_END, archive, ended
from tests.stories.processes import clean_environment

pytestmark = pytest.mark.threat(56)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return archive(tmp_path / "agent.tar.gz")


def made(home: Home, files: Path, form: str = "run", name: str = "agent") -> Path:
    path = home.path.parent / f"{name}.{form}"
    said = home.ask("bundle", "--for", form, "--archive", files, "-o", path)
    assert (said["file"], said["form"], said["version"], said["server"]) == (str(path), form, "1.2.3", ISSUER)
    assert said["size"] == path.stat().st_size
    return path


def started(package: Path, *words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a package as an installer does, on a machine whose agent believes nobody yet."""
    empty = {"LICENCE_AGENT_HOME": str(package.parent / "nobody"), "TMPDIR": str(package.parent)}
    command = ["sh", str(package), *map(str, words)]
    environment = {**clean_environment(), **empty, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_it_unpacks_checks_itself_and_installs(home: Home, files: Path) -> None:
    package = made(home, files)
    done = started(package, "CODE", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    installed, install, source, tree, *words = done.stdout.split()
    assert (installed, install, source, words) == ("installed", "install", "--from", ["CODE", "--yes"])
    assert tree.endswith("/opt/licence-agent")
    assert not Path(tree).exists(), "nothing is left behind"
    assert f"licence-agent 1.2.3 for linux-x86_64, as {ISSUER} sealed it" in started(package, "--check").stdout


def test_its_files_are_those_of_the_release_and_the_vendors(home: Home, files: Path, tmp_path: Path) -> None:
    folder = tmp_path / "laid"
    assert started(made(home, files), "--unpack", folder).returncode == 0
    root = (home.path / "root.json").read_bytes()
    assert (folder / "root.json").read_bytes() == root
    assert (folder / "vendor.json").read_text() == f'{{\n  "server": "{ISSUER}",\n  "root": "root.json"\n}}\n'
    assert check_package(folder, None, pin_trust(root)).version == "1.2.3"
    summed = subprocess.run(["/usr/bin/env", "sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
    assert summed.returncode == 0, "whoever has no agent uses sha256sum"
    (folder / "bin/_internal/libz.so.1").write_bytes(b"another library")
    with pytest.raises(SignatureInvalidError, match=r"libz\.so\.1 was changed"):
        check_package(folder, None, None)


@pytest.mark.parametrize("form", ["run", "deb"])
def test_the_same_input_gives_the_same_bytes_on_any_day(home: Home, files: Path, form: str) -> None:
    first = made(home, files, form)
    home.clock.advance(40 * 86_400)
    assert made(home, files, form, "again").read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (lambda good: good.index(b"one file for"), "was changed"),
        (lambda good: good.index(SCRIPT_END) + 48, "cut or changed on its way"),
        (lambda good: len(good) - 4, "The seal of this package is not good"),
    ],
    ids=["script", "payload", "seal"],
)
def test_a_changed_byte_is_refused_in_a_sentence(
    home: Home, files: Path, at: Callable[[bytes], int], said: str
) -> None:
    package = made(home, files)
    good = package.read_bytes()
    place = at(good)
    package.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    refused = started(package)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert said in refused.stderr
    assert "othing" in refused.stderr, "and that nothing was installed"


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.999])
def test_a_beginning_of_its_script_does_nothing(home: Home, files: Path, share: float) -> None:
    package = made(home, files)
    whole = package.read_bytes()
    package.write_bytes(whole[: int(whole.index(SCRIPT_END) * share)])
    refused = started(package, "CODE")
    assert (refused.returncode != 0, refused.stdout) == (True, "")


def test_what_a_power_cut_left_unpacked_is_removed_by_the_next_start(home: Home, files: Path) -> None:
    package, place = made(home, files), home.path.parent
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().partition("-")[0]
    names = [f"licence-agent.{boot}.{os.getpid()}", "licence-agent.0badb007.1", f"licence-agent.{boot}.4194305"]
    at_work, of_another_boot, of_no_process = (place / f"{name}.x1Y2z3" for name in names)
    foreign, link = place / "licence-agent.0badb007.1.foreig", place / "licence-agent.0badb007.1.linked"
    for folder in (at_work, of_another_boot, of_no_process, foreign):
        (folder / "opt").mkdir(parents=True)
    os.chown(foreign, 65_534, 65_534)
    link.symlink_to(at_work)
    assert started(package, "CODE").returncode == 0
    assert set(place.glob("licence-agent.*")) == {at_work, foreign, link}


def test_an_installer_who_reads_persian_is_told_in_persian(home: Home, files: Path) -> None:
    package = made(home, files)
    whole = package.read_bytes()
    package.write_bytes(whole[: whole.index(SCRIPT_END) + 48])
    for variables, said in (
        ({"LANG": "fa_IR.UTF-8"}, "چیزی نصب نشد"),
        ({"LANG": "fa_IR.UTF-8", "LICENCE_AGENT_LANGUAGE": "en"}, "Nothing was installed"),
    ):
        assert said in started(package, **variables).stderr


def test_every_refusal_of_a_package_is_in_both_languages() -> None:
    told = re.findall(r'refuse "((?:[^"]|"\$folder/said")*)"(.*)', script("carrier.sh"))
    assert len(told) > 5
    assert [
        english for english, rest in told if " " in english and not rest.startswith(' "') and "$(cat" not in english
    ] == []


def test_a_machine_on_which_it_can_not_run_is_told_why(home: Home, tmp_path: Path) -> None:
    other = started(made(home, archive(tmp_path / "other.tar.gz", platform="linux-riscv64")))
    assert (other.returncode, "is for Linux-riscv64, and this machine is" in other.stderr) == (1, True)
    nowhere = started(made(home, archive(tmp_path / "this.tar.gz")), TMPDIR=str(tmp_path / "nowhere"))
    assert (nowhere.returncode, "found no such folder" in nowhere.stderr) == (1, True)
    broken = archive(tmp_path / "old.tar.gz", more=(Item(f"{PLACE}/bin/licence-agent", b"#!/nowhere\n", True),))
    refused = started(made(home, broken))
    assert (refused.returncode, "needs glibc 2.31 or newer" in refused.stderr) == (1, True)


@pytest.mark.parametrize("options", ["noexec", "size=4k"])
def test_where_tmp_will_not_do_the_next_place_is_taken(home: Home, tmp_path: Path, options: str) -> None:
    """And where that will not do, either, it is said why."""
    program = b"#!/bin/sh\n[ $1 = bundle ] || echo from $3\n"
    package = made(home, archive(tmp_path / "agent.tar.gz", more=(Item(f"{PLACE}/bin/licence-agent", program, True),)))
    with package.open("rb") as content:
        script = f"""
            mount -t tmpfs none /mnt && cat >/mnt/agent.run
            mount -t tmpfs -o {options} none /tmp && mount -t tmpfs none /var/tmp
            unset TMPDIR && sh /mnt/agent.run CODE && find /tmp /var/tmp -mindepth 1
            mount -t tmpfs -o {options} none /var/tmp
            sh /mnt/agent.run CODE
        """
        done = subprocess.run(
            ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script],
            stdin=content, capture_output=True, text=True, check=False,
        )  # fmt: skip
    taken, *left = done.stdout.splitlines()
    assert (taken.startswith("from /var/tmp/licence-agent."), left) == (True, [])
    assert (done.returncode, "sudo TMPDIR=FOLDER" in done.stderr) == (1, True)
    assert ("Permission denied" if options == "noexec" else "No space left on device") in done.stderr


def members(package: bytes) -> dict[str, bytes]:
    """What is in a package of Debian's, read as deb(5) has it."""
    assert package.startswith(b"!<arch>\n")
    found, place = {}, 8
    while place < len(package):
        head = package[place : place + 60].decode()
        assert (head.endswith("`\n"), int(head[16:28])) == (True, MOMENT)
        size = int(head[48:58])
        found[head[:16].strip()] = package[place + 60 : place + 60 + size]
        place += 60 + size + size % 2
    return found


def unpacked(content: bytes) -> tuple[dict[str, tarfile.TarInfo], dict[str, bytes]]:
    """What stands in an archive, and the content of its files."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        entries = {entry.name: entry for entry in archive}
        files = {name: archive.extractfile(entry) for name, entry in entries.items() if entry.isreg()}
        return entries, {name: file.read() for name, file in files.items() if file is not None}


def test_a_package_of_debians_has_files_units_and_what_is_done_with_them(home: Home, files: Path) -> None:
    package = made(home, files, "deb")
    assert check_package(package, (home.path / "root.json").read_bytes(), None).covers == "file"
    inside = members(package.read_bytes())
    assert list(inside) == ["debian-binary", "control.tar.gz", "data.tar.gz", "_seal"]
    (control, told), (data, laid) = unpacked(inside["control.tar.gz"]), unpacked(inside["data.tar.gz"])
    assert list(told) == ["./control", "./postinst", "./postrm", "./preinst", "./prerm"]
    assert {control[name].mode for name in list(told)[1:]} == {0o755}
    facts = told["./control"].decode().splitlines()
    needs = "Depends: libc6 (>= 2.31), libgcc-s1, passwd, zlib1g"
    assert {"Version: 1.2.3", "Architecture: amd64", needs} <= set(facts)
    assert {"./opt/licence-agent/vendor.json", "./usr/lib/systemd/system/licence-agent.service"} <= set(laid)
    assert data["./usr/bin/licence-agent"].linkname == "/opt/licence-agent/bin/licence-agent"
    assert {(entry.uid, entry.gid, entry.mtime) for entry in data.values()} == {(0, 0, MOMENT)}


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: path.write_bytes(b"x"), "is not an archive of the agent's files"),
        (lambda path: path.write_bytes(gzip.compress(b"x" * 600)), "is not an archive"),
        (ended, "has an end"),
        (lambda path: archive(path, more=(Item("./etc/passwd", b""),)), "etc/passwd does not belong there"),
        (lambda path: archive(path, more=(Item(f"{PLACE}/bin/sh", None, target="/bin/sh"),)), "bin/sh does not belong"),
        (lambda path: archive(path, version="$(reboot)"), "version must be a word"),
        (lambda path: archive(path, platform="windows-amd64"), "Packages are made for Linux here"),
    ],
    ids=["no gzip", "no tar", "an end", "a file elsewhere", "a link", "a command for a version", "windows"],
)
def test_what_is_no_release_is_refused(home: Home, tmp_path: Path, write: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "odd.tar.gz"
    write(path)
    refused = home.type("bundle", "--archive", path, "-o", tmp_path / "agent.run")
    assert (refused.exit_code, said in refused.stderr, len(refused.stderr.splitlines())) == (1, True, 1)
    assert not (tmp_path / "agent.run").exists()


def test_a_server_with_nothing_to_pack_says_what_to_build(home: Home, tmp_path: Path) -> None:
    refused = home.type("bundle")
    assert (refused.exit_code, "make agent-tree" in refused.stderr) == (1, True)
    settings = home.path / "config.toml"
    settings.write_text(f'agent_archive = "{tmp_path / "lost.tar.gz"}"\n{settings.read_text()}')
    assert "There is no file" in home.type("bundle").stderr
    archive(tmp_path / "lost.tar.gz")
    assert home.ask("bundle", "-o", tmp_path / "found.run")["version"] == "1.2.3"
    unknown = home.type(
        "bundle", "--for", "deb", "--archive", archive(tmp_path / "odd.tar.gz", platform="linux-riscv64")
    )
    assert "on machines of the kind riscv64. Take the form run" in unknown.stderr
