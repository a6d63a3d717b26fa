"""Asks a virus scanner by ClamAV's protocol: the command INSTREAM over TCP or a Unix socket.

See the manual page of `clamd`: pieces with their length before them, a piece of length zero at the end, one
line as the answer.
"""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from services.students.attachments.settings import AttachmentSettings

log = structlog.get_logger()

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner gave no verdict."""


async def virus_in(path: Path, settings: AttachmentSettings) -> str | None:
    """The name of the virus in a file; None if there is none, or if no scanner is set.

    ScannerAway: the scanner does not answer in time, or failed.
    """
    if not settings.clamd:
        return None
    try:
        async with asyncio.timeout(settings.clamd_seconds):
            answer = await _asked(path, settings.clamd)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as failure:
        log.warning("virus scanner does not answer", error=type(failure).__name__)
        raise ScannerAway from failure
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    log.warning("virus scanner failed", answer=verdict[:200])
    raise ScannerAway


async def _asked(path: Path, address: str) -> str:
    reader, writer = await _connected(address)
    try:
        writer.write(b"zINSTREAM\0")
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
        writer.write(bytes(4))
        await writer.drain()
        return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace").strip()
    finally:
        writer.close()


async def _connected(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        return await asyncio.open_unix_connection(parts.path, limit=_LONGEST_ANSWER)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=_LONGEST_ANSWER)
