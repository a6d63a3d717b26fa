"""The services and files of the tree."""

import subprocess
from pathlib import Path

import pytest

from contracts.catalog import SERVICES as NAMES
from deploy.documents import system
from services.chassis.hosting.definition import ServiceDefinition

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, ServiceDefinition] = {service.name: service for service in system()}
READ_ONLY = {"reporting"}
EACH_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=NAMES)


def home(service: ServiceDefinition) -> Path:
    """The folder of a service."""
    return ROOT / "services" / service.name


def files(*endings: str) -> list[Path]:
    """The project's own files with one of these endings, by path: those that git has or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [Path(name) for name in listed if name.endswith(endings) and (ROOT / name).exists()]
