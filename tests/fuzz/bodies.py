"""Random bodies of messages: valid ones, and the same with mistakes."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from contracts import examples, schemas
from contracts.catalog import Entry
from tests.contracts.instances import instances

CANARY = "Zanzibar-Quokka"
"""The word in every mistake. Only the sender may read it again."""

MOST_BYTES = 1_000_000
_DEEP = 3_000
_DEEPEST = 20
_LONG = "x" * 950_000

WEIRD_TEXTS = (
    *("", " ", "\u00a0", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\\u0000", "\ufeff", "\u202e", "\x1f"),
    *("0" * 10, "9" * 10, "٠١٢٣٤٥٦٧٨٩", "1000000001\n", "１２３４５６７８９０", "é" * 80, "😀" * 200),
    *("0001-01-01", "9999-12-31", "2016-02-29", "2017-02-29", "2017-8-1", "20170801", "2017-08-01T00:00:00Z"),
    *(
        "-1",
        "1",
        "1e400",
        "true",
        "null",
        "NaN",
        "{}",
        "{problem}",
        "{0.__class__}",
        "%s",
        "'; --",
        "__proto__",
    ),
    *("00000000-0000-0000-0000-000000000000", "{8bca4144-71fa-5edb-a764-f2bc755c9e32}", "urn:uuid:8bca4144"),
    *("8BCA4144-71FA-5EDB-A764-F2BC755C9E32", "8bca414471fa5edba764f2bc755c9e32", "LA", "017", "017001"),
)
NUMBERS = (
    *(0, -1, 1, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 10**400),
    *(0.0, -0.0, 1.0, 1.5, 1e-300, 1e308, float("inf"), float("-inf"), float("nan"), 253402300800, 1e18),
)


def _nested(depth: int) -> Any:
    value: Any = CANARY
    for level in range(depth):
        value = [value] if level % 2 else {CANARY: value}
    return value


LARGE: tuple[Any, ...] = (
    _LONG,
    [0] * 100_000,
    {f"{CANARY}{n}": n for n in range(20_000)},
    [{} for _ in range(50_000)],
)
ODD: tuple[Any, ...] = (None, True, False, [], {}, [None], {CANARY: CANARY}, [[]], CANARY, CANARY + "\x00")

SMALL_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(NUMBERS),
    st.sampled_from(WEIRD_TEXTS),
    st.text(max_size=20).map(lambda text: CANARY + text),
    st.integers(),
    st.sampled_from((10, 90, 200)).map(_nested),
)
VALUES: st.SearchStrategy[Any] = st.integers(0, 60).flatmap(
    lambda chance: st.sampled_from(LARGE) if chance == 60 else SMALL_VALUES
)
Change = tuple[int, str, Any]
"""The place in the body (by number), the kind of change, and the value."""

CHANGE: st.SearchStrategy[Change] = st.tuples(
    st.integers(0, 200), st.sampled_from(("put", "drop", "rename", "add", "wrap", "twice")), VALUES
)
CHANGES = st.lists(CHANGE, max_size=4)


@cache
def permitted(entry: Entry) -> st.SearchStrategy[Any]:
    """Bodies that the committed schema permits, and the examples."""
    schema = schemas.committed(entry.schema_id) or {}
    shown = list(examples.every(entry.schema_id).values())
    return st.one_of(instances(schema), *([st.sampled_from(shown)] if shown else []))


def changed(body: Any, changes: Sequence[Change]) -> Any:
    """A changed copy of a body."""
    root = {"": json.loads(json.dumps(body))}
    for place, what, value in changes:
        places = list(_places(root))
        _change(*places[place % len(places)], what, deepcopy(value))
    return root.get("")


def _places(node: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Every place of a body: its container and its key. Of long and deep values only the beginning."""
    found = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    for key, value in found[:50]:
        yield node, key
        if isinstance(value, dict | list) and depth < _DEEPEST:
            yield from _places(value, depth + 1)


def _change(held_by: Any, key: Any, what: str, value: Any) -> None:
    match what:
        case "drop" if key != "":
            del held_by[key]
        case "rename" if isinstance(held_by, dict) and key != "":
            held_by[f"{key}{CANARY}"] = held_by.pop(key)
        case "add" if isinstance(held_by[key], dict):
            held_by[key][CANARY] = value
        case "add" if isinstance(held_by[key], list):
            held_by[key].append(value)
        case "twice" if isinstance(held_by[key], list):
            held_by[key] = (held_by[key] * 2)[:100_000]
        case "wrap":
            held_by[key] = [held_by[key]]
        case _:
            held_by[key] = value


def spelt(body: Any, *, ascii_only: bool = True) -> bytes:
    """A body as Python's JSON, which may contain NaN and surrogates."""
    return json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


Edit = tuple[str, int, bytes]
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.sampled_from(("none", "none", "none", "cut", "flip", "insert", "before", "repeat key", "utf-16")),
    st.integers(0, 5_000),
    st.one_of(
        st.binary(min_size=1, max_size=8),
        st.sampled_from((b"\xef\xbb\xbf", b"\\u0000", b"\xff", b"[" * _DEEP)),
    ),
)


def edited(body: bytes, edit: Edit) -> bytes:
    """The bytes of a body after an edit."""
    what, place, piece = edit
    place %= len(body) + 1
    match what:
        case "cut":
            return body[:place]
        case "flip":
            return (
                body[:place] + bytes(byte ^ piece[0] for byte in body[place : place + 1]) + body[place + 1 :]
            )
        case "insert":
            return body[:place] + piece + body[place:]
        case "before":
            return piece + body
        case "repeat key":
            return body.replace(b"{", b'{"student_id": "9999999999", ', 1)
        case "utf-16":
            return body.decode("utf-8", "replace").encode("utf-16")
        case _:
            return body
