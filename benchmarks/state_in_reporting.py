"""The children of the state in reporting, from events: no table is filled by hand.

The events have the form that the services publish, and reporting's own code keeps them. A child has an IEP a
year, for up to three years, as many profiles and school stays, services, an evaluation, and for some a
re-evaluation that runs, a transition form, or a diploma. All but the last year's events came at `LAST_YEAR`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.servers import Place
from contracts.activities import SpedActivityEnded
from contracts.evaluations import EvaluationStage, EvaluationType
from contracts.forms import Transition
from contracts.ieps import IEPContentsMadeOfficial, IEPType
from contracts.jurisdiction import SchoolStay, SchoolTransferred
from contracts.message import Event
from contracts.provision import ServiceAdded, ServiceTerms
from contracts.students import Profile, ProfileSaved
from deploy.population.cells_file import read_cells
from deploy.population.leas import read_leas
from deploy.population.population import LOUISIANA_2017, LOUISIANA_LEAS, populate
from deploy.population.pupils import Pupil, StateId
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.reporting import store
from tests.integration.test_reporting_published import child_of
from tests.unit.reporting.events import Child, Publisher, id_named

AS_OF = date(2024, 10, 1)
LAST_YEAR, THIS_YEAR = datetime(2023, 12, 1, tzinfo=UTC), datetime(2024, 12, 1, tzinfo=UTC)
BATCH = 1000

_FIRST_ID = 1_000_000_000
_TOGETHER = 2000
_YEAR = timedelta(days=365)
_SERVED_FROM, _MOST_EARLIER = 3, 2
_TRANSITION_FROM, _LEAVES_FROM = 16, 14
_GRADUATED_ON, _NEW_SCHOOL_ON = date(2025, 5, 16), date(2024, 8, 10)
_FORM = Transition(
    courses_of_study="Career diploma", services=("Job shadowing",), linked_goal_areas=("Reading",)
)


def drawn(students: int | None) -> list[Pupil]:
    """The 84,473 pupils of the published figures (None), or so many, in random order. After the last one the
    first comes again as another student."""
    pupils = list(populate(read_cells(LOUISIANA_2017), read_leas(LOUISIANA_LEAS), AS_OF).pupils)
    Random(1).shuffle(pupils)
    return [
        replace(pupils[number % len(pupils)], state_id=StateId(f"{_FIRST_ID + number}"))
        for number in range(students or len(pupils))
    ]


async def arriving(pupils: Sequence[Pupil]) -> AsyncIterator[Sequence[ReceivedEvent]]:
    """The events about the pupils, in batches."""
    for start in range(0, len(pupils), _TOGETHER):
        events = await asyncio.to_thread(_published, pupils[start : start + _TOGETHER])
        for first in range(0, len(events), BATCH):
            yield events[first : first + BATCH]


def consumer_engine(place: Place) -> AsyncEngine:
    """The connections of reporting's consumer."""
    settings = Settings(database=SecretStr(place.database), token_keys=str(place.keys))
    return engine_for(settings, 2, for_batches=True)


async def keep(engine: AsyncEngine, batch: Sequence[ReceivedEvent]) -> None:
    """Keep a batch in one transaction, as reporting's consumer does."""
    async with engine.begin() as database:
        await store.keep(database, batch)


async def analyze(engine: AsyncEngine) -> None:
    """Run VACUUM ANALYZE, as autovacuum does after a while."""
    async with engine.connect() as database:
        alone = await database.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE"))


def _published(pupils: Sequence[Pupil]) -> list[ReceivedEvent]:
    publisher, earlier, later = Publisher(), list[Event](), list[Event]()
    for pupil in pupils:
        _Course(pupil).write(earlier, later)
    return [
        one._replace(raw=one.raw._replace(at=at))
        for events, at in ((earlier, LAST_YEAR), (later, THIS_YEAR))
        for one in publisher.publish(*events)
    ]


class _Course:
    """The events about one child."""

    def __init__(self, pupil: Pupil) -> None:
        number, age = pupil.child.number, pupil.child.age
        self._pupil, self._number, self._age = pupil, number, age
        self._child: Child = child_of(pupil)
        self._earlier = min(_MOST_EARLIER, max(0, age - _SERVED_FROM))
        self._plan_on = AS_OF - timedelta(days=1 + number % 361)
        self._first_on = self._plan_on - self._earlier * _YEAR

    def write(self, earlier: list[Event], later: list[Event]) -> None:
        """Add the events of the earlier years, and those of the last one. Who is new has no earlier years."""
        before = earlier if self._earlier else later
        before.extend(self._arrival())
        before.extend(self._plan(year) for year in range(self._earlier))
        later.extend(self._last_year())

    def _arrival(self) -> Iterator[Event]:
        child, found_on = self._child, self._first_on - timedelta(days=20)
        stay = SchoolStay(school=self._pupil.school, begin_on=self._first_on - _YEAR)
        yield child.added()
        yield child.claimed(begin_on=stay.begin_on, schools=(stay,))
        yield child.determined(
            permission_requested_on=found_on - timedelta(days=90),
            parent_decision="consented",
            decided_on=found_on - timedelta(days=80),
            report_disseminated_on=found_on,
            evaluated_on=found_on,
            determined_on=found_on,
        )
        first_iep = id_named(child.student, "iep 0")
        for code in ("SPI", "SPE"):
            yield ServiceAdded(
                student_id=child.student,
                revision=1,
                service_id=id_named(child.student, code),
                iep_id=first_iep,
                lea=child.lea,
                terms=ServiceTerms(
                    service_code=code, begin_on=self._first_on, sessions=2, minutes_per_session=30
                ),
            )
        yield child.entered(entered_on=self._first_on, iep_id=first_iep)

    def _plan(self, year: int) -> Event:
        """The IEP of a year. Year 0: the first one."""
        day = self._first_on + year * _YEAR
        kind = IEPType.REVIEW if year else IEPType.INITIAL
        return self._child.submitted(
            f"iep {year}", iep_type=kind, meeting_on=day, begin_on=day, signed_on=day, submission=year + 1
        )

    def _last_year(self) -> Iterator[Event]:
        child, plan = self._child, self._plan(self._earlier)
        yield plan
        yield self._promoted()
        yield self._in_a_new_school()
        if self._number % 4 == 0:
            yield child.determined(
                "evaluation 2",
                revision=1,
                evaluation_type=EvaluationType.REEVALUATION,
                stage=EvaluationStage.BEGUN,
                begun_on=AS_OF - timedelta(days=self._number % 100),
                determined_on=None,
                determination=None,
                exceptionalities=(),
            )
        if self._age >= _TRANSITION_FROM:
            yield IEPContentsMadeOfficial(
                student_id=child.student,
                revision=1,
                iep_id=id_named(child.student, f"iep {self._earlier}"),
                lea=child.lea,
                official=True,
                forms=(_FORM,),
            )
        if self._age >= _LEAVES_FROM and self._number % 10 == 0:
            entered = child.entered(entered_on=self._first_on)
            yield SpedActivityEnded.of(entered, revision=2, exited_on=_GRADUATED_ON, exit_reason="GRD")

    def _promoted(self) -> Event:
        child, added = self._child, self._child.added()
        profile = Profile(
            grade=child.grade, effective_on=_NEW_SCHOOL_ON, english_learner=self._number % 20 == 0
        )
        return ProfileSaved.of(added, revision=2, profile=profile, earlier_profiles=(added.profile,))

    def _in_a_new_school(self) -> Event:
        first, second = self._first_on - _YEAR, max(_NEW_SCHOOL_ON, self._first_on)
        stays = tuple(SchoolStay(school=self._pupil.school, begin_on=day) for day in (first, second))
        spell = self._child.claimed(begin_on=first, schools=stays)
        return SchoolTransferred.of(spell, revision=2)
