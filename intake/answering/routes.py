"""The addresses of intake."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.codes import LEAS
from contracts.errors import ROLE_MISSING
from intake import rules
from intake.answering.batch import (
    BatchPage,
    BatchWithFiles,
    RowPage,
    batch_page,
    batch_with_files,
    find,
    row_page,
)
from intake.answering.receiving import Options, receive
from intake.answering.tables import files_to_correct, lines_to_correct, verdict_lines, zip_to_correct
from intake.settings import Settings
from intake.verdicts import Verdict
from services.chassis.answering.connection import Database
from services.chassis.answering.problems import Forbidden, NotFound, Problem, documented
from services.chassis.answering.viewer import Viewer, bearer_token

router = APIRouter()

_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "CSV in UTF-8 with a byte order mark"}
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "A CSV for each file"}
}


class Page(BaseModel):
    """Which batches."""

    model_config = ConfigDict(extra="forbid")

    after: int | None = Field(default=None, ge=0, description="`next` of the previous page.")
    limit: int = Field(default=50, ge=1, le=200)


class WantedRows(BaseModel):
    """Which rows of a batch."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict | None = Field(default=None, description="Only those with this verdict.")
    file: str = Field(default="", max_length=200, description="Only those of this file.")
    after: int = Field(default=0, ge=0, le=2**31 - 1, description="`next` of the previous page.")
    limit: int = Field(default=100, ge=1, le=1000)


@router.post(
    "/batches",
    summary="Send a batch: a ZIP of CSV files, or one CSV file",
    status_code=202,
    response_model=BatchWithFiles,
    openapi_extra=_BYTES,
    responses=documented(401, 403, 413, 422, 503)
    | {200: {"model": BatchWithFiles, "description": "The LEA sent the same before"}},
)
async def send(request: Request, viewer: Viewer, options: Annotated[Options, Query()]) -> Response:
    """Needs the role writer. Intake reads the rows, sends their commands with the sender's token, and keeps a
    verdict for each row. The same bytes with the same options from the same LEA give the first batch."""
    if viewer.lea not in LEAS or not viewer.has(Role.WRITER):
        raise Forbidden(ROLE_MISSING.broken(at="lea", role=Role.WRITER))
    state = request.app.state
    token = bearer_token(request)
    received = await receive(state.engine, state.sealer, viewer, token, options, request.stream())
    if received.goes_on:
        state.work.wake()
    async with state.engine.connect() as database:
        found = await find(database, viewer, received.batch_id)
        shown = await batch_with_files(database, found, _settings(request).intake_kept_days)
    where = {"Location": f"/batches/{received.batch_id}"}
    return JSONResponse(shown.model_dump(mode="json"), 202 if received.goes_on else 200, headers=where)


@router.get(
    "/batches", summary="The batches of the viewer's LEA, newest first", responses=documented(401, 422, 503)
)
async def batches_of_lea(
    request: Request, viewer: Viewer, database: Database, query: Annotated[Page, Query()]
) -> BatchPage:
    return await batch_page(
        database, viewer.lea, query.after, query.limit, _settings(request).intake_kept_days
    )


@router.get(
    "/batches/{batch_id}",
    summary="A batch: its state, and how many rows have each verdict",
    responses=documented(401, 404, 422, 503),
)
async def batch(request: Request, batch_id: UUID, viewer: Viewer, database: Database) -> BatchWithFiles:
    found = await find(database, viewer, batch_id)
    return await batch_with_files(database, found, _settings(request).intake_kept_days)


@router.get(
    "/batches/{batch_id}/rows",
    summary="Rows of a batch with their verdicts and findings",
    responses=documented(401, 404, 422, 503),
)
async def rows_of_batch(
    batch_id: UUID, viewer: Viewer, database: Database, query: Annotated[WantedRows, Query()]
) -> RowPage:
    found = await find(database, viewer, batch_id)
    return await row_page(database, found.batch_id, query.after, query.limit, query.verdict, query.file)


@router.get(
    "/batches/{batch_id}/verdicts.csv",
    summary="A line for each finding, at least one a row, in the order of the files",
    response_class=Response,
    responses=documented(401, 404, 422, 503) | _CSV,
)
async def verdicts(
    request: Request, batch_id: UUID, viewer: Viewer, database: Database, verdict: Verdict | None = None
) -> StreamingResponse:
    await find(database, viewer, batch_id)
    return _csv(verdict_lines(request.app.state.engine, batch_id, verdict), "verdicts.csv")


@router.get(
    "/batches/{batch_id}/to_correct.zip",
    summary="The rows that were not accepted, as they were sent, with what is wrong with them",
    response_class=Response,
    responses=documented(401, 403, 404, 410, 422, 503) | _ZIP,
)
async def to_correct(
    request: Request, batch_id: UUID, viewer: Viewer, database: Database
) -> StreamingResponse:
    """For users of the LEA. Correct the rows, and send the file."""
    await _admit(request, database, viewer, batch_id)
    listed = await files_to_correct(database, batch_id)
    return StreamingResponse(
        zip_to_correct(request.app.state.engine, listed),
        media_type="application/zip",
        headers=_download("to_correct.zip"),
    )


@router.get(
    "/batches/{batch_id}/to_correct/{file}",
    summary="The same of one file",
    response_class=Response,
    responses=documented(401, 403, 404, 410, 422, 503) | _CSV,
)
async def file_to_correct(
    request: Request, batch_id: UUID, file: str, viewer: Viewer, database: Database
) -> StreamingResponse:
    """For users of the LEA. Correct the rows, and send the file."""
    await _admit(request, database, viewer, batch_id)
    for one in await files_to_correct(database, batch_id):
        if one.name == file:
            return _csv(lines_to_correct(request.app.state.engine, one), file)
    raise NotFound(rules.NOTHING_TO_CORRECT.broken())


async def _admit(request: Request, database: AsyncConnection, viewer: Actor, batch_id: UUID) -> None:
    """Forbidden: the viewer is of another LEA. Problem 410: the rows are no longer kept."""
    found = await find(database, viewer, batch_id)
    if found.lea != viewer.lea:
        raise Forbidden(ROLE_MISSING.broken(at="lea", role=Role.WRITER))
    if found.emptied:
        raise Problem(410, [rules.NO_LONGER_KEPT.broken(days=_settings(request).intake_kept_days)])


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _csv(lines: AsyncIterator[str], name: str) -> StreamingResponse:
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=_download(name))


def _download(name: str) -> dict[str, str]:
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)
    return {"Content-Disposition": f'attachment; filename="{safe}"'}
