"""Refusals over HTTP: problem details (RFC 9457) with the rule's code and what to do."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from contracts import catalog, errors
from contracts.errors import Finding
from contracts.wording import malformed
from services.chassis.keeping.failures import AWAY, nul_character, transient

log = structlog.get_logger()

_TITLES = {
    400: "The request cannot be read",
    401: "Sign in",
    403: "Not allowed",
    404: "Not found",
    409: "In conflict with an earlier command",
    405: "Not possible here",
    410: "Deleted",
    413: "Too large",
    415: "Not readable in this form",
    422: "Refused",
    503: "Not available now",
}


_COMMAND = re.compile(r"/commands/([A-Za-z0-9]+)")
_MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """The refusal of a request (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="What is wrong, in sentences.")
    findings: tuple[Finding, ...] = Field(description="Every broken rule, and what to do about it.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI descriptions of refusals with these statuses."""
    content = {_MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


class Problem(Exception):
    """SER refuses the request with a status and findings."""

    def __init__(self, status: int, findings: Sequence[Finding]) -> None:
        super().__init__(status)
        self.status = status
        self.findings = tuple(findings)


class NotFound(Problem):
    """The requested record does not exist."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(404, (finding,))


class Forbidden(Problem):
    """The viewer may not see the record."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(403, (finding,))


class Unauthorized(Problem):
    """The request has no valid token."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(401, (finding,))


def rendered(
    status: int, findings: Sequence[Finding], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The HTTP response with the problem details."""
    details = ProblemDetails(
        title=_TITLES.get(status, "Failed"),
        status=status,
        detail=" ".join(finding.message for finding in findings),
        findings=tuple(findings),
    )
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(
        details.model_dump(mode="json"),
        status_code=status,
        headers=challenge | dict(headers or {}),
        media_type=_MEDIA_TYPE,
    )


async def on_problem(_: Request, problem: Exception) -> JSONResponse:
    """Render a `Problem`."""
    assert isinstance(problem, Problem)
    return rendered(problem.status, problem.findings)


async def on_nothing_to_show(request: Request, problem: Exception) -> Response:
    """Send a query on to the subject that stands for the one in its path. Render any other `NotFound` or
    `Forbidden`. The viewer needs the right to see the other subject."""
    for name, query in request.app.service.addresses.items():
        subject = request.path_params.get(name)
        if isinstance(subject, str) and request.method in ("GET", "HEAD"):
            async with request.app.state.engine.connect() as database:
                found = (await database.exec_driver_sql(query, (subject,))).scalar_one_or_none()
            if found is not None:
                path = request.url.path.replace(subject, found, 1)
                return RedirectResponse(request.url.replace(scheme="", netloc="", path=path), 307)
    return await on_problem(request, problem)


async def on_invalid(_: Request, invalid: Exception) -> JSONResponse:
    """Render a parameter that cannot be read."""
    assert isinstance(invalid, RequestValidationError)
    return rendered(
        422,
        [malformed(problem, ".".join(map(str, problem["loc"][1:])), "/docs") for problem in invalid.errors()],
    )


async def on_http(request: Request, failure: Exception) -> JSONResponse:
    """Render a refusal of the framework: an unknown path, a wrong method, a body that is no text."""
    assert isinstance(failure, HTTPException)
    if failure.status_code == 400:
        return rendered(422, [errors.NOT_JSON.broken(problem="it cannot be read")])
    if isinstance(finding := getattr(failure, "finding", None), Finding):
        return rendered(failure.status_code, [finding], {"Connection": "close"})
    if finding := _another_services_command(request):
        return rendered(404, [finding])
    finding = errors.NO_SUCH_PATH.broken(problem=failure.detail)
    return rendered(failure.status_code, [finding], failure.headers)


def _another_services_command(request: Request) -> Finding | None:
    """The finding for a command that another service decides, or that no service knows."""
    named = _COMMAND.fullmatch(request.url.path)
    if named is None or request.method != "POST":
        return None
    known = catalog.commands()
    if entry := known.get(named[1]):
        return errors.DECIDED_ELSEWHERE.broken(command=entry.name, service=entry.owner)
    return errors.COMMAND_UNKNOWN.broken(known=", ".join(sorted(known)))


async def on_database(request: Request, failure: Exception) -> JSONResponse:
    """Render a failure of the database: it rejects a value, does not answer now, or met a defect."""
    if nul_character(failure):
        return rendered(422, [errors.NUL_CHARACTER.broken()])
    if not transient(failure):
        return await on_defect(request, failure)
    log.warning("query failed", error=type(failure).__name__)
    return rendered(503, [errors.NOT_NOW.broken()])


async def on_defect(_: Request, failure: Exception) -> JSONResponse:
    """Render a defect, and log its place in the code without the contents of the request."""
    log.error("query met a defect", exc_info=failure)
    return rendered(500, [errors.QUERY_DEFECT.broken()])


def add_handlers(app: FastAPI) -> None:
    """Have the application render every refusal, failure and defect as a problem."""
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for failure in AWAY:
        app.add_exception_handler(failure, on_database)
    app.add_exception_handler(Exception, on_defect)
