"""State IDs that may belong to one person: the secure ID manager's lists, and two of them side by side.

One secure ID manager proposes that a student bears another State ID; a second one approves or refuses.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from console import days
from console.answers import IdentityView
from console.forms import Form
from console.names import names_of
from console.queries import IDENTITY, IDENTITY_CHANGES, LIKELY_PAIRS
from console.screens import screen
from console.visits import Visiting
from contracts.codes import LEAS, RACES
from contracts.roles import Role
from contracts.state_ids import ApproveStateId, CloseSplit, DeclineStateId, ModifyStateId
from contracts.types import StudentId

router = APIRouter()

KINDS = ("merged", "separated", "retired", "waiting", "split", "circle")
TO_DECIDE = ("waiting", "split")
"""What secure ID managers work through."""

RECENT_DAYS = 60
"""The work list shows changes of State IDs for so many days."""

_LINES = 50
_NOBODY = "0000000000"
_MANAGER = Role.SECURE_ID_MANAGER

PROPOSE = Form(ModifyStateId, button="Propose", role=_MANAGER, given=("student_id", "into"))
TAKE_BACK = Form(
    ModifyStateId, name="TakeBack", button="Propose to take it back", role=_MANAGER, leave_out=("into",)
)
APPROVE = Form(ApproveStateId, button="Approve", role=_MANAGER)
DECLINE = Form(DeclineStateId, button="Refuse", role=_MANAGER)
CLOSE = Form(CloseSplit, button="Close the split", role=_MANAGER, given=("student_id", "with_id"))


@screen(router, "/state-ids")
async def state_ids(visit: Visiting, after: str = "", one: str = "", other: str = "") -> Response:
    """The changes that wait for approval; the pairs of State IDs that may be one person, a page at a time;
    and any two to compare."""
    visit.need(_MANAGER)
    typed = [_digits(one), _digits(other)]
    if all(len(digits) == len(_NOBODY) for digits in typed):
        return RedirectResponse(f"/state-ids/{typed[0]}/{typed[1]}", 303)
    first, _, second = after.partition(".")
    params = {"after": first or _NOBODY, "after_other": second or _NOBODY, "limit": _LINES}
    pairs, waiting = await asyncio.gather(
        visit.ask(LIKELY_PAIRS, params=params),
        visit.ask(IDENTITY_CHANGES, params={"to_decide": True, "limit": _LINES}),
    )
    last = pairs.given.pairs[-1] if pairs.given and pairs.given.more else None
    return await visit.page(
        "state_ids/list.html",
        title="State IDs",
        pairs=pairs,
        waiting=waiting,
        next=f"{last.student_id}.{last.other_id}" if last else None,
        one=one,
        other=other,
        wrong=bool(other) or (bool(one) and len(typed[0]) != len(_NOBODY)),
    )


@screen(router, "/state-ids/{one}/{other}", PROPOSE, TAKE_BACK, APPROVE, DECLINE, CLOSE)
async def compare(visit: Visiting, one: StudentId, other: StudentId) -> Response:
    """Two State IDs side by side, as eScholar has them now, and the change of the first one. Twice the same:
    that one alone."""
    visit.need(_MANAGER)
    found = await asyncio.gather(visit.ask(IDENTITY, student_id=one), visit.ask(IDENTITY, student_id=other))
    left, right = (answer.given for answer in found)
    change = left.change if left else None
    return await visit.page(
        "state_ids/compare.html",
        title=f"State IDs {one} and {other}" if one != other else f"State ID {one}",
        sides=(one, other),
        found=found if one != other else found[:1],
        left=left,
        right=right,
        rows=_rows(left, right) if left and right else (),
        change=change,
        split=next((one for one in left.splits if one.with_id == other), None) if left else None,
        own=change is not None and change.proposed_by.partition("/")[2] == visit.person.sub,
        forms={
            "propose": visit.form(PROPOSE, student_id=one, into=other),
            "take back": visit.form(TAKE_BACK, prefix="back.", student_id=one),
            "approve": visit.form(APPROVE, student_id=one, on_revision=change.revision if change else None),
            "close": visit.form(CLOSE, student_id=one, with_id=other),
            "decline": visit.form(DECLINE, prefix="decline.", student_id=one),
        },
    )


@screen(router, "/identity-changes")
async def changes(visit: Visiting, kind: str = "", after: str = "") -> Response:
    """What became of State IDs, newest first: those of the LEA's students; for the state office all."""
    chosen = kind if kind in KINDS else ""
    params = {"after": after, "limit": _LINES} | ({"kind": chosen} if chosen else {})
    found = await visit.ask(IDENTITY_CHANGES, params=params)
    listed = found.given.changes if found.given else ()
    ids = [one.student_id for one in listed] + [one.other_id for one in listed if one.other_id]
    return await visit.page(
        "state_ids/changes.html",
        title=f"Changed State IDs: {chosen or 'all'}",
        heading="Changed State IDs",
        found=found,
        kind=chosen,
        kinds=KINDS if visit.person.of_state else KINDS[:-1],
        names=await names_of(visit, ids),
    )


def recent(visit: Visiting) -> str:
    """The first day of the changes that the work list shows."""
    return (visit.today - timedelta(days=RECENT_DAYS)).isoformat()


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
        ("Merged into", identity.merged_into or ""),
    )
