"""Queries of jurisdiction, and the constraints of its database."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert

from contracts.access import Role
from contracts.jurisdiction import (
    EndReason,
    JurisdictionEnded,
    SchoolStay,
    SchoolTransferred,
    Spell,
    Transfer,
    TransferCompleted,
    TransferRefused,
    TransferState,
)
from contracts.message import Record
from services.chassis.keeping.tables import ledger
from services.jurisdiction.app import SERVICE
from services.jurisdiction.domain import REACTIONS
from services.jurisdiction.store import CONSTRAINTS
from tests.integration.querying import ServiceQueries, codes, of_student, service_queries
from tests.unit.events import (
    AUGUST,
    CADDO,
    JEFFERSON,
    OCTOBER,
    ORLEANS,
    SEPTEMBER,
    added,
    claimed,
    corrected_claim,
    ended,
    resumed,
    withdrawn,
)
from tests.unit.jurisdiction.events import requested
from tests.unit.scenario import STUDENT, react_with

HIS_SPELLS = f"/students/{STUDENT}/jurisdiction"
LAST_DAY = SEPTEMBER - timedelta(days=1)


@pytest_asyncio.fixture
async def jurisdiction(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("jurisdiction"), tmp_path) as queries:
        yield queries


def known() -> Record:
    """The fact that an LEA added the student."""
    (record,) = react_with(REACTIONS, [], added())
    assert isinstance(record, Record)
    return record


def moved() -> tuple[Spell, Spell]:
    """Orleans owned the student until 9 September, Jefferson has since."""
    return JurisdictionEnded.of(claimed(), end_on=LAST_DAY), claimed(JEFFERSON, SEPTEMBER, "the transfer")


# Reading


async def test_spells_newest_first_with_the_owner(jurisdiction: ServiceQueries) -> None:
    """The owner and the state see every spell of the student, newest first."""
    await jurisdiction.keep(known(), *moved())
    for answer in (
        await jurisdiction.get(HIS_SPELLS, JEFFERSON),
        await jurisdiction.get(HIS_SPELLS, "LA", Role.STATE),
    ):
        body = answer.json()
        assert body["owner"] == JEFFERSON
        assert [(spell["lea"], spell["end_on"]) for spell in body["spells"]] == [
            (JEFFERSON, None),
            (ORLEANS, LAST_DAY.isoformat()),
        ]


async def test_former_owner_sees_its_own_time(jurisdiction: ServiceQueries) -> None:
    """A former owner sees the present owner, and its own spells only."""
    await jurisdiction.keep(known(), *moved())
    body = (await jurisdiction.get(HIS_SPELLS, ORLEANS)).json()
    assert body["owner"] == JEFFERSON
    assert [spell["lea"] for spell in body["spells"]] == [ORLEANS]


async def test_other_leas_see_nothing(jurisdiction: ServiceQueries) -> None:
    """An LEA that never owned the student learns the owner only, and the access log has the attempt."""
    await jurisdiction.keep(known(), *moved())
    answer = await jurisdiction.get(HIS_SPELLS, CADDO)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-005"])
    assert "Jefferson" in answer.json()["detail"]
    assert await jurisdiction.access_log() == [(CADDO, STUDENT, "jurisdiction", False)]


async def test_views_are_logged(jurisdiction: ServiceQueries) -> None:
    """The access log has every view of a student's jurisdiction."""
    await jurisdiction.keep(known(), claimed())
    await jurisdiction.get(HIS_SPELLS, ORLEANS)
    assert await jurisdiction.access_log() == [(ORLEANS, STUDENT, "jurisdiction", True)]


async def test_not_claimed_yet(jurisdiction: ServiceQueries) -> None:
    """A student whom no LEA has claimed has no owner, and every LEA may see that."""
    await jurisdiction.keep(known())
    body = (await jurisdiction.get(HIS_SPELLS, CADDO)).json()
    assert (body["owner"], body["spells"]) == (None, [])


async def test_nobody_added(jurisdiction: ServiceQueries) -> None:
    """A query about an unknown State ID says so."""
    answer = await jurisdiction.get(HIS_SPELLS)
    assert (answer.status_code, codes(answer)) == (404, ["REC-001"])


async def test_a_closed_jurisdiction(jurisdiction: ServiceQueries) -> None:
    """After a closed spell the student has no owner. The last owner still sees all; others may claim."""
    gone = ended(claimed(JEFFERSON, SEPTEMBER, "the transfer"), OCTOBER, EndReason.GRADUATED)
    await jurisdiction.keep(known(), moved()[0], gone)
    body = (await jurisdiction.get(HIS_SPELLS, JEFFERSON)).json()
    assert body["owner"] is None
    assert [(one["lea"], one["end_reason"]) for one in body["spells"]] == [
        (JEFFERSON, "graduated"),
        (ORLEANS, None),
    ]
    former = (await jurisdiction.get(HIS_SPELLS, ORLEANS)).json()
    assert [one["lea"] for one in former["spells"]] == [ORLEANS]
    for path in (HIS_SPELLS, f"/students/{STUDENT}/transfers"):
        other = await jurisdiction.get(path, CADDO)
        assert (other.status_code, codes(other)) == (403, ["REC-002"])
    assert (await jurisdiction.get(f"/leas/{JEFFERSON}/students", JEFFERSON)).json()["spells"] == []


async def test_a_claim_after_a_closed_jurisdiction(jurisdiction: ServiceQueries) -> None:
    """The days after a closed spell have no owner, until the begin of the next claim."""
    gone = ended(claimed(), LAST_DAY, EndReason.LEFT_STATE)
    await jurisdiction.keep(known(), gone)
    await jurisdiction.keep(claimed(CADDO, OCTOBER, "again"))
    between = {AUGUST: ORLEANS, LAST_DAY: ORLEANS, SEPTEMBER: None, OCTOBER: CADDO}
    for day, lea in between.items():
        body = (await jurisdiction.get(HIS_SPELLS, CADDO, as_of=day.isoformat())).json()
        assert body["owner"] == lea, day
    steps = (await jurisdiction.get(f"/students/{STUDENT}/transfers", CADDO)).json()["transfers"]
    assert [(one["to_lea"], one["from_lea"], one["state"]) for one in steps] == [
        (CADDO, None, "completed"),
        (ORLEANS, None, "completed"),
    ]


async def test_token_is_needed(jurisdiction: ServiceQueries) -> None:
    """A request without a token is refused."""
    answer = await jurisdiction.http.get(HIS_SPELLS)
    assert (answer.status_code, codes(answer)) == (401, ["ACC-001"])


async def test_students_of_an_lea(jurisdiction: ServiceQueries) -> None:
    """An LEA's list holds the students it owns now, a page at a time."""
    everyone = [f"100000000{number}" for number in range(1, 6)]
    await jurisdiction.keep(*(of_student(claimed(), student_id) for student_id in everyone))
    await jurisdiction.keep(*(of_student(spell, "1000000009") for spell in moved()))
    first = (await jurisdiction.get(f"/leas/{ORLEANS}/students", limit=3)).json()
    assert [spell["student_id"] for spell in first["spells"]] == everyone[:3]
    rest = (await jurisdiction.get(f"/leas/{ORLEANS}/students", limit=3, after=first["next"])).json()
    assert [spell["student_id"] for spell in rest["spells"]] == everyone[3:]
    assert rest["next"] is None


async def test_lists_of_another_lea(jurisdiction: ServiceQueries) -> None:
    """Only the LEA itself and the state see an LEA's lists."""
    for path in ("students", "claims"):
        assert (await jurisdiction.get(f"/leas/{ORLEANS}/{path}", "LA", Role.STATE)).status_code == 200
        answer = await jurisdiction.get(f"/leas/{ORLEANS}/{path}", CADDO)
        assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    assert (CADDO, "", f"claims of {ORLEANS}", False) in await jurisdiction.access_log()


async def test_claims_of_an_lea(jurisdiction: ServiceQueries) -> None:
    """An LEA sees its undecided and refused claims, not the claims it won."""
    pending = requested()
    refused = TransferRefused.of(requested(under="refused"), state=TransferState.REFUSED)
    won = TransferCompleted.of(requested(under="won"), state=TransferState.COMPLETED)
    await jurisdiction.keep(claimed(), refused, pending)
    await jurisdiction.keep(*(of_student(one, "1000000002") for one in (*moved(), refused, won)))
    await jurisdiction.keep(requested(CADDO, under="another").model_copy(update={"student_id": "1000000003"}))

    async def claims(**parameters: object) -> set[tuple[str, str]]:
        body = (await jurisdiction.get(f"/leas/{JEFFERSON}/claims", JEFFERSON, **parameters)).json()
        return {(claim["student_id"], claim["claim_id"]) for claim in body["claims"]}

    both = {(STUDENT, str(pending.claim_id)), (STUDENT, str(refused.claim_id))}
    assert await claims() == both
    assert await claims(state="requested") == {(STUDENT, str(pending.claim_id))}
    assert await claims(state="refused") == {(STUDENT, str(refused.claim_id))}
    page = (await jurisdiction.get(f"/leas/{JEFFERSON}/claims", JEFFERSON, limit=1)).json()
    (first,) = page["claims"]
    assert {(STUDENT, first["claim_id"])} | await claims(after=page["next"]) == both


async def answered(jurisdiction: ServiceQueries, claim: Transfer, second: int) -> None:
    """The outcome of a claim, this many seconds after noon."""
    async with jurisdiction.engine.begin() as database:
        await database.execute(
            insert(ledger).values(
                command_id=claim.claim_id,
                subject=claim.subject,
                scope=claim.to_lea,
                sender=f"{claim.to_lea}/m.landry",
                fingerprint="",
                status="refused",
                outcome={},
                received_at=datetime(2017, 9, 1, 12, tzinfo=UTC),
                at=datetime(2017, 9, 1, 12, 0, second, tzinfo=UTC),
            )
        )


async def claims_listed(jurisdiction: ServiceQueries) -> list[str]:
    """The claims on Jefferson's list."""
    answer = await jurisdiction.get(f"/leas/{JEFFERSON}/claims", JEFFERSON)
    return [claim["claim_id"] for claim in answer.json()["claims"]]


async def test_a_claim_that_was_won_on_the_second_try(jurisdiction: ServiceQueries) -> None:
    """After an LEA has won a student, its earlier refused claim leaves the list for good."""
    refused = TransferRefused.of(requested(under="refused"), state=TransferState.REFUSED)
    won = TransferCompleted.of(requested(), state=TransferState.COMPLETED)
    await jurisdiction.keep(claimed(), refused)
    assert await claims_listed(jurisdiction) == [str(refused.claim_id)]
    ended, second = moved()
    await jurisdiction.keep(ended, second, won)
    assert await claims_listed(jurisdiction) == []
    left = JurisdictionEnded.of(second, end_on=OCTOBER - timedelta(days=1))
    await jurisdiction.keep(left, claimed(ORLEANS, OCTOBER, "back again"))
    assert await claims_listed(jurisdiction) == []


async def test_a_refused_claim_on_a_student_whom_another_lea_got(jurisdiction: ServiceQueries) -> None:
    """A refused claim leaves the list when a third LEA gets the student."""
    refused = TransferRefused.of(requested(under="refused"), state=TransferState.REFUSED)
    await jurisdiction.keep(claimed(), refused)
    await jurisdiction.keep(
        JurisdictionEnded.of(claimed(), end_on=LAST_DAY), claimed(CADDO, SEPTEMBER, "a third")
    )
    assert await claims_listed(jurisdiction) == []


async def test_only_the_last_of_several_refused_claims_is_listed(jurisdiction: ServiceQueries) -> None:
    """An LEA that was refused twice gets one release, for its last claim."""
    first, second = (
        TransferRefused.of(requested(under=under), state=TransferState.REFUSED) for under in ("one", "two")
    )
    await jurisdiction.keep(claimed(), first, second)
    await answered(jurisdiction, first, 2)
    await answered(jurisdiction, second, 1)
    assert await claims_listed(jurisdiction) == [str(first.claim_id)]


async def test_claims_on_an_leas_students(jurisdiction: ServiceQueries) -> None:
    """The owner sees which LEAs claim its students and since when, but not the school they would attend."""
    theirs = TransferRefused.of(requested(), state=TransferState.REFUSED)
    await jurisdiction.keep(claimed(), requested())
    await jurisdiction.keep(theirs, requested(CADDO, under="another"))

    async def claims(lea: str, *roles: Role, **more: object) -> dict[str, dict[str, object]]:
        answer = await jurisdiction.get(f"/leas/{ORLEANS}/claims", lea, *roles, direction="in", **more)
        return {claim["to_lea"]: claim for claim in answer.json()["claims"]}

    shown = await claims(ORLEANS)
    assert {lea: claim["state"] for lea, claim in shown.items()} == {
        JEFFERSON: "refused",
        CADDO: "requested",
    }
    assert [shown[JEFFERSON][name] for name in ("school", "local_student_id")] == [None, None]
    assert shown[JEFFERSON]["claimed_at"] is not None
    assert (await claims("LA", Role.STATE))[JEFFERSON]["local_student_id"] == "J-77"
    assert (await claims(ORLEANS, state="requested")).keys() == {CADDO}
    refused = await jurisdiction.get(f"/leas/{ORLEANS}/claims", JEFFERSON, direction="in")
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
    assert (JEFFERSON, "", f"claims on {ORLEANS}", False) in await jurisdiction.access_log()


# As of a day, and as known at an instant


async def test_the_owner_as_of_a_day(jurisdiction: ServiceQueries) -> None:
    """The owner on a day is the LEA whose spell has that day; before the first claim there is none."""
    await jurisdiction.keep(known(), *moved())
    for day, owner in (
        (AUGUST - timedelta(days=1), None),
        (AUGUST, ORLEANS),
        (LAST_DAY, ORLEANS),
        (SEPTEMBER, JEFFERSON),
        (date(2199, 12, 31), JEFFERSON),
    ):
        body = (await jurisdiction.get(HIS_SPELLS, JEFFERSON, as_of=day.isoformat())).json()
        assert (body["owner"], len(body["spells"])) == (owner, 2), day


async def test_the_spells_as_known_at_an_instant(jurisdiction: ServiceQueries) -> None:
    """What was known earlier is still to be seen: the owner, and the school stays, of that time."""
    before = datetime.now(UTC)
    await jurisdiction.keep(known(), claimed())
    at_one_school = datetime.now(UTC)
    stays = (*claimed().schools, SchoolStay(school="036002", begin_on=SEPTEMBER))
    at_another = SchoolTransferred.of(claimed(), schools=stays)
    await jurisdiction.keep(at_another)
    at_two_schools = datetime.now(UTC)
    await jurisdiction.keep(
        JurisdictionEnded.of(at_another, end_on=OCTOBER - timedelta(days=1)),
        claimed(JEFFERSON, OCTOBER, "the transfer"),
    )

    async def then(known_at: datetime | str, lea: str = JEFFERSON) -> tuple[str | None, list[int]]:
        at = known_at if isinstance(known_at, str) else known_at.isoformat()
        body = (await jurisdiction.get(HIS_SPELLS, lea, known_at=at)).json()
        return body["owner"], [len(spell["schools"]) for spell in body["spells"]]

    assert await then(before) == (None, [])
    assert await then(at_one_school) == (ORLEANS, [1])
    assert await then(at_two_schools) == (ORLEANS, [2])
    assert await then(datetime.now(UTC)) == (JEFFERSON, [1, 2])
    assert await then("0001-01-01T00:00:00+14:00") == (None, [])
    assert await then("9999-12-31T23:59:59-14:00", ORLEANS) == (JEFFERSON, [2])


async def test_an_instant_has_a_time_zone(jurisdiction: ServiceQueries) -> None:
    """An instant without a time zone is refused."""
    answer = await jurisdiction.get(HIS_SPELLS, known_at="2017-10-01T00:00:00")
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])


# What the database refuses by itself


async def test_constraints_are_there(jurisdiction: ServiceQueries) -> None:
    """Each constraint that the store names exists in the database."""
    assert set(CONSTRAINTS) <= await jurisdiction.constraints()


async def test_transfer_in_one_transaction(jurisdiction: ServiceQueries) -> None:
    """One transaction may end one spell and begin the next, in any order of writing."""
    await jurisdiction.keep(claimed())
    await jurisdiction.keep(*reversed(moved()))


@pytest.mark.parametrize("begin_on", [AUGUST - timedelta(days=30), AUGUST, OCTOBER])
async def test_two_owners(jurisdiction: ServiceQueries, begin_on: date) -> None:
    """Two LEAs never own a student at once."""
    await jurisdiction.keep(claimed())
    assert (
        await jurisdiction.violated_constraint(claimed(JEFFERSON, begin_on, "a second"))
        == "spells_never_overlap"
    )


async def test_overlap(jurisdiction: ServiceQueries) -> None:
    """PostgreSQL rejects a spell inside another LEA's spell, even an ended one."""
    await jurisdiction.keep(*moved())
    within = JurisdictionEnded.of(claimed(CADDO, AUGUST + timedelta(days=5), "within"), end_on=LAST_DAY)
    assert await jurisdiction.violated_constraint(within) == "spells_never_overlap"


async def test_gap(jurisdiction: ServiceQueries) -> None:
    """The old spell ends the day before the new one begins, not earlier."""
    old, new = moved()
    early = old.model_copy(update={"end_on": LAST_DAY - timedelta(days=1)})
    assert await jurisdiction.violated_constraint(early, new) == "spells_leave_no_gap"


async def test_a_withdrawn_claim(jurisdiction: ServiceQueries) -> None:
    """A withdrawn claim has no day. The LEA before it owns the student again, or a third LEA has its days.

    As known before the withdrawal, the claim stood.
    """
    old, new = moved()
    await jurisdiction.keep(known(), old, new)
    before = datetime.now(UTC)
    assert await jurisdiction.violated_constraint(withdrawn(new)) == "spells_leave_no_gap"
    await jurisdiction.keep(withdrawn(new), resumed(old))
    answer = (await jurisdiction.get(HIS_SPELLS, ORLEANS)).json()
    assert (answer["owner"], [spell["lea"] for spell in answer["spells"]]) == (ORLEANS, [ORLEANS])
    assert codes(await jurisdiction.get(HIS_SPELLS, JEFFERSON)) == ["ACC-005"]
    then = (await jurisdiction.get(HIS_SPELLS, ORLEANS, known_at=before.isoformat())).json()
    assert [spell["lea"] for spell in then["spells"]] == [JEFFERSON, ORLEANS]
    ended_again = JurisdictionEnded.of(resumed(old), end_on=LAST_DAY)
    await jurisdiction.keep(claimed(CADDO, SEPTEMBER, "the right claim"), ended_again)


async def test_a_claim_that_begins_later(jurisdiction: ServiceQueries) -> None:
    """PostgreSQL rejects a corrected first day that leaves a day without an owner."""
    old, new = moved()
    await jurisdiction.keep(old, new)
    later = corrected_claim(new, OCTOBER)
    assert await jurisdiction.violated_constraint(later) == "spells_leave_no_gap"
    until = OCTOBER - timedelta(days=1)
    await jurisdiction.keep(JurisdictionEnded.of(old, end_on=until), later)


async def test_a_spell_without_a_day(jurisdiction: ServiceQueries) -> None:
    """Of two spells with one first day one has no day. It ends before it begins, and overlaps with none."""
    none = JurisdictionEnded.of(claimed(), end_on=AUGUST - timedelta(days=1))
    await jurisdiction.keep(none, claimed(JEFFERSON, AUGUST, "the same day"))


async def test_end_without_successor(jurisdiction: ServiceQueries) -> None:
    """A student with an owner keeps an owner, unless the owner closes its jurisdiction."""
    assert await jurisdiction.violated_constraint(moved()[0]) == "spells_leave_no_gap"
    await jurisdiction.keep(ended(claimed(), LAST_DAY, EndReason.DIED))


async def test_a_reason_without_an_end(jurisdiction: ServiceQueries) -> None:
    """PostgreSQL rejects an open spell with the reason of its end."""
    stray = claimed().model_copy(update={"end_reason": EndReason.DIED})
    assert await jurisdiction.violated_constraint(stray) == "a_closed_spell_has_ended"


async def test_two_claims_at_a_time(jurisdiction: ServiceQueries) -> None:
    """A student has at most one undecided claim."""
    await jurisdiction.keep(claimed(), requested())
    assert await jurisdiction.violated_constraint(requested(CADDO, under="another")) == "one_claim_at_a_time"


async def test_claim_after_claim_in_one_transaction(jurisdiction: ServiceQueries) -> None:
    """One transaction may end one claim and begin the next, in any order of writing."""
    first = requested()
    await jurisdiction.keep(claimed(), first)
    await jurisdiction.keep(
        requested(CADDO, under="another"), TransferRefused.of(first, state=TransferState.REFUSED)
    )
