"""Held messages on real Kafka and PostgreSQL: a correction, newer code or an operator frees every student."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from contracts.access import Role
from contracts.decision import Accepted, Ask, Known
from contracts.facts import KnownStudent
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from contracts.provision import TransferCleared
from contracts.students import StudentAdded
from deploy.cli.app import main
from deploy.local.home import WELL_KNOWN
from deploy.local.ports import free_port
from services.chassis.hosting.telemetry import HELD_ROWS
from services.jurisdiction.domain import DECIDERS
from tests.integration.running import Bench, RunningService, running, until
from tests.unit.chassis.memory_service import claim, jurisdiction, move, student_added
from tests.unit.jurisdiction.events import cleared, requested
from tests.unit.scenario import STUDENT

OTHER = "1000000002"
REASON = "The school closed. Claim for another school."


def _too_old(known: Known, ask: Ask[ClaimJurisdiction]) -> Accepted:
    if known.revision(KnownStudent.kind, "") == 1:
        raise OverflowError("Ada Example, born 9984")
    return DECIDERS[ClaimJurisdiction](known, ask)  # type: ignore[return-value]


def _cannot(*_: object) -> Any:
    raise OverflowError("Ada Example, born 9984")


DEFECTIVE = jurisdiction({ClaimJurisdiction: _too_old})
MENDED = jurisdiction()
DEAF = jurisdiction(reactions={StudentAdded: _cannot})
WITHOUT_ANSWERS = jurisdiction(reactions={TransferCleared: _cannot})


async def wedged(bench: Bench, service: RunningService, student: str = STUDENT, lea: str = "017") -> str:
    """A claim that met a defect: the code cannot handle the student's birth date."""
    await bench.publish(student_added(student))
    command_id = await bench.send(claim(student, school=f"{lea}001"), lea=lea)
    await held(service, 1, subject=student, defect="OverflowError")
    return command_id


async def held(service: RunningService, number: int, **wanted: str) -> list[dict[str, Any]]:
    """The held messages; waits until there are this many."""

    async def look() -> list[dict[str, Any]] | None:
        found = (await get(service, "/held", "LA", Role.STATE, **wanted)).json()["held"]
        return found if len(found) == number else None

    return await until(look, f"{number} held messages")


async def get(service: RunningService, path: str, lea: str, *roles: Role, **wanted: Any) -> httpx.Response:
    """The answer to a user of an LEA."""
    headers = {"Authorization": f"Bearer {service.bench.token(lea, *roles)}"}
    return await service.http.get(path, params=wanted, headers=headers)


async def post(service: RunningService, path: str, body: object, *roles: Role) -> httpx.Response:
    """The answer to a user who acts on held messages; by default an operator."""
    headers = {"Authorization": f"Bearer {service.bench.token('LA', *(roles or (Role.STATE,)))}"}
    return await service.http.post(path, json=body, headers=headers)


def codes(answer: httpx.Response) -> list[str]:
    """The codes of the findings of a refusal."""
    return [finding["code"] for finding in answer.json()["findings"]]


async def test_a_correction_frees_a_student(own_bench: Bench) -> None:
    """A birth year of 9984 holds a claim and the school transfer behind it. The corrected year
    releases both."""
    async with running(own_bench, DEFECTIVE) as (service,):
        first = await wedged(own_bench, service)
        second = await own_bench.send(move())
        await held(service, 2)

        await own_bench.publish(student_added(revision=2))

        for command_id in (first, second):
            assert (await service.final(command_id)).status is Status.ACCEPTED
        await held(service, 0)


async def test_newer_code_takes_up_what_was_held(own_bench: Bench) -> None:
    """After a restart with fixed code the service retries by itself what the defect had held."""
    bench = replace(own_bench, database=lru_cache(own_bench.database))  # the same one after the restart
    async with running(bench, DEFECTIVE) as (service,):
        command_id = await wedged(bench, service)
    async with running(bench, MENDED) as (service,):
        assert (await service.final(command_id)).status is Status.ACCEPTED


async def test_an_operator_refuses_a_command(own_bench: Bench) -> None:
    """The sender gets a final outcome with the operator's reason, the student's later commands go on, and the
    refusal is logged."""
    async with running(own_bench, DEFECTIVE) as (service,):
        command_id = await wedged(own_bench, service)
        behind = await own_bench.send(move())
        assert [one["operator_needed"] for one in await held(service, 2)] == [True, True]
        wanted = {"subject": STUDENT, "id": command_id, "reason": REASON}

        assert codes(await post(service, "/held/refuse", wanted, Role.WRITER)) == ["ACC-004"]
        done = await post(service, "/held/refuse", wanted)

        assert (done.status_code, done.json()["action"]) == (200, "refused")
        outcome = await service.final(command_id)
        assert (outcome.status, [finding.code for finding in outcome.findings]) == (
            Status.REFUSED,
            ["MSG-045"],
        )
        assert outcome.findings[0].message == f"An operator refused the command: {REASON}"
        assert (await service.final(behind)).status is Status.REFUSED
        recorded = await service.rows(
            "SELECT operator, action, subject, message_id, reason FROM held_actions"
        )
        assert [tuple(row) for row in recorded] == [
            ("LA/a.coordinator", "refused", STUDENT, command_id, REASON.rstrip("."))
        ]
        outcomes = await own_bench.read("jurisdiction.outcomes", lambda found: len(found) >= 4)
        assert b"MSG-045" in b"".join(record.value or b"" for record in outcomes)
        again = await post(service, "/held/refuse", wanted)
        assert (again.status_code, codes(again)) == (404, ["MSG-046"])


async def test_a_database_that_does_not_move(own_bench: Bench) -> None:
    """An operator whose request takes too long learns that. The service does the refusal when the database
    answers again."""
    bench = replace(own_bench, more={"operator_seconds": 0.5})
    async with running(bench, DEFECTIVE) as (service,):
        command_id = await wedged(bench, service)
        wanted = {"subject": STUDENT, "id": command_id, "reason": REASON}
        async with service.engine.begin() as database:
            await database.execute(text("LOCK TABLE aggregates"))
            late = await post(service, "/held/refuse", wanted)
            assert (late.status_code, codes(late)) == (503, ["MSG-047"])
        assert (await service.final(command_id)).status is Status.REFUSED


async def test_an_operator_gives_an_event_up(own_bench: Bench) -> None:
    """An event that no code can apply becomes a dead letter with the operator's reason, and no message stays
    held."""
    async with running(own_bench, DEAF) as (service,):
        await own_bench.publish(student_added())
        (event,) = await held(service, 1)
        assert (event["kind"], event["name"], event["defect"]) == ("event", "StudentAdded", "OverflowError")
        assert (await get(service, "/held", "017", Role.READER)).json()["held"] == []

        done = await post(service, "/held/refuse", {"subject": STUDENT, "id": event["id"], "reason": REASON})

        assert done.json()["action"] == "dead letter"
        (letter,) = await own_bench.read("jurisdiction.dead-letters", lambda found: len(found) >= 1)
        assert b"given up by an operator: The school closed." in (letter.value or b"")
        await held(service, 0)


async def test_an_event_that_a_claim_awaits(own_bench: Bench) -> None:
    """No operator refuses provision's answer: the claim would stay undecided and block every later claim."""
    async with running(own_bench, WITHOUT_ANSWERS) as (service,):
        await own_bench.publish(cleared(requested()))
        (event,) = await held(service, 1)

        refused = await post(
            service, "/held/refuse", {"subject": STUDENT, "id": event["id"], "reason": REASON}
        )

        assert (refused.status_code, codes(refused)) == (422, ["MSG-048"])
        await held(service, 1)


async def test_the_metrics_are_fresh_without_a_probe(own_bench: Bench) -> None:
    """A service renews the metric of its held messages, also if nobody asks whether it is ready."""
    async with running(own_bench, DEFECTIVE) as (service,):
        await wedged(own_bench, service)
        HELD_ROWS.labels("defect").set(-1)

        async def renewed() -> bool | None:
            return True if 'ser_held{why="defect"} 1.0' in (await service.http.get("/metrics")).text else None

        await until(renewed, "the metric counts the held command")


async def test_a_retry_changes_nothing_while_the_defect_is_there(own_bench: Bench) -> None:
    """An operator may retry at any time. While the defect is there the command stays held, and the retry is
    logged."""
    async with running(own_bench, DEFECTIVE) as (service,):
        await wedged(own_bench, service)
        again = await post(service, "/held/retry", {"subject": STUDENT})
        assert again.json() == {"subject": STUDENT, "still_held": 1}
        assert [row[0] for row in await service.rows("SELECT action FROM held_actions")] == ["retried"]
        assert (await post(service, "/held/retry", {"subject": OTHER})).status_code == 404


async def test_a_student_whose_record_cannot_be_read_is_freed(own_bench: Bench) -> None:
    """A command held because the student's record is unreadable gets a final outcome too."""
    async with running(own_bench, MENDED) as (service,):
        async with service.engine.begin() as database:
            await database.exec_driver_sql(
                f"INSERT INTO records VALUES ('{STUDENT}', 'of an older version', '', 1, '{{}}')"
            )
        command_id = await own_bench.send(claim())
        (unread,) = await held(service, 1)
        assert (unread["sender"], unread["defect"]) == ("017/a.coordinator", "KeyError")

        done = await post(service, "/held/refuse", {"subject": STUDENT, "id": command_id, "reason": REASON})

        assert done.status_code == 200
        assert (await service.final(command_id)).status is Status.REFUSED


async def test_who_sees_what(own_bench: Bench) -> None:
    """An LEA sees its own held commands only. The access log has each State ID that was shown."""
    async with running(own_bench, DEFECTIVE) as (service,):
        mine = await wedged(own_bench, service)
        await wedged(own_bench, service, OTHER, "036")

        (seen,) = (await get(service, "/held", "017", Role.READER)).json()["held"]
        assert (seen["id"], seen["sender"], seen["name"]) == (mine, "017/a.coordinator", "ClaimJurisdiction")
        assert (seen["finding"]["code"], seen["until"], seen["operator_needed"]) == ("MSG-009", None, True)
        assert (seen["why"], seen["behind"]) == ("defect", 0)
        assert seen["defect"] is None, "the class of the exception is for the state's eyes"
        (cause,) = (await get(service, "/held/causes", "017", Role.READER)).json()
        assert (cause["code"], cause["messages"], cause["defect"]) == ("MSG-009", 1, None)
        (cause,) = (await get(service, "/held/causes", "LA", Role.AUDITOR)).json()
        assert (cause["messages"], cause["subjects"], cause["defect"]) == (2, 2, "OverflowError")
        looks = await service.rows("SELECT subject FROM access_log WHERE scope = '017' AND what = 'held'")
        assert [row[0] for row in looks] == [STUDENT]


async def test_pages_and_filters(own_bench: Bench) -> None:
    """The list of held messages has pages, and filters by cause and by student."""
    async with running(own_bench, DEFECTIVE) as (service,):
        await wedged(own_bench, service)
        await own_bench.send(move())
        await own_bench.send(claim(OTHER))
        rows = await held(service, 3)
        first = (await get(service, "/held", "LA", Role.STATE, limit=2)).json()
        rest = (await get(service, "/held", "LA", Role.STATE, limit=2, after=first["next"])).json()
        assert ([*first["held"], *rest["held"]], rest["next"]) == (rows, None)
        assert [one["finding"]["code"] for one in rows] == ["MSG-009", "MSG-008", "REC-001"]
        assert [one["until"] is None for one in rows] == [True, True, False], "the move waits for the claim"
        for wanted, number in (
            ({"code": "MSG-008"}, 1),
            ({"defect": "OverflowError"}, 1),
            ({"subject": OTHER}, 1),
        ):
            assert len((await get(service, "/held", "LA", Role.STATE, **wanted)).json()["held"]) == number


async def test_why_and_how_many_behind(own_bench: Bench) -> None:
    """Each held command says why it is held and how many wait for it; a list can be of one reason."""
    async with running(own_bench, DEFECTIVE) as (service,):
        await wedged(own_bench, service)
        await own_bench.send(move())
        await own_bench.send(move(begin_on=date(2017, 8, 21)))
        await own_bench.send(claim(OTHER))
        rows = await held(service, 4)
        assert [(one["why"], one["behind"]) for one in rows] == [
            ("defect", 2),
            ("behind", 1),
            ("behind", 0),
            ("waiting", 0),
        ]
        for why, number in (("defect", 1), ("behind", 2), ("waiting", 1)):
            assert {one["why"] for one in await held(service, number, why=why)} == {why}


async def test_the_held_commands_of_an_lea(own_bench: Bench) -> None:
    """The state and auditors may ask for the commands of one LEA; an LEA asks for its own only."""
    async with running(own_bench, DEFECTIVE) as (service,):
        mine = await wedged(own_bench, service)
        await wedged(own_bench, service, OTHER, "036")
        (seen,) = await held(service, 1, scope="017")
        assert seen["id"] == mine
        (cause,) = (await get(service, "/held/causes", "LA", Role.AUDITOR, scope="017")).json()
        assert cause["messages"] == 1
        for path in ("/held", "/held/causes"):
            assert (await get(service, path, "017", Role.READER, scope="017")).status_code == 200
            refused = await get(service, path, "017", Role.COORDINATOR, scope="036")
            assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])


async def test_nothing_of_a_message_is_told(own_bench: Bench) -> None:
    """No list, cause, health check or metric repeats the text of an exception or message. The service refuses
    a reason with a Social Security number."""
    async with running(own_bench, DEFECTIVE) as (service,):
        command_id = await wedged(own_bench, service)
        wanted = {"subject": STUDENT, "id": command_id, "reason": "see 123-45-6789"}
        assert codes(await post(service, "/held/refuse", wanted)) == ["REC-005"]
        ready = (await service.http.get("/health/ready")).json()
        assert ready["held"] == {"defect": 1, "waiting": 0}
        assert ready["status"] == "ready", "everything about other students goes on"
        texts = [
            (await get(service, "/held", "LA", Role.STATE)).text,
            (await get(service, "/held/causes", "LA", Role.STATE)).text,
            (await service.http.get("/metrics")).text,
        ]
        assert 'ser_held{why="defect"} 1.0' in texts[-1]
        for text in texts:
            assert not any(word in text for word in ("Ada", "Example", "9984", "2009-03-04"))


@asynccontextmanager
async def served(service: RunningService, port: int) -> AsyncIterator[None]:
    """The service's HTTP interface on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(service.app, "127.0.0.1", port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool | None:
        return server.started or None

    try:
        await until(started, "the port is served")
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
def ser(
    own_bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Awaitable[tuple[int, str]]]:
    """Runs `ser` beside a system that `ser up` did not start."""
    monkeypatch.setenv("SER_HOME", str(own_bench.home))
    monkeypatch.delenv("SER_TOKEN", raising=False)
    for part in WELL_KNOWN:
        monkeypatch.setitem(WELL_KNOWN, part, free_port())

    async def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ser", "held", *words])

        def invoke() -> int:
            with pytest.raises(SystemExit) as ended:
                main()
            return int(ended.value.code or 0)

        code, text = await asyncio.to_thread(invoke), capsys.readouterr()
        return code, " ".join((text.out + text.err).split())

    return call


async def test_an_operator_frees_a_student_from_the_shell(
    own_bench: Bench, ser: Callable[..., Awaitable[tuple[int, str]]]
) -> None:
    """`ser held` lists causes, shows a student's held messages, retries them and refuses one."""
    async with running(own_bench, DEFECTIVE) as (service,):
        command_id = await wedged(own_bench, service)
        assert (await ser())[0] == 1, "nothing listens yet"
        async with served(service, WELL_KNOWN["jurisdiction"]):
            code, printed = await ser()
            assert (code, "jurisdiction MSG-009 OverflowError 1 1" in printed) == (3, True)
            code, printed = await ser("show", STUDENT)
            assert (code, "ClaimJurisdiction from 017/a.coordinator" in printed) == (3, True)
            assert f"held refuse {STUDENT} --id {command_id}" in printed
            code, printed = await ser("retry", STUDENT)
            assert (code, "still holds 1" in printed) == (5, True)
            code, printed = await ser("refuse", STUDENT, "--id", OTHER, "--reason", REASON)
            assert (code, command_id in printed) == (1, True)

            code, printed = await ser("refuse", STUDENT, "--reason", REASON)

            assert (code, f"ClaimJurisdiction {command_id}: refused" in printed) == (0, True)
            assert (await ser())[0] == 0
            assert (await ser("show", STUDENT))[0] == 0
            assert (await ser("retry", STUDENT))[0] == 1
        assert (await service.final(command_id)).findings[0].code == "MSG-045"
