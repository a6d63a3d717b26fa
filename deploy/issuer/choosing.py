"""`/authorize` shows the page on which a person chooses who to be; `/choose` takes the choice."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from deploy.issuer.authorization import ReturnAddress, read_request, return_address
from deploy.issuer.client import Client
from deploy.issuer.codes import Codes
from deploy.issuer.pages import Pages, Typed
from deploy.issuer.parameters import Parameters, body_of, read_pairs, read_parameters
from deploy.issuer.people import FormRefused, Person, ready_made, typed_in
from deploy.issuer.refusal import Refusal

_Form = Sequence[tuple[str, str]]


def choosing(url: str, client: Client, codes: Codes, pages: Pages) -> APIRouter:
    """The two addresses that a person's browser opens to sign in."""
    router = APIRouter()

    @router.get("/authorize")
    async def authorize(request: Request) -> Response:
        return _ask(request.url.query)

    @router.post("/authorize")
    async def authorize_by_form(request: Request) -> Response:
        return _ask(await body_of(request))

    @router.post("/choose")
    async def choose(request: Request) -> Response:
        """The choice, with the authorization request as it came in the field `request`."""
        form = read_pairs(await body_of(request))
        asked = _first(form, "request")
        granted = read_request(read_parameters(asked), client)
        try:
            person = _chosen(form)
        except FormRefused as refused:
            typed = Typed(_first(form, "name"), _first(form, "lea"), _all(form, "role"))
            return pages.choice(asked, typed, refused.problems)
        return _send(granted.answer_to, {"code": codes.issue(granted, person)})

    def _ask(asked: str) -> Response:
        parameters = read_parameters(asked)
        try:
            read_request(parameters, client)
        except Refusal as refusal:
            return _send(return_address(parameters, client), refusal.parameters)
        return pages.choice(asked)

    def _send(address: ReturnAddress, answer: Parameters) -> Response:
        return RedirectResponse(address.url(url, answer), HTTPStatus.SEE_OTHER)

    return router


def _chosen(form: _Form) -> Person:
    if person := _first(form, "person"):
        return ready_made(person)
    return typed_in(_first(form, "name"), _first(form, "lea"), _all(form, "role"))


def _first(form: _Form, name: str) -> str:
    return next(iter(_all(form, name)), "")


def _all(form: _Form, name: str) -> list[str]:
    return [value for field, value in form if field == name]
