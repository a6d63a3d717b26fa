"""Sends the records in `deploy/seeds`, as the state office does: with commands over HTTP.

A command's id derives from its content. So the same file again changes nothing, and an edited one does.
"""

import asyncio
import csv
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid5

import httpx

from contracts.calendars import CalendarDay, CalendarSource, PublishCalendar, SchoolTerm
from contracts.jurisdiction import RegisterSchoolSites, SchoolSite

_SEEDS = Path(__file__).parent / "seeds"
SCHOOL_SITES = _SEEDS / "school_sites.csv"
_CALENDAR_DAYS, _SCHOOL_TERMS = _SEEDS / "calendar_days.csv", _SEEDS / "school_terms.csv"
_OFFICIAL_STAYS = {"CAL-010"}
_IDS = UUID("0c7ad7f4-3c1b-5d0b-9f57-6a1f0d2e9b43")
_AT_ONCE = 20
_WAIT = "wait=20"


Seed = RegisterSchoolSites | PublishCalendar


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


def calendars() -> Sequence[PublishCalendar]:
    """A command for the calendar of each year with exceptional days, earliest first."""
    terms = [SchoolTerm.model_validate(row) for row in _rows(_SCHOOL_TERMS)]
    days = groupby(map(_calendar_day, _rows(_CALENDAR_DAYS)), key=lambda exception: exception.day.year)
    return [
        PublishCalendar(
            year=str(year),
            days=tuple(of_year),
            terms=tuple(term for term in terms if term.begin_on.year == year),
            source=CalendarSource.PROJECT,
        )
        for year, of_year in days
    ]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _calendar_day(row: dict[str, str]) -> CalendarDay:
    counts = {name: row[name] == "yes" for name in ("business", "school")}
    return CalendarDay.model_validate({**row, **counts})


def command_id(command: Seed) -> UUID:
    """The id under which the command is sent, the same for the same content."""
    return uuid5(_IDS, command.model_dump_json())


async def seed(url: str, token: str, commands: Sequence[Seed]) -> None:
    """Send the commands to their service and wait until each is accepted. SeedRefused: one is not.

    The state's official calendars stay as they are.
    """
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        for some in _in_parts(commands):
            await asyncio.gather(*(_send(http, token, command) for command in some))


def _in_parts(commands: Sequence[Seed]) -> Iterator[Sequence[Seed]]:
    for first in range(0, len(commands), _AT_ONCE):
        yield commands[first : first + _AT_ONCE]


async def _send(http: httpx.AsyncClient, token: str, command: Seed) -> None:
    answer = await http.post(
        f"/commands/{type(command).__name__}",
        content=command.model_dump_json(),
        headers={
            "authorization": f"Bearer {token}",
            "command-id": str(command_id(command)),
            "content-type": "application/json",
            "prefer": _WAIT,
        },
    )
    if answer.status_code != httpx.codes.OK and not _official(answer):
        raise SeedRefused(f"{command.subject}: {answer.status_code} {answer.text[:500]}")


def _official(answer: httpx.Response) -> bool:
    """Whether the system refused a calendar because it has the state's official one."""
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
        return False
    findings = answer.json().get("findings", ())
    return {finding["code"] for finding in findings} == _OFFICIAL_STAYS
