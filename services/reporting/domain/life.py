"""All that a report about cases knows of one student, and the facts of a day."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from contracts.calendars import Extension
from contracts.types import StudentId

DD = "DD"
_EVER = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in the jurisdiction of an LEA. `schools`: each school with its first day, earliest first."""

    lea: str
    begin_on: date
    end_on: date | None
    end_reason: str | None
    schools: Sequence[tuple[str, date]]

    def covers(self, day: date) -> bool:
        """Whether the LEA has jurisdiction on the day."""
        return self.begin_on <= day and (self.end_on is None or self.end_on >= day)

    def school_on(self, day: date) -> str | None:
        """The school of the last stay that had begun on the day."""
        begun = [school for school, begin_on in self.schools if begin_on <= day]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation or a triennial waiver."""

    evaluation_type: str
    stage: str
    lea: str
    coordinator: str | None
    requested_on: date | None
    decision: str | None
    decided_on: date | None
    begun_on: date | None
    extensions: Sequence[Extension]
    exceptions: Sequence[Mapping[str, Any]]
    agreed_due_on: date | None
    not_produced: bool
    delay_reason: str | None
    reported_on: date | None
    evaluated_on: date | None
    determined_on: date | None
    determination: int
    primary: str | None
    exceptionalities: Sequence[str]
    closed_on: date | None
    close_reason: str | None

    @property
    def initial(self) -> bool:
        """Whether it is an initial evaluation."""
        return self.evaluation_type == "initial"

    def withdrawn_on(self) -> date | None:
        """The day on which the parent withdrew the consent."""
        found = (one["occurred_on"] for one in self.exceptions if one["kind"] == "consent withdrawn")
        return next((date.fromisoformat(day) for day in found), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """An IEP, a services plan, or an amendment of one."""

    iep_type: str
    kind: str
    stage: str
    meeting_on: date
    begin_on: date
    amendment: int
    submission: int
    environment: str | None
    signed_on: date | None
    late_reason: str | None

    @property
    def official(self) -> bool:
        """Whether the LEA has made it official."""
        return self.stage in ("official", "submitted")

    @property
    def opens_a_year(self) -> bool:
        """Whether its team meeting begins the year of a plan: no amendment, and no interim IEP."""
        return self.official and self.amendment == 0 and self.iep_type != "interim"


@dataclass(frozen=True, slots=True)
class Activity:
    """A time in special education."""

    entered_on: date
    exited_on: date | None
    exit_reason: str | None

    def covers(self, day: date) -> bool:
        """Whether the student is in special education on the day, the last day included."""
        return self.entered_on <= day and (self.exited_on is None or self.exited_on >= day)


@dataclass(frozen=True, slots=True)
class Service:
    """A recorded service."""

    code: str
    begin_on: date
    end_on: date | None
    teacher: str | None

    def covers(self, day: date) -> bool:
        """Whether the service is given on the day, the last day included."""
        return self.begin_on <= day and (self.end_on is None or self.end_on >= day)


@dataclass(frozen=True)
class Life:
    """One student's records. Voided times in special education are left out."""

    student_id: StudentId
    birth_on: date | None
    grades: Sequence[tuple[date, str | None]] = ()
    spells: Sequence[Spell] = ()
    evaluations: Sequence[Evaluation] = ()
    plans: Sequence[Plan] = ()
    activities: Sequence[Activity] = ()
    refusals: Sequence[date] = ()
    services: Sequence[Service] = field(default=())

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The life in a row of `queries/lives.py`."""
        return cls(
            student_id=f"{row['subject']:010d}",
            birth_on=row["birth_on"],
            grades=[(_day(day) or _EVER, grade) for day, grade in _each(row["grades"])],
            spells=[_spell(*each) for each in _each(row["spells"])],
            evaluations=[_evaluation(*each) for each in _each(row["evaluations"])],
            plans=[_plan(*each) for each in _each(row["plans"])],
            activities=[Activity(_sure(a), _day(b), c) for a, b, c in _each(row["activities"])],
            refusals=[_sure(day) for (day,) in _each(row["refusals"])],
            services=[Service(a, _sure(b), _day(c), d) for a, b, c, d in _each(row["services"])],
        )

    def owner_on(self, day: date) -> Spell | None:
        """The spell of the LEA that has jurisdiction on the day; of two, the one that began last."""
        covering = [spell for spell in self.spells if spell.covers(day)]
        return max(covering, key=lambda spell: spell.begin_on, default=None)

    def in_special_education(self, day: date) -> bool:
        """Whether the student is in special education on the day."""
        return any(activity.covers(day) for activity in self.activities)

    def services_on(self, day: date) -> int:
        """How many services are open on the day."""
        return sum(one.covers(day) for one in self.services)

    def teachers_on(self, day: date) -> str | None:
        """The numbers of the teachers of record of the services that are open on the day."""
        named = {one.teacher for one in self.services if one.teacher and one.covers(day)}
        return ", ".join(sorted(named)) or None

    def exit_between(self, first: date, last: date) -> Activity | None:
        """The first exit from the first day through the last, after which the student is not back."""
        return next(
            (
                one
                for one in self.activities
                if one.exited_on is not None
                and first <= one.exited_on <= last
                and not self.in_special_education(one.exited_on + timedelta(days=1))
            ),
            None,
        )

    def determination_on(self, day: date) -> Evaluation | None:
        """The newest determination of eligibility by the day."""
        found = [one for one in self.evaluations if one.determined_on and one.determined_on <= day]
        return max(found, key=lambda one: (one.determined_on or day, one.determination), default=None)

    def plan_on(self, day: date) -> Plan | None:
        """The official plan in force on the day, even if its year is over."""
        found = [plan for plan in self.plans if plan.official and plan.begin_on <= day]
        order = lambda plan: (plan.begin_on, plan.meeting_on, plan.amendment, plan.submission)  # noqa: E731
        return max(found, key=order, default=None)

    def evaluated_on(self, day: date) -> Iterator[Evaluation]:
        """The reports and signed waivers by the day, earliest first."""
        found = [one for one in self.evaluations if one.evaluated_on and one.evaluated_on <= day]
        yield from sorted(found, key=lambda one: one.evaluated_on or day)

    def years_opened(self, day: date) -> Sequence[Plan]:
        """The plans whose meetings begin a year, by the day of the meeting, through the day."""
        found = [plan for plan in self.plans if plan.opens_a_year and plan.meeting_on <= day]
        return sorted(found, key=lambda plan: (plan.meeting_on, plan.begin_on))

    def grade_on(self, day: date) -> str | None:
        """The grade of the profile that holds on the day."""
        held = [grade for since, grade in self.grades if since <= day]
        return held[-1] if held else None

    def coordinator(self) -> str | None:
        """The coordinator of the newest evaluation that has one."""
        found = [one for one in self.evaluations if one.coordinator]
        order = lambda one: one.requested_on or one.begun_on or _EVER  # noqa: E731
        newest = max(found, key=order, default=None)
        return newest.coordinator if newest else None

    def gone_by(self, day: date) -> date | None:
        """The last day of a student who died or left the state by the day, and whom no LEA has had since."""
        ended = [spell for spell in self.spells if spell.end_reason in ("died", "left the state")]
        last = max((spell.end_on for spell in ended if spell.end_on), default=None)
        if last is None or last > day or any(spell.begin_on > last for spell in self.spells):
            return None
        return last


def _each(found: str | Sequence[Any] | None) -> Sequence[Any]:
    return json.loads(found) if isinstance(found, str) else found or ()


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _sure(written: str) -> date:
    return date.fromisoformat(written)


def _spell(lea: str, begin_on: str, end_on: str | None, reason: str | None, schools: Any) -> Spell:
    return Spell(
        lea, _sure(begin_on), _day(end_on), reason, [(school, _sure(day)) for school, day in schools]
    )


def _plan(*found: Any) -> Plan:
    iep_type, kind, stage, meeting_on, begin_on, amendment, submission, environment, signed_on, late = found
    return Plan(
        iep_type,
        kind,
        stage,
        _sure(meeting_on),
        _sure(begin_on),
        amendment,
        submission or 0,
        environment,
        _day(signed_on),
        late,
    )


_DAYS = (
    "requested_on",
    "decided_on",
    "begun_on",
    "agreed_due_on",
    "reported_on",
    "evaluated_on",
    "determined_on",
    "closed_on",
)


def _evaluation(*found: Any) -> Evaluation:
    named = dict(zip(Evaluation.__slots__, found, strict=True))
    named |= {name: _day(named[name]) for name in _DAYS}
    named["extensions"] = tuple(Extension.model_validate(one) for one in named["extensions"])
    named["determination"] = named["determination"] or 0
    return Evaluation(**named)
