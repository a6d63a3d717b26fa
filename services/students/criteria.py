"""What a search asks for: a text, or single fields, or both. All given fields have to fit."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.access import Actor
from contracts.codes import GradeCode, SexAsSent
from contracts.errors import FIELD_MISSING, Finding
from contracts.message import PersonalValue
from contracts.types import FIRST_DAY, LAST_DAY, Day, LeaCode, LocalStudentId, OrBlank, SchoolCode, StudentId
from services.students.store import ACTIVE

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Search(PersonalValue):
    """What the search box and the advanced search ask for. At least one field besides `inactive`, `after` and
    `limit` is given."""

    text: OrBlank[Words | None] = Field(
        default=None,
        description='"First Last", "Last, First" or a State ID. With a State ID, no other field counts.',
    )
    first: OrBlank[Words | None] = Field(default=None, description="Given names; tolerates typos.")
    last: OrBlank[Words | None] = Field(default=None, description="Family name; tolerates typos.")
    local_id: OrBlank[LocalStudentId | None] = None
    born_on: OrBlank[Day | None] = None
    born_from: OrBlank[Day | None] = Field(default=None, description="Born on this day or later.")
    born_through: OrBlank[Day | None] = Field(default=None, description="Born on this day or earlier.")
    sex: OrBlank[SexAsSent | None] = None
    school: OrBlank[SchoolCode | None] = Field(default=None, description="The school site of today.")
    grade: OrBlank[GradeCode | None] = Field(default=None, description="The grade of today.")
    lea: OrBlank[LeaCode | None] = Field(
        default=None, description="The owner. An LEA's users search their own LEA only."
    )
    inactive: bool = Field(default=False, description="Find inactive students too.")
    after: OrBlank[StudentId | None] = Field(
        default=None, description="`next` of the previous page; blank for the first page."
    )
    limit: int = Field(default=20, ge=1, le=100, description="The most students to return.")

    @property
    def named(self) -> bool:
        """Whether the search asks for a name."""
        return any((self.text, self.first, self.last))


_HOW = frozenset(("inactive", "after", "limit"))


def nothing_sought(wanted: Search) -> Finding | None:
    """The finding that the search names nothing to find."""
    fields = (value for name, value in wanted if name not in _HOW)
    return FIELD_MISSING.broken(at="text") if not any(fields) else None


def conditions(viewer: Actor, wanted: Search, today: date) -> tuple[str, dict[str, Any]]:
    """What the fields besides the name ask of a row of the table `search`, in SQL; and the parameters.

    An LEA's users find the students whom their LEA sees.
    """
    given = dict(_given(viewer, wanted))
    return " AND ".join(given), {"today": today} | {
        name: value for values in given.values() for name, value in values.items()
    }


def _given(viewer: Actor, wanted: Search) -> Iterator[tuple[str, dict[str, Any]]]:
    if not wanted.inactive:
        yield ACTIVE, {}
    if lea := _within(viewer, wanted):
        yield "seen_by = :lea", {"lea": lea}
    if wanted.local_id:
        yield "upper(local_id) = upper(:local_id)", {"local_id": wanted.local_id}
    if wanted.born_on or wanted.born_from or wanted.born_through:
        days = {"born_from": _latest(wanted), "born_through": _earliest(wanted)}
        yield "birth_on BETWEEN :born_from AND :born_through", days
    if wanted.sex:
        yield "sex = :sex", {"sex": wanted.sex}
    if wanted.school:
        yield _holds("schools", "school"), {"school": wanted.school}
    if wanted.grade:
        yield _holds("grades", "grade"), {"grade": wanted.grade}


def _within(viewer: Actor, wanted: Search) -> LeaCode | None:
    """The LEA that a student has to be in: a school site's code begins with its LEA's. None: any LEA."""
    if not viewer.everywhere:
        return viewer.lea
    return wanted.lea or (wanted.school[:3] if wanted.school else None)


def _latest(wanted: Search) -> date:
    return max(wanted.born_on or FIRST_DAY, wanted.born_from or FIRST_DAY)


def _earliest(wanted: Search) -> date:
    return min(wanted.born_on or LAST_DAY, wanted.born_through or LAST_DAY)


def _holds(column: str, field: str) -> str:
    """That the value holds today. The first comparison is cheap, and few rows pass it."""
    return f":{field} = ANY({column}) AND holding({column}, {column}_since, CAST(:today AS date)) = :{field}"
