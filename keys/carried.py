"""What people carry between an agent without a network and the licence server: files, pasted text, QR codes.

A document is a compact JWS or a trust document, and has no space in it. A file has one in a line. A QR code that any
telephone reads off any screen holds less than a document, so there a document comes as numbered parts, each a line of
its own, in any order: ``LIC:2/3:<digest>:<text>``. The digest is of the whole document, so parts of two never mix.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from keys.errors import MalformedError, TooLargeError
from keys.jws import MAX_BYTES, encode
from keys.sentences import phrase, together

LARGEST = 4 * MAX_BYTES
"""Bytes that may be carried at once: an answer and a trust document, as parts or not."""
MOST_PARTS = 99
PART = 400
"""Bytes of a document in one code: with correction L it is 77 modules wide with its border, a terminal 80 columns."""
_PART = re.compile(rb"LIC:([1-9][0-9]?)/([1-9][0-9]?):([A-Za-z0-9_-]{11}):([!-~]{1,4096})")
_PRINTABLE = re.compile(rb"[!-~]+")


def write_carried(documents: Sequence[bytes]) -> bytes:
    """Return the content of a file that carries documents."""
    return b"".join(document + b"\n" for document in documents)


def parts_of(document: bytes, most: int = PART) -> tuple[str, ...]:
    """Return a document as texts for QR codes.

    Args:
        document: what ``write_carried`` takes.
        most: bytes of the document in one part.

    Raises:
        TooLargeError: it would be more than 99 codes.
    """
    digest, count = _digest(document), -(-len(document) // most)
    if count > MOST_PARTS:
        raise TooLargeError(
            phrase(
                "The document has {document} bytes: that would be {count} QR codes. Carry the file instead.",
                document=len(document),
                count=count,
            )
        )
    size = -(-len(document) // count)
    chunks = [document[start : start + size] for start in range(0, len(document), size)]
    return tuple(f"LIC:{number}/{count}:{digest}:{chunk.decode()}" for number, chunk in enumerate(chunks, 1))


def read_carried(content: bytes) -> tuple[bytes, ...]:
    """Return the documents in what somebody brought. None is believed yet.

    Args:
        content: a file, or text that was pasted or read off codes; spaces, line ends and a byte order mark around
            documents don't count.

    Raises:
        TooLargeError: more than anybody carries.
        MalformedError: there is no document in it, or parts of one are missing or misread.
    """
    if len(content) > LARGEST:
        raise TooLargeError(
            phrase(
                "The file has more than {largest} bytes: it is no request, answer or outage document.", largest=LARGEST
            )
        )
    found, series = _sorted(content)
    found += [_joined(digest, count, parts) for (digest, count), parts in series.items()]
    if not found:
        raise MalformedError(phrase("The file is empty."))
    return tuple(dict.fromkeys(found))


def progress_of(content: bytes) -> str:
    """Say how much of what somebody is bringing is there, in a sentence for people.

    Args:
        content: all that was brought up to now, with at least one line in it.
    """
    try:
        found, series = _sorted(content)
    except MalformedError:
        return phrase("This is no code of ours: is the keyboard's layout English? Press Ctrl-C, and begin once more.")
    lacking = [(count, _missing(count, parts)) for (_, count), parts in series.items()]
    unfinished = [
        phrase(
            "{read} of {count} codes are read; missing: {missing}.",
            read=count - len(missing),
            count=count,
            missing=", ".join(missing),
        )
        for count, missing in lacking
        if missing
    ]
    whole = len(found) + len(lacking) - len(unfinished)
    finished = phrase("Whole documents: {whole}. If that is all, press Ctrl-D.", whole=whole)
    return together(*unfinished) if unfinished else finished


def _sorted(content: bytes) -> tuple[list[bytes], dict[tuple[str, int], dict[int, bytes]]]:
    """Return whole documents, and parts by their document's digest and how many there are. Raises MalformedError."""
    found: list[bytes] = []
    series: dict[tuple[str, int], dict[int, bytes]] = {}
    for line in content.removeprefix(b"\xef\xbb\xbf").split():
        part = _PART.fullmatch(line)
        if part is not None:
            series.setdefault((part[3].decode(), int(part[2])), {})[int(part[1])] = part[4]
        elif _PRINTABLE.fullmatch(line):
            found.append(line)
        else:
            raise MalformedError(
                phrase("The file is not text as we write it: it is no request, answer or outage document.")
            )
    return found, series


def _missing(count: int, parts: Mapping[int, bytes]) -> list[str]:
    return [str(number) for number in range(1, count + 1) if number not in parts]


def _joined(digest: str, count: int, parts: Mapping[int, bytes]) -> bytes:
    """Return the document of a series of parts. Raises MalformedError."""
    missing = _missing(count, parts)
    if missing:
        raise MalformedError(
            phrase(
                "Of {count} codes, {missing} is missing. Read all of them, in any order.",
                count=count,
                missing=", ".join(missing),
            )
        )
    document = b"".join(parts[number] for number in range(1, count + 1))
    if _digest(document) != digest:
        raise MalformedError(
            phrase("A code was misread: together they are not what was written. Read all of them once more.")
        )
    return document


def _digest(document: bytes) -> str:
    return encode(hashlib.sha256(document).digest())[:11].decode()
