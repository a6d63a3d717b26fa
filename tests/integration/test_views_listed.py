"""The lists of looks: at one record, and by the users of one LEA; a page at a time, and by user and day."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from contracts.access import Role
from contracts.facts import KnownStudent
from services.chassis.keeping.tables import access_log
from services.jurisdiction.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.unit.reporting.events import Child

EBR, CADDO = "017", "009"
ANNA = Child("1000000001")
KNOWN = (KnownStudent(student_id=ANNA.student, revision=1, birth_on=ANNA.birth_on), ANNA.claimed())
OF_ANNA = f"/students/{ANNA.student}/views"
COORDINATOR = (ANNA.lea, Role.COORDINATOR)
LATE_IN_LOUISIANA = datetime(2017, 9, 2, 4, 30, tzinfo=UTC)
"""Half past eleven at night on 1 September."""


@pytest.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The queries of jurisdiction, which knows one student of East Baton Rouge's."""
    async with service_queries(SERVICE, database("jurisdiction"), tmp_path) as made:
        await made.keep(*KNOWN)
        yield made


async def looked(
    queries: ServiceQueries,
    what: str,
    viewer: str = "m.landry",
    scope: str = EBR,
    subject: str = ANNA.student,
    at: datetime = LATE_IN_LOUISIANA,
) -> None:
    """Somebody looked at a part of a record."""
    row = {"viewer": viewer, "scope": scope, "roles": "reader", "subject": subject, "what": what, "at": at}
    async with queries.engine.begin() as database:
        await database.execute(insert(access_log).values(row))


async def listed(queries: ServiceQueries, path: str, *who: Any, **wanted: Any) -> list[str]:
    """The parts that were looked at, in order, without the looks at the log itself."""
    answer = await queries.get(path, *who, **wanted)
    assert answer.status_code == 200, answer.text
    return [one["what"] for one in answer.json()["views"] if "views" not in one["what"]]


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({"viewer": "m.landry"}, ["next day", "late"]),
    ({"viewer": "m.landry", "from_on": "2017-09-02"}, ["next day"]),
    ({"from_on": "2017-09-01", "through_on": "2017-09-01"}, ["late", "earlier"]),
    ({"through_on": "2017-08-31"}, []),
    ({"scope": EBR}, ["next day", "late", "earlier"]),
]


@pytest.mark.parametrize("path", [OF_ANNA, "/views"])
@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
async def test_filters(
    queries: ServiceQueries, path: str, wanted: dict[str, str], expected: list[str]
) -> None:
    """A coordinator asks for the looks of one user, or of days of the state's own time zone."""
    await looked(queries, "earlier", "a.guidry", at=LATE_IN_LOUISIANA - timedelta(hours=1))
    await looked(queries, "late")
    await looked(queries, "next day", at=LATE_IN_LOUISIANA + timedelta(minutes=30))
    assert await listed(queries, path, *COORDINATOR, **wanted) == expected


async def test_looks_of_another_lea_at_a_record(queries: ServiceQueries) -> None:
    """The owner's coordinator sees which users of another LEA looked at the student."""
    await looked(queries, "ours")
    await looked(queries, "theirs", scope=CADDO)
    assert await listed(queries, OF_ANNA, *COORDINATOR, scope=CADDO) == ["theirs"]


@pytest.mark.parametrize(("path", "own"), [(OF_ANNA, "views"), ("/views", f"views of {EBR}")])
async def test_pages(queries: ServiceQueries, path: str, own: str) -> None:
    """A long list of looks comes a page at a time, also where many were logged at one instant."""
    for number in range(5):
        await looked(queries, str(number))
    seen, after = [], ""
    page = (await queries.get(path, *COORDINATOR, limit=2)).json()
    while True:
        seen += [one["what"] for one in page["views"]]
        if (after := page["next"]) is None:
            break
        page = (await queries.get(path, *COORDINATOR, limit=2, after=after)).json()
    assert seen == [own, "4", "3", "2", "1", "0"]


async def test_what_the_users_of_an_lea_looked_at(queries: ServiceQueries) -> None:
    """A coordinator sees the LEA's users' looks at any record; the state and auditors those of each LEA."""
    await looked(queries, "a list", subject="")
    await looked(queries, "another's student", subject="1000000009")
    await looked(queries, "theirs", scope=CADDO)
    ours = ["another's student", "a list"]
    assert await listed(queries, "/views", *COORDINATOR) == ours
    for role in (Role.STATE, Role.AUDITOR):
        assert await listed(queries, "/views", "LA", role, scope=EBR) == ours
        assert await listed(queries, "/views", "LA", role) == []
    answer = (await queries.get("/views", *COORDINATOR, viewer="m.landry")).json()
    assert answer["service"] == "jurisdiction"
    assert [one["subject"] for one in answer["views"]] == ["1000000009", ""]


async def test_who_may_not(queries: ServiceQueries) -> None:
    """Only a coordinator sees what the LEA's users looked at, and no other LEA's; each try is logged."""
    refused = await queries.get("/views", EBR, Role.WRITER)
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
    refused = await queries.get("/views", EBR, Role.COORDINATOR, scope=CADDO)
    assert (refused.status_code, refused.json()["findings"][0]["field"]) == (403, "scope")
    assert await queries.access_log() == [
        (EBR, "", f"views of {EBR}", False),
        (EBR, "", f"views of {CADDO}", False),
    ]
