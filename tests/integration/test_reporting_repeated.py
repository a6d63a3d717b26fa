"""The same report years later: nothing that reporting has learned since changes a byte of it."""

import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.activities import SpedActivityEnded
from contracts.calendars import CalendarAmended, CalendarDay
from contracts.ieps import IEPDeleted, IEPStage
from contracts.message import Event
from contracts.students import StudentCorrected
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.working import work_off
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_moving import MERGED, life, moves
from tests.integration.test_reporting_cases import HOLIDAYS, calendar, claimed, evaluated
from tests.integration.test_reporting_indicators import (
    CONSENTED,
    ENROLMENT,
    from_part_c,
    in_use,
    load,
    numbered,
    of_sixteen,
)
from tests.integration.test_reporting_store import KEPT
from tests.unit.reporting.events import Child, Publisher, id_named, received_event
from tests.unit.students.links import A, B

AS_OF, LATER = date(2024, 12, 31), timedelta(hours=1)
FROM_TOPICS = (*KEPT, "tallies", "moved", "calendars")
"""The tables that reporting makes from its topics. It loses no other when it makes them again."""

TWIN, OTHER = Child(A, lea="026"), Child(B, lea="026", codes=("AUT",), environment="RC39")
EIGHT = numbered(4, birth_on=date(2015, 12, 30), codes=("DD",), environment="REC10YSVCS")
THREE, ANNOUNCED = from_part_c(2)[0], numbered(9)
LEAVER = numbered(5, birth_on=date(2006, 5, 1), grade="12")
SIXTEEN = numbered(1, birth_on=date(2008, 10, 1), grade="10")
CHANGED = {"business-days", "evaluations", "ieps", "rosters", "dd-turning-9", "child-count", "indicator-12"}
"""Reports that are not the same once reporting knows more."""


class Answer(NamedTuple):
    """Everything that a run gives out."""

    sha256: str
    tables: str
    rows: Sequence[object]
    spreadsheet: bytes


@dataclass
class Years:
    """Reporting over the years. `later`: Kafka receives its events after every run."""

    reporting: ReportingQueries
    heard: list[ReceivedEvent] = field(default_factory=list)
    publisher: Publisher = field(default_factory=Publisher)
    later: bool = False

    async def hears(self, *events: Event) -> None:
        """Reporting receives events, all of one moment."""
        received = self.publisher.publish(*events)
        if self.later:
            at = datetime.now(UTC) + LATER
            received = [one._replace(raw=one.raw._replace(at=at)) for one in received]
        self.heard += received
        await self.reporting.receive(received)

    async def forgets_and_reads_again(self) -> None:
        """Reporting makes its tables again from its topics. The events come in another order."""
        async with self.reporting.queries.engine.begin() as database:
            await database.execute(text(f"TRUNCATE {', '.join(FROM_TOPICS)}"))
        again = list(self.heard)
        random.Random(1).shuffle(again)
        await self.reporting.receive(*(again[first : first + 20] for first in range(0, len(again), 20)))

    async def asks(self, report: str, **parameters: str) -> str:
        """The state asks for a run of a report. Returns its id."""
        wish = {"parameters": {"as_of": AS_OF.isoformat(), **parameters}}
        answer = await self.reporting.queries.post(f"/reports/{report}/runs", wish, STATE, Role.STATE)
        return str(answer.json()["run_id"])

    async def asks_again(self, run_id: str) -> str:
        """The state asks for the same as was known then. Returns the id of the new run."""
        path = f"/reports/runs/{run_id}/again?as_known=true"
        answer = await self.reporting.queries.post(path, {}, STATE, Role.STATE)
        return str(answer.json()["run_id"])

    async def digest(self, run_id: str) -> str:
        """The hash of the answer of a run, worked off now."""
        await work_off(self.reporting.queries.engine, UUID(run_id))
        run = await self.reporting.get_for_state(f"/reports/runs/{run_id}")
        assert run["state"] == "done", run
        return str(run["sha256"])

    async def answer(self, run_id: str) -> Answer:
        """The answer of a run, worked off now."""
        sha256 = await self.digest(run_id)
        [(tables,)] = await self.reporting.rows(f"SELECT tables FROM runs WHERE run_id = '{run_id}'")
        rows = await self.reporting.rows(
            "SELECT sort, place, subject, verdict, reason, row_values::text FROM run_rows"
            f" WHERE run_id = '{run_id}' ORDER BY sort, place"
        )
        path = f"/reports/runs/{run_id}/file"
        book = await self.reporting.get(path, STATE, Role.STATE, format="xlsx")
        return Answer(sha256, tables, rows, book.content)


@pytest_asyncio.fixture
async def years(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Years]:
    """Reporting, with the children of some examples and the state's calendars and enrolment."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        years = Years(found)
        await years.hears(*(calendar(year, days) for year, days in HOLIDAYS.items()), *first_year())
        await load(found, ENROLMENT)
        yield years


def first_year() -> Iterator[Event]:
    """What reporting knows before the first run."""
    yield from (*life(TWIN), *life(OTHER), *of_sixteen(1))
    yield from (*from_part_c(2)[1], *in_use(THREE))
    waiting = numbered(3)
    yield from (waiting.added(), claimed(waiting), evaluated(waiting, decided_on=CONSENTED))
    yield from (*life(EIGHT), *life(LEAVER), ANNOUNCED.identity())
    left_on = date(2024, 5, 16)
    yield SpedActivityEnded.of(LEAVER.entered(), revision=2, exited_on=left_on, exit_reason="GRD")


def later_years() -> Iterator[Event]:
    """What reporting learns afterwards: an amended calendar, a corrected identity, a student who was only
    announced before, a deleted IEP, and a merge."""
    first = calendar(2024, HOLIDAYS[2024])
    closed = CalendarDay(day=date(2024, 10, 4), reason="hurricane")
    yield CalendarAmended.of(first, revision=2, days=(*first.days, closed), published_on=date(2026, 6, 1))
    for one in (EIGHT, SIXTEEN, THREE, LEAVER):
        person = one.changed(birth_on=one.birth_on + timedelta(days=300)).person
        yield StudentCorrected.of(one.added(), revision=2, person=person, identity_revision=2)
    yield from ANNOUNCED.all_events()
    plan = next(event for event in in_use(THREE) if event.kind == "iep")
    yield IEPDeleted.of(plan, revision=plan.revision + 1, stage=IEPStage.DELETED)
    yield from (MERGED, *moves(TWIN, A, B, 2))


async def test_every_report_is_the_same_years_later(years: Years) -> None:
    """Calendars change, identities are corrected, students merge, the state loads other enrolment, and
    reporting makes its tables again. Each report, as it was known then, has the same bytes."""
    asked, first = dict[str, str](), dict[str, Answer]()
    for report in REPORTS:
        asked[report] = await years.asks(report)
        first[report] = await years.answer(asked[report])
    years.later = True
    await years.hears(*later_years())
    await load(years.reporting, ENROLMENT.replace("BL7,1200", "BL7,9000"))
    await years.forgets_and_reads_again()
    changed = set[str]()
    for report, run_id in asked.items():
        assert await years.answer(await years.asks_again(run_id)) == first[report], report
        now = await years.asks(report, known_at=(datetime.now(UTC) + 2 * LATER).isoformat())
        if await years.digest(now) != first[report].sha256:
            changed.add(report)
    assert changed >= CHANGED, "what happened since changes them"


async def test_a_settlement_changes_no_report_as_it_was_known_before(years: Years) -> None:
    """Two claims have one number, and the first counts. The state settles that the second counts. A report as
    it was known before still has the first, also after reporting has read its topics again."""
    other = TWIN.changed(lea="009").claimed("other spell")
    at = max(one.at for one in years.heard)
    second = received_event(other, "jurisdiction", identity=id_named(A, "second"), sequence=1, at=at)
    years.heard.append(second)
    await years.reporting.receive([second])
    asked = await years.asks("child-count")
    first = await years.answer(asked)
    settled = await years.reporting.queries.post(
        "/disputes/settlements",
        {
            "subject": A,
            "service": "jurisdiction",
            "sequence": 1,
            "event_id": second.id,
            "reason": "Restored.",
        },
        STATE,
        Role.STATE,
    )
    assert settled.status_code == 200, settled.text
    assert await years.answer(await years.asks_again(asked)) == first
    now = await years.digest(await years.asks("child-count"))
    assert now != first.sha256
    await years.forgets_and_reads_again()
    assert await years.answer(await years.asks_again(asked)) == first
    assert await years.digest(await years.asks("child-count")) == now
