"""The machine of the measurement, and the versions of its software."""

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil

from deploy.local.jars import locked
from deploy.local.postgres import program

_PACKAGES = ("aiokafka", "asyncpg", "faststream", "SQLAlchemy", "pydantic", "uvloop")


def described(folder: Path) -> Iterator[tuple[str, str]]:
    """Names and values of the machine's properties. `folder`: the servers' data."""
    yield "processor", f"{_processor()}, {psutil.cpu_count()} cores"
    yield "memory", f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    yield "disk", _disk(folder)
    yield "system", f"{platform.system()} {platform.release()}"
    yield "busy before", f"load {os.getloadavg()[0]:.1f}"
    yield "Python", platform.python_version()
    yield "Kafka", next(jar.version for jar in locked() if jar.artifact == "kafka-clients")
    yield "PostgreSQL", _postgres()
    yield "libraries", ", ".join(f"{name} {version(name)}" for name in _PACKAGES)


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _disk(folder: Path) -> str:
    mounts = [mount for mount in psutil.disk_partitions(all=True) if folder.is_relative_to(mount.mountpoint)]
    return max(mounts, key=lambda mount: len(mount.mountpoint)).fstype if mounts else "unknown"


def _postgres() -> str:
    printed = subprocess.run([program("postgres"), "--version"], capture_output=True, text=True, check=True)
    return printed.stdout.split()[-1]
