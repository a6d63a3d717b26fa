"""Disputes: two events under one number, who sees them, and how the state settles them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.catalog import BRIDGE
from contracts.message import Event
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.hosting.rebuilding import empty
from services.reporting.app import SERVICE
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child, Publisher, heartbeat, id_named, received_event

ANNA = Child("1000000001")
ONE, TWO, THREE = id_named("1", "one"), id_named("1", "two"), id_named("1", "three")
NOON = datetime(2024, 8, 1, 12, tzinfo=UTC)
TABLES = ("revisions", "disputes", "streams", "settlements", "spells", "students")


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database, and a first heartbeat of each service."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        await found.receive(Publisher().heartbeats())
        yield found


def numbered(event: Event, identity: UUID) -> ReceivedEvent:
    """An event of jurisdiction with number 1. Kafka receives the event ONE before every other."""
    return received_event(
        event,
        "jurisdiction",
        identity=identity,
        sequence=1,
        at=NOON if identity == ONE else NOON + timedelta(minutes=1),
        sender="017/m.landry",
    )


async def disputed(reporting: ReportingQueries, student: Child = ANNA) -> None:
    """Reporting gets the claim of LEA 017, then that of LEA 009, both with number 1."""
    await reporting.receive(
        [numbered(student.claimed(), ONE)], [numbered(student.changed(lea="009").claimed(), TWO)]
    )


async def settle(
    reporting: ReportingQueries,
    event_id: UUID,
    *roles: Role,
    lea: str = STATE,
    sequence: int = 1,
    reason: str = "Restored from a backup of Tuesday.",
) -> httpx.Response:
    """A user chooses the event that counts."""
    token = reporting.queries.issuer.token(lea, roles or (Role.STATE,), "s.keeper")
    body = {"subject": ANNA.student, "service": "jurisdiction", "sequence": sequence}
    return await reporting.queries.http.post(
        "/disputes/settlements",
        headers={"Authorization": f"Bearer {token}"},
        json={**body, "event_id": str(event_id), "reason": reason},
    )


async def owner_of(reporting: ReportingQueries) -> list[Any]:
    """The LEA of the spell that the count uses."""
    return await reporting.rows("SELECT lea FROM spells")


async def test_the_same_snapshot_again_is_a_duplicate(reporting: ReportingQueries) -> None:
    """The same eScholar snapshot under another id is a duplicate, not a dispute."""
    snapshots = [received_event(ANNA.identity(), BRIDGE, identity=uuid4()) for _ in range(3)]
    await reporting.receive(snapshots[:2], snapshots[2:])
    assert (await reporting.get_for_state("/disputes"))["disputes"] == []
    assert (await reporting.get_for_state("/completeness"))["identities"] == 1


async def test_another_snapshot_under_one_number_is_a_dispute(reporting: ReportingQueries) -> None:
    """Two different snapshots with one revision are a dispute. Reporting shows it and still certifies."""
    other = ANNA.changed(sex="F").identity()
    await reporting.receive(
        [received_event(ANNA.identity(), BRIDGE, identity=uuid4())],
        [received_event(other, BRIDGE, identity=uuid4(), at=NOON)],
    )
    [found] = (await reporting.get_for_state("/disputes"))["disputes"]
    assert (found["subject"], found["service"], found["sequence"]) == (ANNA.student, BRIDGE, 1)
    assert [one["body"]["person"]["sex"] for one in found["events"]] == ["M", "F"]
    assert (await reporting.get_for_state("/completeness"))["certified"]
    assert (await reporting.child_count())["complete"]


async def test_revisions_of_escholar_that_never_came(reporting: ReportingQueries) -> None:
    """A gap in eScholar's revisions is no missing event: eScholar need not send each revision."""
    later = ANNA.identity().model_copy(update={"revision": 7})
    await reporting.receive([received_event(later, BRIDGE, identity=uuid4())])
    assert (await reporting.get_for_state("/completeness"))["certified"]


async def test_a_dispute_names_its_events(reporting: ReportingQueries) -> None:
    """A dispute shows both events with their senders, and which counts until the state settles it."""
    await disputed(reporting)
    [found] = (await reporting.get_for_state("/disputes", subject=ANNA.student))["disputes"]
    events = [(one["event_id"], one["body"]["lea"], one["sender"], one["counts"]) for one in found["events"]]
    assert events == [(str(ONE), "017", "017/m.landry", True), (str(TWO), "009", "017/m.landry", False)]
    assert found["settlements"] == []
    assert (await reporting.get_for_state("/disputes", subject="1000000002"))["disputes"] == []
    assert not (await reporting.get_for_state("/completeness"))["certified"]
    assert (STATE, ANNA.student, "disputes", True) in await reporting.queries.access_log()


async def test_the_state_settles_for_the_second(reporting: ReportingQueries) -> None:
    """The state's choice counts in history and reports. Reporting stores user, time and reason."""
    await disputed(reporting)
    answer = await settle(reporting, TWO)
    assert answer.status_code == 200
    assert [(one["event_id"], one["counts"]) for one in answer.json()["events"]] == [
        (str(TWO), True),
        (str(ONE), False),
    ]
    [settlement] = answer.json()["settlements"]
    assert (settlement["settled_by"], settlement["reason"]) == (
        f"{STATE}/s.keeper",
        "Restored from a backup of Tuesday.",
    )
    assert await owner_of(reporting) == [("009",)]
    history = (await reporting.get_for_state(f"/students/{ANNA.student}/history"))["revisions"]
    assert [one["body"]["lea"] for one in history] == ["009"]
    assert (await reporting.get_for_state("/completeness"))["certified"]
    assert (await reporting.get_for_state("/disputes"))["disputes"] == []
    assert len((await reporting.get_for_state("/disputes", settled=True))["disputes"]) == 1


async def test_the_state_settles_for_the_first_and_then_for_the_second(reporting: ReportingQueries) -> None:
    """A later settlement replaces an earlier one, and reporting keeps both."""
    await disputed(reporting)
    await settle(reporting, ONE)
    assert await owner_of(reporting) == [("017",)]
    answer = await settle(reporting, TWO)
    assert [one["event_id"] for one in answer.json()["settlements"]] == [str(ONE), str(TWO)]
    assert await owner_of(reporting) == [("009",)]


async def test_what_is_settled_stays_settled(reporting: ReportingQueries) -> None:
    """Repeated events do not change a settlement. A third event with the number is a new dispute."""
    await disputed(reporting)
    await settle(reporting, TWO)
    await disputed(reporting)
    assert await owner_of(reporting) == [("009",)]
    assert (await reporting.get_for_state("/completeness"))["certified"]
    await reporting.receive([numbered(ANNA.changed(lea="026").claimed(), THREE)])
    assert not (await reporting.get_for_state("/completeness"))["certified"]


async def test_a_rebuild_keeps_what_the_state_settled(reporting: ReportingQueries) -> None:
    """Reporting reads all topics again, in any order. The chosen event counts again, its dispute is settled,
    and the dispute with a third event is still open."""
    events = [
        numbered(ANNA.claimed(), ONE),
        numbered(ANNA.changed(lea="009").claimed(), TWO),
        numbered(ANNA.changed(lea="026").claimed("third spell"), THREE),
    ]
    await reporting.receive(events[:2])
    await settle(reporting, TWO)
    await reporting.receive(events[2:])
    before = await everything(reporting)
    assert await owner_of(reporting) == [("009",)]
    for order in permutations(events):
        await forget(reporting)
        await reporting.receive(*([one] for one in order))
        assert await everything(reporting) == before, [one.id for one in order]


async def test_the_first_event_in_kafka_counts_in_any_order(reporting: ReportingQueries) -> None:
    """Until the state settles a dispute, the event that Kafka received first counts."""
    one, two = numbered(ANNA.claimed(), ONE), numbered(ANNA.changed(lea="009").claimed("other"), TWO)
    await reporting.receive([one, two])
    before = await everything(reporting)
    for batches in ([one], [two]), ([two], [one]), ([two, one],):
        await forget(reporting)
        await reporting.receive(*batches)
        assert await everything(reporting) == before
    assert await owner_of(reporting) == [("017",)]


async def test_a_settlement_waits_for_its_event(reporting: ReportingQueries) -> None:
    """If a rebuild does not find the chosen event, the dispute of the others is open."""
    one, two = numbered(ANNA.claimed(), ONE), numbered(ANNA.changed(lea="009").claimed(), TWO)
    three = numbered(ANNA.changed(lea="026").claimed(), THREE)
    await reporting.receive([one, two, three])
    await settle(reporting, TWO)
    await forget(reporting)
    await reporting.receive([one, three])
    assert not (await reporting.get_for_state("/completeness"))["certified"]
    assert await owner_of(reporting) == [("017",)]
    await reporting.receive([two])
    assert (await reporting.get_for_state("/completeness"))["certified"]
    assert await owner_of(reporting) == [("009",)]


async def everything(reporting: ReportingQueries) -> dict[str, list[str]]:
    """All rows about disputes, in comparable form."""
    return {
        table: [row for (row,) in await reporting.rows(f"SELECT kept::text FROM {table} AS kept ORDER BY 1")]
        for table in TABLES
    }


async def forget(reporting: ReportingQueries) -> None:
    """Empty the tables that a rebuild empties. The services' heartbeats are there again."""
    async with reporting.queries.engine.begin() as database:
        await empty(database, SERVICE.keeps)
    await reporting.receive(Publisher().heartbeats())


async def test_a_chosen_event_about_another_record(reporting: ReportingQueries) -> None:
    """After a settlement only the chosen event has a row in the read models."""
    await reporting.receive(
        [numbered(ANNA.claimed(), ONE)], [numbered(ANNA.changed(lea="009").claimed("other"), TWO)]
    )
    await settle(reporting, TWO)
    rows = await reporting.rows("SELECT lea, spell_id FROM spells")
    assert rows == [("009", id_named(ANNA.student, "other"))]


async def test_an_event_that_does_not_count_is_in_no_report(reporting: ReportingQueries) -> None:
    """Reports rest on the event that counts, also if the other is of a later revision or another record."""
    another = ANNA.changed(lea="009")
    later = another.claimed().model_copy(update={"revision": 2})
    await reporting.receive(
        [numbered(ANNA.claimed(), ONE)],
        [numbered(later, TWO), numbered(another.claimed("other"), THREE)],
    )
    assert await owner_of(reporting) == [("017",)]
    await settle(reporting, ONE)
    assert await owner_of(reporting) == [("017",)]
    await settle(reporting, TWO)
    await reporting.receive([numbered(ANNA.claimed(), ONE)])
    assert await owner_of(reporting) == [("009",)]


async def test_a_chosen_event_of_another_kind(reporting: ReportingQueries) -> None:
    """If only the rejected event was about a student, reporting knows nothing else of that student."""
    added = received_event(ANNA.added(), "students", identity=ONE, sequence=1)
    guardian = received_event(
        ANNA.claimed().model_copy(update={"revision": 1}), "students", identity=TWO, sequence=1
    )
    await reporting.receive([added], [guardian])
    token = reporting.queries.issuer.token(STATE, (Role.STATE,), "s.keeper")
    body = {"subject": ANNA.student, "service": "students", "sequence": 1, "event_id": str(TWO)}
    answer = await reporting.queries.http.post(
        "/disputes/settlements", headers={"Authorization": f"Bearer {token}"}, json=body | {"reason": "So."}
    )
    assert answer.status_code == 200
    assert await reporting.rows("SELECT subject, revision, birth_on FROM students") == [(1000000001, 0, None)]


async def test_who_may_settle(reporting: ReportingQueries) -> None:
    """Only the state settles a dispute. An auditor sees it; an LEA does not."""
    await disputed(reporting)
    for answer in (
        await settle(reporting, TWO, Role.COORDINATOR, lea="017"),
        await settle(reporting, TWO, Role.AUDITOR),
        await reporting.get("/disputes", "017"),
    ):
        assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    log = [(scope, subject, seen) for scope, subject, _, seen in await reporting.queries.access_log()]
    assert log == [("017", "", False), (STATE, "", False), ("017", "", False)]
    assert (await reporting.get("/disputes", STATE, Role.AUDITOR)).status_code == 200
    assert await owner_of(reporting) == [("017",)]


async def test_what_cannot_be_settled(reporting: ReportingQueries) -> None:
    """Reporting refuses to settle a number with one event, or to choose an event with another number."""
    await disputed(reporting)
    answer = await settle(reporting, ONE, sequence=2)
    assert (answer.status_code, codes(answer)) == (404, ["RPT-024"])
    answer = await settle(reporting, id_named("1", "elsewhere"))
    assert (answer.status_code, codes(answer)) == (422, ["RPT-025"])
    assert str(ONE) in answer.json()["findings"][0]["solution"]


async def test_a_number_that_no_event_can_have(reporting: ReportingQueries) -> None:
    """A number beyond PostgreSQL's is refused as that, in a settlement and as the place of a page."""
    for number in (0, 2**31):
        answer = await settle(reporting, ONE, sequence=number)
        assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
    await disputed(reporting)
    page = await reporting.get_for_state("/disputes", after=f"{ANNA.student} jurisdiction {2**31}")
    assert page["disputes"] == []


async def test_a_reason_with_a_social_security_number(reporting: ReportingQueries) -> None:
    """SER keeps no Social Security number, in a settlement either."""
    await disputed(reporting)
    answer = await settle(reporting, TWO, reason="It is 123-45-6789's event.")
    assert (answer.status_code, codes(answer)) == (422, ["REC-005"])
    assert await owner_of(reporting) == [("017",)]


async def test_disputes_come_a_page_at_a_time(reporting: ReportingQueries) -> None:
    """Every dispute is on one page, in the order of State IDs."""
    for digit in range(3):
        await disputed(reporting, Child(f"200000000{digit}"))
    first = await reporting.get_for_state("/disputes", limit=2)
    rest = await reporting.get_for_state("/disputes", limit=2, after=first["next"])
    shown = [one["subject"] for page in (first, rest) for one in page["disputes"]]
    assert (shown, rest["next"]) == (["2000000000", "2000000001", "2000000002"], None)


async def test_heartbeats_are_in_no_dispute(reporting: ReportingQueries) -> None:
    """A repeated heartbeat is a duplicate."""
    again = heartbeat("ieps", 1, {ANNA.student: 0})
    await reporting.receive([again], [again])
    assert (await reporting.get_for_state("/completeness"))["certified"]
