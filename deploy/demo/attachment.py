"""The demonstration's attachment: one small PDF, uploaded and added as an LEA's own system does it."""

from uuid import UUID

from contracts.attachments import AddAttachment
from contracts.types import LeaCode, StudentId
from deploy.demo.api_client import ApiClient, Reply

_PAGE = b"BT /F1 18 Tf 72 700 Td (Healthcare plan. Example of the demonstration.) Tj ET"


def small_pdf() -> bytes:
    """A PDF of one page with one sentence."""
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(_PAGE), _PAGE),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return written + end % (len(parts) + 1, table, len(parts) + 1, len(written))


async def attach(
    api: ApiClient, lea: LeaCode, student_id: StudentId, attachment_id: UUID, description: str
) -> Reply:
    """Uploads the PDF, then adds it to the student's record. Returns the outcome, or the upload's refusal."""
    path = f"/students/{student_id}/attachments/{attachment_id}/content"
    uploaded = await api.put(lea, "students", path, small_pdf())
    if uploaded.code >= 400:
        return uploaded
    command = AddAttachment(**uploaded.body, description=description, file_name="healthcare plan.pdf")
    return await api.post(lea, command, command_id=attachment_id)
