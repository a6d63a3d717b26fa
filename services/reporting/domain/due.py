"""What an LEA must do by a day of the law, and the next step of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contracts.counting import Clock
from contracts.deadlines import (
    NO_CALENDARS,
    evaluation_due,
    initial_iep_due,
    last_day_of_iep,
    reevaluation_due,
)


class DueKind(StrEnum):
    """What is due.

    - `initial evaluation`: the report of an evaluation to which the parent has consented.
    - `initial IEP`: the first IEP after an evaluation that is complete.
    - `IEP review`: the next IEP of a student in special education.
    - `re-evaluation`: the next evaluation of a student in special education.
    """

    INITIAL_EVALUATION = "initial evaluation"
    INITIAL_IEP = "initial IEP"
    IEP_REVIEW = "IEP review"
    REEVALUATION = "re-evaluation"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A kind's due date by the day 0 of its clock, and the first step if nothing has begun."""

    due: Callable[[date], date]
    clock: Clock
    first_step: str

    def latest_start(self, through: date) -> date:
        """The last day 0 that leads to a due date through this day. A later day 0 never leads to an earlier
        due date, so the days can be halved."""
        low, high = through - _LONGEST, through
        while low < high:
            middle = high - (high - low) // 2
            low, high = (middle, high) if self.due(middle) <= through else (low, middle - timedelta(days=1))
        return low

    def days_left(self, today: date, due_on: date) -> int:
        """The days left in the kind's clock; negative: overdue."""
        return NO_CALENDARS.days_left(self.clock, today, due_on)


_LONGEST = timedelta(days=3 * 366)
DEADLINES: Mapping[DueKind, Deadline] = {
    DueKind.INITIAL_EVALUATION: Deadline(
        lambda day: evaluation_due(day, NO_CALENDARS).due_on, Clock.BUSINESS_DAYS, "CompleteEvaluation"
    ),
    DueKind.INITIAL_IEP: Deadline(lambda day: initial_iep_due(day).due_on, Clock.CALENDAR_DAYS, "DraftIEP"),
    DueKind.IEP_REVIEW: Deadline(last_day_of_iep, Clock.CALENDAR_DAYS, "DraftIEP"),
    DueKind.REEVALUATION: Deadline(
        lambda day: reevaluation_due(day).due_on, Clock.CALENDAR_DAYS, "BeginReevaluation"
    ),
}
_NEXT_STEPS = {
    "requested": "RecordParentDecision",
    "consented": "CompleteEvaluation",
    "begun": "CompleteEvaluation",
    "completed": "DetermineEligibility",
    "draft": "MakeIEPOfficial",
    "official": "SubmitIEP",
}


def next_step(kind: DueKind, stage: str | None) -> str:
    """The command that comes next. `stage`: of the evaluation or IEP that has begun; None: none has."""
    return _NEXT_STEPS[stage] if stage else DEADLINES[kind].first_step
