"""Unreadable messages, alone and as a third of a stream (family 11)."""

import json
from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest

from contracts import examples
from contracts.catalog import events
from contracts.errors import COMMAND_UNKNOWN, FIELD_UNKNOWN, KEY_WRONG
from contracts.jurisdiction import StudentClaimed
from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.workload import FEW, Headers, Mixture, Workload

pytestmark = pytest.mark.system

_STUDENT = "7998000001"
_TOO_LARGE = 1_020_000
"""Bytes: Kafka accepts this size, SER does not."""

Poison = tuple[str, bytes | None, bytes | None, Headers]
"""Topic, key, value, headers."""


def headers(name: str, **more: bytes) -> Headers:
    """The headers of a valid message, changed by `more`."""
    whole = {"ce_id": str(uuid4()).encode(), "ce_type": name.encode(), "ce_sequence": b"1"} | more
    return [*whole.items()]


def unreadable(topic: str, name: str, body: bytes) -> Iterator[Poison]:
    """Unreadable messages on a topic of commands or events."""
    key = _STUDENT.encode()
    yield topic, None, b"\xff\xfe\x00\x01", []
    yield topic, key, None, headers(name)
    yield topic, key, body, headers(name, correlation=b"\xff\xfe")
    yield topic, key, b" " * _TOO_LARGE + body, headers(name)
    yield topic, key, body, [("ce_type", name.encode())]
    yield topic, key, body, [*headers(name), *[("x", b"y" * 1000)] * 20]


def unreadable_events() -> Iterator[Poison]:
    """The same, and wrong events: another student's key, a later version, no sequence."""
    example = dict(examples.example("StudentClaimed.v1") or {}, student_id=_STUDENT)
    body, topic, key = json.dumps(example).encode(), StudentClaimed.__name__, _STUDENT.encode()
    yield from unreadable(topic, topic, body)
    yield topic, b"7998000002", body, headers(topic)
    yield topic, key, body, headers("StudentClaimedV2")
    yield topic, key, b'{"student_id": "7998000001", "revision": "of a later version"}', headers(topic)
    yield topic, key, body, headers(topic)[:2]
    yield topic, key, body, headers(topic, ce_sequence=b"first")


def unreadable_commands() -> Iterator[Poison]:
    """The same, and a command whose id is no UUID."""
    body = json.dumps(dict(examples.example("ClaimJurisdiction.v1") or {}, student_id=_STUDENT)).encode()
    for service in ("students", "jurisdiction", "ieps", "provision"):
        yield from unreadable(f"{service}.commands", "ClaimJurisdiction", body)
        yield f"{service}.commands", _STUDENT.encode(), body, headers("ClaimJurisdiction", ce_id=b"first")


def refusable(load: Workload) -> Iterator[Poison]:
    """Commands that the service refuses: wrong key, unknown name, later version."""
    example = dict(examples.example("ClaimJurisdiction.v1") or {}, student_id=_STUDENT)
    body, topic, token = json.dumps(example).encode(), "jurisdiction.commands", load.token("017").encode()
    yield topic, b"7998000002", body, headers("ClaimJurisdiction", token=token)
    yield topic, _STUDENT.encode(), body, headers("ClaimJurisdictionV2", token=token)
    later = body[:-1] + b', "of_a_later_version": 1}'
    yield topic, _STUDENT.encode(), later, headers("ClaimJurisdiction", token=token)


async def test_every_kind_of_poison(system: ProxiedSystem, judge: Judge) -> None:
    """A service writes a dead letter with a reason for each unreadable message, and handles all others."""
    async with Workload(system, 800, window=FEW).running(fewest=FEW) as load:
        letters = [*unreadable_commands(), *unreadable_events()]
        refused = [*refusable(load)]
        for topic, key, value, headers_ in (*letters, *refused):
            await load.put(topic, key, value, headers_)

    evidence = await judge.check("11 every kind of poison", load, faults=len(letters) + len(refused))
    assert len(evidence.topics.unreadable) >= len(letters)
    ids = {dict(headers_)["ce_id"].decode() for *_, headers_ in refused}
    given = {
        code for outcome in evidence.topics.outcomes if outcome.command_id in ids for code in outcome.codes
    }
    assert given >= {COMMAND_UNKNOWN.code, KEY_WRONG.code, FIELD_UNKNOWN.code}


@pytest.mark.long
async def test_a_third_of_a_stream_is_bad(system: ProxiedSystem, judge: Judge) -> None:
    """One sender sends garbage. The services still answer all other commands."""
    bad = Mixture(twice=0.1, gibberish=0.5, id_reused=0.05)
    draw = Random(11)
    async with Workload(system, 801, bad).running(fewest=60) as load:
        await load.accepted(50)
        for topic in sorted({entry.topic() for entry in events().values()}):
            for _ in range(20):
                await load.put(topic, None, draw.randbytes(100), [])
                load.bad += 1

    await judge.check("11 a third of a stream is bad", load, faults=load.bad)
    assert load.bad / load.messages > 0.3
