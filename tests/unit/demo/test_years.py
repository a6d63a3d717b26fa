"""The years after the first IEP, decided by the real rules of the four deciding services."""

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from contracts.activities import ExitSpecialEducation, SpedActivity
from contracts.deadlines import anniversary
from contracts.decision import Accepted, Decision
from contracts.evaluations import BeginReevaluation, Evaluation, RecordTriennialWaiver
from contracts.ieps import IEP, AmendIEP, IEPStage, IEPType
from contracts.provision import Service
from deploy.demo.history import StudentHistory, history_of
from deploy.population.pupils import Pupil
from tests.unit.demo.in_memory_services import InMemoryServices
from tests.unit.demo.pupils import AS_OF
from tests.unit.demo.test_history import PUPILS

Lived = tuple[Pupil, StudentHistory, Sequence[Decision], InMemoryServices]


@pytest.fixture(scope="module")
def lived() -> Sequence[Lived]:
    """Every kind of pupil with its later years, the decisions, and the records at the end."""
    found = []
    for one in PUPILS:
        history, services = history_of(one, AS_OF, later_years=True), InMemoryServices()
        found.append((one, history, services.decide_all(history), services))
    return found


def test_no_command_of_a_later_year_is_refused(lived: Sequence[Lived]) -> None:
    """Each command is accepted."""
    not_accepted = [
        (one.child, step.message, decision)
        for one, history, decisions, _ in lived
        for step, decision in zip(history.commands, decisions, strict=True)
        if not isinstance(decision, Accepted)
    ]

    assert not_accepted == []


def test_the_plan_of_the_day_has_the_environment_of_the_cell(lived: Sequence[Lived]) -> None:
    """The newest plan is submitted and in effect on the day of the count; one sped activity is open."""
    for one, _, _, services in lived:
        plan = max(services.all(IEP), key=lambda iep: (iep.begin_on, iep.meeting_on, iep.amendment))
        assert plan.stage is IEPStage.SUBMITTED
        assert plan.environment == one.child.environment
        assert plan.begin_on <= AS_OF < anniversary(plan.meeting_on, 1) + timedelta(days=12)
        assert [activity.exited_on for activity in services.all(SpedActivity)].count(None) == 1


def test_each_team_meets_within_a_year(lived: Sequence[Lived]) -> None:
    """A review's meeting is at most a year after the meeting before. Nobody is evaluated later than in three
    years."""
    for _, _, _, services in lived:
        met = sorted({iep.meeting_on for iep in services.all(IEP)})
        assert all(later <= anniversary(earlier, 1) for earlier, later in itertools.pairwise(met))
        evaluated: list[date] = sorted(
            day
            for one in services.all(Evaluation)
            if (day := one.report_disseminated_on or one.parent_signed_on)
        )
        assert anniversary(evaluated[-1], 3) >= AS_OF


def test_every_kind_of_later_year_happens(lived: Sequence[Lived]) -> None:
    """Among the children are reviews, re-evaluations, waivers, amendments, and exits with a return."""
    types = Counter(type(step.message) for _, history, _, _ in lived for step in history.commands)
    reviews = [iep for _, _, _, s in lived for iep in s.all(IEP) if iep.iep_type is IEPType.REVIEW]

    assert all(types[kind] >= 10 for kind in (BeginReevaluation, RecordTriennialWaiver, AmendIEP))
    assert types[ExitSpecialEducation] >= 10
    assert len(reviews) > 300


def test_who_returns_has_services_again(lived: Sequence[Lived]) -> None:
    """After a return the open services are those of the new plan; the earlier ones ended with the exit."""
    for _, history, _, services in lived:
        left = [step.message for step in history.commands if isinstance(step.message, ExitSpecialEducation)]
        if left:
            assert any(service.open for service in services.all(Service))
            before = [one for one in services.all(Service) if one.terms.begin_on <= left[0].exited_on]
            assert before
            assert {one.end_on for one in before} == {left[0].exited_on}
