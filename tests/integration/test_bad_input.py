"""Everything that can be wrong with what arrives, on real Kafka: each gets its answer, none stops the consumer, none is lost."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import Role
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import Bench, Running, bench, running, until
from tests.unit.chassis.desk import claim, student_added
from tests.unit.telling import STUDENT

GOOD = [("ce_type", b"ClaimJurisdiction"), ("ce_specversion", b"1.0")]
OTHER = "1000000002"


@pytest.fixture
def on(kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path) -> Callable[..., Any]:
    """A running jurisdiction that knows one student."""

    @asynccontextmanager
    async def start(**settings: Any) -> AsyncIterator[tuple[Bench, Running]]:
        async with bench(kafka.bootstrap, topic_prefix, database, tmp_path, **settings) as table:
            async with running(table, SERVICE) as (service,):
                await table.tell(student_added())
                yield table, service

    return start


def _headers(**changes: bytes | None) -> list[tuple[str, Any]]:
    found: dict[str, Any] = {"ce_id": str(uuid4()).encode(), "ce_type": b"ClaimJurisdiction", "ce_subject": STUDENT.encode()}
    return [(name, value) for name, value in (found | changes).items()]


def _body(**changes: Any) -> bytes:
    return json.dumps({"student_id": STUDENT, "begin_on": "2017-08-10", "school": "017001", **changes}).encode()


UNREADABLE: dict[str, tuple[bytes | None, list[tuple[str, Any]]]] = {
    "no value": (None, _headers()),
    "header 'ce_subject' is not UTF-8": (_body(), _headers(ce_subject=b"\xff\xfe")),
    "header 'ce_id' is missing": (_body(), [("ce_type", b"ClaimJurisdiction")]),
    "header 'ce_type' is missing": (_body(), [("ce_id", str(uuid4()).encode())]),
    "header 'ce_id' is not a UUID: a command needs one": (_body(), _headers(ce_id=b"17")),
    "larger than 1000000 bytes": (b"x" * 1_000_001, _headers()),
    "a NUL character in the body": (_body(local_student_id="a\x00"), _headers()),
}


async def test_unreadable_records(on: Callable[..., Any]) -> None:
    """What is no command at all goes to the dead letters, each with its reason and place, and claims go on."""
    async with on() as (table, service):
        for value, headers in UNREADABLE.values():
            await table.put(table.prefix + "jurisdiction.commands", STUDENT.encode(), value, headers)
        good = await table.send(claim())
        assert (await service.final(good)).status is Status.ACCEPTED
        letters = await table.read("jurisdiction.dead-letters", lambda found: len(found) >= len(UNREADABLE))
        bodies = [json.loads(letter.value or b"") for letter in letters]
        assert {body["reason"] for body in bodies} == set(UNREADABLE)
        assert all(body["topic"] == table.prefix + "jurisdiction.commands" for body in bodies)
        assert await service.reads() == {"applied": 2, "dead letter": len(UNREADABLE)}


REFUSED: dict[str, tuple[bytes, bytes | None, dict[str, bytes]]] = {
    "MSG-001": (b"\x80\x81 not json", STUDENT.encode(), {}),
    "MSG-002": (_body(begin_on="yesterday"), STUDENT.encode(), {}),
    "MSG-003": (_body(lea="026"), STUDENT.encode(), {}),
    "MSG-004": (json.dumps({"student_id": STUDENT, "begin_on": "2017-08-10"}).encode(), STUDENT.encode(), {}),
    "MSG-005": (_body(), OTHER.encode(), {}),
    "MSG-006": (_body(), STUDENT.encode(), {"ce_type": b"ClaimEverything"}),
    "ACC-001": (_body(), STUDENT.encode(), {"token": b""}),
    "ACC-002": (_body(), STUDENT.encode(), {"token": b"forged"}),
    "JUR-002": (_body(begin_on="2001-01-01"), STUDENT.encode(), {}),
    "JUR-007": (_body(school="026001"), STUDENT.encode(), {}),
}


async def test_refused_commands(on: Callable[..., Any]) -> None:
    """What is a command but wrong is refused under its id, with the code that says what is wrong."""
    async with on() as (table, service):
        sent = {}
        for code, (value, key, changes) in REFUSED.items():
            headers = dict(_headers()) | {"token": table.token().encode()} | changes
            sent[code] = headers["ce_id"].decode()
            await table.put(table.prefix + "jurisdiction.commands", key, value, list(headers.items()))
        for code, command_id in sent.items():
            outcome = await service.final(command_id)
            assert outcome.status is Status.REFUSED
            assert code in {finding.code for finding in outcome.findings}, (code, outcome)
            assert all(finding.message and finding.solution for finding in outcome.findings)
        assert await service.reads() == {"applied": 1 + len(REFUSED)}


async def test_no_key(on: Callable[..., Any]) -> None:
    """A command without a key is refused: without it, nothing orders it among the student's other commands."""
    async with on() as (table, service):
        headers = dict(_headers()) | {"token": table.token().encode()}
        await table.put(table.prefix + "jurisdiction.commands", None, _body(), list(headers.items()))
        outcome = await service.final(headers["ce_id"].decode())
        assert {finding.code for finding in outcome.findings} == {"MSG-005"}


async def test_expired_token(on: Callable[..., Any]) -> None:
    """A token that had expired when Kafka received the command is refused."""
    async with on() as (table, service):
        late = await table.send(claim(), token=table.issuer.token("017", [Role.WRITER], "a.coordinator", hours=-1))
        outcome = await service.final(late)
        assert {finding.code for finding in outcome.findings} == {"ACC-003"}


async def test_another_issuer(on: Callable[..., Any], tmp_path: Path) -> None:
    """A token signed by another key is refused."""
    from deploy.local.home import Home
    from deploy.local.issuer import Issuer

    async with on() as (table, service):
        forged = Issuer(Home(tmp_path / "other")).token("017", [Role.WRITER], "a.coordinator")
        outcome = await service.final(await table.send(claim(), token=forged))
        assert {finding.code for finding in outcome.findings} == {"ACC-002"}


async def test_reader_cannot_claim(on: Callable[..., Any]) -> None:
    """Somebody who may only read cannot claim a student."""
    async with on() as (table, service):
        outcome = await service.final(await table.send(claim(), token=table.token("017", Role.READER)))
        assert {finding.code for finding in outcome.findings} == {"ACC-004"}


async def test_second_claim_while_one_is_pending(on: Callable[..., Any]) -> None:
    """While a claim on another LEA's student is being decided, a second one is refused, naming the first."""
    async with on() as (table, service):
        assert (await service.final(await table.send(claim()))).status is Status.ACCEPTED
        pending = ClaimJurisdiction(student_id=STUDENT, begin_on=date(2017, 9, 1), school="026001")
        first = await table.send(pending, lea="026")
        second = await table.send(pending.model_copy(update={"school": "028001"}), lea="028")
        outcome = await service.final(second)
        assert {finding.code for finding in outcome.findings} == {"JUR-005"}
        assert "Jefferson" in outcome.findings[0].message

        async def begun() -> bool | None:
            return True if await service.rows("SELECT 1 FROM ledger WHERE command_id = :id AND status = 'held'", id=first) else None

        assert await until(begun, "the first claim is still being decided")


async def test_unknown_student(on: Callable[..., Any]) -> None:
    """A claim for a student nobody has added is held, then refused past its deadline, naming what was missing."""
    async with on(hold_seconds=1) as (table, service):
        outcome = await service.final(await table.send(claim(OTHER)))
        assert {finding.code for finding in outcome.findings} == {"MSG-007", "JUR-001"}
        assert await service.rows("SELECT * FROM held") == []


async def test_most_of_a_stream_is_bad(on: Callable[..., Any]) -> None:
    """With three records in ten unreadable, every good command still has its outcome and every record is accounted for."""
    async with on() as (table, service):
        good, total = [], 300
        for number in range(total):
            if number % 10 < 3:
                await table.put(table.prefix + "jurisdiction.commands", STUDENT.encode(), b"\x00", _headers(ce_id=b"x"))
            else:
                good.append(await table.send(claim(f"{2_000_000_000 + number}")))

        async def all_read() -> bool | None:
            return True if sum((await service.reads()).values()) == total + 1 else None

        await until(all_read, "every record was read")
        assert await service.reads() == {"applied": 1, "dead letter": 90, "held": 210}
        rows = await service.rows("SELECT count(*) FROM ledger")
        assert rows[0][0] == len(good)


async def test_over_http(on: Callable[..., Any]) -> None:
    """At the HTTP door the same mistakes get the same codes, at once, as problem details."""
    async with on() as (table, service):
        signed = {"authorization": f"Bearer {table.token()}"}
        path = "/commands/ClaimJurisdiction"
        cases = [
            ({}, _body(), 401, "ACC-001"),
            ({"authorization": "Bearer forged"}, _body(), 401, "ACC-002"),
            (signed, b"{", 422, "MSG-001"),
            (signed, _body(lea="026"), 422, "MSG-003"),
            (signed, b" " * 1_000_001, 413, "MSG-012"),
            (signed | {"command-id": "17"}, _body(), 422, "MSG-017"),
            (signed | {"prefer": "wait=10"}, _body(school="026001"), 422, "JUR-007"),
        ]
        for headers, body, status, code in cases:
            answer = await service.http.post(path, content=body, headers=headers)
            assert answer.status_code == status, (code, answer.text)
            assert code in answer.text


async def test_http_same_id(on: Callable[..., Any]) -> None:
    """A command posted twice under one id has one outcome; another command under that id is a conflict."""
    async with on() as (table, service):
        headers = {"authorization": f"Bearer {table.token()}", "prefer": "wait=10", "command-id": str(uuid4())}
        first = await service.http.post("/commands/ClaimJurisdiction", content=_body(), headers=headers)
        again = await service.http.post("/commands/ClaimJurisdiction", content=_body(), headers=headers)
        other = await service.http.post("/commands/ClaimJurisdiction", content=_body(begin_on="2017-08-12"), headers=headers)
        assert first.status_code == again.status_code == 200
        assert first.json() == again.json()
        assert (other.status_code, other.json()["findings"][0]["code"]) == (409, "MSG-011")
        found = await service.http.get(first.headers["location"], headers={"authorization": f"Bearer {table.token()}"})
        assert found.json() == first.json()
