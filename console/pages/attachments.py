"""A student's attachments: the list, the upload of a file, and its description, replacement and deletion."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from console.fields import Field, Kind, fields_of
from console.forms import Body, Commands, Form, NotBuilt, Typed
from console.pages.student import banner_of, student_page
from console.queries import ATTACHMENTS, CONTENT, UPLOAD
from console.rates import Rate
from console.received import file_in
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from console.words import hint_of
from contracts.attachments import AddAttachment, DeleteAttachment, DescribeAttachment, ReplaceAttachment
from contracts.errors import FIELD_MISSING
from contracts.message import Command
from contracts.types import StudentId

router = APIRouter()

FILE = "file"
_LONGEST_NAME = 200
_BY_UPLOAD = ("file_name", "media_type", "size", "sha256")
"""The fields of a command that the upload of its file fills in."""
_GIVEN = ("student_id", "attachment_id")


def _choosing(command: type[Command]) -> tuple[Field, ...]:
    """The fields of a form with a file."""
    file = Field(FILE, Kind.FILE, "File", hint_of(command, FILE), required=True)
    return (file, *fields_of(command, (*_GIVEN, *_BY_UPLOAD, "on_revision")))


async def _added(visit: Visit, body: Body, typed: Typed) -> Commands:
    return [(AddAttachment, body | await _uploaded(visit, body))]


async def _replaced(visit: Visit, body: Body, typed: Typed) -> Commands:
    return [(ReplaceAttachment, body | await _uploaded(visit, body))]


async def _uploaded(visit: Visit, body: Body) -> Body:
    """Send the chosen file to the service. Returns what the command says of it.

    NotBuilt: nobody chose a file, or the service does not take it.
    """
    file = file_in(visit.request, FILE)
    if file is None or not file.filename:
        raise NotBuilt([FIELD_MISSING.broken(at=FILE)], 422)
    path = {name: body[name] for name in _GIVEN}
    answer = await visit.services.upload(UPLOAD, file, file.size or 0, **path)
    if answer.given is None:
        findings = [one.model_copy(update={"field": FILE}) for one in answer.findings]
        raise NotBuilt(findings, 503 if answer.away else 422)
    return answer.value.model_dump(mode="json") | {"file_name": _bare_name(file.filename)}


def _bare_name(given: str) -> str:
    """The file's own name, without folders, cut to the longest that SER keeps."""
    name = PureWindowsPath(PurePosixPath(given).name).name or FILE
    ending = PurePosixPath(name).suffix
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - len(ending)] + ending


ADD = Form(AddAttachment, button="Add file", given=_GIVEN, shown=_choosing(AddAttachment), build=_added)
REPLACE = Form(
    ReplaceAttachment,
    button="Replace file",
    given=_GIVEN,
    shown=_choosing(ReplaceAttachment),
    build=_replaced,
    next="/students/{student_id}/attachments",
)
DESCRIBE = Form(
    DescribeAttachment, button="Save description", given=_GIVEN, next="/students/{student_id}/attachments"
)
DELETE = Form(DeleteAttachment, button="Delete file", given=_GIVEN, next="/students/{student_id}/attachments")


@screen(router, "/students/{student_id}/attachments", ADD)
async def attachments(visit: Visiting, student_id: StudentId) -> Response:
    """The files of the record, newest first, and the form for one more."""
    banner = await banner_of(visit, student_id)
    listed = await visit.ask(ATTACHMENTS, student_id=student_id)
    new = visit.form(ADD, student_id=student_id, attachment_id=visit.fresh("attachment_id"))
    return await student_page(
        visit, "student/attachments.html", "Attachments", banner, form=new, listed=listed
    )


@screen(router, "/students/{student_id}/attachments/{attachment_id}", DESCRIBE, REPLACE, DELETE)
async def attachment(visit: Visiting, student_id: StudentId, attachment_id: UUID) -> Response:
    """One file, to be described anew, replaced or deleted."""
    banner = await banner_of(visit, student_id)
    listed = await visit.ask(ATTACHMENTS, student_id=student_id)
    one = next((one for one in listed.given or () if one.attachment_id == str(attachment_id)), None)
    if one is None and listed.ok:
        raise NoPage
    given: dict[str, Any] = {"student_id": student_id, "attachment_id": attachment_id}
    given |= {"on_revision": one.revision if one else None}
    return await student_page(
        visit,
        "student/attachment.html",
        "Attachments",
        banner,
        about="One attachment",
        listed=listed,
        one=one,
        describing=visit.form(DESCRIBE, {"description": one.description} if one else None, **given),
        replacing=visit.form(REPLACE, prefix="replace-", **given),
        deleting=visit.form(DELETE, student_id=student_id, attachment_id=attachment_id),
    )


@router.get("/students/{student_id}/attachments/{attachment_id}/content", name="attachment_content")
async def content(visit: Visiting, request: Request, student_id: StudentId, attachment_id: UUID) -> Response:
    """The file itself, to be saved. The bytes pass through: the console keeps none."""
    visit.limit(Rate.STUDENT)
    sent = await visit.services.download(CONTENT, student_id=student_id, attachment_id=attachment_id)
    if sent.pieces is None:
        return visit.failed(sent.status, "The file cannot be opened", sent.findings)
    return StreamingResponse(sent.pieces, headers=sent.headers)
