"""The virus scanner: ClamAV's protocol, and ClamAV itself where it is installed."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.students.attachments.scanning import ScannerAway, virus_in
from services.students.attachments.settings import AttachmentSettings
from tests.unit.students.scanner import scanner

CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
OWN_SIGNATURE = "Ser.Test.Marker:0:*:" + b"a marker that only this test knows".hex()


def settings(address: str, seconds: float = 20) -> AttachmentSettings:
    """The settings with a scanner at this address."""
    return AttachmentSettings(clamd=address, clamd_seconds=seconds)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of several pieces."""
    path = tmp_path / "file"
    path.write_bytes(b"a" * 200_000)
    return path


async def test_a_clean_file(file: Path, tmp_path: Path) -> None:
    """The scanner receives the whole file in pieces, and finds nothing."""
    async with scanner(tmp_path / "clamd", b"stream: OK\0") as received:
        assert await virus_in(file, settings(f"unix:{tmp_path}/clamd")) is None
    assert received[0] == b"zINSTREAM\0"
    assert b"".join(received[1:]) == b"a" * 200_000
    assert len(received) > 2


async def test_a_virus(file: Path, tmp_path: Path) -> None:
    """The scanner names the virus."""
    async with scanner(tmp_path / "clamd", b"stream: Win.Test.EICAR_HDB-1 FOUND\0"):
        assert await virus_in(file, settings(f"unix:{tmp_path}/clamd")) == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK"])
async def test_a_scanner_without_a_verdict(answer: bytes, file: Path, tmp_path: Path) -> None:
    """A failure, no answer and half an answer are no verdict."""
    async with scanner(tmp_path / "clamd", answer):
        with pytest.raises(ScannerAway):
            await virus_in(file, settings(f"unix:{tmp_path}/clamd"))


async def test_a_scanner_that_is_away(file: Path, tmp_path: Path) -> None:
    """Nobody listens at the address."""
    with pytest.raises(ScannerAway):
        await virus_in(file, settings(f"unix:{tmp_path}/clamd"))


async def test_a_scanner_that_says_nothing(file: Path, tmp_path: Path) -> None:
    """A scanner that does not answer in time gave no verdict."""
    stopped = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stopped.wait()
        writer.close()

    async with await asyncio.start_unix_server(wait, tmp_path / "clamd"):
        with pytest.raises(ScannerAway):
            await virus_in(file, settings(f"unix:{tmp_path}/clamd", seconds=0.2))
        stopped.set()


async def test_no_scanner(file: Path) -> None:
    """Without a scanner in the settings nothing is scanned."""
    assert await virus_in(file, settings("")) is None


@asynccontextmanager
async def real_clamd(folder: Path) -> AsyncIterator[str]:
    """Inside: ClamAV's own daemon listens, with one signature of this test."""
    assert CLAMD is not None
    for name in ("database", "log"):
        (folder / name).mkdir()
    (folder / "database" / "ser.ndb").write_text(OWN_SIGNATURE + "\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}/database\nLocalSocket {folder}/clamd.ctl\nForeground yes\n"
        f"TemporaryDirectory {folder}/log\nStreamMaxLength 30M\n"
    )
    process = await asyncio.create_subprocess_exec(
        CLAMD,
        f"--config-file={folder}/clamd.conf",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while b"Self checking" not in (line := await process.stdout.readline()):
                assert line, "clamd ended"
        yield f"unix:{folder}/clamd.ctl"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.skipif(CLAMD is None, reason="ClamAV is not installed: apt-get install clamav-daemon")
async def test_clamav_itself(file: Path, tmp_path: Path) -> None:
    """ClamAV finds the marker of its signature, also at the end of a large file, and nothing in others."""
    async with real_clamd(tmp_path) as address:
        assert await virus_in(file, settings(address)) is None
        with file.open("ab") as more:
            more.write(b"a marker that only this test knows")
        assert await virus_in(file, settings(address)) == "Ser.Test.Marker.UNOFFICIAL"
