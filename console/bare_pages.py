"""Pages for nobody in particular: they need no sign-in, no service and no database."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from console.guard import NONCE
from console.received import typed_in
from console.rendering import render
from console.shared import shared_by
from contracts.errors import Finding


def bare_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page without a person's name and without navigation."""
    whole = {
        "nonce": request.scope[NONCE],
        "person": None,
        "heading": context["title"],
        "path": "",
        **context,
    }
    return HTMLResponse(render(shared_by(request).templates, template, whole), status)


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
