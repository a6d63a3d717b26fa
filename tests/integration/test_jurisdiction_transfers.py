"""The claims on one student as conversations, on a real database."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import insert

from contracts.access import Role
from contracts.decision import Known
from contracts.jurisdiction import (
    JurisdictionEnded,
    JurisdictionResumed,
    Spell,
    Transfer,
    TransferEscalated,
    TransferMessageWritten,
    TransferRequested,
)
from contracts.message import Event, Record
from services.chassis.keeping.tables import ledger
from services.jurisdiction.app import SERVICE
from services.jurisdiction.domain import REACTIONS
from tests.integration.querying import ServiceQueries, codes, service_queries
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
    resumed,
    withdrawn,
)
from tests.unit.jurisdiction.events import blocked, cleared, requested
from tests.unit.scenario import STUDENT, id_named, react_with

TRANSFERS = f"/students/{STUDENT}/transfers"


class Told:
    """The student's story as jurisdiction lives it: each event in a transaction of its own."""

    def __init__(self, queries: ServiceQueries) -> None:
        self.queries = queries
        self._known = Known()

    async def keep(self, *records: Record) -> None:
        """Save the service's own records."""
        for record in records:
            self._known.learn(record)
        await self.queries.keep(*records)

    def spell(self, name: str) -> Spell:
        """The spell of a claim, as it is now."""
        (found,) = (one for one in self._known.all(Spell) if one.spell_id == id_named(name))
        return found

    def transfers(self) -> Sequence[Transfer]:
        """The claims on the owned student, as they are now."""
        return self._known.all(Transfer)

    async def hear(self, event: Event) -> None:
        """React to another service's event."""
        effects = react_with(REACTIONS, list(self._known), event)
        await self.keep(*(effect for effect in effects if isinstance(effect, Record)))

    async def claim(self, request: TransferRequested, sender: str) -> None:
        """An LEA's user claims the student from Orleans."""
        await self.sent(request.claim_id, sender)
        await self.keep(request)

    async def sent(self, command_id: UUID, sender: str) -> None:
        """The ledger has the command and who sent it."""
        row = {"command_id": command_id, "subject": STUDENT, "scope": sender[:3], "sender": sender}
        row |= {"fingerprint": "", "status": "held", "outcome": {}, "received_at": datetime.now(UTC)}
        async with self.queries.engine.begin() as database:
            await database.execute(insert(ledger).values(row))


@pytest_asyncio.fixture
async def told(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Told]:
    """Orleans claimed the student first. Jefferson claims, is refused, claims again, and wins."""
    async with service_queries(SERVICE, database("jurisdiction"), tmp_path) as queries:
        story = Told(queries)
        await story.hear(added())
        await story.sent(id_named("the first claim"), f"{ORLEANS}/o.first")
        await story.keep(claimed())
        first, second = requested(under="too early"), requested()
        await story.claim(first, f"{JEFFERSON}/j.second")
        await story.hear(blocked(first))
        await story.claim(second, f"{JEFFERSON}/j.third")
        await story.hear(cleared(second))
        yield story


async def shown(told: Told, lea: str, *roles: Role, **parameters: Any) -> list[dict[str, Any]]:
    """The conversations that a user sees."""
    answer = await told.queries.get(TRANSFERS, lea, *roles, **parameters)
    assert answer.status_code == 200, answer.text
    transfers: list[dict[str, Any]] = answer.json()["transfers"]
    return transfers


def steps(conversation: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The steps without their times."""
    return [(step["state"], step["lea"], step["person"]) for step in conversation["steps"]]


async def test_a_conversation_has_its_steps(told: Told) -> None:
    """The owner sees each claim, the latest first: who claimed, the answer, and what blocked it."""
    won, refused, first = await shown(told, JEFFERSON)
    assert (won["state"], won["from_lea"], won["to_lea"]) == ("completed", ORLEANS, JEFFERSON)
    assert steps(won) == [("requested", JEFFERSON, "j.third"), ("completed", None, None)]
    assert steps(refused) == [("requested", JEFFERSON, "j.second"), ("refused", None, None)]
    (answer,) = refused["steps"][1:]
    assert [finding["code"] for finding in answer["findings"]] == ["JUR-004"]
    assert [service["service_code"] for service in answer["open_services"]] == ["SPE", "TRA"]
    assert answer["open_services"][0]["begin_on"] == AUGUST.isoformat()
    assert (first["from_lea"], steps(first)) == (None, [("completed", ORLEANS, None)])
    times = [step["at"] for one in (first, refused, won) for step in one["steps"]]
    assert times == sorted(times)


async def test_a_person_is_shown_to_the_own_lea_and_the_state(told: Told) -> None:
    """Another LEA learns which LEA claimed, not which person, school or local ID."""
    won, refused, first = await shown(told, ORLEANS)
    assert [steps(one)[0] for one in (won, refused, first)] == [
        ("requested", JEFFERSON, None),
        ("requested", JEFFERSON, None),
        ("completed", ORLEANS, "o.first"),
    ]
    assert [(one["school"], one["local_student_id"]) for one in (won, first)] == [
        (None, None),
        ("036001", None),
    ]
    everything = await shown(told, "LA", Role.STATE)
    assert [steps(one)[0][2] for one in everything] == ["j.third", "j.second", "o.first"]
    assert (everything[0]["school"], everything[0]["local_student_id"]) == ("026001", "J-77")


async def test_a_claimant_sees_its_own_claims(told: Told) -> None:
    """An LEA whose claim was refused sees that claim and no other. An LEA without a part is turned away."""
    refused = await told.queries.get(TRANSFERS, CADDO)
    assert (refused.status_code, codes(refused)) == (403, ["ACC-005"])
    theirs = requested(CADDO, OCTOBER, "Caddo's").model_copy(
        update={"from_lea": JEFFERSON, "from_spell": id_named("the transfer")}
    )
    await told.claim(theirs, f"{CADDO}/c.fourth")
    assert [steps(one) for one in await shown(told, CADDO)] == [[("requested", CADDO, "c.fourth")]]
    assert len(await shown(told, JEFFERSON)) == 4
    assert len(await shown(told, ORLEANS)) == 3
    log = await told.queries.access_log()
    assert log[:2] == [(CADDO, STUDENT, "transfers", False), (CADDO, STUDENT, "transfers", True)]


async def test_pages_of_conversations(told: Told) -> None:
    """A page goes on after the last claim of the page before."""
    page = (await told.queries.get(TRANSFERS, JEFFERSON, limit=2)).json()
    rest = (await told.queries.get(TRANSFERS, JEFFERSON, limit=2, after=page["next"])).json()
    both = [*page["transfers"], *rest["transfers"]]
    assert both == await shown(told, JEFFERSON)
    assert (len(page["transfers"]), rest["next"]) == (2, None)


async def test_nobody_claimed(database: Callable[[str], str], tmp_path: Path) -> None:
    """A student whom nobody has claimed has no conversations; one whom nobody has added is not found."""
    async with service_queries(SERVICE, database("jurisdiction"), tmp_path) as queries:
        assert codes(await queries.get(TRANSFERS, CADDO)) == ["REC-001"]
        await Told(queries).hear(added())
        assert (await queries.get(TRANSFERS, CADDO)).json()["transfers"] == []


async def test_a_correction_and_a_withdrawal(told: Told) -> None:
    """A claim that was corrected and withdrawn says so, each with its reason. Its LEA still sees it."""
    mine = claimed(JEFFERSON, SEPTEMBER, "the transfer")
    old = JurisdictionEnded.of(claimed(), end_on=SEPTEMBER - timedelta(days=1))
    later = corrected_claim(mine, OCTOBER)
    await told.keep(later, JurisdictionEnded.of(old, end_on=OCTOBER - timedelta(days=1)))
    gone = withdrawn(later)
    await told.keep(gone, JurisdictionResumed.of(old, revision=4, end_on=None))
    won, _ = await shown(told, JEFFERSON)
    assert won["state"] == "withdrawn"
    assert [(step["state"], step["text"]) for step in won["steps"][2:]] == [
        ("corrected", "a typing error"),
        ("withdrawn", "the wrong child"),
    ]


async def test_the_last_day_of_the_old_spell(told: Told) -> None:
    """The transfer that was won ended the old spell the day before."""
    spells = (await told.queries.get(f"/students/{STUDENT}/jurisdiction", JEFFERSON)).json()["spells"]
    assert spells[1]["end_on"] == (SEPTEMBER - timedelta(days=1)).isoformat()


async def test_the_leas_write_to_each_other(told: Told) -> None:
    """Messages and the call for help are steps of a blocked claim. The state office lists it."""
    gone, back = withdrawn(told.spell("the transfer")), resumed(told.spell("the first claim"))
    await told.keep(gone, back)
    third = TransferRequested.of(requested(under="once more"), waiting_since=SEPTEMBER)
    await told.claim(third, f"{JEFFERSON}/j.fourth")
    await told.hear(blocked(third))
    (waiting,) = (one for one in told.transfers() if one.claim_id == third.claim_id)
    written = TransferMessageWritten.of(waiting, messages=1, message="Soon.")
    await told.keep(written)
    await told.keep(TransferEscalated.of(written, escalated_on=OCTOBER))
    claim = (await shown(told, JEFFERSON))[0]
    assert [step["state"] for step in claim["steps"]] == ["requested", "refused", "written", "escalated"]
    assert claim["steps"][2]["text"] == "Soon."
    assert claim["standing"]
    assert claim["answer_due_on"] > SEPTEMBER.isoformat()
    (listed,) = (await told.queries.get("/claims/escalated", "LA", Role.STATE)).json()["claims"]
    assert (listed["claim_id"], listed["escalated_on"]) == (claim["claim_id"], OCTOBER.isoformat())
    refused = await told.queries.get("/claims/escalated", JEFFERSON)
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
