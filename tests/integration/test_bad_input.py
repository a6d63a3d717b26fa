"""Every kind of wrong message, on real Kafka: each gets its answer, none stops the consumer, none is lost."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from contracts.access import Actor, Role
from contracts.errors import Finding
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Outcome, Status
from contracts.partitions import partition_of
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.decoding.tokens import Tokens
from services.jurisdiction.app import SERVICE
from tests.engines import KafkaServer, PostgresServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.unit.chassis.memory_service import claim, student_added

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/commands/ClaimJurisdiction"


@dataclass
class Jurisdiction:
    """A running jurisdiction for all tests of this file. Each test has its own students."""

    bench: Bench
    service: RunningService
    ids: "count[int]"

    async def student(self) -> str:
        """A student whom jurisdiction knows."""
        student_id = self.stranger()
        await self.bench.publish(student_added(student_id))
        return student_id

    def stranger(self) -> str:
        """A State ID without a student."""
        return str(next(self.ids))

    async def put(self, key: bytes | None, value: bytes | None, headers: dict[str, Any]) -> None:
        """Put any bytes on the command topic."""
        topic = self.bench.prefix + "jurisdiction.commands"
        await self.bench.put(topic, key, value, list(headers.items()))

    async def refusal(self, command_id: str) -> set[str]:
        """The codes of a refused command, each with its sentence and solution."""
        outcome = await self.service.final(command_id)
        assert outcome.status is Status.REFUSED
        assert all(finding.message and finding.solution for finding in outcome.findings)
        return codes(outcome)

    async def read_since(self, before: dict[str, int], records: int) -> dict[str, int]:
        """The results of the next messages read after `before`."""

        async def look() -> dict[str, int] | None:
            now = await self.service.reads()
            new = {result: now[result] - before.get(result, 0) for result in now}
            return new if sum(new.values()) >= records else None

        return {result: number for result, number in (await until(look, "all was read")).items() if number}


def codes(outcome: Outcome) -> set[str]:
    """The codes of an outcome's findings."""
    return {finding.code for finding in outcome.findings}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def jurisdiction(
    kafka: KafkaServer, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Jurisdiction]:
    """Kafka, PostgreSQL and jurisdiction; a command waits two seconds at most."""
    name = f"j{secrets.token_hex(4)}"
    postgres.create(name, name, name)
    home = tmp_path_factory.mktemp("bad")
    async with (
        bench(
            kafka.bootstrap, f"{name}.", lambda _: postgres.url(name, name, name), home, hold_seconds=2
        ) as own_bench,
        running(own_bench, SERVICE) as (service,),
    ):
        yield Jurisdiction(own_bench, service, count(3_000_000_000))


def _headers(**changes: bytes | None) -> dict[str, Any]:
    found: dict[str, Any] = {"ce_id": str(uuid4()).encode(), "ce_type": b"ClaimJurisdiction"}
    return found | changes


def _body(student: str, **changes: Any) -> bytes:
    return json.dumps(
        {"student_id": student, "begin_on": "2017-08-10", "school": "017001", **changes}
    ).encode()


NOBODY = "1000000001"

UNREADABLE: dict[str, tuple[bytes | None, dict[str, Any]]] = {
    "no value": (None, _headers()),
    "header 'ce_subject' is not UTF-8": (_body(NOBODY), _headers(ce_subject=b"\xff\xfe")),
    "header 'ce_id' is missing": (_body(NOBODY), {"ce_type": b"ClaimJurisdiction"}),
    "header 'ce_type' is missing": (_body(NOBODY), {"ce_id": str(uuid4()).encode()}),
    "header 'ce_id' is not a UUID: a command needs one": (_body(NOBODY), _headers(ce_id=b"17")),
    "larger than 1000000 bytes": (b"x" * 1_000_001, _headers()),
    "key and headers larger than 16384 bytes": (_body(NOBODY), _headers(correlation=b"x" * 20_000)),
}


async def test_unreadable_records(jurisdiction: Jurisdiction) -> None:
    """Unreadable messages become dead letters with place and reason, and claims go on."""
    before = await jurisdiction.service.reads()
    for value, headers in UNREADABLE.values():
        await jurisdiction.put(NOBODY.encode(), value, headers)
    good = await jurisdiction.bench.send(claim(await jurisdiction.student()))
    assert (await jurisdiction.service.final(good)).status is Status.ACCEPTED
    letters = await jurisdiction.bench.read(
        "jurisdiction.dead-letters", lambda found: len(found) >= len(UNREADABLE)
    )
    bodies = [json.loads(letter.value or b"") for letter in letters]
    assert {body["reason"] for body in bodies} == set(UNREADABLE)
    assert all(body["topic"] == jurisdiction.bench.prefix + "jurisdiction.commands" for body in bodies)
    since = await jurisdiction.read_since(before, 2 + len(UNREADABLE))
    assert since["dead letter"] == len(UNREADABLE)


async def test_an_id_in_capitals_is_the_same_id(jurisdiction: Jurisdiction) -> None:
    """The service takes a command once, also if its id comes in capitals and twice."""
    before = await jurisdiction.service.reads()
    student, command_id = await jurisdiction.student(), str(uuid4())
    for spelt in (command_id.upper(), command_id.upper(), command_id):
        await jurisdiction.bench.send(claim(student), under=spelt)

    assert (await jurisdiction.service.final(command_id)).status is Status.ACCEPTED
    assert await jurisdiction.read_since(before, 4) == {
        "applied": 2,
        "duplicate": 2,
    }  # the student was added


class _NoText(str):
    """A header name that no ordinary client writes."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"na\xefve"


async def test_header_whose_name_is_no_text(jurisdiction: Jurisdiction) -> None:
    """A header whose name is no text harms neither its command nor other commands."""
    students = [await jurisdiction.student() for _ in range(12)]
    students = [student for student in students if partition_of(student, 2) == 0][:3]
    commands = [str(uuid4()) for _ in students]
    batch = jurisdiction.bench.producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 100_000)
    for student, command in zip(students, commands, strict=True):
        envelope = {"ce_id": command, "ce_type": "ClaimJurisdiction", "token": jurisdiction.bench.token()}
        headers = [(_NoText(), b""), *((name, value.encode()) for name, value in envelope.items())]
        batch.append(key=student.encode(), value=_body(student), timestamp=None, headers=headers)
    topic = jurisdiction.bench.prefix + "jurisdiction.commands"
    await jurisdiction.bench.producer.send_batch(batch, topic, partition=0)

    for command in commands:
        assert (await jurisdiction.service.final(command)).status is Status.ACCEPTED


async def test_header_without_a_value(jurisdiction: Jurisdiction) -> None:
    """A message with a header without a value becomes a dead letter."""
    before = await jurisdiction.service.reads()
    await jurisdiction.put(NOBODY.encode(), _body(NOBODY), _headers(correlation=None))
    assert await jurisdiction.read_since(before, 1) == {"dead letter": 1}


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "MSG-002": ({"begin_on": "yesterday"}, {}),
    "MSG-003": ({"lea": "026"}, {}),
    "MSG-019": ({"local_student_id": "a\x00"}, {}),
    "MSG-006": ({}, {"ce_type": b"ClaimEverything"}),
    "ACC-001": ({}, {"token": b""}),
    "ACC-002": ({}, {"token": b"forged"}),
    "ACC-013": ({}, {"token": b"Bearer forged"}),
    "REC-003": ({"begin_on": "2001-01-01"}, {}),
    "JUR-007": ({"school": "026001"}, {}),
}


@pytest.mark.parametrize("code", REFUSED)
async def test_refused_commands(jurisdiction: Jurisdiction, code: str) -> None:
    """The service refuses a wrong command under its id, with a code."""
    fields, changes = REFUSED[code]
    student = await jurisdiction.student()
    headers = _headers(**({"token": jurisdiction.bench.token().encode()} | changes))
    await jurisdiction.put(student.encode(), _body(student, **fields), headers)
    assert code in await jurisdiction.refusal(headers["ce_id"].decode())


MALFORMED: dict[str, tuple[bytes | None, bytes]] = {
    "MSG-001": (NOBODY.encode(), b"not json"),
    "MSG-022": (NOBODY.encode(), b"\x80\x81 not UTF-8"),
    "MSG-023": (NOBODY.encode(), _body(NOBODY)[:-1] + b', "school": "017002"}'),
    "MSG-004": (NOBODY.encode(), json.dumps({"student_id": NOBODY, "school": "017001"}).encode()),
    "MSG-005": (b"1000000002", _body(NOBODY)),
    "MSG-005 without a key": (None, _body(NOBODY)),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_malformed_commands(jurisdiction: Jurisdiction, case: str) -> None:
    """The service refuses, with a code, a body that is no JSON, a missing field, and a wrong or
    missing key."""
    key, value = MALFORMED[case]
    headers = _headers(token=jurisdiction.bench.token().encode())
    await jurisdiction.put(key, value, headers)
    assert case[:7] in await jurisdiction.refusal(headers["ce_id"].decode())


async def test_expired_token(jurisdiction: Jurisdiction) -> None:
    """The service refuses a command whose token had expired when Kafka received it."""
    expired = jurisdiction.bench.issuer.token("017", [Role.WRITER], "a.coordinator", hours=-1)
    late = await jurisdiction.bench.send(claim(await jurisdiction.student()), token=expired)
    assert await jurisdiction.refusal(late) == {"ACC-003"}


async def test_another_issuer(jurisdiction: Jurisdiction, tmp_path: Any) -> None:
    """The service refuses a token that another issuer signed."""
    forged = Issuer(Home(tmp_path)).token("017", [Role.WRITER], "a.coordinator")
    sent = await jurisdiction.bench.send(claim(await jurisdiction.student()), token=forged)
    assert await jurisdiction.refusal(sent) == {"ACC-006"}


async def test_reader_cannot_claim(jurisdiction: Jurisdiction) -> None:
    """A reader cannot claim a student."""
    reader = jurisdiction.bench.token("017", Role.READER)
    assert await jurisdiction.refusal(
        await jurisdiction.bench.send(claim(await jurisdiction.student()), token=reader)
    ) == {"ACC-004"}


async def test_second_claim_while_one_is_pending(jurisdiction: Jurisdiction) -> None:
    """While a claim on another LEA's student is undecided, jurisdiction refuses a second one and names the
    first."""
    student = await jurisdiction.student()
    assert (
        await jurisdiction.service.final(await jurisdiction.bench.send(claim(student)))
    ).status is Status.ACCEPTED
    pending = ClaimJurisdiction(student_id=student, begin_on=date(2017, 9, 1), school="026001")
    first = await jurisdiction.bench.send(pending, lea="026")
    second = await jurisdiction.bench.send(pending.model_copy(update={"school": "028001"}), lea="028")
    outcome = await jurisdiction.service.final(second)
    assert codes(outcome) == {"JUR-005"}
    assert "Jefferson" in outcome.findings[0].message
    assert await jurisdiction.service.rows(
        "SELECT 1 FROM ledger WHERE command_id = :id AND status = 'held'", id=first
    )


async def test_unknown_student(jurisdiction: Jurisdiction) -> None:
    """Jurisdiction holds a claim for an unknown student. After the deadline it refuses the claim and names
    the missing event."""
    student = jurisdiction.stranger()
    assert await jurisdiction.refusal(await jurisdiction.bench.send(claim(student))) == {"MSG-007", "REC-001"}
    assert (
        await jurisdiction.service.rows("SELECT 1 FROM held WHERE subject = :student", student=student) == []
    )


async def test_most_of_a_stream_is_bad(jurisdiction: Jurisdiction) -> None:
    """With three unreadable messages in ten, every good command has an outcome and every message
    is counted."""
    before, good, total = await jurisdiction.service.reads(), [], 300
    students = [await jurisdiction.student() for _ in range(total)]
    for number, student in enumerate(students):
        if number % 10 < 3:
            await jurisdiction.put(student.encode(), b"\x00", _headers(ce_id=b"x"))
        else:
            good.append(await jurisdiction.bench.send(claim(student)))
    outcomes = await asyncio.gather(*(jurisdiction.service.final(command_id) for command_id in good))
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    since = await jurisdiction.read_since(before, 2 * total)
    assert since["dead letter"] == 90
    assert sum(since.values()) == 2 * total


HTTP: dict[str, tuple[dict[str, str], dict[str, Any] | bytes, int]] = {
    "MSG-001": ({}, b"{", 422),
    "MSG-022": ({}, '{"school": "017001"}'.encode("utf-16"), 422),
    "MSG-023": ({}, b'{"school": "017001", "school": "017002"}', 422),
    "MSG-003": ({}, {"lea": "026"}, 422),
    "MSG-012": ({}, b" " * 1_000_001, 413),
    "MSG-017": ({"command-id": "17"}, {}, 422),
    "ACC-001": ({"authorization": ""}, {}, 401),
    "ACC-001 after the scheme": ({"authorization": "Bearer "}, {}, 401),
    "ACC-002": ({"authorization": "Bearer forged"}, {}, 401),
    "ACC-013": ({"authorization": "Bearer Bearer forged"}, {}, 401),
    "JUR-007": ({"prefer": "wait=10"}, {"school": "026001"}, 422),
}


@pytest.mark.parametrize("case", HTTP)
async def test_over_http(jurisdiction: Jurisdiction, case: str) -> None:
    """HTTP refuses the same mistakes with the same codes, at once."""
    changes, fields, status = HTTP[case]
    body = fields if isinstance(fields, bytes) else _body(await jurisdiction.student(), **fields)
    headers = {"authorization": f"Bearer {jurisdiction.bench.token()}"} | changes
    answer = await jurisdiction.service.http.post(PATH, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert case[:7] in {finding["code"] for finding in answer.json()["findings"]}


async def test_blanks_before_a_token(jurisdiction: Jurisdiction) -> None:
    """Both doors accept a token with a second blank before it."""
    token = f"  {jurisdiction.bench.token()}"
    sent = await jurisdiction.bench.send(claim(await jurisdiction.student()), token=token)
    assert (await jurisdiction.service.final(sent)).status is Status.ACCEPTED
    headers = {"authorization": f"Bearer {token}", "prefer": "wait=10"}
    posted = await jurisdiction.service.http.post(
        PATH, content=_body(await jurisdiction.student()), headers=headers
    )
    assert (posted.status_code, posted.json()["status"]) == (200, "accepted")


class _Behind(Tokens):
    """Checks tokens as of two hours ago."""

    async def read_for_http(self, token: str | None) -> Actor | Finding:
        return self.read(token, datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture
def door_behind(jurisdiction: Jurisdiction) -> Iterator[None]:
    """During a test the clock of the HTTP door is two hours behind Kafka's."""
    state = jurisdiction.service.app.state
    kept, state.tokens = state.tokens, _Behind(jurisdiction.bench.settings("jurisdiction"))
    yield
    state.tokens = kept


@pytest.mark.usefixtures("door_behind")
async def test_a_token_that_expires_on_the_way(jurisdiction: Jurisdiction) -> None:
    """If a token expires between the HTTP door and Kafka, the command's outcome says so."""
    since = datetime.now(UTC) - timedelta(hours=3)
    token = jurisdiction.bench.issuer.token("017", [Role.WRITER], "a.coordinator", hours=2, since=since)
    headers = {"authorization": f"Bearer {token}", "prefer": "wait=10"}
    answer = await jurisdiction.service.http.post(
        PATH, content=_body(await jurisdiction.student()), headers=headers
    )
    assert (answer.status_code, answer.json()["status"]) == (422, "refused")
    assert [finding["code"] for finding in answer.json()["findings"]] == ["ACC-003"]


async def test_idempotency_key(jurisdiction: Jurisdiction) -> None:
    """The HTTP door accepts the command's id in the header `Idempotency-Key` too."""
    student, identity = await jurisdiction.student(), str(uuid4())
    headers = {"authorization": f"Bearer {jurisdiction.bench.token()}", "prefer": "wait=10"}
    named = {"idempotency-key": f'"{identity}"'}
    first = await jurisdiction.service.http.post(PATH, content=_body(student), headers=headers | named)
    again = await jurisdiction.service.http.post(
        PATH, content=_body(student), headers=headers | {"command-id": identity}
    )
    assert (first.status_code, first.json()["command_id"]) == (200, identity)
    assert again.json() == first.json()
    both = {"command-id": identity, "idempotency-key": str(uuid4())}
    differ = await jurisdiction.service.http.post(PATH, content=_body(student), headers=headers | both)
    assert (differ.status_code, differ.json()["findings"][0]["code"]) == (422, "MSG-028")


async def test_http_same_id(jurisdiction: Jurisdiction) -> None:
    """A command posted twice under one id has one outcome. Another command under that id is a conflict."""
    student = await jurisdiction.student()
    headers = {
        "authorization": f"Bearer {jurisdiction.bench.token()}",
        "prefer": "wait=10",
        "command-id": str(uuid4()),
    }
    first = await jurisdiction.service.http.post(PATH, content=_body(student), headers=headers)
    again = await jurisdiction.service.http.post(PATH, content=_body(student), headers=headers)
    other = await jurisdiction.service.http.post(
        PATH, content=_body(student, begin_on="2017-08-12"), headers=headers
    )
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (other.status_code, other.json()["findings"][0]["code"]) == (409, "MSG-011")
    found = await jurisdiction.service.http.get(first.headers["location"], headers=headers)
    assert found.json() == first.json()
