"""Registers the school sites in `deploy/seeds`, as the state office does: with commands over HTTP.

A command's id derives from its content. So the same file again changes nothing, and an edited one does.
"""

import asyncio
import csv
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid5

import httpx

from contracts.jurisdiction import RegisterSchoolSites, SchoolSite

SCHOOL_SITES = Path(__file__).parent / "seeds" / "school_sites.csv"
_IDS = UUID("0c7ad7f4-3c1b-5d0b-9f57-6a1f0d2e9b43")
_AT_ONCE = 20
_WAIT = "wait=20"


class SeedRefused(Exception):
    """The system did not accept a seed; the text is its answer."""


def registrations(path: Path = SCHOOL_SITES) -> Sequence[RegisterSchoolSites]:
    """A command for each LEA of the file, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        by_lea = groupby(csv.DictReader(file), key=lambda row: row["lea"])
        return [RegisterSchoolSites(lea=lea, sites=tuple(map(_site, rows))) for lea, rows in by_lea]


def _site(row: dict[str, str]) -> SchoolSite:
    closed_on = row["closed_on"] or None
    return SchoolSite.model_validate({**row, "closed_on": closed_on, "made_up": row["made_up"] == "yes"})


def command_id(command: RegisterSchoolSites) -> UUID:
    """The id under which the command is sent, the same for the same content."""
    return uuid5(_IDS, command.model_dump_json())


async def seed(url: str, token: str, commands: Sequence[RegisterSchoolSites]) -> None:
    """Send the commands to jurisdiction and wait until each is accepted. SeedRefused: one is not."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        for some in _in_parts(commands):
            await asyncio.gather(*(_send(http, token, command) for command in some))


def _in_parts(commands: Sequence[RegisterSchoolSites]) -> Iterator[Sequence[RegisterSchoolSites]]:
    for first in range(0, len(commands), _AT_ONCE):
        yield commands[first : first + _AT_ONCE]


async def _send(http: httpx.AsyncClient, token: str, command: RegisterSchoolSites) -> None:
    answer = await http.post(
        "/commands/RegisterSchoolSites",
        content=command.model_dump_json(),
        headers={
            "authorization": f"Bearer {token}",
            "command-id": str(command_id(command)),
            "content-type": "application/json",
            "prefer": _WAIT,
        },
    )
    if answer.status_code != httpx.codes.OK:
        raise SeedRefused(f"{command.subject}: {answer.status_code} {answer.text[:500]}")
