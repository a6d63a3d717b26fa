"""The federal files: what there is, the checks of one, its text, and its certification by the state."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from console.backend import Query
from console.forms import first
from console.queries import (
    CERTIFICATIONS,
    CERTIFIED_TEXT,
    CERTIFY,
    FEDERAL_FILE,
    FEDERAL_FILES,
    FEDERAL_TEXT,
)
from console.rates import Rate
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from contracts.errors import Finding
from contracts.roles import Role

router = APIRouter()

_STATE = "SEA"
LEVELS = {_STATE: "State", "LEA": "LEAs", "SCH": "Schools"}
"""What each level is called."""

FORMATS = {"csv": "CSV (comma)", "tab": "TAB (tab)", "txt": "TXT (fixed width)"}
"""The formats of a file."""

_FILE = "/federal-files/{file}/{year}/{level}"


@screen(router, "/federal-files")
async def files(visit: Visiting) -> Response:
    """Every file, with its school years and levels. An LEA has no file of the state."""
    found = await visit.ask(FEDERAL_FILES)
    levels = {code: name for code, name in LEVELS.items() if visit.person.everywhere or code != _STATE}
    return await visit.page("federal/list.html", title="Federal files", found=found, levels=levels)


@screen(router, _FILE)
async def one(
    visit: Visiting, file: str, year: str, level: str, lea: str = "", certified: str = ""
) -> Response:
    """A file as it is now: whether SER gives it out, its checks, last year's numbers, its certifications."""
    lea = lea if visit.person.everywhere else ""
    found, certifications = await asyncio.gather(
        visit.ask(FEDERAL_FILE, params={"lea": lea}, file=file, year=year, level=level),
        visit.ask(CERTIFICATIONS, file=file, year=year, level=level),
    )
    if found.status in (403, 422):
        return visit.failed(found.status, "There is no such file for you", found.findings)
    return await visit.page(
        "federal/one.html",
        title=_title(file, year, level) + (f", {lea}" if lea else ""),
        address=f"/federal-files/{file}/{year}/{level}",
        found=found,
        lea=lea,
        level=level,
        certifications=certifications,
        certified=certified,
        formats=FORMATS,
    )


@router.get(f"{_FILE}/text", name="federal_text")
async def text(
    visit: Visiting, file: str, year: str, level: str, format: str = "csv", lea: str = ""
) -> Response:
    """The text of a file as it is now."""
    params = {"format": format} | ({"lea": lea} if lea else {})
    return await _sent(visit, FEDERAL_TEXT, params, file=file, year=year, level=level)


@router.get(f"{_FILE}/certified/{{version}}", name="certified_text")
async def certified_text(visit: Visiting, file: str, year: str, level: str, version: int) -> Response:
    """A certified file, byte for byte."""
    return await _sent(visit, CERTIFIED_TEXT, {}, file=file, year=year, level=level, version=version)


async def _sent(visit: Visit, query: Query[Any], params: dict[str, str], **path: Any) -> Response:
    """A file of reporting passes through. The console keeps none."""
    visit.limit(Rate.STUDENT)
    sent = await visit.services.download(query, params=params, **path)
    if sent.pieces is None:
        return visit.failed(sent.status, "The file cannot be sent", sent.findings)
    return StreamingResponse(sent.pieces, headers=sent.headers)


@screen(router, f"{_FILE}/certify")
async def to_certify(visit: Visiting, file: str, year: str, level: str) -> Response:
    """What certification means, and what would be certified. Nothing is certified yet."""
    visit.need(Role.STATE)
    return await _certifying(visit, file, year, level)


@router.post(f"{_FILE}/certify", name="certify_file", response_class=HTMLResponse)
async def certify(visit: Visiting, file: str, year: str, level: str) -> Response:
    """Certify the numbers that the person looked at. If they have moved, the page shows the new ones."""
    visit.need(Role.STATE)
    visit.limit(Rate.COMMAND)
    typed = {name: first(visit.typed, name).strip() for name in ("digest", "format", "comment")}
    body = {name: value for name, value in typed.items() if value}
    answer = await visit.ask(CERTIFY, body=body, file=file, year=year, level=level)
    if answer.given is not None:
        return RedirectResponse(f"/federal-files/{file}/{year}/{level}?certified={answer.given.version}", 303)
    visit.status = answer.status
    return await _certifying(visit, file, year, level, answer.findings)


async def _certifying(
    visit: Visit, file: str, year: str, level: str, findings: Sequence[Finding] = ()
) -> Response:
    found = await visit.ask(FEDERAL_FILE, file=file, year=year, level=level)
    if found.status in (403, 422):
        raise NoPage
    return await visit.page(
        "federal/certify.html",
        title=f"Certify {_title(file, year, level)}",
        address=f"/federal-files/{file}/{year}/{level}",
        found=found,
        findings=findings,
        comment=first(visit.typed, "comment"),
        formats=FORMATS,
        format=first(visit.typed, "format"),
        wrong={one.field for one in findings},
        to_come=found.given is not None and found.given.as_of > visit.today,
    )


def _title(file: str, year: str, level: str) -> str:
    return f"FS{file} of {year}, {LEVELS.get(level, level)}"
