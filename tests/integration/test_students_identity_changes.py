"""What became of State IDs: each LEA sees its students', the state all."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import STATE, Role
from contracts.identity import Identity
from contracts.message import Guest, Record
from contracts.state_ids import (
    SplitClosed,
    StateIdChangeDeclined,
    StateIdChangeProposed,
    StateIdMerged,
    StateIdRetired,
    StateIdSeparated,
    StateIdShared,
)
from services.students.app import SERVICE
from services.students.domain.addresses import StandingLink
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.integration.test_students_search import CADDO, EBR, JEFFERSON, facts, named_like, student
from tests.unit.students.events import OCTOBER, claimed

HERE, THERE, RETIRED, AGAIN, LONELY = (f"200000000{number}" for number in range(1, 6))
NOON = datetime(2017, 10, 12, 12, tzinfo=UTC)

MERGED = StateIdMerged(student_id=HERE, revision=1, current_id=THERE, formerly=(HERE,))
GONE = StateIdRetired(student_id=RETIRED, revision=1, current_id=RETIRED, formerly=(RETIRED,), retired=True)
BACK = StateIdSeparated(student_id=AGAIN, revision=2, current_id=AGAIN, formerly=(AGAIN, THERE))
WAITS = StateIdChangeProposed(
    student_id=THERE, revision=1, into=AGAIN, reason="one child", state="proposed", proposed_by="017/m"
)
CIRCLE = (
    StandingLink(student_id=LONELY, revision=1, into=AGAIN),
    StandingLink(student_id=AGAIN, revision=3, into=LONELY),
)


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """HERE was merged into THERE, a student of another LEA; three more changes, an hour apart."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        await made.keep(
            student(HERE, named_like("Zoë Example"), EBR),
            student(THERE, named_like("ZOE EXAMPLE"), JEFFERSON),
            student(RETIRED, named_like("Yan Example"), CADDO),
            *facts(HERE, claimed(EBR)),
            *facts(THERE, claimed(JEFFERSON, OCTOBER, "the second claim")),
            *facts(RETIRED, claimed(CADDO, OCTOBER, "the third claim")),
        )
        changes: tuple[Record, ...] = (MERGED, GONE, BACK, WAITS)
        for hour, record in enumerate(changes):
            await made.keep(record, at=NOON + timedelta(hours=hour))
        yield made


async def listed(queries: ServiceQueries, lea: str, *roles: Role, **wanted: Any) -> list[tuple[Any, ...]]:
    """Kind and both State IDs of each change, in order."""
    answer = await queries.get("/identity-changes", lea, *roles, **wanted)
    assert answer.status_code == 200, answer.text
    return [(one["kind"], one["student_id"], one["other_id"]) for one in answer.json()["changes"]]


WAITING = ("waiting", THERE, AGAIN)
SEPARATED = ("separated", AGAIN, THERE)
MERGER = ("merged", HERE, THERE)
NOBODYS = ("retired", RETIRED, None)


async def test_the_state_sees_all(queries: ServiceQueries) -> None:
    """The newest comes first."""
    assert await listed(queries, STATE, Role.STATE) == [WAITING, SEPARATED, NOBODYS, MERGER]


async def test_both_leas_see_a_merge(queries: ServiceQueries) -> None:
    """The LEA that lost the student and the one that has the survivor; each learns who owns both."""
    assert await listed(queries, EBR, kind="merged") == [MERGER]
    assert await listed(queries, JEFFERSON) == [WAITING, SEPARATED, MERGER]
    assert await listed(queries, CADDO) == [NOBODYS]
    (one,) = (await queries.get("/identity-changes", EBR)).json()["changes"]
    assert (one["lea"], one["other_lea"], one["at"]) == (EBR, JEFFERSON, "2017-10-12T12:00:00Z")


async def test_a_former_owner_sees_it_too(queries: ServiceQueries) -> None:
    """The LEAs of all spells see the change, not only the last one."""
    await queries.keep(*facts(HERE, claimed(CADDO, OCTOBER, "the fourth claim")))
    assert await listed(queries, EBR, kind="merged") == [MERGER]
    assert await listed(queries, CADDO, kind="merged") == [MERGER]


async def test_what_waits(queries: ServiceQueries) -> None:
    """Of a change that waits, the answer says who proposed it and why, and its revision."""
    (one,) = (await queries.get("/identity-changes", JEFFERSON, kind="waiting")).json()["changes"]
    assert (one["proposed_by"], one["reason"], one["revision"]) == ("017/m", "one child", 1)
    declined = StateIdChangeDeclined.of(WAITS, state="declined", decided_by="LA/s", declined_because="no")
    await queries.keep(declined)
    assert await listed(queries, JEFFERSON, kind="waiting") == []


async def test_a_split_until_it_is_closed(queries: ServiceQueries) -> None:
    """An open split is listed once, under the State ID that two persons shared."""
    halves = [
        StateIdShared(student_id=one, revision=1, with_id=other, new_id=LONELY)
        for one, other in ((RETIRED, LONELY), (LONELY, RETIRED))
    ]
    await queries.keep(*halves, at=NOON)
    assert await listed(queries, CADDO, kind="split") == [("split", RETIRED, LONELY)]
    assert await listed(queries, CADDO, to_decide=True) == [("split", RETIRED, LONELY)]
    await queries.keep(*(SplitClosed.of(half, closed_by="017/m") for half in halves))
    assert await listed(queries, CADDO, kind="split") == []


async def test_a_split_follows_a_merge(queries: ServiceQueries) -> None:
    """One of the two was merged since: the split is listed, shown and closed under the survivor."""
    halves = [
        StateIdShared(student_id=one, revision=1, with_id=other, new_id=AGAIN)
        for one, other in ((HERE, AGAIN), (AGAIN, HERE))
    ]
    person = Identity(student_id=THERE, revision=1, person=named_like("ZOE EXAMPLE"))
    guest = Guest(student_id=THERE, revision=1, guest_id=HERE, here=True)
    await queries.keep(*halves, person, guest, at=NOON)
    assert await listed(queries, JEFFERSON, kind="split") == [("split", THERE, AGAIN)]
    seen = (await queries.get(f"/identities/{THERE}", JEFFERSON, Role.SECURE_ID_MANAGER)).json()
    assert [one["with_id"] for one in seen["splits"]] == [AGAIN]
    back = StateIdSeparated(student_id=HERE, revision=2, current_id=HERE, formerly=(HERE, THERE))
    await queries.keep(back, guest.model_copy(update={"revision": 2, "here": False}), at=NOON)
    assert await listed(queries, EBR, kind="split") == [("split", HERE, AGAIN)]
    seen = (await queries.get(f"/identities/{THERE}", JEFFERSON, Role.SECURE_ID_MANAGER)).json()
    assert seen["splits"] == []


async def test_what_a_manager_sees_of_an_identity(queries: ServiceQueries) -> None:
    """Beside the person, the change that waits and the open splits; a writer sees the person alone."""
    await queries.keep(
        Identity(student_id=THERE, revision=1, person=named_like("ZOE EXAMPLE")),
        StateIdShared(student_id=THERE, revision=1, with_id=AGAIN, new_id=AGAIN),
    )
    path = f"/identities/{THERE}"
    seen = (await queries.get(path, JEFFERSON, Role.SECURE_ID_MANAGER)).json()
    assert (seen["change"]["into"], seen["splits"][0]["with_id"]) == (AGAIN, AGAIN)
    hidden = (await queries.get(path, JEFFERSON, Role.WRITER)).json()
    assert (hidden["change"], hidden["splits"]) == (None, [])


async def test_circles_are_for_the_state(queries: ServiceQueries) -> None:
    """Only the state sees that links lead in a circle. Circles go when a link of theirs does."""
    await queries.keep(*CIRCLE, at=NOON)
    circles = [("circle", LONELY, AGAIN), ("circle", AGAIN, LONELY)]
    assert await listed(queries, STATE, Role.AUDITOR, kind="circle") == circles
    assert await listed(queries, JEFFERSON, kind="circle") == []
    await queries.keep(StandingLink(student_id=AGAIN, revision=4, into=None))
    assert await listed(queries, STATE, Role.STATE, kind="circle") == []


async def test_retired_and_still_owned(queries: ServiceQueries) -> None:
    """The state finds the retired State IDs whose student an LEA has."""
    assert await listed(queries, STATE, Role.STATE, kind="retired", owned=True) == [NOBODYS]
    assert await listed(queries, STATE, Role.STATE, kind="separated", owned=True) == []


async def test_a_page_at_a_time(queries: ServiceQueries) -> None:
    """Each page names the place where the next one begins."""
    found, after = [], ""
    for _ in range(4):
        page = (await queries.get("/identity-changes", STATE, Role.STATE, limit=1, after=after or "")).json()
        found += [one["kind"] for one in page["changes"]]
        after = page["next"]
    assert found == ["waiting", "separated", "retired", "merged"]
    assert after is None


async def test_from_a_day_on(queries: ServiceQueries) -> None:
    """The work list shows the newest only."""
    assert await listed(queries, STATE, Role.STATE, since="2017-10-13") == []
    assert len(await listed(queries, STATE, Role.STATE, since="2017-10-12")) == 4


async def test_a_wrong_place(queries: ServiceQueries) -> None:
    """A place that no page named is refused."""
    assert codes(await queries.get("/identity-changes", EBR, after="yesterday")) == ["MSG-002"]


async def test_the_look_is_logged(queries: ServiceQueries) -> None:
    """A list is a look without a student."""
    await listed(queries, EBR)
    assert await queries.access_log() == [(EBR, "", "State ID changes", True)]
