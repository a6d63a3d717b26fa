"""What an LEA must do by a day of the law, and the next step of each."""

from collections.abc import Mapping
from datetime import date, timedelta

from contracts.counting import Calendars
from contracts.deadlines import DueKind, due_of

LISTED = tuple(kind for kind in DueKind if kind is not DueKind.CONSENT_REQUEST)
"""The kinds of an LEA's list. SER learns of a referral with the request for consent, so none is open."""

_LONGEST = timedelta(days=10 * 366)
_FIRST_STEPS: Mapping[DueKind, str] = {
    DueKind.CONSENT_REQUEST: "RequestEvaluation",
    DueKind.INITIAL_EVALUATION: "CompleteEvaluation",
    DueKind.REEVALUATION: "BeginReevaluation",
    DueKind.INITIAL_IEP: "DraftIEP",
    DueKind.IEP_REVIEW: "DraftIEP",
    DueKind.FIRST_SERVICE: "AddService",
    DueKind.DD_TURNING_9: "BeginReevaluation",
}
_NEXT_STEPS = {
    "requested": "RecordParentDecision",
    "consented": "CompleteEvaluation",
    "begun": "CompleteEvaluation",
    "completed": "DetermineEligibility",
    "draft": "MakeIEPOfficial",
    "official": "SubmitIEP",
}


def latest_start(kind: DueKind, through: date, calendars: Calendars) -> date:
    """The last day 0 that leads to a due date through this day, without extensions.

    A later day 0 never leads to an earlier due date, so the days can be halved.
    """
    low, high = through - _LONGEST, through
    while low < high:
        middle = high - (high - low) // 2
        in_time = due_of(kind, middle, calendars).due_on <= through
        low, high = (middle, high) if in_time else (low, middle - timedelta(days=1))
    return low


def next_step(kind: DueKind, stage: str | None) -> str:
    """The command that comes next. `stage`: of the evaluation or IEP that has begun; None: none has."""
    return _NEXT_STEPS[stage] if stage else _FIRST_STEPS[kind]
