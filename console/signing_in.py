"""Signing in and out, and the dependency that says who asks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console import rules
from console.bare_pages import bare_page
from console.guard import REFUSED
from console.openid import Beginning, IssuerAway, NoRole, Untrusted
from console.person import PERSON, Person
from console.rates import Rate
from console.shared import Shared, shared_by
from console.sign_ins import COOKIE, Tokens
from contracts.errors import Finding

router = APIRouter()

BEGUN = "__Host-ser-begun"
_BEGUN_SECONDS = 600
_LONGEST_ADDRESS = 1000
_RENEW_BEFORE = timedelta(seconds=60)
_ASKED_BY_PAGES = frozenset({"/parts/outcomes"})
"""Addresses that an open page asks for by itself. They do not show that a person is still there."""

_COOKIE: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "lax", "path": "/"}


class SignInNeeded(Exception):
    """Nobody is signed in."""


class OtherSite(Exception):
    """Another site made the request."""


async def signed_in(request: Request) -> Person:
    """The signed-in person, with an access token that still lives.

    SignInNeeded: nobody is. OtherSite: another site made the request.
    """
    if request.scope[REFUSED]:
        raise OtherSite
    state = shared_by(request)
    found = await state.sign_ins.find(
        request.cookies.get(COOKIE, ""), by_person=request.url.path not in _ASKED_BY_PAGES
    )
    if found is None:
        raise SignInNeeded
    person, tokens = found
    if _ends(tokens):
        person = await _renewed(request, person)
    request.scope[PERSON] = person
    return person


def _ends(tokens: Tokens) -> bool:
    return tokens.expires_at - datetime.now(UTC) < _RENEW_BEFORE


async def _renewed(request: Request, person: Person) -> Person:
    """The person with a new access token. Of several requests at once, one renews it."""
    state = shared_by(request)
    async with state.engine.begin() as database:
        tokens = await state.sign_ins.lock(database, person)
        if tokens is None:
            raise SignInNeeded
        if _ends(tokens):
            tokens = await _new_tokens(state, tokens)
            await state.sign_ins.renew(database, person, tokens)
    return Person(person.sign_in, person.sub, person.name, person.lea, person.roles, tokens.access)


async def _new_tokens(state: Shared, tokens: Tokens) -> Tokens:
    """New tokens. While the issuer is away, the old ones serve until they end."""
    try:
        new = await state.openid.renewed(tokens)
    except IssuerAway:
        if tokens.expires_at <= datetime.now(UTC):
            raise
        return tokens
    if new is None:
        raise SignInNeeded
    return new


@router.get("/sign-in", response_class=HTMLResponse)
async def sign_in(request: Request, to: str = "/") -> Response:
    """Go to the issuer, and remember where to come back to."""
    state = shared_by(request)
    state.rates.count(Rate.SIGN_IN, request.client.host if request.client else "")
    try:
        url, beginning = await state.openid.begin(own_path(to))
    except IssuerAway:
        return _failed(request, 503, rules.ISSUER_AWAY.broken())
    response = RedirectResponse(url, 303)
    kept = [beginning.state, beginning.nonce, beginning.verifier, beginning.to]
    response.set_cookie(BEGUN, state.sealer.seal(kept).decode(), max_age=_BEGUN_SECONDS, **_COOKIE)
    return response


@router.get("/signed-in", response_class=HTMLResponse)
async def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
    """The person is back from the issuer: verify who it is, and begin the sign-in."""
    shared = shared_by(request)
    kept = shared.sealer.open(request.cookies.get(BEGUN, ""), _BEGUN_SECONDS)
    if kept is None or kept[0] != state:
        return _failed(request, 400, rules.SIGN_IN_FAILED.broken(why="it began elsewhere or too long ago"))
    beginning = Beginning(*kept)
    if error or not code:
        return _failed(request, 400, rules.SIGN_IN_FAILED.broken(why="the issuer refused"))
    try:
        found = await shared.openid.finish(beginning, code)
    except IssuerAway:
        return _failed(request, 503, rules.ISSUER_AWAY.broken())
    except Untrusted:
        return _failed(request, 400, rules.SIGN_IN_FAILED.broken(why="it is not signed for this sign-in"))
    except NoRole:
        return _failed(request, 403, rules.NO_ROLE.broken())
    await shared.sign_ins.end(request.cookies.get(COOKIE, ""))
    cookie = await shared.sign_ins.begin(found.claims, found.roles, found.tokens)
    response = RedirectResponse(beginning.to, 303)
    response.delete_cookie(BEGUN, **_COOKIE)
    response.set_cookie(COOKIE, cookie, **_COOKIE)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Forget the sign-in here and at the issuer."""
    if request.scope[REFUSED]:
        raise OtherSite
    state = shared_by(request)
    cookie = request.cookies.get(COOKIE, "")
    found = await state.sign_ins.find(cookie)
    await state.sign_ins.end(cookie)
    after = await state.openid.end(found[1]) if found else f"{state.settings.url}/signed-out"
    response = RedirectResponse(after, 303, {"Clear-Site-Data": '"cache", "storage"'})
    response.delete_cookie(COOKIE, **_COOKIE)
    return response


@router.get("/signed-out", response_class=HTMLResponse)
async def signed_out(request: Request) -> Response:
    """What a person sees after signing out."""
    return bare_page(request, "signed_out.html", title="You are signed out")


def own_path(to: str) -> str:
    """The path within the console to go to after signing in; the work list if `to` leads elsewhere.

    Browsers drop a cookie that is larger than 4 KB, so a long address loses its parameters.
    """
    own = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    if len(to) > _LONGEST_ADDRESS:
        to = to.partition("?")[0]
    return to if own and len(to) <= _LONGEST_ADDRESS else "/"


def sign_in_address(request: Request) -> str:
    """Where to sign in so as to come back to the page of this request."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in?" + urlencode({"to": path if request.method == "GET" else request.url.path})


def _failed(request: Request, status: int, finding: Finding) -> Response:
    return bare_page(request, "failed.html", status, title="Signing in failed", findings=[finding])
