"""The service is killed while a file comes in, and between the file and its command."""

import asyncio
from uuid import uuid4

import pytest

from contracts.attachments import AddAttachment
from deploy.demo.api_client import Tokens
from deploy.demo.attachment import attach, small_pdf
from deploy.population.leas import LeaCode
from tests.console.children import OWN, Children
from tests.console.people import Visitor
from tests.console.running import ConsoleSystem
from tests.integration.running import until

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

LEA = LeaCode(OWN)


async def test_the_service_dies_between_the_file_and_its_command(
    system: ConsoleSystem, children: Children, visitors: dict[str, Visitor]
) -> None:
    """The bytes were kept before the service died. The next process accepts the command that names them."""
    student_id, attachment_id = children.id("determined"), uuid4()
    path = f"/students/{student_id}/attachments/{attachment_id}/content"
    uploaded = await children.api.put(LEA, "students", path, small_pdf())
    assert uploaded.code == 200
    system.kill("students")
    await asyncio.to_thread(system.repair)
    add = AddAttachment(**uploaded.body, description="Healthcare plan", file_name="plan.pdf")
    assert (await children.api.post(LEA, add)).status == "accepted"
    assert (await visitors["reader"].get(path)).content == small_pdf()


async def test_the_service_dies_while_a_file_comes_in(
    system: ConsoleSystem, children: Children, visitors: dict[str, Visitor]
) -> None:
    """Nothing of a half file is kept or shown. The same file sent again is kept."""
    student_id, attachment_id = children.id("determined"), uuid4()
    path = f"/students/{student_id}/attachments/{attachment_id}/content"
    service = system.local.services["students"]
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    token = Tokens(system.local.issuer).lea(LEA)
    head = f"PUT {path} HTTP/1.1\r\nHost: ser\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000"
    writer.write(head.encode() + b"\r\n\r\n" + b"a" * 500_000)
    await writer.drain()
    system.kill("students")
    writer.close()
    await asyncio.to_thread(system.repair)

    async def answers() -> bool | None:
        return True if (await visitors["reader"].get(path)).status_code == 404 else None

    await until(answers, "the service shows no such attachment")
    reply = await attach(children.api, LEA, student_id, attachment_id, "Healthcare plan")
    assert reply.status == "accepted", reply.explanation
    assert (await visitors["reader"].get(path)).content == small_pdf()
