"""The reports with which an LEA manages its students: caseloads, exits, and transfers pending."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.jurisdiction import JurisdictionEnded, TransferRefused
from contracts.message import Event
from contracts.provision import ServiceAdded
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_cases import (
    child,
    claimed,
    found,
    line,
    met,
    run,
    value,
    verdicts,
)
from tests.unit.reporting.events import Child, id_named

AS_OF, EVALUATED, MET = "2025-01-31", date(2022, 2, 10), date(2024, 2, 12)


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as given:
        yield given


def with_plan(one: Child, met_on: date = MET, **changes: Any) -> list[Event]:
    """A student in special education with an evaluation of 2022 and an IEP."""
    return [
        one.added(),
        claimed(one),
        found(one, EVALUATED, coordinator_id=changes.pop("coordinator_id", "C-7")),
        met(one, met_on),
        one.entered(entered_on=EVALUATED, **changes),
    ]


def served(one: Child) -> Event:
    """The student gets speech."""
    return ServiceAdded.model_validate(
        {
            "student_id": one.student,
            "revision": 1,
            "service_id": id_named(one.student, "service"),
            "lea": one.lea,
            "iep_id": id_named(one.student, "iep"),
            "terms": {
                "service_code": "SPE",
                "begin_on": MET,
                "minutes_per_session": 30,
                "sessions": 1,
                "teacher_of_record": "T-1208",
            },
        }
    )


def blocked(one: Child, begin_on: date) -> Event:
    """LEA 036 claimed the student, whose services were open."""
    return TransferRefused.model_validate(
        {
            "student_id": one.student,
            "revision": 2,
            "claim_id": id_named(one.student, "claim"),
            "state": "refused",
            "from_lea": one.lea,
            "from_spell": id_named(one.student, "spell"),
            "to_lea": "036",
            "begin_on": begin_on,
            "school": "036001",
        }
    )


async def test_caseloads_exits_and_transfers(reporting: ReportingQueries) -> None:
    """Each student is on one caseload, each exit has its reason, and each claim says why it waits."""
    one, two, three, four, five, six = (child(number) for number in range(71, 77))
    left: dict[str, Any] = {"exited_on": date(2025, 1, 10), "exit_reason": "MVO"}
    first = claimed(six)
    await reporting.receive_events(
        *with_plan(one),
        served(one),
        blocked(one, date(2025, 1, 6)),
        *with_plan(two, date(2024, 1, 12), coordinator_id=None),
        blocked(two, date(2024, 11, 4)),
        *with_plan(three, **left),
        *with_plan(four, **left),
        four.entered("again", entered_on=date(2025, 1, 20)),
        *with_plan(five, exited_on=date(2025, 1, 10), exit_reason="ERR"),
        six.added(),
        first,
        JurisdictionEnded.of(first, end_on=date(2025, 1, 19)),
        six.changed(lea="036").claimed("there", begin_on=date(2025, 1, 20)),
        blocked(six, date(2025, 1, 13)),
    )
    caseloads = await run(reporting, "caseloads", as_of=AS_OF, period="2024-25", by="026")
    assert verdicts(caseloads) == {
        **dict.fromkeys(("71", "72", "74"), "on the caseload"),
        **dict.fromkeys(("73", "75"), "RPT-214"),
    }
    assigned = line(caseloads, "caseloads", coordinator="C-7")
    assert (assigned["students"], assigned["iep due"], assigned["evaluation due"]) == (2, 2, 2)
    assert line(caseloads, "caseloads", coordinator="not assigned")["iep overdue"] == 1
    assert [value(caseloads, one, "teachers") for one in (71, 72)] == ["T-1208", None]
    total = line(caseloads, "caseloads", level="Total")
    assert (total["students"], total["iep due"], total["iep overdue"]) == (3, 2, 1)
    exits = await run(reporting, "exits", as_of=AS_OF, period="2025-Q1", by="026")
    assert verdicts(exits) == {"73": "left", "74": "came back"}
    assert (value(exits, 73, "basis"), value(exits, 74, "back_on")) == ("MKC", "2025-01-20")
    total = line(exits, "exits", level="Total")
    assert (total["exits"], total["MVO"], total["GRD"], total["came back"]) == (2, 2, 0, 1)
    before = await run(reporting, "exits", as_of="2025-01-09", period="2025-01", by="026")
    assert before["rows"] == []
    transfers = await run(reporting, "transfers", as_of=AS_OF)
    assert verdicts(transfers) == {"71": "blocked by open services", "72": "can claim again", "76": "over"}
    assert [value(transfers, 71, name) for name in ("lea", "to_lea", "days", "services")] == [
        "026",
        "036",
        25,
        1,
    ]
    assert line(transfers, "transfers", level="Total")["blocked by open services"] == 1
