"""State IDs that may belong to one person: the secure ID manager's list, and two of them side by side."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from console import days
from console.answers import IdentityView
from console.queries import IDENTITY, LIKELY_PAIRS
from console.screens import screen
from console.visits import Visiting
from contracts.codes import LEAS, RACES
from contracts.roles import Role
from contracts.types import StudentId

router = APIRouter()

_LINES = 50
_NOBODY = "0000000000"


@screen(router, "/state-ids")
async def state_ids(visit: Visiting, after: str = "", one: str = "", other: str = "") -> Response:
    """The pairs of State IDs that may be one person, a page at a time; and any two to compare."""
    visit.need(Role.SECURE_ID_MANAGER)
    typed = [_digits(one), _digits(other)]
    if all(len(digits) == len(_NOBODY) for digits in typed):
        return RedirectResponse(f"/state-ids/{typed[0]}/{typed[1]}", 303)
    first, _, second = after.partition(".")
    params = {"after": first or _NOBODY, "after_other": second or _NOBODY, "limit": _LINES}
    pairs = await visit.ask(LIKELY_PAIRS, params=params)
    last = pairs.given.pairs[-1] if pairs.given and pairs.given.more else None
    return await visit.page(
        "state_ids/list.html",
        title="State IDs",
        pairs=pairs,
        next=f"{last.student_id}.{last.other_id}" if last else None,
        one=one,
        other=other,
        wrong=bool(one or other),
    )


@screen(router, "/state-ids/{one}/{other}")
async def compare(visit: Visiting, one: StudentId, other: StudentId) -> Response:
    """Two State IDs side by side, as eScholar has them now."""
    visit.need(Role.SECURE_ID_MANAGER)
    found = await asyncio.gather(visit.ask(IDENTITY, student_id=one), visit.ask(IDENTITY, student_id=other))
    left, right = (answer.given for answer in found)
    return await visit.page(
        "state_ids/compare.html",
        title=f"State IDs {one} and {other}",
        sides=(one, other),
        found=found,
        rows=_rows(left, right) if left and right else (),
    )


def _digits(typed: str) -> str:
    return "".join(letter for letter in typed if letter in "0123456789")


def _rows(left: IdentityView, right: IdentityView) -> Sequence[tuple[str, str, str]]:
    """The lines of the comparison: what it is, and what each of the two has."""
    return [
        (name, mine, theirs) for (name, mine), (_, theirs) in zip(_lines(left), _lines(right), strict=True)
    ]


def _lines(identity: IdentityView) -> Sequence[tuple[str, str]]:
    person = identity.person
    races = ", ".join(RACES.label(race) for race in person.races)
    return (
        ("First name", person.first_name or ""),
        ("Middle name", person.middle_name or ""),
        ("Last name", person.last_name or ""),
        ("Suffix", person.suffix or ""),
        ("Born", days.shown(person.birth_on)),
        ("Sex", person.sex or ""),
        ("Hispanic or Latino", "Yes" if person.hispanic else "No"),
        ("Races", races),
        ("Already in SER", "Yes" if identity.added else "No"),
        ("Owner", LEAS.label(identity.lea) if identity.lea else "none"),
    )
