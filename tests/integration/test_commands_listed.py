"""The list of commands with their outcomes: a user's own, and those of all users of an LEA."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.access import Role
from contracts.errors import NOT_OWNER
from contracts.outcome import Outcome, Status
from services.chassis.deciding.batch import LedgerEntry, Writes
from services.chassis.keeping.saving import save
from services.jurisdiction.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, service_queries

EBR, CADDO = "017", "009"
ME, COLLEAGUE, ELSEWHERE = f"{EBR}/a.reader", f"{EBR}/m.landry", f"{CADDO}/a.reader"
ANNA, BEN = "1000000001", "1000000002"
NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
WRONG_OWNER = NOT_OWNER.broken(at="student_id", owner="Caddo Parish (009)")


def sent(
    number: int,
    sender: str = ME,
    *,
    subject: str = ANNA,
    status: Status = Status.ACCEPTED,
    name: str = "ClaimJurisdiction",
    minute: int | None = None,
) -> LedgerEntry:
    """The answer to a sender's command of a minute after noon."""
    command_id = UUID(int=number)
    findings = (WRONG_OWNER,) if status is Status.REFUSED else ()
    outcome = Outcome.given(subject, name, command_id, status, findings)
    return LedgerEntry(
        command_id=str(command_id),
        subject=subject,
        scope=sender.partition("/")[0],
        fingerprint="",
        status=status,
        body=outcome.model_dump_json(),
        received_at=NOON + timedelta(minutes=number if minute is None else minute),
        sender=sender,
    )


@pytest.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The queries of jurisdiction."""
    async with service_queries(SERVICE, database("jurisdiction"), tmp_path) as made:
        yield made


async def answered(queries: ServiceQueries, *entries: LedgerEntry) -> None:
    """The service has answered these commands."""
    async with queries.engine.begin() as database:
        await save(database, Writes(ledger={one.command_id: one for one in entries}))


async def listed(queries: ServiceQueries, lea: str = EBR, *roles: Role, **wanted: Any) -> list[int]:
    """The numbers of the listed commands, in order."""
    answer = await queries.get("/commands", lea, *roles, **wanted)
    assert answer.status_code == 200, answer.text
    return numbers(answer.json()["commands"])


def numbers(commands: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers of commands."""
    return [UUID(one["command_id"]).int for one in commands]


async def test_own_commands(queries: ServiceQueries) -> None:
    """A user sees the user's own commands, newest first, and nobody else's."""
    await answered(queries, sent(1), sent(2, COLLEAGUE), sent(3, ELSEWHERE), sent(4))
    assert await listed(queries) == [4, 1]


async def test_what_a_command_says(queries: ServiceQueries) -> None:
    """Each command has id, name, student, sender, both instants, and its outcome with findings and facts."""
    await answered(queries, sent(7, status=Status.REFUSED))
    (shown,) = (await queries.get("/commands", EBR)).json()["commands"]
    answered_at = datetime.fromisoformat(shown.pop("answered_at"))
    assert abs(datetime.now(UTC) - answered_at) < timedelta(minutes=1)
    assert datetime.fromisoformat(shown.pop("received_at")) == NOON + timedelta(minutes=7)
    assert shown == {
        "command_id": str(UUID(int=7)),
        "command": "ClaimJurisdiction",
        "subject": ANNA,
        "sender": ME,
        "status": "refused",
        "findings": [WRONG_OWNER.model_dump(mode="json")],
        "sequence": 0,
    }


async def test_the_commands_of_an_lea(queries: ServiceQueries) -> None:
    """A coordinator sees the commands of all users of the LEA; the state and auditors those of each LEA."""
    of_the_state, near = sent(4, "LA/s.broussard"), sent(5, "0170/nobody")
    await answered(queries, sent(1), sent(2, COLLEAGUE), sent(3, ELSEWHERE), of_the_state, near)
    assert await listed(queries, EBR, Role.COORDINATOR, whose="lea") == [2, 1]
    for role in (Role.STATE, Role.AUDITOR):
        assert await listed(queries, "LA", role, whose="lea", scope=EBR) == [2, 1]
        assert await listed(queries, "LA", role, whose="lea", scope=CADDO) == [3]
        assert await listed(queries, "LA", role, whose="lea") == [4]


async def test_who_may_not(queries: ServiceQueries) -> None:
    """A reader sees no colleague's commands, and a coordinator no other LEA's; both tries are logged."""
    await answered(queries, sent(1, COLLEAGUE), sent(2, ELSEWHERE))
    refused = await queries.get("/commands", EBR, Role.WRITER, whose="lea")
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
    refused = await queries.get("/commands", EBR, Role.COORDINATOR, whose="lea", scope=CADDO)
    assert (refused.status_code, refused.json()["findings"][0]["field"]) == (403, "scope")
    assert await queries.access_log() == [
        (EBR, "", f"commands of {EBR}", False),
        (EBR, "", f"commands of {CADDO}", False),
    ]


async def test_each_student_shown_is_logged(queries: ServiceQueries) -> None:
    """The log says once a page that a user saw a student's commands. A command about nobody adds nothing."""
    await answered(queries, sent(1), sent(2), sent(3, subject=BEN), sent(4, subject=""))
    assert await listed(queries) == [4, 3, 2, 1]
    assert await queries.access_log() == [(EBR, ANNA, "commands", True), (EBR, BEN, "commands", True)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"status": "refused"}, [2]),
        ({"status": "held"}, [3]),
        ({"status": "accepted"}, [4, 1]),
        ({"command": "TransferSchool"}, [4]),
        ({"subject": BEN}, [3]),
        ({"since": "2017-09-01T12:03:00Z"}, [4, 3]),
        ({"since": "2017-09-01T07:03:00-05:00", "status": "held"}, [3]),
    ],
)
async def test_filters(queries: ServiceQueries, wanted: dict[str, str], expected: list[int]) -> None:
    """A list shows only the commands of an outcome, a name, a student, or since an instant."""
    await answered(
        queries,
        sent(1),
        sent(2, status=Status.REFUSED),
        sent(3, subject=BEN, status=Status.HELD),
        sent(4, name="TransferSchool"),
    )
    assert await listed(queries, **wanted) == expected
    assert await listed(queries, EBR, Role.COORDINATOR, whose="lea", **wanted) == expected


@pytest.mark.parametrize("whose", ["mine", "lea"])
async def test_pages(queries: ServiceQueries, whose: str) -> None:
    """A long list comes a page at a time, also where many commands arrived at one instant."""
    await answered(queries, *(sent(number, minute=number // 3) for number in range(1, 8)))
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        page = (
            await queries.get("/commands", EBR, Role.COORDINATOR, whose=whose, limit=2, after=after)
        ).json()
        seen += numbers(page["commands"])
        after = page["next"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "wanted", [{"since": "2017-09-01"}, {"since": "0001-01-01T00:00:00+14:00"}, {"after": "yesterday"}]
)
async def test_what_cannot_be_read(queries: ServiceQueries, wanted: dict[str, str]) -> None:
    """An instant without a zone or before the year 1900, or a page that nobody gave, is refused by name."""
    answer = await queries.get("/commands", EBR, **wanted)
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
    assert answer.json()["findings"][0]["field"] == next(iter(wanted))
