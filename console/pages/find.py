"""Finding a student: one page for a quick search and for a search by several fields.

Names never stand in an address. A search is posted and kept, encrypted; its address has a number.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console import days, rules
from console.fields import Option
from console.forms import first
from console.kept_searches import LARGEST, keep, kept
from console.opened import recently_opened
from console.queries import SCHOOLS, SEARCH
from console.rates import Rate
from console.schools import school_options
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.codes import GRADES, LEAS

router = APIRouter()

FIELDS: Mapping[str, str] = {
    "text": "Name or State ID",
    "first": "First name",
    "last": "Last name",
    "local_id": "Local student ID",
    "born_on": "Born on",
    "born_from": "Born from",
    "born_through": "Born through",
    "sex": "Sex",
    "school": "School",
    "grade": "Grade",
    "lea": "LEA",
    "inactive": "Also inactive students",
}
"""The fields of a search, and what the page calls them."""
_A_PAGE = 25
_LEAS = sorted((Option(code, LEAS.label(code)) for code in LEAS), key=lambda one: one.label)
_DAYS = ("born_on", "born_from", "born_through")


@screen(router, "/find")
async def find(visit: Visiting) -> Response:
    """The search page before anything is typed: the students whom the person opened last."""
    return await _page(visit, "Find a student", {}, recent=await recently_opened(visit))


@router.post("/find", response_class=HTMLResponse)
async def search(visit: Visiting) -> Response:
    """Search. While somebody types, htmx gets the results; a sent form gets a page with an address."""
    wanted = _typed(visit)
    visit.limit(Rate.SEARCH)
    if visit.part:
        found = await visit.ask(SEARCH, body=_body(visit, wanted)) if wanted else None
        return visit.html(
            "find/_results.html",
            found=found,
            wanted=wanted,
            recent=await recently_opened(visit),
            number=None,
            later=False,
            live=True,
            labels=FIELDS,
        )
    if not wanted:
        return RedirectResponse("/find", 303)
    return RedirectResponse(f"/search/{await keep(visit, wanted)}", 303)


@screen(router, "/search/{number}")
async def results(
    visit: Visiting, number: Annotated[int, Path(ge=1, le=LARGEST)], after: str = ""
) -> Response:
    """A page of the results of a kept search. A State ID that is found opens the student."""
    wanted = await kept(visit, number)
    if wanted is None:
        stale = rules.STALE_SEARCH.broken()
        title = f"Search {number} is gone"
        return await _page(visit, title, {}, recent=await recently_opened(visit), stale=stale)
    found = await visit.ask(SEARCH, body=_body(visit, wanted) | {"after": after})
    if found.given and len(found.value.students) == 1 and not found.value.instead:
        one = found.value.students[0]
        if one.student_id == wanted.get("text"):
            return RedirectResponse(f"/students/{one.student_id}", 303)
    return await _page(visit, f"Search {number}", wanted, found=found, number=number, later=bool(after))


async def _page(visit: Visit, title: str, wanted: Mapping[str, str], **context: Any) -> Response:
    """The search page: the fields as typed, and what was found."""
    of_lea = not visit.person.of_state
    schools = await visit.ask(SCHOOLS, lea=visit.person.lea) if of_lea else None
    shown = {"found": None, "recent": (), "stale": None, "number": None, "later": False} | context
    return await visit.page(
        "find/page.html",
        title=title,
        heading="Find a student" if wanted else title,
        wanted=wanted,
        more=any(name != "text" for name in wanted),
        schools=school_options(schools) if schools else [],
        labels=FIELDS,
        leas=_LEAS if visit.person.everywhere else [],
        grades=[Option(code, one.label) for code, one in GRADES.items()],
        **shown,
    )


def _typed(visit: Visit) -> dict[str, str]:
    """What was typed, without blank fields."""
    typed = {name: first(visit.typed, name).strip() for name in FIELDS}
    return {name: text for name, text in typed.items() if text}


def _body(visit: Visit, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The search as the service reads it. A day that cannot be read is sent as it is: the service says so."""
    body: dict[str, Any] = dict(wanted) | {"limit": _A_PAGE}
    for name in _DAYS:
        if name in body:
            day = days.read_day(body[name], visit.today)
            body[name] = day.isoformat() if day else body[name]
    if "inactive" in body:
        body["inactive"] = True
    return body
