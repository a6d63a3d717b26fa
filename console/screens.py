"""The screens: each is a page at an address, with the forms on it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.forms import ID, NAME, Form, Typed, first
from console.visits import NoPage, Visit, uuid_in

Screen = Callable[..., Awaitable[Response]]

SCREENS: dict[str, tuple[Form, ...]] = {}
"""The forms of each screen, by its address."""


def screen(router: APIRouter, path: str, *forms: Form) -> Callable[[Screen], Screen]:
    """Registers a page: what it shows, and the forms on it.

    A sent form that is refused shows the page again, with everything typed and the findings.
    """

    SCREENS[path] = forms

    def register(show: Screen) -> Screen:
        @wraps(show)
        async def get(visit: Visit, **params: Any) -> Response:
            await visit.reopen()
            return await show(visit=visit, **params)

        @wraps(show)
        async def post(visit: Visit, **params: Any) -> Response:
            named = {form.key: form for form in forms}
            form = named.get(next(iter(visit.typed.get(NAME, ())), ""))
            if form is None or not _of_this_page(visit.typed, params):
                raise NoPage
            gone = await visit.take(form)
            return gone or await show(visit=visit, **params)

        router.get(path, name=f"{show.__module__}.{show.__name__}", response_class=HTMLResponse)(get)
        if forms:
            router.post(path, name=f"{show.__module__}.{show.__name__}.send", response_class=HTMLResponse)(
                post
            )
        return show

    return register


def _of_this_page(typed: Typed, params: Mapping[str, Any]) -> bool:
    """Whether a form has an id, and is about the student of its address."""
    about = params.get("student_id", first(typed, "student_id"))
    return first(typed, "student_id") == about and uuid_in(first(typed, ID)) is not None
