"""Runs of reports: asked for over HTTP, worked off beside the service, and the same from what was known."""

import asyncio
import io
import os
import signal
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
import pytest_asyncio
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.ieps import IEPDeleted, IEPStage
from services.reporting.reports.worker import beside
from services.reporting.reports.working import work_off
from services.reporting.store import runs
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.running import until
from tests.integration.test_reporting_child_count import ANNA, FIVE
from tests.processes import children_running
from tests.unit.reporting.events import COUNT_DAY

ASKED = {"as_of": COUNT_DAY.isoformat()}


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with two children whom the child count counts."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        await found.receive_events(*ANNA.all_events(), *FIVE.changed(environment="H").all_events())
        yield found


async def ask(reporting: ReportingQueries, lea: str = STATE, **parameters: Any) -> dict[str, Any]:
    """Ask for a child count. Returns the run."""
    role = Role.STATE if lea == STATE else Role.READER
    answer = await reporting.queries.post(
        "/reports/child-count/runs", {"parameters": ASKED | parameters}, lea, role
    )
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def done(reporting: ReportingQueries, run: dict[str, Any]) -> dict[str, Any]:
    """The run, worked off in this process."""
    await work_off(reporting.queries.engine, UUID(run["run_id"]))
    found: dict[str, Any] = await reporting.get_for_state(f"/reports/runs/{run['run_id']}")
    assert found["state"] == "done"
    return found


async def test_a_run_has_its_tables_and_the_students_behind_each_number(reporting: ReportingQueries) -> None:
    """A run counts what the live count counts. Each number lists its students, and SER logs who looks."""
    found = await done(reporting, await ask(reporting))
    assert (found["done"], found["total"], found["as_of"]) == (2, 2, COUNT_DAY.isoformat())
    table = next(one for one in found["tables"] if one["name"] == "ages 6-21")
    row = next(n for n, one in enumerate(table["rows"]) if one["values"][0] == "SLD")
    place = [column["name"] for column in table["columns"]].index("RC80")
    assert table["rows"][row]["values"][place] == 1
    path = f"/reports/runs/{found['run_id']}"
    behind = await reporting.get_for_state(f"{path}/rows", table=table["name"], row=row, column="RC80")
    assert behind["number"] == 1
    (anna,) = behind["rows"]
    assert (anna["student_id"], anna["values"]["name"]) == (ANNA.student, "Canary, Testa")
    assert (STATE, ANNA.student, "report child-count", True) in await reporting.queries.access_log()
    everybody = await reporting.get_for_state(f"{path}/rows", limit=1)
    assert everybody["number"] == 2
    rest = await reporting.get_for_state(f"{path}/rows", limit=1, after=everybody["next"])
    assert len({everybody["rows"][0]["student_id"], rest["rows"][0]["student_id"]}) == 2


async def test_a_run_is_given_out_as_csv_and_as_a_spreadsheet(reporting: ReportingQueries) -> None:
    """The files have the rows with names, and every table; the last sheet says what was asked."""
    found = await done(reporting, await ask(reporting))
    path = f"/reports/runs/{found['run_id']}/file"
    answer = await reporting.get(path, STATE, Role.STATE, format="csv")
    first, *rows = answer.text.splitlines()
    assert first.startswith("State ID,Name,Birth date,Verdict,Reason,LEA")
    assert len(rows) == 2
    assert rows[0].startswith('1000000001,"Canary, Testa",2009-04-02,counted,,017')
    answer = await reporting.get(path, STATE, Role.STATE, format="xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert found["sha256"] in book.read("xl/sharedStrings.xml").decode()
    answer = await reporting.get(path, STATE, Role.STATE, format="csv", table="no such table")
    assert codes(answer) == ["RPT-033"]


async def test_a_run_is_given_out_as_pdf(
    reporting: ReportingQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PDF has every student, or the tables alone. One of too many rows is refused (RPT-034)."""
    found = await done(reporting, await ask(reporting))
    path = f"/reports/runs/{found['run_id']}/file"
    answer = await reporting.get(path, STATE, Role.STATE, format="pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('.pdf"')
    assert answer.content.startswith(b"%PDF-")
    assert (STATE, ANNA.student, "report child-count", True) in await reporting.queries.access_log()
    monkeypatch.setattr("services.reporting.reports.asking._MOST_ON_PAPER", 1)
    assert codes(await reporting.get(path, STATE, Role.STATE, format="pdf")) == ["RPT-034"]
    tables = await reporting.get(path, STATE, Role.STATE, format="pdf", students=False)
    assert len(tables.content) < len(answer.content)


async def test_heartbeats_prove_that_a_run_is_complete(reporting: ReportingQueries) -> None:
    """A later heartbeat proves a run complete, unless an event of its time came later, too."""
    for complete in (True, False):
        found = await done(reporting, await ask(reporting))
        assert found["complete"] is False
        if not complete:
            await reporting.receive_events(*ANNA.changed(student="1000000009").all_events())
        await reporting.receive(reporting.publisher.heartbeats(datetime.now(UTC)))
        later = await reporting.get_for_state(f"/reports/runs/{found['run_id']}")
        assert (later["complete"], later["sha256"]) == (complete, found["sha256"])


async def test_the_same_question_as_known_then_gives_the_same_bytes(reporting: ReportingQueries) -> None:
    """Later events change a new run, and not one of what was known before them."""
    known_at = (await reporting.rows("SELECT max(at) FROM revisions"))[0][0]
    before = await done(reporting, await ask(reporting, known_at=known_at.isoformat()))
    grown = ANNA.added(revision=2, person=ANNA.changed(birth_on=ANNA.birth_on - timedelta(days=900)).person)
    deleted = IEPDeleted.of(FIVE.submitted(), stage=IEPStage.DELETED)
    await reporting.receive_events(grown, deleted, *ANNA.changed(student="1000000009").all_events())
    answer = await reporting.queries.post(
        f"/reports/runs/{before['run_id']}/again?as_known=true", {}, STATE, Role.STATE
    )
    again = await done(reporting, answer.json())
    assert again["sha256"] == before["sha256"]
    assert again["total"] == 2
    now = await done(reporting, await ask(reporting))
    assert (now["total"], now["sha256"] == before["sha256"]) == (3, False)
    path = f"/reports/runs/{before['run_id']}/facts"
    facts = await reporting.get_for_state(path, student_id=FIVE.student)
    assert [row["verdict"] for row in facts["then"]] == ["counted"]
    assert [row["reason"]["code"] for row in facts["now"]] == ["RPT-004"]
    events = {one["kind"]: one["event"] for one in facts["sources"]}
    assert (events["iep"], events["spell"]) == ("IEPSubmitted", "StudentClaimed")
    lists = [await reporting.get_for_state(f"/reports/runs/{one['run_id']}/rows") for one in (before, again)]
    assert lists[0] == lists[1]


async def test_a_person_sees_only_the_own_runs(reporting: ReportingQueries) -> None:
    """A run of another person is not there. An LEA's run has the LEA's rows only."""
    found = await done(reporting, await ask(reporting))
    path = f"/reports/runs/{found['run_id']}"
    for address in (path, f"{path}/rows", f"{path}/file"):
        assert codes(await reporting.get(address, "017")) == ["RPT-027"]
    assert (await reporting.get("/reports/runs", "017")).json() == []
    refused = await reporting.queries.post(
        "/reports/child-count/runs", {"parameters": ASKED | {"lea": "036"}}, "017"
    )
    assert codes(refused) == ["RPT-020"]
    own = await ask(reporting, "017")
    assert own["lea"] == "017"
    assert [one["run_id"] for one in (await reporting.get("/reports/runs", "017")).json()] == [own["run_id"]]


async def test_a_run_is_saved_cancelled_and_deleted(reporting: ReportingQueries) -> None:
    """A run is kept 14 days, a saved one for good. A cancelled run has no answer (RPT-028)."""
    found = await ask(reporting)
    kept = datetime.fromisoformat(found["kept_until"]) - datetime.fromisoformat(found["asked_at"])
    assert kept == timedelta(days=14)
    path = f"/reports/runs/{found['run_id']}"
    saved = await reporting.queries.post(f"{path}/save", {}, STATE, Role.STATE)
    assert saved.json()["kept_until"] is None
    cancelled = await reporting.queries.post(f"{path}/cancel", {}, STATE, Role.STATE)
    assert cancelled.json()["state"] == "cancelled"
    await work_off(reporting.queries.engine, UUID(found["run_id"]))
    assert codes(await reporting.get(f"{path}/rows", STATE, Role.STATE)) == ["RPT-028"]
    over = await ask(reporting)
    async with reporting.queries.engine.begin() as database:
        past = "UPDATE runs SET state = 'done', kept_until = now() - interval '1 s' WHERE state = 'waiting'"
        await database.execute(text(past))
        await runs.forget_old(database)
    assert codes(await reporting.get(f"/reports/runs/{over['run_id']}", STATE, Role.STATE)) == ["RPT-027"]
    token = reporting.queries.issuer.token(STATE, (Role.STATE,), "a.reader")
    gone = await reporting.queries.http.delete(path, headers={"Authorization": f"Bearer {token}"})
    assert gone.status_code == 204
    assert codes(await reporting.get(path, STATE, Role.STATE)) == ["RPT-027"]


async def test_a_person_has_at_most_twenty_runs_under_way(reporting: ReportingQueries) -> None:
    """The twenty-first run that would wait is refused (RPT-026)."""
    for _ in range(20):
        await ask(reporting)
    refused = await reporting.queries.post(
        "/reports/child-count/runs", {"parameters": ASKED}, STATE, Role.STATE
    )
    assert codes(refused) == ["RPT-026"]


async def test_every_report_says_its_verdict_on_one_student(reporting: ReportingQueries) -> None:
    """For one student each report gives the row or the reason. Each report describes itself."""
    described = await reporting.get_for_state("/reports")
    assert "child-count" in [one["name"] for one in described]
    one = await reporting.get_for_state("/reports/child-count")
    assert one["parameters"]["properties"]["as_of"]["title"] == "As of"
    assert codes(await reporting.get("/reports/none", "017")) == ["RPT-029"]
    path = f"/students/{ANNA.student}/reports"
    verdicts = await reporting.get_for_state(path, as_of=COUNT_DAY)
    given = {each["report"]: each["rows"] for each in verdicts["reports"]}
    assert given["child-count"][0]["verdict"] == "counted"
    assert (await reporting.get(path, "036")).status_code == 403


@asynccontextmanager
async def working(reporting: ReportingQueries, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Inside: the worker's process runs whenever runs are unfinished."""
    url = reporting.queries.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SER_DATABASE", url)
    monkeypatch.setenv("SER_TOKEN_KEYS", "none")
    task = asyncio.create_task(beside(reporting.queries.engine))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def workers() -> list[psutil.Process]:
    """The processes of the worker that this test has started."""
    return children_running("services.reporting.reports.worker")


async def test_a_run_goes_on_after_its_process_was_killed(
    reporting: ReportingQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed worker loses no run: another process begins it again, and its answer is whole."""
    async with working(reporting, monkeypatch):
        async with reporting.queries.engine.begin() as database:
            await database.execute(text("LOCK TABLE evaluations IN ACCESS EXCLUSIVE MODE"))
            run = await ask(reporting)

            async def begun() -> bool | None:
                state = await reporting.rows("SELECT total FROM runs WHERE state = 'running'")
                return True if state and state[0][0] == 2 else None

            await until(begun, "the run is under way", seconds=120)
            (worker,) = workers()
            os.kill(worker.pid, signal.SIGKILL)

        async def finished() -> dict[str, Any] | None:
            found: dict[str, Any] = await reporting.get_for_state(f"/reports/runs/{run['run_id']}")
            return found if found["state"] == "done" else None

        found = await until(finished, "the run is done", seconds=120)
    assert found["done"] == 2
    assert (await reporting.rows("SELECT attempts FROM runs"))[0][0] == 2
    assert not workers()


async def test_a_run_that_ends_its_process_three_times_has_failed(reporting: ReportingQueries) -> None:
    """A run is begun at most three times."""
    run = await ask(reporting)
    for _ in range(3):
        async with reporting.queries.engine.begin() as database:
            assert await runs.begin(database, UUID(run["run_id"])) is not None
    await work_off(reporting.queries.engine, UUID(run["run_id"]))
    found = await reporting.get_for_state(f"/reports/runs/{run['run_id']}")
    assert found["state"] == "failed"
    await work_off(reporting.queries.engine, uuid4())
