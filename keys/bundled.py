"""Whether an installation package, or an agent's files unpacked from one, are byte by byte what the vendor sealed.

In the folder of an agent's files lie ``SHA256SUMS`` (as ``sha256sum`` writes it), which names all of them, and
``bundle.jws``, the seal of that list. A package as one file ends with a seal of all that is before it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from keys.documents.bundle import Bundle, Covered, open_bundle
from keys.errors import InvalidInputError, LicensingError, MalformedError, SignatureInvalidError, TrustRefusedError
from keys.jws import MAX_BYTES
from keys.sentences import Sentence, phrase, together
from keys.trust import Trust, pin_trust, replace_trust

SUMS, SEAL, ROOT = "SHA256SUMS", "bundle.jws", "root.json"
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes that a file of an agent's, and a package, may have."""
_LARGEST_LIST = 1024 * 1024
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)\n")
_REFUSED = phrase("Nothing of it may be installed: get the package anew, from the vendor.")


def write_sums(digests: Mapping[str, str]) -> bytes:
    """Return the list of the files' digests, as ``sha256sum`` writes and checks it."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def seal_line(document: bytes) -> bytes:
    """Return a seal as it ends a package: with a line end where that makes its length even, as ``ar`` wants."""
    return document + b"\n" * (len(document) % 2)


def check_package(place: Path, root: bytes | None, in_hand: Trust | None) -> Bundle:
    """Return the seal of a package, or of the folder of an agent's files, every byte of which it covers.

    Args:
        place: the package, or the folder.
        root: the trust document that comes with it; None: the one that lies in the folder.
        in_hand: what the agent of this machine goes by; None: it believes nobody yet.

    Raises:
        InvalidInputError: nobody says whom to believe.
        SignatureInvalidError: a byte was changed, a file is missing or was added, or somebody else sealed it.
        MalformedError, TooLargeError, TrustRefusedError: list, seal or trust document are none, or of another vendor.
    """
    if place.is_dir():
        carried = _read(place / ROOT, MAX_BYTES) if root is None else root
        return _check_tree(place, believed(carried, in_hand))
    return _check_file(place, believed(root, in_hand))


def believed(root: bytes | None, in_hand: Trust | None) -> Trust:
    """Return by whom a package is judged: by those whom this machine believes already, if it believes anybody.

    Args:
        root: the trust document that comes with the package.
        in_hand: what this machine's agent goes by.

    Raises:
        InvalidInputError: there is neither.
        MalformedError, TooLargeError, TrustRefusedError: the package's document is none, or not of this vendor.
    """
    if root is None:
        if in_hand is None:
            raise InvalidInputError(
                phrase("The agent here believes nobody yet: give the vendor's trust document with --root.")
            )
        return in_hand
    carried = pin_trust(root)
    if in_hand is None:
        return carried
    if carried.issuer != in_hand.issuer:
        raise TrustRefusedError(
            phrase(
                "The package is of the vendor at {issuer}, and the agent here believes {expected}. Get the package "
                "from that vendor.",
                issuer=carried.issuer,
                expected=in_hand.issuer,
            )
        )
    return in_hand if carried.version <= in_hand.version else replace_trust(in_hand, root)


def _check_tree(folder: Path, trust: Trust) -> Bundle:
    written = _read(folder / SUMS, _LARGEST_LIST)
    bundle = _sealed(_read(folder / SEAL, MAX_BYTES), written, "tree", trust)
    listed = _listed(written)
    for name in sorted(set(_files(folder)) - listed.keys()):
        said = phrase("{name} was added to this package since the vendor sealed it.", name=name)
        raise SignatureInvalidError(_refused(said))
    for name, digest in listed.items():
        if hashlib.sha256(_read(folder / name, LARGEST_FILE)).hexdigest() != digest:
            said = phrase("{name} was changed since the vendor sealed this package.", name=name)
            raise SignatureInvalidError(_refused(said))
    return bundle


def _check_file(path: Path, trust: Trust) -> Bundle:
    content = _read(path, LARGEST_FILE)
    body, line, seal = content.removesuffix(b"\n").rpartition(b"\n")
    if seal_line(seal) != content[len(body) + 1 :]:
        seal = b""
    return _sealed(seal, body + line, "file", trust)


def _refused(why: Sentence) -> Sentence:
    return together(why, _REFUSED)


def _sealed(seal: bytes, content: bytes, covered: Covered, trust: Trust) -> Bundle:
    try:
        bundle = open_bundle(seal, trust)
    except LicensingError as error:
        said = phrase("The seal of this package is not good: {reason}", reason=error)
        raise type(error)(_refused(said)) from error
    if not bundle.is_of(content, covered):
        raise SignatureInvalidError(_refused(phrase("This package was changed since the vendor sealed it.")))
    return bundle


def _listed(written: bytes) -> Mapping[str, str]:
    lines = [_LINE.fullmatch(line) for line in written.decode("utf-8", "replace").splitlines(keepends=True)]
    if not all(lines):
        raise MalformedError(_refused(phrase("{name} is not a list of digests.", name=SUMS)))
    return {match[2]: match[1] for match in lines if match}


def _files(folder: Path) -> Iterator[str]:
    """Yield the names of all that is there but folders, links too, without what vouches for the rest."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and name not in {SUMS, SEAL}:
            yield name


def _read(path: Path, most: int) -> bytes:
    """Return a file, but nothing that a link leads to. Raises SignatureInvalidError, MalformedError."""
    if path.is_symlink() or not path.is_file():
        raise SignatureInvalidError(
            _refused(phrase("{name} is missing from this package, or is no file.", name=path.name))
        )
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise MalformedError(
            _refused(
                phrase("{name} has more than {most} bytes, as nothing of the vendor's.", name=path.name, most=most)
            )
        )
    return content
