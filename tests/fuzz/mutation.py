"""Good things made bad: bytes that were bitten, JSON with another member, documents that are signed all the same."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.conformance.material import Json, Key, forge

LEAVES = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 1, 2**31, 2**53, 2**53 + 1, -(2**63), 10**400, 0.5, 1e308, -0.0])
    | st.sampled_from(["", "\0", "é", "e\u0301", "..", "/etc/passwd", "' OR 1=1 --", "{}", "null", "A" * 2000])
    | st.text(max_size=8)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
DEEP = [*("[" * depth + "]" * depth for depth in (15, 16, 17, 200, 3_000)), '{"a":' * 3_000 + "1" + "}" * 3_000]


@st.composite
def bitten(draw: st.DrawFn, good: bytes) -> bytes:
    """Cut, flip, insert, repeat or exchange a few pieces of good bytes."""
    found = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(found)))
        end = min(len(found), start + draw(st.sampled_from([0, 1, 1, 2, 8, 64, len(found)])))
        how = draw(st.sampled_from(["flip", "cut", "insert", "repeat", "zero"]))
        if how == "flip" and end > start:
            found[start] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del found[start:end]
        elif how == "insert":
            found[start:start] = draw(
                st.binary(max_size=8) | st.sampled_from([b".", b"=", b'"', b"\\u0000", b"{", b"\n"])
            )
        elif how == "repeat":
            found[start:start] = found[start:end]
        else:
            found[start:end] = bytes(end - start)
    return bytes(found)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, as the steps that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, member in inner for place in _places(member, (*path, step)))]


@st.composite
def changed(draw: st.DrawFn, good: Json) -> Json:
    """Replace, remove, add or move one to three members, however deep, of a JSON object."""
    found: Json = json.loads(json.dumps(good))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(_places(found)[1:] or [("x",)]))
        owner: Any = found
        for step in place[:-1]:
            owner = owner[step]
        how = draw(st.sampled_from(["replace", "remove", "add", "copy"]))
        if how == "remove":
            owner.pop(place[-1], None) if isinstance(owner, dict) else owner.pop(place[-1])
        elif how == "add" and isinstance(owner, dict):
            owner[draw(st.text(max_size=6))] = draw(ANYTHING)
        elif how == "copy" and isinstance(owner, dict):
            owner[place[-1]] = draw(st.sampled_from(list(owner.values()) or [None]))
        else:
            owner[place[-1]] = draw(ANYTHING)
    return found


@st.composite
def respelt(draw: st.DrawFn, good: Json) -> bytes:
    """Write a JSON object in another way, or not quite as JSON: spaces, escapes, a name twice, a bite."""
    value = draw(st.just(good) | changed(good))
    text = json.dumps(
        value, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")]))
    )
    raw = text.encode("utf-8", "surrogatepass")
    how = draw(st.sampled_from(["as it is", "twice", "bitten", "deep", "lone"]))
    if how == "twice" and value:
        name = json.dumps(draw(st.sampled_from(sorted(value))))
        raw = b"{" + name.encode() + b":" + draw(st.sampled_from([b"1", b"null", b'"x"', b"{}"])) + b"," + raw[1:]
    elif how == "bitten":
        raw = draw(bitten(raw))
    elif how == "deep":
        raw = raw[:-1] + b',"deep":' + draw(st.sampled_from(DEEP)).encode() + b"}"
    elif how == "lone":
        raw = (
            raw[:-1] + b',"half":"' + draw(st.sampled_from([b"\\ud800", b"\\udc00\\ud800", b"\\ud83c\\udfed"])) + b'"}'
        )
    return raw


def signed(head: Json, claims: Json, key: Key) -> st.SearchStrategy[bytes]:
    """A document of which header or claims are changed, and which is signed by its key all the same, or is bitten."""
    make: Callable[[Json | bytes, Json | bytes], bytes] = lambda first, second: forge(first, second, key)  # noqa: E731
    good = make(head, claims)
    return st.one_of(
        bitten(good),
        st.builds(make, st.just(head), respelt(claims)),
        st.builds(make, respelt(head), st.just(claims)),
        st.builds(make, changed(head), changed(claims)),
    )
