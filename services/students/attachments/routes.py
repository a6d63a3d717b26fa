"""The addresses of attachments."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from contracts.attachments import MediaType
from contracts.message import OfStudent
from contracts.types import AttachmentId, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.problems import documented
from services.chassis.answering.sequences import HEADER, sequence_of, with_sequence_header
from services.students.attachments import reading, receiving

router = APIRouter()

_OF_STUDENT = with_sequence_header(OfStudent)
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_SENT = {kind.value: _BYTES for kind in MediaType}
CONTENT = "/students/{student_id}/attachments/{attachment_id}/content"


@router.get(
    "/students/{student_id}/attachments", summary="A student's attachments, newest first", **_OF_STUDENT
)
async def attachments(
    student_id: StudentId, viewer: Viewer, database: Database
) -> tuple[reading.AttachmentView, ...]:
    """Everyone who sees the student sees the list. A deleted attachment stays in it, without its file."""
    return await reading.attachments(viewer, database, student_id)


@router.put(
    CONTENT,
    summary="Upload the bytes of an attachment",
    responses=_OF_STUDENT["responses"] | documented(413, 415),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}},
    },
)
async def upload(
    student_id: StudentId, attachment_id: AttachmentId, request: Request, response: Response, viewer: Viewer
) -> receiving.Uploaded:
    """The owner's writers upload a file of at most 25 MB. Its content says which kind it is. Nobody sees it
    before the command AddAttachment or ReplaceAttachment names it. The same upload again does no harm."""
    engine = request.app.state.engine
    await receiving.check_sender(engine, viewer, student_id)
    uploaded = await receiving.receive(engine, student_id, attachment_id, request.stream())
    async with engine.connect() as database:  # none while the bytes come in
        response.headers[HEADER] = str(await sequence_of(database, student_id))
    return uploaded


@router.get(
    CONTENT,
    summary="The bytes of an attachment, to be saved",
    responses={**documented(410), 200: _OF_STUDENT["responses"][200] | {"content": _SENT}},
    response_class=StreamingResponse,
)
async def content(
    student_id: StudentId, attachment_id: AttachmentId, viewer: Viewer, database: Database
) -> StreamingResponse:
    """SER logs each download as a look."""
    answer = await reading.content(viewer, database, student_id, attachment_id)
    answer.headers[HEADER] = str(await sequence_of(database, student_id))
    return answer
