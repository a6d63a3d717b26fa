"""The disk of PostgreSQL is full for a while (family 5)."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, system_at, until, wait_seconds
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
def own_system(tmp_path: Path) -> Iterator[ProxiedSystem]:
    """A system whose PostgreSQL has its own small disk."""
    disk = tmp_path / "postgres"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(disk)], check=True)
    try:
        with system_at(tmp_path) as running:
            yield running
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk(own_system: ProxiedSystem, own_judge: Judge) -> None:
    """While the disk is full, no command is answered. When it has space again, all commands are."""
    postgres, log = own_system.local.postgres, own_system.home.log("postgres")
    async with Workload(own_system, 570).running(fewest=40) as load:
        await load.accepted(100)
        with filled(postgres.home):
            await until(lambda: _NO_SPACE in log.read_text(), "PostgreSQL reports a full disk")
            await wait_seconds(_FULL_SECONDS)
        if not postgres.process.alive:
            await asyncio.to_thread(postgres.launch)
        await asyncio.to_thread(postgres.wait)

    complaints = log.read_text().count(_NO_SPACE)
    await own_judge.check(f"5 disk full for {_FULL_SECONDS} s and more", load, faults=complaints)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Inside: the disk is full."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(_PORTION)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()
