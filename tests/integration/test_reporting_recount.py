"""An independent recount of random records, in Python, agrees with the child count's query."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.activities import SpedActivity
from contracts.deadlines import anniversary
from contracts.evaluations import Evaluation
from contracts.ieps import IEP, IEPStage
from contracts.message import Event
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.store.read_models import READ_MODELS
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import COUNT_DAY, Child, Publisher

_DAYS = [COUNT_DAY + timedelta(days=days) for days in (-800, -366, -365, -364, -30, -1, 0, 1)]
_OWNED_ON = date(2009, 8, 1)
_STAGES = [*[IEPStage.SUBMITTED] * 4, *IEPStage]
_CODES = [("SLD",), ("AUT",), ("SLI",), ("GFT",), ()]
_PLACES = ("RC80", "RC79TO40", "RC39", "SS")
_STUDENTS = 40


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


@dataclass(frozen=True)
class Case:
    """A student with random activities, IEPs and determinations."""

    child: Child
    activities: Sequence[SpedActivity]
    ieps: Sequence[IEP]
    evaluations: Sequence[Evaluation]

    def events(self) -> Iterator[Event]:
        """The events about the student, the newest of each record."""
        yield from (self.child.added(), self.child.claimed(begin_on=_OWNED_ON))
        for record in (*self.activities, *self.ieps, *self.evaluations):
            assert isinstance(record, Event)
            yield record


def _case(child: Child, draw: Random) -> Case:
    return Case(
        child,
        [_activity(child, number, draw) for number in range(draw.randint(0, 3))],
        list(_plans(child, draw)),
        [_determined(child, number, draw) for number in range(1, draw.randint(0, 3) + 1)],
    )


def _activity(child: Child, number: int, draw: Random) -> SpedActivity:
    entered_on, later = sorted(draw.choices(_DAYS, k=2))
    return child.entered(
        f"entry {number}",
        entered_on=entered_on,
        exited_on=draw.choice([None, later]),
        voided=draw.random() < 0.2,
    )


def _plans(child: Child, draw: Random) -> Iterator[IEP]:
    """IEPs with amendments. Each line has a meeting day of its own."""
    for line, met_on in enumerate(draw.sample(_DAYS, draw.randint(0, 3))):
        begins = sorted(max(draw.choice(_DAYS), met_on) for _ in range(draw.randint(1, 3)))
        for amendment, begin_on in enumerate(begins):
            of = child.changed(environment=draw.choice(_PLACES))
            yield of.submitted(
                f"iep {line} {amendment}",
                meeting_on=met_on,
                begin_on=begin_on,
                amendment=amendment,
                stage=draw.choice(_STAGES) if amendment else IEPStage.SUBMITTED,
            )


def _determined(child: Child, number: int, draw: Random) -> Evaluation:
    of = child.changed(codes=draw.choice(_CODES))
    return of.determined(f"evaluation {number}", determined_on=draw.choice(_DAYS), determination=number)


@dataclass(frozen=True)
class Verdict:
    """Whether a student is counted, and where."""

    reason: Reason
    environment: str | None = None
    expired: bool = False


def recount(case: Case, day: date) -> Verdict:
    """The verdict by the rules, straight from the records."""
    plan = _in_effect(case, day)
    expired = plan is not None and anniversary(_first_of(case, plan).begin_on, 1) <= day
    environment = plan.environment if plan else None
    return Verdict(_reason(case, day, plan), environment, expired)


def _reason(case: Case, day: date, plan: IEP | None) -> Reason:
    if not any(_in_special_education(one, day) for one in case.activities):
        waiting = {iep.stage for iep in case.ieps if iep.begin_on <= day}
        if IEPStage.OFFICIAL in waiting:
            return Reason.NOT_SUBMITTED
        return Reason.NOT_OFFICIAL if IEPStage.DRAFT in waiting else Reason.NOT_ENTERED
    if plan is None:
        return Reason.NO_IEP
    determined = [one for one in case.evaluations if one.determined_on and one.determined_on <= day]
    if not determined:
        return Reason.NOT_DETERMINED
    newest = max(determined, key=lambda one: (one.determined_on, one.determination))
    if newest.primary is None:
        return Reason.NOT_ELIGIBLE
    return Reason.GIFTED_ONLY if newest.primary.code == "GFT" else Reason.COUNTED


def _in_special_education(activity: SpedActivity, day: date) -> bool:
    last_day = activity.exited_on or date.max
    return not activity.voided and activity.entered_on <= day <= last_day


def _in_effect(case: Case, day: date) -> IEP | None:
    begun = [iep for iep in case.ieps if iep.stage is IEPStage.SUBMITTED and iep.begin_on <= day]
    return max(begun, key=_place, default=None)


def _place(iep: IEP) -> tuple[date, date, int, int]:
    return iep.begin_on, iep.meeting_on, iep.amendment, iep.submission or 0


def _first_of(case: Case, plan: IEP) -> IEP:
    """The IEP that the plan amends at last, or the plan."""
    return next(iep for iep in case.ieps if iep.meeting_on == plan.meeting_on and iep.amendment == 0)


async def forget(reporting: ReportingQueries) -> None:
    """Empty the tables that a count reads."""
    tables = ("revisions", "streams", "tallies", *(model.table for model in READ_MODELS))
    async with reporting.queries.engine.begin() as database:
        await database.execute(text(f"TRUNCATE {', '.join(tables)}"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0), day=st.sampled_from(_DAYS))
async def test_the_count_agrees_with_a_recount(reporting: ReportingQueries, seed: int, day: date) -> None:
    """Each of forty random students has the same reason, environment and warning in both."""
    draw = Random(seed)
    cases = [_case(Child(f"{3_000_000_000 + number}"), draw) for number in range(_STUDENTS)]
    expected = {case.child.student: recount(case, day) for case in cases}
    await forget(reporting)
    events = [event for case in cases for event in case.events()]
    draw.shuffle(events)
    await reporting.receive(Publisher().publish(*events))

    listed = await reporting.get_for_state("/child-count/students", as_of=day)
    counted = (await reporting.child_count(day))["reconciliation"]

    assert {one["student_id"]: _verdict(one) for one in listed["students"]} == {
        student: _shown(verdict) for student, verdict in expected.items()
    }
    assert _numbers(counted) == _expected_numbers(list(expected.values()))


def _verdict(one: dict[str, Any]) -> tuple[str, str | None, bool]:
    return one["reason"], one["environment"], one["expired"]


def _shown(verdict: Verdict) -> tuple[str, str | None, bool]:
    return verdict.reason.value, verdict.environment, verdict.expired


def _numbers(counted: dict[str, Any]) -> dict[str, int]:
    """The numbers by reason, of the counted students, and of plans past their year."""
    return {
        **{one["reason"]: one["students"] for one in counted["not_counted"]},
        "counted": counted["counted"],
        "expired": next(one["students"] for one in counted["to_mend"] if one["code"] == "RPT-032"),
    }


def _expected_numbers(verdicts: Sequence[Verdict]) -> dict[str, int]:
    found = [verdict.reason for verdict in verdicts]
    return {
        **{reason.value: found.count(reason) for reason in NOT_COUNTED},
        "counted": found.count(Reason.COUNTED),
        "expired": sum(one.expired for one in verdicts if one.reason is Reason.COUNTED),
    }
