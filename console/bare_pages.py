"""Pages that need no sign-in, no service and no database. A signed-in person keeps name and navigation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from console.guard import NONCE
from console.person import PERSON, Person
from console.received import typed_in
from console.rendering import render
from console.shared import shared_by
from contracts.errors import Finding


def bare_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page that says what went wrong, or that asks for a sign-in."""
    whole = {
        **frame(request, request.scope.get(PERSON)),
        "heading": context["title"],
        "path": "",
        **context,
    }
    return HTMLResponse(render(shared_by(request).templates, template, whole), status)


def frame(request: Request, person: Person | None) -> Mapping[str, Any]:
    """What `base.html` shows around every page. Nobody is signed in if `person` is None."""
    return {
        "nonce": request.scope[NONCE],
        "person": person,
        "now": datetime.now(UTC),
        "idle_minutes": shared_by(request).settings.idle_minutes,
        "shortcuts": request.cookies.get("ser-shortcuts", "on") == "on",
    }


async def given_back(request: Request, status: int, title: str, findings: Sequence[Finding]) -> Response:
    """Everything that somebody typed, in a form to send again. FormUnreadable: the form cannot be read."""
    typed = await typed_in(request)
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return bare_page(
        request,
        "given_back.html",
        status,
        title=title,
        findings=findings,
        typed=[(name, value) for name, values in typed.items() for value in values],
        to=address,
        ended=status == 401,
    )
