"""The work list, which is home: what is due, who waits for whom, and what is not finished."""

import asyncio
import re
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from console import rules
from console.names import names_of
from console.pages.duties import next_duties
from console.pages.state_ids import TO_DECIDE, recent
from console.queries import (
    AGAINST_BIRTH_DATE,
    AWAITED,
    CLAIMS,
    DELETIONS,
    DUE,
    ESCALATED,
    IDENTITY_CHANGES,
    RELEASED,
    UNSUBMITTED,
    WORK,
)
from console.screens import screen
from console.visits import Visiting

router = APIRouter()

KINDS = (
    "initial evaluation",
    "re-evaluation",
    "initial IEP",
    "IEP review",
    "first service",
    "DD turning 9",
)
_LINES, _MOST_ON_US = 10, 100
_DIGITS = re.compile(r"[0-9]*")
_DAYS, _MOST_DAYS = 30, 3650


@screen(router, "/")
async def work_list(visit: Visiting) -> Response:
    """The work of the person's LEA. The state office and auditors work with the child count instead."""
    if visit.person.of_state:
        circles, retired, escalated, ahead = await asyncio.gather(
            visit.ask(IDENTITY_CHANGES, params={"kind": "circle", "limit": _LINES}),
            visit.ask(IDENTITY_CHANGES, params={"kind": "retired", "owned": True, "limit": _LINES}),
            visit.ask(ESCALATED, params={"limit": _LINES}),
            next_duties(visit),
        )
        return await visit.page(
            "home/state.html",
            title="Work list",
            circles=circles,
            retired=retired,
            escalated=escalated,
            ahead=ahead,
            names=await names_of(visit, [one.student_id for one in escalated.given.claims])
            if escalated.given
            else {},
        )
    lea = visit.person.lea
    work, due, awaited, claims, released, official = await asyncio.gather(
        visit.ask(WORK, lea=lea),
        visit.ask(DUE, lea=lea, params={"limit": _LINES}),
        visit.ask(AWAITED, lea=lea, params={"limit": _LINES}),
        visit.ask(CLAIMS, lea=lea, params={"limit": _LINES}),
        visit.ask(RELEASED, lea=lea, params={"limit": _LINES}),
        visit.ask(UNSUBMITTED, lea=lea, params={"limit": _LINES, "stage": "official"}),
    )
    changes, waiting, deletions, against, on_us, ahead = await asyncio.gather(
        visit.ask(IDENTITY_CHANGES, params={"since": recent(visit), "limit": _LINES}),
        visit.ask(IDENTITY_CHANGES, params={"to_decide": True, "limit": _LINES}),
        visit.ask(DELETIONS, lea=lea, params={"limit": _LINES}),
        visit.ask(AGAINST_BIRTH_DATE, lea=lea, params={"limit": _LINES}),
        visit.ask(CLAIMS, lea=lea, params={"direction": "in", "state": "refused", "limit": _MOST_ON_US}),
        next_duties(visit),
    )
    listed = [
        *(one.student_id for one in (due.given.due if due.given else ())),
        *(one.student_id for one in (awaited.given.students if awaited.given else ())),
        *(one.student_id for one in (claims.given.claims if claims.given else ())),
        *(one.student_id for one in (released.given.claims if released.given else ())),
        *(one.student_id for one in (official.given.ieps if official.given else ())),
        *(one.student_id for one in (deletions.given.deletions if deletions.given else ())),
        *(one.student_id for one in (against.given.records if against.given else ())),
        *(one.student_id for one in (changes.given.changes if changes.given else ())),
    ]
    again = {str(one.claim_id) for one in released.given.claims} if released.given else set()
    return await visit.page(
        "home/page.html",
        title="Work list",
        work=work,
        due=due,
        awaited=awaited,
        on_us={(one.student_id, one.to_lea): one for one in on_us.given.claims} if on_us.given else {},
        claims=claims,
        released=released,
        undecided=[
            one for one in (claims.given.claims if claims.given else ()) if str(one.claim_id) not in again
        ],
        official=official,
        deletions=deletions,
        against=against,
        changed=[
            one for one in (changes.given.changes if changes.given else ()) if one.kind not in TO_DECIDE
        ],
        waiting=waiting,
        ahead=ahead,
        names=await names_of(visit, listed),
    )


@screen(router, "/due")
async def due(visit: Visiting, kind: str = "", lea: str = "", after: str = "", days: str = "") -> Response:
    """Everything that is due, of one kind or of all, a page at a time. The state office names an LEA."""
    number = number_of_days(days)
    params = {"kind": kind, "after": after, "through": visit.today + timedelta(days=number), "limit": 50}
    chosen = lea if visit.person.of_state else visit.person.lea
    found = await visit.ask(DUE, lea=chosen, params=params) if chosen else None
    listed = found.given.due if found and found.given else ()
    names = await names_of(visit, [one.student_id for one in listed])
    return await visit.page(
        "home/due.html",
        title=f"What is due: {kind or 'everything'}, {number} days",
        found=found,
        names=names,
        kind=kind,
        lea=chosen,
        days=number,
        unclear=[] if _DIGITS.fullmatch(days.strip()) else [rules.NUMBER_UNCLEAR.broken(at="days")],
        kinds=KINDS,
    )


def number_of_days(typed: str) -> int:
    """The number of days that somebody typed, at most ten years; 30 if it cannot be read."""
    digits = typed.strip()[:5]
    return min(int(digits), _MOST_DAYS) if digits and _DIGITS.fullmatch(digits) else _DAYS
