"""The deadlines of the law. Each is a pure function of its day 0 and the state's calendars."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import assert_never

from pydantic import Field

from contracts.calendars import Extension
from contracts.counting import Calendars, Clock, LeftOut
from contracts.message import Value
from contracts.tidy import make
from contracts.types import Choice, Year

NO_CALENDARS = Calendars()
"""For deadlines that count calendar days or years."""

_CONSENT_BUSINESS_DAYS, _EVALUATION_BUSINESS_DAYS = 10, 60
_INITIAL_IEP_CALENDAR_DAYS = 30
_FIRST_SERVICE_SCHOOL_DAYS = 10
_FIRST_AGE_WITHOUT_DD = 9
_YEARS_OF_AN_IEP, _YEARS_OF_AN_EVALUATION = 1, 3


class DueKind(Choice):
    """What is due.

    - `consent request`: to ask the parent for consent, once pupil appraisal has the referral.
    - `initial evaluation`: the report of an evaluation to which the parent has consented.
    - `re-evaluation`: the next evaluation of a student in special education.
    - `initial IEP`: the first IEP after an evaluation that is complete.
    - `IEP review`: the next IEP of a student in special education.
    - `first service`: the first service under an IEP.
    - `DD turning 9`: a student with developmental delay is reclassified or dismissed.
    """

    CONSENT_REQUEST = "consent request"
    INITIAL_EVALUATION = "initial evaluation"
    REEVALUATION = "re-evaluation"
    INITIAL_IEP = "initial IEP"
    IEP_REVIEW = "IEP review"
    FIRST_SERVICE = "first service"
    DD_TURNING_9 = "DD turning 9"


class Move(Value):
    """A due date moved, because the state amended a calendar, or because somebody approved an extension."""

    moved_on: date = Field(description="The day of the amendment or of the approval.")
    from_on: date
    to_on: date
    calendar_versions: Mapping[Year, int] = Field(
        default={}, description="The calendars that were amended on this day, by year, with the new version."
    )
    extensions: tuple[Extension, ...] = Field(default=(), description="Those approved on this day.")


class Due(Value):
    """A due date that explains itself."""

    due_on: date
    clock: Clock
    day_0: date = Field(description="The day on which the clock starts.")
    count: int = Field(description="The days or years that the clock counts.")
    counted_to: date = Field(description="The due date before extensions and without an agreed day.")
    left_out: tuple[LeftOut, ...] = Field(
        default=(), description="Days of the calendars that the clock did not count, without weekends."
    )
    extensions: tuple[Extension, ...] = Field(default=(), description="In the order of their recording.")
    agreed_due_on: date | None = Field(
        default=None, description="The day on which the parent and a new LEA agreed; it is the due date then."
    )
    calendar_versions: Mapping[Year, int] = Field(
        default={}, description="The version of each year's calendar that the clock read."
    )
    moves: tuple[Move, ...] = Field(
        default=(),
        description="How it moved since its clock started, first to last. Blank if a day was agreed.",
    )
    provisional: bool = Field(
        default=False,
        description="Whether a calendar that the clock needs is not published. Its weekdays count then, and"
        " the due date may become later.",
    )


def consent_request_due(received_on: date, calendars: Calendars, *, explain: bool = False) -> Due:
    """When the LEA asks for the parent's consent: 10 business days after pupil appraisal received the
    referral (LAC 28:CI.501.B.1)."""
    return _due(received_on, _CONSENT_BUSINESS_DAYS, Clock.BUSINESS_DAYS, calendars, explain=explain)


def evaluation_due(
    consented_on: date,
    calendars: Calendars,
    extensions: Sequence[Extension] = (),
    agreed_due_on: date | None = None,
    *,
    explain: bool = False,
) -> Due:
    """When the LEA completes an initial evaluation: 60 business days after the parent's consent, and later by
    each extension (LAC 28:XLIII.302). An agreed day goes before."""
    return _due(
        consented_on,
        _EVALUATION_BUSINESS_DAYS,
        Clock.BUSINESS_DAYS,
        calendars,
        extensions,
        agreed_due_on,
        explain=explain,
    )


def initial_iep_due(reported_on: date) -> Due:
    """The last day for the team's first meeting: 30 days after the evaluation (LAC 28:XCVII.105.A)."""
    return _due(reported_on, _INITIAL_IEP_CALENDAR_DAYS, Clock.CALENDAR_DAYS, NO_CALENDARS)


def first_service_due(met_on: date, calendars: Calendars, *, explain: bool = False) -> Due:
    """When services begin: 10 school days after the team developed the IEP (LAC 28:XLIII.323.C.2)."""
    return _due(met_on, _FIRST_SERVICE_SCHOOL_DAYS, Clock.SCHOOL_DAYS, calendars, explain=explain)


def iep_review_due(met_on: date) -> Due:
    """The last day for the team's next meeting: a year after the last (LAC 28:XCVII.111.B)."""
    return _due(met_on, _YEARS_OF_AN_IEP, Clock.YEARS, NO_CALENDARS)


def reevaluation_due(
    evaluated_on: date,
    calendars: Calendars = NO_CALENDARS,
    extensions: Sequence[Extension] = (),
    *,
    explain: bool = False,
) -> Due:
    """When the LEA has evaluated the student again: three years later, and later by each extension
    (LAC 28:CI.1101.C)."""
    return _due(evaluated_on, _YEARS_OF_AN_EVALUATION, Clock.YEARS, calendars, extensions, explain=explain)


def reclassification_due(birth_on: date) -> Due:
    """The last day on which a student may have developmental delay: the day before the ninth birthday
    (LAC 28:CI.705)."""
    last = anniversary(birth_on, _FIRST_AGE_WITHOUT_DD) - timedelta(days=1)
    counted = {"day_0": birth_on, "count": _FIRST_AGE_WITHOUT_DD, "clock": Clock.YEARS}
    return make(Due, counted | {"due_on": last, "counted_to": last})


def due_of(
    kind: DueKind,
    day_0: date,
    calendars: Calendars,
    extensions: Sequence[Extension] = (),
    agreed_due_on: date | None = None,
    *,
    explain: bool = False,
) -> Due:
    """When something of a kind is due whose clock starts on a day. Only evaluations are extended."""
    match kind:
        case DueKind.CONSENT_REQUEST:
            return consent_request_due(day_0, calendars, explain=explain)
        case DueKind.INITIAL_EVALUATION:
            return evaluation_due(day_0, calendars, extensions, agreed_due_on, explain=explain)
        case DueKind.REEVALUATION:
            return reevaluation_due(day_0, calendars, extensions, explain=explain)
        case DueKind.INITIAL_IEP:
            return initial_iep_due(day_0)
        case DueKind.IEP_REVIEW:
            return iep_review_due(day_0)
        case DueKind.FIRST_SERVICE:
            return first_service_due(day_0, calendars, explain=explain)
        case DueKind.DD_TURNING_9:
            return reclassification_due(day_0)
        case _:
            assert_never(kind)


def last_day_of_iep(begin_on: date) -> date:
    """The last day on which an IEP is in effect: the last of its year."""
    return anniversary(begin_on, _YEARS_OF_AN_IEP) - timedelta(days=1)


def anniversary(day: date, years: int) -> date:
    """The same day some years later. For 29 February it is 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _due(
    start: date,
    count: int,
    clock: Clock,
    calendars: Calendars,
    extensions: Sequence[Extension] = (),
    agreed_due_on: date | None = None,
    *,
    explain: bool = False,
) -> Due:
    counted_to = _counted(start, count, clock, calendars)
    due_on = agreed_due_on or _extended(counted_to, extensions, calendars)
    read = _read(clock, start, counted_to, extensions)
    last = max(counted_to, due_on)
    return make(
        Due,
        {
            "due_on": due_on,
            "clock": clock,
            "day_0": start,
            "count": count,
            "counted_to": counted_to,
            "left_out": tuple(calendars.left_out(*read, last)) if read and explain else (),
            "extensions": tuple(extensions),
            "agreed_due_on": agreed_due_on,
            "calendar_versions": calendars.versions(read[1], last) if read else {},
            "moves": tuple(_moves(start, count, clock, calendars, extensions, last))
            if read and explain and not agreed_due_on
            else (),
            "provisional": read is not None and calendars.provisional(*read, last),
        },
    )


def _read(
    clock: Clock, start: date, counted_to: date, extensions: Iterable[Extension]
) -> tuple[Clock, date] | None:
    """The clock that reads the calendars, and the day from which it does. None: no clock does."""
    if clock in (Clock.BUSINESS_DAYS, Clock.SCHOOL_DAYS):
        return clock, start
    if any(extension.business_days for extension in extensions):
        return Clock.BUSINESS_DAYS, counted_to
    return None


def _counted(start: date, count: int, clock: Clock, calendars: Calendars) -> date:
    match clock:
        case Clock.BUSINESS_DAYS | Clock.SCHOOL_DAYS:
            return calendars.day_after(calendars.first_counted(start), count, clock)
        case Clock.CALENDAR_DAYS:
            return start + timedelta(days=count)
        case Clock.YEARS:
            return anniversary(start, count)
        case _:
            assert_never(clock)


def _moves(
    start: date, count: int, clock: Clock, calendars: Calendars, extensions: Sequence[Extension], last: date
) -> Iterator[Move]:
    """Each move of the due date after the start. It counts by the calendars and extensions as of each day."""
    amended = calendars.amendments(start, last)
    days = {*(day for day in amended if day > start), *(one.approved_on for one in extensions)}
    from_on = _counted(start, count, clock, calendars.as_of(start))
    for day in sorted(days):
        then = calendars.as_of(day)
        approved = [one for one in extensions if one.approved_on <= day]
        to_on = _extended(_counted(start, count, clock, then), approved, then)
        if to_on != from_on:
            yield Move(
                moved_on=day,
                from_on=from_on,
                to_on=to_on,
                calendar_versions=amended.get(day, {}),
                extensions=tuple(one for one in approved if one.approved_on == day),
            )
        from_on = to_on


def _extended(due_on: date, extensions: Iterable[Extension], calendars: Calendars) -> date:
    """The due date after these extensions, in their order. An extension never makes it earlier."""
    for extension in extensions:
        due_on = calendars.day_after(due_on, extension.business_days or 0, Clock.BUSINESS_DAYS)
        due_on = max(due_on, extension.until or due_on)
    return due_on
