"""The disk of PostgreSQL is full, and after a while no longer (family 5)."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.stage import Stage, lasting, stage_at, until
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk"),
]

_DISK = "384m"
_FULL_SECONDS = 15
_PORTION = 1_000_000
_NO_SPACE = "No space left on device"


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[Stage]:
    """A system whose PostgreSQL has a small disk of its own."""
    disk = tmp_path / "postgres"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(disk)], check=True)
    try:
        with stage_at(tmp_path) as running:
            yield running
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk(own_stage: Stage, own_court: Court) -> None:
    """While nothing more can be written nobody is answered; when there is room again, everybody is."""
    postgres, log = own_stage.system.postgres, own_stage.home.log("postgres")
    async with Workload(own_stage, 570).running(fewest=40) as load:
        await load.accepted(100)
        with filled(postgres.home):
            await until(lambda: _NO_SPACE in log.read_text(), "PostgreSQL finds no room")
            await lasting(_FULL_SECONDS)
        if not postgres.process.alive:
            await asyncio.to_thread(postgres.launch)
        await asyncio.to_thread(postgres.wait)

    complaints = log.read_text().count(_NO_SPACE)
    await own_court.judge(f"5 disk full for {_FULL_SECONDS} s and more", load, faults=complaints)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Inside: not a byte more can be written to the disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(_PORTION)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()
