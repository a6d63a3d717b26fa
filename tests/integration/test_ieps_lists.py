"""The work of an LEA: open evaluations, drafts and official IEPs of its students."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import Role
from contracts.decision import Known
from contracts.evaluations import ParentDecision
from contracts.message import Record
from services.ieps.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, of_student, service_queries
from tests.unit.events import ended
from tests.unit.ieps import scenario
from tests.unit.ieps.test_deletions import OTHER, deleted

OWNER, CADDO = scenario.EAST_BATON_ROUGE, scenario.CADDO
EVALUATIONS, IEPS = f"/leas/{OWNER}/evaluations", f"/leas/{OWNER}/ieps"
DELETIONS = f"/leas/{OWNER}/iep-deletions"
ANNA, BEN, CARA, DAN, EVE = (f"100000000{number}" for number in range(1, 6))


@pytest_asyncio.fixture
async def ieps(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("ieps"), tmp_path) as queries:
        yield queries


def of(student: str, history: Sequence[Record]) -> list[Record]:
    """The newest state of each record of the history, of another student."""
    return [of_student(record, student) for record in Known(history)]


def consented(on: date) -> list[Record]:
    """The parent consented to the evaluation on this day."""
    return scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says(on=on))


def moved_away(history: Sequence[Record], on: date = date(2017, 9, 1)) -> list[Record]:
    """Caddo owns the student since this day."""
    end = ended(scenario.claimed(), on - timedelta(days=1))
    return scenario.records_after(end, scenario.claimed(CADDO, on, "second claim"), after=history)


async def pages(ieps: ServiceQueries, path: str, of_what: str, **asked: Any) -> list[list[str]]:
    """The State IDs of each page, two a page."""
    found: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        body = (await ieps.get(path, OWNER, after=after, limit=2, **asked)).json()
        found.append([one["student_id"] for one in body[of_what]])
        after = body["next"]
    return found


async def test_open_evaluations_by_due_date(ieps: ServiceQueries) -> None:
    """Evaluations that are to be completed come first, by due date; those before consent or after the report
    follow. Other LEAs' students and evaluations that are over are not listed."""
    reported = scenario.after(consented(date(2017, 2, 8)), scenario.report())
    requested = scenario.after(scenario.open_record(), scenario.request())
    await ieps.keep(
        *of(ANNA, reported),
        *of(BEN, consented(date(2017, 3, 6))),
        *of(CARA, requested),
        *of(DAN, consented(date(2017, 2, 13))),
        *of(EVE, moved_away(consented(date(2017, 2, 9)))),
        *of("1000000006", scenario.evaluated()),
        *of("1000000007", scenario.after(requested, scenario.parent_says(ParentDecision.REFUSED))),
    )
    assert await pages(ieps, EVALUATIONS, "evaluations") == [[DAN, BEN], [ANNA, CARA]]
    assert await pages(ieps, EVALUATIONS, "evaluations", stage="consented") == [[DAN, BEN]]
    body = (await ieps.get(EVALUATIONS, OWNER)).json()
    assert [one["due_on"] for one in body["evaluations"]] == ["2017-05-08", "2017-05-29", "2017-05-03", None]
    body = (await ieps.get(f"/leas/{CADDO}/evaluations", CADDO)).json()
    assert [one["student_id"] for one in body["evaluations"]] == [EVE]


async def test_an_open_reevaluation_is_listed_by_its_due_date(ieps: ServiceQueries) -> None:
    """It is due three years after the evaluation before. A completed one and a waiver are over."""
    begun = scenario.after(scenario.evaluated(), scenario.reevaluate())
    over = scenario.after(begun, scenario.report(scenario.AGAIN, "re-evaluation"), scenario.waive())
    await ieps.keep(*of(ANNA, begun), *of(BEN, consented(date(2017, 3, 6))), *of(CARA, over))
    body = (await ieps.get(EVALUATIONS, OWNER)).json()
    assert [(one["student_id"], one["due_on"]) for one in body["evaluations"]] == [
        (BEN, "2017-05-29"),
        (ANNA, "2020-05-02"),
    ]
    assert await pages(ieps, EVALUATIONS, "evaluations", stage="begun") == [[ANNA]]


async def test_unsubmitted_ieps_by_state_id(ieps: ServiceQueries) -> None:
    """Drafts with their lights and official IEPs are listed, also one that another LEA began. A submitted IEP
    is not."""
    official = scenario.after(scenario.drafted(), scenario.make_official())
    await ieps.keep(
        *of(ANNA, scenario.drafted(forms=())),
        *of(BEN, scenario.submitted()),
        *of(CARA, official),
        *of(DAN, scenario.after(scenario.submitted(), scenario.amend())),
        *of(EVE, moved_away(scenario.drafted())),
        by="017/m.landry",
    )
    assert await pages(ieps, IEPS, "ieps") == [[ANNA, CARA], [DAN]]
    assert await pages(ieps, IEPS, "ieps", stage="official") == [[CARA]]
    body = (await ieps.get(IEPS, OWNER)).json()
    assert [(one["stage"], one["amendment"], one["light"]) for one in body["ieps"]] == [
        ("draft", 0, "red"),
        ("official", 0, None),
        ("draft", 1, "green"),
    ]
    assert {one["changed_by"] for one in body["ieps"]} == {"017/m.landry"}
    body = (await ieps.get(f"/leas/{CADDO}/ieps", CADDO)).json()
    assert [(one["student_id"], one["lea"], one["light"]) for one in body["ieps"]] == [(EVE, OWNER, "green")]


async def test_a_student_whose_new_owner_is_known_before_the_end_of_the_old_spell(
    ieps: ServiceQueries,
) -> None:
    """The later spell counts: topics keep no order."""
    claimed_away = scenario.records_after(
        scenario.claimed(CADDO, date(2017, 9, 1), "second claim"), after=scenario.drafted()
    )
    await ieps.keep(*of(ANNA, claimed_away))
    found = [(await ieps.get(f"/leas/{lea}/ieps", lea)).json()["ieps"] for lea in (OWNER, CADDO)]
    assert list(map(len, found)) == [0, 1]


async def test_requests_to_delete_ieps(ieps: ServiceQueries) -> None:
    """An LEA sees the open requests to delete IEPs of its students, with the IEP. A decided request leaves
    the list, as a deleted or discarded IEP leaves the list of IEPs."""
    requested = scenario.after(scenario.submitted(), scenario.request_deletion())
    official = scenario.after(
        scenario.drafted(), scenario.make_official(), scenario.request_deletion(reason="Twice.")
    )
    await ieps.keep(
        *of(ANNA, requested),
        *of(BEN, scenario.submitted()),
        *of(CARA, official),
        *of(DAN, deleted()),
        *of(EVE, scenario.after(scenario.drafted(), scenario.discard())),
        *of("1000000006", scenario.after(requested, scenario.decline_deletion(), by=OTHER)),
        *of("1000000007", moved_away(requested)),
        *of("1000000008", requested),
    )
    assert await pages(ieps, DELETIONS, "deletions") == [[ANNA, CARA], ["1000000008"]]
    body = (await ieps.get(DELETIONS, OWNER)).json()
    assert [(one["reason"], one["iep"]["stage"]) for one in body["deletions"]] == [
        ("Of another student.", "submitted"),
        ("Twice.", "official"),
        ("Of another student.", "submitted"),
    ]
    [unsubmitted] = (await ieps.get(IEPS, OWNER)).json()["ieps"]
    assert (unsubmitted["student_id"], unsubmitted["deletion"]["state"]) == (CARA, "requested")
    assert unsubmitted["plan_kind"] == "IEP"
    [listed] = (await ieps.get(f"/students/{DAN}/ieps", OWNER)).json()
    assert (listed["stage"], listed["deletion"]["state"]) == ("deleted", "approved")
    (listed,) = (await ieps.get(f"/students/{ANNA}/ieps", OWNER)).json()
    one = (await ieps.get(f"/students/{ANNA}/ieps/{listed['iep_id']}", OWNER)).json()
    assert listed["deletion"]["state"] == one["deletion"]["state"] == "requested"
    (unquestioned,) = (await ieps.get(f"/students/{BEN}/ieps", OWNER)).json()
    assert unquestioned["deletion"] is None


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (EVALUATIONS, f"open evaluations of {OWNER}"),
        (IEPS, f"unsubmitted IEPs of {OWNER}"),
        (DELETIONS, f"requests to delete IEPs of {OWNER}"),
    ],
)
async def test_who_sees_the_lists(ieps: ServiceQueries, path: str, what: str) -> None:
    """The lists are for the LEA, the state and auditors. SER logs the list and each student on it."""
    official = scenario.after(scenario.drafted(), scenario.make_official(), scenario.request_deletion())
    history = scenario.after(official, scenario.request("another", scenario.DETERMINED))
    await ieps.keep(*of(ANNA, history))
    assert (await ieps.get(path, "LA", Role.STATE)).status_code == 200
    answer = await ieps.get(path, CADDO)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    assert await ieps.access_log() == [
        ("LA", "", what, True),
        ("LA", ANNA, what, True),
        (CADDO, "", what, False),
    ]


def born_later(history: Sequence[Record], born: date = date(2017, 2, 2)) -> list[Record]:
    """After the history eScholar has corrected the birth date."""
    return scenario.records_after(scenario.corrected(born), after=history)


async def test_records_that_do_not_agree_with_a_corrected_birth_date(ieps: ServiceQueries) -> None:
    """An evaluation before birth, developmental delay at nine, an IEP and an environment of another age."""
    submitted = scenario.submitted()
    at_nine = scenario.evaluated("DD", born=date(2009, 1, 1))
    await ieps.keep(
        *of(ANNA, submitted),
        *of(BEN, born_later(consented(date(2017, 3, 6)))),
        *of(CARA, born_later(at_nine, date(2007, 1, 1))),
        *of(DAN, moved_away(born_later(consented(date(2017, 2, 13))))),
        *of(EVE, born_later(submitted, date(2014, 10, 1))),
    )
    path = f"/leas/{OWNER}/against-birth-date"
    body = (await ieps.get(path, OWNER)).json()
    assert [(one["student_id"], one["about"], one["finding"]["code"]) for one in body["records"]] == [
        (BEN, "evaluation", "REC-003"),
        (CARA, "evaluation", "EVA-009"),
        (EVE, "iep", "IEP-141"),
        (EVE, "iep", "IEP-111"),
    ]
    assert [one["student_id"] for one in (await ieps.get(path, OWNER, limit=1)).json()["records"]] == [BEN]
    assert await pages(ieps, path, "records") == [[BEN, CARA], [EVE, EVE]]
    refused = await ieps.get(path, CADDO)
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
