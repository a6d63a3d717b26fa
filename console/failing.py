"""Pages for what went wrong: no sign-in, no right, no such page, a defect."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException

from console import rules
from console.backend import StandsFor
from console.bare_pages import bare_page, given_back
from console.openid import IssuerAway
from console.rates import TooMany
from console.received import FormUnreadable
from console.signing_in import OtherSite, SignInNeeded, sign_in_address
from console.visits import NoPage, NotAllowed
from contracts.errors import Finding
from services.chassis.keeping.failures import transient

log = structlog.get_logger()


def add_handlers(app: FastAPI) -> None:
    """Register a page for each failure."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(OtherSite, _other_site)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(TooMany, _too_many)
    app.add_exception_handler(IssuerAway, _issuer_away)
    app.add_exception_handler(FormUnreadable, _form_unreadable)
    for away in (DBAPIError, PoolExhausted, ConnectionError, TimeoutError):
        app.add_exception_handler(away, _database)
    for missing in (NoPage, HTTPException, RequestValidationError):
        app.add_exception_handler(missing, _no_page)
    app.add_exception_handler(StandsFor, _stands_for)
    app.add_exception_handler(Exception, _defect)


async def _sign_in(request: Request, _: Exception) -> Response:
    """Send to the sign-in. A form is given back with everything typed; a part of a page just ends."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=401)
    if request.method == "GET":
        return RedirectResponse(sign_in_address(request), 303)
    return await given_back(request, 401, "Your sign-in has ended", [rules.SIGN_IN_ENDED.broken()])


async def _stands_for(request: Request, failure: Exception) -> Response:
    """Send on to the same page of the State ID that stands for the merged one. So old numbers still lead to
    the student. A part of a page just ends: the page around it is the old one."""
    assert isinstance(failure, StandsFor)
    if request.headers.get("hx-request") == "true" or request.method != "GET":
        return Response(status_code=409)
    path = request.url.path.replace(failure.state_id, failure.current_id, 1)
    return RedirectResponse(request.url.replace(scheme="", netloc="", path=path), 303)


async def _other_site(request: Request, _: Exception) -> Response:
    return bare_page(
        request, "failed.html", 403, title="Nothing was done", findings=[rules.OTHER_SITE.broken()]
    )


async def _not_allowed(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, NotAllowed)
    return bare_page(
        request, "failed.html", 403, title="You cannot see this page", findings=[failure.finding]
    )


async def _too_many(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, TooMany)
    page = await _not_now(request, "Too many requests", failure.finding, 429)
    page.headers["Retry-After"] = str(failure.seconds)
    return page


async def _issuer_away(request: Request, _: Exception) -> Response:
    return await _not_now(request, "Signing in does not work", rules.ISSUER_AWAY.broken())


async def _form_unreadable(request: Request, _: Exception) -> Response:
    finding = rules.FORM_UNREADABLE.broken()
    return bare_page(request, "failed.html", 400, title="The form cannot be read", findings=[finding])


async def _database(request: Request, failure: Exception) -> Response:
    """The console's database does not answer, or it rejects a value: then it is a defect."""
    if not transient(failure):
        return await _defect(request, failure)
    log.warning("database does not answer", error=type(failure).__name__)
    return await _not_now(request, "The console's database is away", rules.DATABASE_AWAY.broken())


async def _not_now(request: Request, title: str, finding: Finding, status: int = 503) -> Response:
    """A page to open again, or a form to send again."""
    if request.method == "POST" and request.headers.get("hx-request") != "true":
        return await given_back(request, status, title, [finding])
    return bare_page(request, "failed.html", status, title=title, findings=[finding])


async def _no_page(request: Request, failure: Exception) -> Response:
    status = failure.status_code if isinstance(failure, HTTPException) else 404
    return bare_page(request, "failed.html", status, title="No such page", findings=[rules.NO_PAGE.broken()])


async def _defect(request: Request, failure: Exception) -> Response:
    log.error("page met a defect", exc_info=failure)
    return bare_page(request, "failed.html", 500, title="A defect", findings=[rules.DEFECT.broken()])
