"""The largest file passes through console and service in pieces: neither keeps it in memory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contracts.attachments import LARGEST_ATTACHMENT
from tests.console.children import Children
from tests.console.people import Visitor
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_MOST = 8 * 1024 * 1024
_SMALL = 2 * 1024 * 1024


class Memory:
    """The memory of a process, as Linux counts it: now, and the highest since it was last reset."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def reset(self) -> None:
        """The highest value begins again at the present one."""
        (self._folder / "clear_refs").write_text("5")

    def read(self, name: str) -> int:
        """`VmRSS` or `VmHWM`, in bytes."""
        lines = (self._folder / "status").read_text().splitlines()
        (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
        return int(kilobytes) * 1024


def _pid(system: ConsoleSystem, name: str) -> int:
    identity = system.components[name].process.identity
    assert identity is not None
    return identity.pid


@contextmanager
def watched(system: ConsoleSystem) -> Iterator[dict[str, int]]:
    """Inside: something happens. Then the dictionary says by how many bytes each process grew at most."""
    processes = {name: Memory(_pid(system, name)) for name in ("students", "console")}
    for one in processes.values():
        one.reset()
    before = {name: one.read("VmRSS") for name, one in processes.items()}
    grown: dict[str, int] = {}
    yield grown
    grown |= {name: one.read("VmHWM") - before[name] for name, one in processes.items()}


async def upload(visitor: Visitor, student_id: str, attachment_id: UUID, content: bytes) -> str:
    """Sends the form with a file, as a browser does. Returns where the person goes on."""
    values = {
        "form": "AddAttachment",
        "command_id": str(uuid4()),
        "student_id": student_id,
        "attachment_id": str(attachment_id),
        "description": "A long text",
    }
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in values.items()]
    parts.append(f'name="file"; filename="long.txt"\r\n\r\n{content.decode()}')
    body = "".join(f"--X\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--X--\r\n"
    kind = "multipart/form-data; boundary=X"
    answer = await visitor.send_bytes(f"/students/{student_id}/attachments", kind, body)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="Linux alone counts memory like this")
async def test_a_large_file_needs_no_memory(
    system: ConsoleSystem, visitors: dict[str, Visitor], children: Children
) -> None:
    """An upload and a download of 25 MB raise the memory of neither process by more than 8 MB."""
    student_id, writer = children.id("completed"), visitors["writer"]
    first = uuid4()
    await upload(writer, student_id, first, b"a" * _SMALL)  # what every process loads once
    await writer.get(f"/students/{student_id}/attachments/{first}/content")
    large, content = uuid4(), os.urandom(LARGEST_ATTACHMENT // 2).hex().encode()
    with watched(system) as uploading:
        await upload(writer, student_id, large, content)
    with watched(system) as downloading:
        answer = await writer.get(f"/students/{student_id}/attachments/{large}/content")
    assert answer.content == content
    for grown in (uploading, downloading):
        assert max(grown.values()) <= _MOST, grown
    print(f"grew by {uploading} bytes in an upload, by {downloading} bytes in a download")
