"""Messages for real topics: noise, valid messages, and mostly messages with mistakes."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from contracts import examples
from contracts.catalog import Entry
from services.chassis.hosting.definition import ServiceDefinition
from tests.fuzz.bodies import CANARY, LARGE, NUMBERS, ODD, WEIRD_TEXTS, changed, edited, spelt
from tests.fuzz.system import System

_STUDENTS = tuple(f"70000000{number:02}" for number in range(20))
_DEEDS = ("put", "put", "put", "drop", "rename", "add", "wrap", "twice")
_EDITS = ("none", "none", "cut", "flip", "flip", "insert", "before", "repeat key", "utf-16")
_HEADER_NAMES = ("ce_id", "ce_type", "ce_sequence", "token", "correlation", "traceparent", CANARY, "", "\x00")
_LARGEST = 1_040_000

Headers = list[tuple[str, bytes]]


@dataclass
class Record:
    """A message for a topic."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Stream:
    """Random messages for the topics of one service; a seed determines them."""

    def __init__(self, service: ServiceDefinition, system: System, seed: int) -> None:
        self._entries = list(dict.fromkeys(service.consumed))
        self._system = system
        self._chance = random.Random(seed)
        self._tokens = [system.token(who) for who in ("owner", "other LEA", "state")]

    def records(self, count: int) -> Iterator[Record]:
        """`count` messages; the topics take turns."""
        kinds: Sequence[Callable[[Entry], Record]] = (self._noise, self._in_order, *(self._near_miss,) * 6)
        for number in range(count):
            entry = self._entries[number % len(self._entries)]
            yield self._chance.choice(kinds)(entry)

    def _noise(self, entry: Entry) -> Record:
        headers = [
            (self._chance.choice(_HEADER_NAMES), self._bytes(40)) for _ in range(self._chance.randrange(6))
        ]
        value = None if self._chance.random() < 0.1 else self._bytes(400)
        return Record(self._topic(entry), self._bytes(20), value, headers)

    def _in_order(self, entry: Entry) -> Record:
        body = self._body(entry)
        return self._record(entry, body, spelt(body))

    def _near_miss(self, entry: Entry) -> Record:
        """A message with one or two mistakes."""
        body = self._body(entry)
        record = self._record(entry, body, spelt(body))
        for _ in range(self._chance.randint(1, 2)):
            record = self._chance.choice(
                (
                    self._mistaken,
                    self._mistaken,
                    self._mistaken,
                    self._misspelt,
                    self._misspelt,
                    self._flipped,
                    self._other_key,
                    self._odd_header,
                    self._odd_header,
                    self._many_headers,
                    self._future,
                    self._repeated,
                    self._huge,
                )
            )(entry, record)
        return record

    def _record(self, entry: Entry, body: Any, value: bytes) -> Record:
        student = str(body["student_id"])
        headers = [
            ("ce_id", str(uuid4()).encode()),
            ("ce_type", entry.name.encode()),
            ("ce_subject", student.encode()),
            ("ce_dataschema", f"urn:ser:schema:{entry.schema_id}".encode()),
            ("ce_sequence", str(self._chance.randint(1, 200)).encode()),
            ("token", self._chance.choice(self._tokens).encode()),
        ]
        return Record(self._topic(entry), student.encode(), value, headers)

    def _body(self, entry: Entry) -> Any:
        shown = self._chance.choice(list(examples.every(entry.schema_id).values()))
        body = json.loads(json.dumps(shown)) | {"student_id": self._chance.choice(_STUDENTS)}
        if "revision" in body:
            body["revision"] = self._chance.choice((1, 1, 2, 3, 5, 9))
        return body

    # Mistakes

    def _mistaken(self, entry: Entry, record: Record) -> Record:
        changes = [
            (self._chance.randrange(200), self._chance.choice(_DEEDS), self._value())
            for _ in range(self._chance.randint(1, 3))
        ]
        record.value = spelt(changed(self._body(entry), changes), ascii_only=self._chance.random() < 0.5)
        return record

    def _misspelt(self, _: Entry, record: Record) -> Record:
        edit = (self._chance.choice(_EDITS), self._chance.randrange(5_000), self._bytes(6) or b"\x00")
        record.value = edited(record.value or b"", edit)
        return record

    def _flipped(self, _: Entry, record: Record) -> Record:
        value = bytearray(record.value or b"\x00")
        for _number in range(self._chance.randint(1, 8)):
            value[self._chance.randrange(len(value))] ^= 1 << self._chance.randrange(8)
        record.value = bytes(value)
        return record

    def _other_key(self, _: Entry, record: Record) -> Record:
        record.key = self._chance.choice(
            (None, b"", b"\xff\xfe", b"1000000002", CANARY.encode(), b"x" * 17_000)
        )
        return record

    def _odd_header(self, _: Entry, record: Record) -> Record:
        odd = (
            self._chance.choice(_HEADER_NAMES),
            self._chance.choice((b"", b"\xff", b"\x00", b"9" * 12, self._bytes(30))),
        )
        if record.headers and self._chance.random() < 0.5:
            record.headers[self._chance.randrange(len(record.headers))] = odd
        else:
            record.headers.insert(0, odd)
        return record

    def _many_headers(self, _: Entry, record: Record) -> Record:
        record.headers += [("", b"")] * self._chance.choice(
            (10, 100, 2_000, 50_000) if self._rarely() else (10,)
        )
        return record

    def _future(self, entry: Entry, record: Record) -> Record:
        name = self._chance.choice((f"{entry.name}V2", f"{entry.name}.v2", "SomethingElse", CANARY * 20))
        record.headers = [
            (key, name.encode() if key == "ce_type" else value) for key, value in record.headers
        ]
        return record

    def _repeated(self, _: Entry, record: Record) -> Record:
        """An id that other messages have too."""
        same = f"00000000-0000-0000-0000-0000000000{self._chance.randrange(10):02}".encode()
        record.headers = [(key, same if key == "ce_id" else value) for key, value in record.headers]
        return record

    def _huge(self, entry: Entry, record: Record) -> Record:
        if self._rarely():
            change = (
                self._chance.randrange(200),
                self._chance.choice(("put", "add")),
                self._chance.choice(LARGE),
            )
            record.value = spelt(changed(self._body(entry), [change]))[:_LARGEST]
        return record

    # Chance

    def _rarely(self) -> bool:
        return self._chance.random() < 0.1

    def _value(self) -> Any:
        return self._chance.choice(self._chance.choice((ODD, NUMBERS, WEIRD_TEXTS)))

    def _bytes(self, most: int) -> bytes:
        return self._chance.randbytes(self._chance.randint(0, most))

    def _topic(self, entry: Entry) -> str:
        return entry.topic(self._system.prefix)
