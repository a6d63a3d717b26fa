"""The messages of `ieps` about the state's calendar of a year: its holidays, school terms and extensions."""

from typing import ClassVar

from pydantic import Field

from contracts.message import Command, Event, OfCalendar, Record, Value
from contracts.revisions import Replaces
from contracts.types import Choice, Day, OrBlank, ShortText


class ExtensionKind(Choice):
    """Why an evaluation may take longer."""

    PARENT_AGREED = "parent agreed"
    END_OF_SCHOOL_YEAR = "end of school year"
    EXTRAORDINARY = "extraordinary circumstances"


class Extension(Value):
    """A later due date: by a number of business days, or on a day. One of the two is filled in."""

    kind: ExtensionKind
    business_days: OrBlank[int | None] = Field(default=None, ge=1)
    until: OrBlank[Day | None] = None
    approved_on: Day
    parent_agreed_on: OrBlank[Day | None] = None
    allowed_by: OrBlank[ShortText | None] = Field(
        default=None,
        description="The source of the rule of the state's calendar that allows it. Blank: no rule does.",
    )


class ExtendedEvaluation(Choice):
    """The type of an evaluation that an extension rule is for."""

    INITIAL = "initial"
    REEVALUATION = "re-evaluation"


class CalendarSource(Choice):
    """Who drew up a calendar: the state, or this project."""

    OFFICIAL = "official"
    PROJECT = "project"


class CalendarDay(Value):
    """An exceptional day, and why. It is no business day and no school day unless it says so.

    All other weekdays are business days; those within a term are school days too. A Saturday or Sunday can be
    a school day, never a business day.
    """

    day: Day
    reason: ShortText
    business: bool = Field(default=False, description="Whether it is a business day all the same.")
    school: bool = Field(default=False, description="Whether schools teach on it all the same.")


class SchoolTerm(Value):
    """Days of instruction, both included, within the year of the calendar."""

    begin_on: Day
    end_on: Day


class ExtensionRule(Value):
    """An extension that the state allows to evaluations whose clock starts within a window."""

    kind: ExtensionKind
    applies_to: tuple[ExtendedEvaluation, ...] = Field(min_length=1)
    window_begin: Day
    window_end: Day
    business_days: OrBlank[int | None] = Field(
        default=None, ge=1, le=260, description="By how many business days; or else fill in `until`."
    )
    until: OrBlank[Day | None] = Field(default=None, description="The new due date.")
    most_business_days: OrBlank[int | None] = Field(
        default=None, ge=1, le=260, description="The most business days of one extension. Blank: no limit."
    )
    parent_approval: bool = Field(description="Whether the parent must agree to it.")
    source: ShortText = Field(description="Where the rule stands.")


class CalendarContent(Value):
    """What a calendar says of its year."""

    days: tuple[CalendarDay, ...] = Field(default=(), max_length=366, description="The exceptional days.")
    terms: tuple[SchoolTerm, ...] = Field(
        default=(), max_length=20, description="Without any, each business day is taken for a school day."
    )
    extension_rules: tuple[ExtensionRule, ...] = Field(default=(), max_length=50)
    start_counts: bool = Field(
        default=False,
        description="Whether a day of the year on which a clock of business or school days starts counts as"
        " the first. Otherwise it is day 0.",
    )
    source: CalendarSource


class PublishCalendar(CalendarContent, OfCalendar, Replaces):
    """Publish the calendar of a year, or amend it. It replaces the whole calendar. For the state."""


class EarlierCalendar(Value):
    """An earlier version of a calendar, as far as clocks count by it, and only where the next one differs."""

    revision: int = Field(ge=1, description="The version.")
    published_on: Day
    added: tuple[Day, ...] = Field(
        default=(), description="The exceptional days that the next version added or changed."
    )
    days: tuple[CalendarDay, ...] = Field(
        default=(),
        description="The exceptional days that the next version changed or left out, as they were.",
    )
    terms: tuple[SchoolTerm, ...] = ()
    start_counts: bool = False


class Calendar(CalendarContent, OfCalendar, Record):
    """The calendar of a year. Its revision is its version. Days and terms stand earliest first."""

    kind: ClassVar[str] = "calendar"

    published_on: Day = Field(description="The day on which the state published this version.")
    earlier_versions: tuple[EarlierCalendar, ...] = Field(default=(), description="First to last.")


class CalendarPublished(Calendar, Event):
    """The state published the calendar of a year for the first time."""


class CalendarAmended(Calendar, Event):
    """The state replaced the calendar of a year. Due dates may move."""


COMMANDS: tuple[type[Command], ...] = (PublishCalendar,)
EVENTS: tuple[type[Event], ...] = (CalendarPublished, CalendarAmended)
