"""Why the child count counts a student, or why not."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import STATE, Role
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Event
from services.reporting.domain.rules import NOT_COUNTED, Reason, Step
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_child_count import COUNTED, FIVE
from tests.integration.test_reporting_child_count import NOT_COUNTED as CASES
from tests.unit.reporting.events import COUNT_DAY, ENTERED, LAST_YEAR, Child, id_named

ANNA = Child("1000000001")
DAY_BEFORE = COUNT_DAY - timedelta(days=1)
STEPS = {
    Reason.NOT_SUBMITTED: Step.ENTRY,
    Reason.NOT_OFFICIAL: Step.ENTRY,
    Reason.NOT_ENTERED: Step.ENTRY,
    Reason.NO_PROFILE: Step.AGE,
    Reason.NO_JURISDICTION: Step.JURISDICTION,
    Reason.NO_IEP: Step.IEP,
    Reason.NOT_DETERMINED: Step.DETERMINATION,
    Reason.NOT_ELIGIBLE: Step.DETERMINATION,
    Reason.PRIMARY_NOT_FEDERAL: Step.DETERMINATION,
    Reason.GIFTED_ONLY: Step.DETERMINATION,
    Reason.AGE_OUTSIDE: Step.AGE,
    Reason.AGE_NOT_DECLARED: Step.AGE,
    Reason.NO_ENVIRONMENT: Step.ENVIRONMENT,
    Reason.ENVIRONMENT_ELSEWHERE: Step.ENVIRONMENT,
}
"""The step that each reason belongs to. Only a count of some disabilities has the reason NOT_ASKED_FOR."""


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


async def explained(reporting: ReportingQueries, student: str, as_of: date = COUNT_DAY) -> dict[str, Any]:
    """The explanation of one student, for the state."""
    found: dict[str, Any] = await reporting.get_for_state(f"/child-count/students/{student}", as_of=as_of)
    return found


def unsatisfied(explanation: dict[str, Any]) -> dict[str, str]:
    """The code of each step that is not satisfied."""
    return {link["step"]: link["missing"]["code"] for link in explanation["chain"] if not link["satisfied"]}


async def test_every_reason_is_that_of_the_child_count(reporting: ReportingQueries) -> None:
    """For each reason: the explanation names it as the count does, at its step, and no cell. The chain of a
    counted student is whole."""
    cases: list[tuple[str, list[Event]]] = [(what, events) for what, events, _ in CASES]
    cases += [(what, events) for what, events, _ in COUNTED]
    await reporting.receive_events(*(event for _, events in cases for event in events))
    listed = await reporting.get_for_state("/child-count/students", as_of=COUNT_DAY, limit=1000)
    judged = {one["student_id"]: one for one in listed["students"]}
    met = set()
    for what, events in cases:
        one = judged[events[0].subject]
        found = await explained(reporting, events[0].subject)
        reason, missing = Reason(one["reason"]), unsatisfied(found)
        met.add(reason)
        if reason is Reason.COUNTED:
            assert (found["counted"], found["not_counted"], missing) == (True, None, {}), what
        else:
            assert found["not_counted"]["code"] == one["code"] == missing[STEPS[reason]], what
            assert (found["counted"], found["cells"]) == (False, []), what
    assert met == {*NOT_COUNTED, Reason.COUNTED} - {Reason.NOT_ASKED_FOR}
    assert STEPS.keys() == NOT_COUNTED.keys() - {Reason.NOT_ASKED_FOR}


async def test_the_cells_are_those_of_the_child_count(reporting: ReportingQueries) -> None:
    """A student is in each cell that has one child if the count has no other child."""
    five = FIVE.changed(birth_on=date(2014, 5, 1), environment="RC80", lea="009")
    young = FIVE.changed(student="1000000006", environment="H", lea="026")
    await reporting.receive_events(*(event for one in (ANNA, five, young) for event in one.all_events()))
    for child, day in ((ANNA, COUNT_DAY), (five, date(2019, 10, 1)), (young, COUNT_DAY)):
        count = await reporting.child_count(day, lea=child.lea)
        with_child = [cell for cell in count["cells"] if cell["children"] == 1]
        found = (await explained(reporting, child.student, day))["cells"]
        assert found
        assert sorted(map(str, found)) == sorted(
            str({name: cell[name] for name in cell if name != "children"}) for cell in with_child
        )


async def test_the_chain_names_each_fact_with_its_day_and_its_event(reporting: ReportingQueries) -> None:
    """Spell, IEP, determination, age and environment, each with its value, its day and its event."""
    await reporting.receive_events(*ANNA.all_events())
    chain = {link["step"]: link for link in (await explained(reporting, ANNA.student))["chain"]}
    assert {step: (link["value"], link["on"]) for step, link in chain.items()} == {
        "special education": (None, ENTERED.isoformat()),
        "jurisdiction": ("017", LAST_YEAR.isoformat()),
        "IEP in effect": (None, ENTERED.isoformat()),
        "determination": ("SLD", "2017-03-01"),
        "age": ("8", ANNA.birth_on.isoformat()),
        "environment": ("RC80", ENTERED.isoformat()),
    }
    assert {step: link["source"]["event"] for step, link in chain.items()} == {
        "special education": "SpedActivityBegun",
        "jurisdiction": "StudentClaimed",
        "IEP in effect": "IEPSubmitted",
        "determination": "EligibilityDetermined",
        "age": "StudentAdded",
        "environment": "IEPSubmitted",
    }
    source = chain["determination"]["source"]
    assert (source["service"], source["sequence"]) == ("ieps", 1)
    assert chain["determination"]["words"] == "Specific Learning Disability (SLD)"
    assert chain["IEP in effect"]["record_id"] == str(id_named(ANNA.student, "iep"))


async def test_an_exit_and_an_entry_on_one_day(reporting: ReportingQueries) -> None:
    """The chain names the entry that began last. The day before, it names the earlier one."""
    await reporting.receive_events(
        *ANNA.all_events()[:-1],
        ANNA.entered("earlier", exited_on=COUNT_DAY),
        ANNA.entered("again", entered_on=COUNT_DAY),
    )
    for day, name, on in ((COUNT_DAY, "again", COUNT_DAY), (DAY_BEFORE, "earlier", ENTERED)):
        chain = (await explained(reporting, ANNA.student, day))["chain"]
        entry = next(link for link in chain if link["step"] == "special education")
        assert (entry["record_id"], entry["on"]) == (str(id_named(ANNA.student, name)), on.isoformat())


async def test_a_counted_student_with_something_to_mend(reporting: ReportingQueries) -> None:
    """The explanation names the missing sex and race of a counted student."""
    await reporting.receive_events(*ANNA.changed(sex=None, races=()).all_events())
    found = await explained(reporting, ANNA.student)
    assert (found["counted"], [one["code"] for one in found["to_mend"]]) == (True, ["RPT-030", "RPT-031"])


async def test_who_sees_an_explanation(reporting: ReportingQueries) -> None:
    """The owner sees every day, a former owner the days on which it had jurisdiction and no later event.
    Another LEA sees nothing. SER logs each look."""
    moved_on = COUNT_DAY + timedelta(days=30)
    await reporting.receive_events(*ANNA.all_events())
    reporting.publisher.since = datetime(2017, 11, 1, tzinfo=UTC)
    await reporting.receive_events(
        JurisdictionEnded.of(ANNA.claimed(), end_on=moved_on - timedelta(days=1)),
        ANNA.changed(lea="009").claimed("second", begin_on=moved_on),
        ANNA.submitted(revision=4, lea="009"),
    )
    path = f"/child-count/students/{ANNA.student}"
    before = await reporting.get(path, "017", as_of=COUNT_DAY)
    assert before.json()["counted"]
    iep = next(link for link in before.json()["chain"] if link["step"] == "IEP in effect")
    assert iep["source"]["sequence"] == 2
    after = await reporting.get(path, "017", as_of=moved_on)
    assert (after.status_code, codes(after)) == (403, ["ACC-005"])
    for day in (COUNT_DAY, moved_on):
        assert (await reporting.get(path, "009", as_of=day)).json()["counted"]
    other = await reporting.get(path, "036", as_of=COUNT_DAY)
    assert (other.status_code, codes(other)) == (403, ["ACC-005"])
    seen = [(scope, seen) for scope, _, what, seen in await reporting.queries.access_log()]
    assert seen == [
        ("017", True),
        ("017", True),
        ("017", False),
        ("009", True),
        ("009", True),
        ("036", False),
    ]


async def test_a_day_without_a_jurisdiction(reporting: ReportingQueries) -> None:
    """A former owner learns of such a day that no LEA had the student."""
    closed = JurisdictionEnded.of(ANNA.claimed(), end_on=DAY_BEFORE, end_reason="other")
    later = ANNA.changed(lea="009").claimed("second", begin_on=COUNT_DAY + timedelta(days=30))
    await reporting.receive_events(*ANNA.all_events(), closed, later)
    path = f"/child-count/students/{ANNA.student}"
    assert (await reporting.get(path, "017", as_of=DAY_BEFORE)).json()["counted"]
    answer = await reporting.get(path, "017", as_of=COUNT_DAY)
    assert (answer.status_code, codes(answer)) == (403, ["REC-002"])


async def test_an_unknown_student(reporting: ReportingQueries) -> None:
    """A State ID about which reporting has nothing, or only eScholar's message, is not found."""
    await reporting.receive_events(ANNA.identity())
    for student in (ANNA.student, "1000000009"):
        answer = await reporting.get(f"/child-count/students/{student}", STATE, Role.STATE, as_of=COUNT_DAY)
        assert (answer.status_code, codes(answer)) == (404, ["RPT-021"])


async def test_a_forecast(reporting: ReportingQueries) -> None:
    """The explanation of a day to come is marked, and says how far reporting has heard each service."""
    await reporting.receive_events(*ANNA.all_events())
    answer = await reporting.get(f"/child-count/students/{ANNA.student}", "017", as_of="2199-10-01")
    assert answer.json()["to_come"]
    assert answer.headers["Ser-Sequence"] == "ieps=3, jurisdiction=1, students=1"
