"""The queries of ieps. The viewer is the first argument of every query.

- `record`: the part of a student's record that a viewer may see.
- `evaluations`: a student's evaluations, with their due dates, and the way from Part C.
- `ieps`: a student's IEPs: headers with a light, one with its forms.
- `validations`: the validation of an IEP as it is, or as it would be with other forms.
- `changes`: the differences between two IEPs of a student.
- `activities`: entries into special education and exits; refusals and revocations of consent.
- `to_assign`: the evaluations and IEPs that may be another person's.
- `calendars`: the state's calendars, a due date by them, and the due dates that another calendar would move.
- `of_lea`: open evaluations, unsubmitted IEPs, requests to delete IEPs, and records that do not agree with
  the birth date, of all students whom an LEA owns.
"""

from services.ieps.queries.activities import consents, sped_activity
from services.ieps.queries.calendars import calendar, calendars, due_date, moves
from services.ieps.queries.changes import changes
from services.ieps.queries.evaluations import evaluation, evaluations, part_c
from services.ieps.queries.ieps import iep, ieps
from services.ieps.queries.of_lea import (
    disagreeing,
    open_evaluations,
    requested_deletions,
    unsubmitted_ieps,
)
from services.ieps.queries.record import may_look
from services.ieps.queries.to_assign import to_assign
from services.ieps.queries.validations import tried, validation

__all__ = [
    "calendar",
    "calendars",
    "changes",
    "consents",
    "disagreeing",
    "due_date",
    "evaluation",
    "evaluations",
    "iep",
    "ieps",
    "may_look",
    "moves",
    "open_evaluations",
    "part_c",
    "requested_deletions",
    "sped_activity",
    "to_assign",
    "tried",
    "unsubmitted_ieps",
    "validation",
]
