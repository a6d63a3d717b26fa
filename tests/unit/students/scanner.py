"""A virus scanner that speaks ClamAV's protocol and always gives the same answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def scanner(socket: Path, answer: bytes) -> AsyncIterator[list[bytes]]:
    """Inside: the scanner listens. The list has what it was sent."""
    received: list[bytes] = []

    async def scan(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\0"))
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            received.append(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(scan, socket):
        yield received
