"""Records that are no messages, alone and as a third of a stream (family 11)."""

import json
from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest

from contracts import examples
from contracts.catalog import events
from contracts.errors import COMMAND_UNKNOWN, FIELD_UNKNOWN, KEY_WRONG
from contracts.jurisdiction import StudentClaimed
from tests.faults.stage import Stage
from tests.faults.verdict import Court
from tests.faults.workload import FEW, Headers, Mixture, Workload

pytestmark = pytest.mark.system

_STUDENT = "7998000001"
_TOO_LARGE = 1_020_000
"""Bytes: Kafka takes it, SER does not."""

Poison = tuple[str, bytes | None, bytes | None, Headers]
"""Topic, key, value, headers."""


def headers(name: str, **more: bytes) -> Headers:
    """What makes a record a message, and what may spoil it."""
    whole = {"ce_id": str(uuid4()).encode(), "ce_type": name.encode(), "ce_sequence": b"1"} | more
    return [*whole.items()]


def unreadable(topic: str, name: str, body: bytes) -> Iterator[Poison]:
    """Records on a topic of commands or events that nobody can take for a message."""
    key = _STUDENT.encode()
    yield topic, None, b"\xff\xfe\x00\x01", []
    yield topic, key, None, headers(name)
    yield topic, key, body, headers(name, correlation=b"\xff\xfe")
    yield topic, key, b" " * _TOO_LARGE + body, headers(name)
    yield topic, key, body, [("ce_type", name.encode())]
    yield topic, key, body, [*headers(name), *[("x", b"y" * 1000)] * 20]


def unreadable_events() -> Iterator[Poison]:
    """Those, and events that are not whole: of another student, of a later version, without a number."""
    example = dict(examples.example("StudentClaimed.v1") or {}, student_id=_STUDENT)
    body, topic, key = json.dumps(example).encode(), StudentClaimed.__name__, _STUDENT.encode()
    yield from unreadable(topic, topic, body)
    yield topic, b"7998000002", body, headers(topic)
    yield topic, key, body, headers("StudentClaimedV2")
    yield topic, key, b'{"student_id": "7998000001", "revision": "of a later version"}', headers(topic)
    yield topic, key, body, headers(topic)[:2]
    yield topic, key, body, headers(topic, ce_sequence=b"first")


def unreadable_commands() -> Iterator[Poison]:
    """Those, and one whose id is none."""
    body = json.dumps(dict(examples.example("ClaimJurisdiction.v1") or {}, student_id=_STUDENT)).encode()
    for service in ("students", "jurisdiction", "ieps", "provision"):
        yield from unreadable(f"{service}.commands", "ClaimJurisdiction", body)
        yield f"{service}.commands", _STUDENT.encode(), body, headers("ClaimJurisdiction", ce_id=b"first")


def refusable(load: Workload) -> Iterator[Poison]:
    """Commands that can be answered, though not accepted: wrong key, unknown name, later version."""
    example = dict(examples.example("ClaimJurisdiction.v1") or {}, student_id=_STUDENT)
    body, topic, token = json.dumps(example).encode(), "jurisdiction.commands", load.token("017").encode()
    yield topic, b"7998000002", body, headers("ClaimJurisdiction", token=token)
    yield topic, _STUDENT.encode(), body, headers("ClaimJurisdictionV2", token=token)
    later = body[:-1] + b', "of_a_later_version": 1}'
    yield topic, _STUDENT.encode(), later, headers("ClaimJurisdiction", token=token)


async def test_every_kind_of_poison(stage: Stage, court: Court) -> None:
    """What cannot be read is a dead letter that says why; everything else goes its way past it."""
    async with Workload(stage, 800, window=FEW).running(fewest=FEW) as load:
        letters = [*unreadable_commands(), *unreadable_events()]
        answered = [*refusable(load)]
        for topic, key, value, said in (*letters, *answered):
            await load.put(topic, key, value, said)

    case = await court.judge("11 every kind of poison", load, faults=len(letters) + len(answered))
    assert len(case.heard.unread) >= len(letters)
    ids = {dict(said)["ce_id"].decode() for *_, said in answered}
    given = {code for outcome in case.heard.answered if outcome.command_id in ids for code in outcome.codes}
    assert given >= {COMMAND_UNKNOWN.code, KEY_WRONG.code, FIELD_UNKNOWN.code}


@pytest.mark.long
async def test_a_third_of_a_stream_is_bad(stage: Stage, court: Court) -> None:
    """When a sender goes mad, everybody else's commands are answered all the same."""
    bad = Mixture(twice=0.1, gibberish=0.5, id_reused=0.05)
    draw = Random(11)
    async with Workload(stage, 801, bad).running(fewest=60) as load:
        await load.accepted(50)
        for topic in sorted({entry.topic() for entry in events().values()}):
            for _ in range(20):
                await load.put(topic, None, draw.randbytes(100), [])
                load.bad += 1

    await court.judge("11 a third of a stream is bad", load, faults=load.bad)
    assert load.bad / load.messages > 0.3
