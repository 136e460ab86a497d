"""A package for Debian and its kin (deb(5)): an ar archive of three members, and a fourth with the seal.

dpkg passes over what follows the third. The data are the release's own bytes with one more gzip member behind them. So
nothing large is compressed anew, and the bytes of a package do not depend on whose gzip is at hand.
"""

from collections.abc import Sequence

from keys.errors import InvalidInputError
from licence_server.bundles.scripts import script
from licence_server.bundles.tarball import END, Item, compress, tar
from licence_server.services.ports_bundle import Release

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_SCRIPTS = ("postinst", "postrm", "preinst", "prerm")
_LINK = Item("./usr/bin/licence-agent", None, target="/opt/licence-agent/bin/licence-agent")
_UNITS = ("./usr/", "./usr/bin/", "./usr/lib/", "./usr/lib/systemd/", "./usr/lib/systemd/system/")
_FACTS = """\
Package: licence-agent
Version: {version}
Architecture: {architecture}
Maintainer: {issuer}
Depends: libc6 (>= {glibc}), libgcc-s1, passwd, zlib1g
Suggests: tpm2-tools
Section: admin
Priority: optional
Description: Licence agent of {issuer}
 Keeps this server's licence, validates it with the vendor, and counts the seats of the software that runs here.
"""


def deb(release: Release, items: Sequence[Item], issuer: str, seal_size: int) -> bytes:
    """Return the package, up to its seal.

    Args:
        release: the agent's files.
        items: what the vendor adds to them.
        issuer: whose package it is.
        seal_size: how many bytes the seal will have.
    """
    units = [Item(f"{_UNITS[-1]}{name}", content) for name, content in sorted(release.units.items())]
    system = [*(Item(name, None) for name in _UNITS), _LINK]
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _packed(_control(release, issuer), release),
        "data.tar.gz": release.archive + _packed([*items, *system, *units], release),
    }
    written = b"".join(_member(name, content, release.built_at) for name, content in members.items())
    return b"!<arch>\n" + written + _head("_seal", seal_size, release.built_at)


def architecture(release: Release) -> str:
    """Return Debian's name of the release's machines. Raises InvalidInputError: there is none here."""
    machine = release.platform.partition("-")[2]
    if machine not in ARCHITECTURES:
        raise InvalidInputError(
            f"There are no packages for Debian on machines of the kind {machine}. Take the form run, which unpacks "
            "itself on any Linux."
        )
    return ARCHITECTURES[machine]


def _control(release: Release, issuer: str) -> list[Item]:
    facts = _FACTS.format(
        version=release.version, architecture=architecture(release), issuer=issuer, glibc=release.glibc
    )
    scripts = [Item(f"./{name}", script(f"control/{name}").encode(), is_program=True) for name in _SCRIPTS]
    return [Item("./", None), Item("./control", facts.encode()), *scripts]


def _packed(items: Sequence[Item], release: Release) -> bytes:
    return compress(tar(items, release.built_at) + END)


def _member(name: str, content: bytes, moment: int) -> bytes:
    return _head(name, len(content), moment) + content + b"\n" * (len(content) % 2)


def _head(name: str, size: int, moment: int) -> bytes:
    return f"{name:<16}{moment:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode()
