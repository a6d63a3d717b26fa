"""The child count for publication: the state's table without the numbers that would show single children."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.dates import CHILD_COUNT
from services.chassis.answering.http import Forbidden, Problem
from services.reporting.domain.layout import Breakdown, Cell
from services.reporting.domain.rules import COUNT_TO_COME, NOT_THE_COUNT_DAY, PUBLISHED_BY_THE_STATE
from services.reporting.domain.suppression import NOT_REPORTED, hidden
from services.reporting.domain.suppression_count import count_release
from services.reporting.queries.audit import narrow_cells
from services.reporting.queries.child_count import CountedCell, child_count
from services.reporting.queries.moment import today


class PublishedCell(BaseModel):
    """One cell, as in the published file. A blank disability or environment means all."""

    age_group: str
    disability: str | None
    environment: str | None
    breakdown: Breakdown
    value: str | None
    children: int | Literal["NR"] = Field(description="`NR`: the number is hidden.")


class PublishedCount(BaseModel):
    """The state's child count for publication.

    `primary`: the number of cells from 1 through 9, which are hidden. `complementary`: the number of other
    cells that are hidden, because a sum would give one of those away. Both print `NR`.
    """

    as_of: date
    school_year: str
    complete: bool = Field(description="No event that the services published is missing.")
    read_through: datetime | None
    primary: int
    complementary: int
    cells: list[PublishedCell]


async def publication(viewer: Actor, database: AsyncConnection, as_of: date) -> PublishedCount:
    """The state's count of 1 October for publication.

    Forbidden: the viewer is not the state office. Problem: another day, or one that has not come.
    """
    if not viewer.has(Role.STATE):
        raise Forbidden(PUBLISHED_BY_THE_STATE.broken())
    if (as_of.month, as_of.day) != CHILD_COUNT:
        raise Problem(422, (NOT_THE_COUNT_DAY.broken(at="as_of", day=as_of),))
    if as_of > today():
        raise Problem(422, (COUNT_TO_COME.broken(at="as_of", day=as_of),))
    count = await child_count(viewer, database, as_of)
    release = count_release({_cell(cell): cell.children for cell in count.cells})
    found = await asyncio.to_thread(hidden, release, narrow_cells)
    return PublishedCount(
        as_of=as_of,
        school_year=count.school_year,
        complete=count.complete,
        read_through=count.read_through,
        primary=len(release.primary()),
        complementary=len(found - release.primary()),
        cells=list(_published(count.cells, found)),
    )


def _cell(cell: CountedCell) -> Cell:
    return Cell(cell.age_group, cell.disability, cell.environment, cell.breakdown, cell.value)


def _published(cells: Sequence[CountedCell], found: frozenset[int]) -> Iterable[PublishedCell]:
    for place, cell in enumerate(cells):
        shown = NOT_REPORTED if place in found else cell.children
        yield PublishedCell.model_validate(cell.model_dump() | {"children": shown})
