"""The child count: its numbers, the students behind each, and why one student is counted or not."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from console import days, rules
from console.names import names_of
from console.pages.student import banner_of, student_page
from console.queries import CHILD_COUNT, COUNT_TABLES, COUNTED, WHY
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.errors import Finding
from contracts.types import StudentId

router = APIRouter()


def count_day(visit: Visit, typed: str) -> date:
    """The day of the count that somebody typed; the latest October 1 if it cannot be read."""
    first = date(visit.today.year, 10, 1)
    latest = first if first <= visit.today else date(first.year - 1, 10, 1)
    return days.read_day(typed, visit.today) or latest


def unclear(visit: Visit, typed: str) -> Sequence[Finding]:
    """The finding that a typed day cannot be read, so the page shows the count of another day."""
    wrong = typed.strip() and not days.read_day(typed, visit.today)
    return [rules.DAY_UNCLEAR.broken(at="as_of")] if wrong else []


@screen(router, "/child-count")
async def child_count(visit: Visiting, as_of: str = "", lea: str = "") -> Response:
    """The count of a day, of the person's LEA or of the whole state."""
    day, lea = count_day(visit, as_of), lea if visit.person.everywhere else ""
    params = {"as_of": day, "lea": lea}
    count, tables = await asyncio.gather(
        visit.ask(CHILD_COUNT, params=params), visit.ask(COUNT_TABLES, params=params)
    )
    return await visit.page(
        "count/page.html",
        title=f"Child count of {days.shown(day)}{', ' + lea if lea else ''}",
        day=day,
        unclear=unclear(visit, as_of),
        lea=lea,
        count=count,
        tables=tables,
    )


@screen(router, "/child-count/students")
async def behind(
    visit: Visiting,
    as_of: str = "",
    lea: str = "",
    reason: str = "",
    age_group: str = "",
    disability: str = "",
    environment: str = "",
    expired: str = "",
    after: str = "",
) -> Response:
    """The students behind one number, with the facts that put each there."""
    day, lea = count_day(visit, as_of), lea if visit.person.everywhere else ""
    wanted: Mapping[str, str] = {
        "reason": reason,
        "age_group": age_group,
        "disability": disability,
        "environment": environment,
        "expired": expired,
    }
    params = {
        **wanted,
        "as_of": day,
        "lea": lea,
        "after": after,
        "limit": 50,
    }
    found = await visit.ask(COUNTED, params=params)
    names = await names_of(visit, [one.student_id for one in found.given.students] if found.given else [])
    shown = {**wanted, "expired": "IEP past its year" if expired else ""}
    about = ", ".join(value for value in shown.values() if value) or "everybody"
    return await visit.page(
        "count/students.html",
        title=f"Students behind the count of {days.shown(day)}: {about}",
        day=day,
        lea=lea,
        wanted=wanted,
        found=found,
        names=names,
    )


@screen(router, "/students/{student_id}/why")
async def why(visit: Visiting, student_id: StudentId, as_of: str = "") -> Response:
    """Why the count of a day counts the student, or which fact is missing and where to mend it."""
    day = count_day(visit, as_of)
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(WHY, student_id=student_id, params={"as_of": day})
    )
    return await student_page(
        visit,
        "count/why.html",
        "Why counted",
        banner,
        found=found,
        day=day,
        unclear=unclear(visit, as_of),
        mend=MEND,
    )


MEND = {
    "special education": "/ieps",
    "jurisdiction": "/jurisdiction",
    "IEP in effect": "/ieps",
    "determination": "/evaluations",
    "age": "/profile",
    "environment": "/ieps",
}
"""Where a missing fact of the chain is mended: the end of the student's address, by the step."""
