"""The HTML of the issuer, from `templates/`. Jinja2 escapes every value. There is no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, Response

from contracts.codes import LEAS
from contracts.roles import STATE, Role
from deploy.issuer.client import Client
from deploy.issuer.people import FIRST, PEOPLE, Problem

_FOLDER = Path(__file__).with_name("templates")
_LEAS = {STATE: "The state (LA)"} | {code: LEAS.label(code) for code in LEAS}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form for somebody else."""

    name: str = ""
    lea: str = FIRST.lea
    roles: Sequence[str] = (Role.WRITER,)


class Pages:
    """Makes the pages for one client. Their security policy lets a form lead to this client only."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
        )
        self._headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';"
            f" frame-ancestors 'none'; form-action 'self' {client.url}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    def choice(self, request: str, typed: Typed = Typed(), problems: Sequence[Problem] = ()) -> Response:
        """The page that asks who to be. With `problems`: once more, with everything typed."""
        return self._page(
            "choice.html",
            HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
            request=request,
            people=PEOPLE,
            leas=_LEAS,
            roles=list(Role),
            typed=typed,
            wrong={problem.field: problem.sentence for problem in problems},
        )

    def signed_out(self) -> Response:
        """The page after signing out, if the client gave no address to return to."""
        return self._page("signed_out.html", HTTPStatus.OK)

    def untrusted(self) -> Response:
        """The page for a request whose client or redirect address is not registered."""
        return self._page("untrusted.html", HTTPStatus.BAD_REQUEST)

    def style(self) -> Response:
        """The style sheet."""
        return FileResponse(_FOLDER / "style.css", headers={"X-Content-Type-Options": "nosniff"})

    def _page(self, template: str, status: HTTPStatus, **values: object) -> Response:
        page = self._templates.get_template(template).render(client=self._client, **values)
        return HTMLResponse(page, status, headers=self._headers)
