"""The tables that the state office loads: load one, list them, read one."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING, listed
from services.chassis.answering.http import Forbidden, NotFound, Problem
from services.reporting.domain.indicators.rules import NOT_LOADED
from services.reporting.domain.indicators.year import FORM
from services.reporting.domain.loaded_tables import TableName, read
from services.reporting.store import loaded_tables as store


class LoadTable(BaseModel):
    """A table for a school year. It replaces the table that was loaded for the year before."""

    school_year: str = Field(pattern=FORM, description="Such as 2024-25.")
    csv: str = Field(
        max_length=100_000, description="The columns in the first line, then a line for each group."
    )


class TableVersion(BaseModel):
    """A version of a loaded table. Of a school year the last one counts."""

    name: TableName
    school_year: str
    lines: int
    loaded_by: str = Field(description="LEA and user, `LA/j.boudreaux`.")
    at: datetime


class LoadedTable(BaseModel):
    """The lines of a loaded table, each by the names of its columns."""

    name: TableName
    school_year: str
    lines: list[dict[str, str]]


async def load(viewer: Actor, database: AsyncConnection, name: TableName, wish: LoadTable) -> LoadedTable:
    """Load a table. Forbidden: any role but the state's. Problem: a line is wrong, so nothing is loaded."""
    if not viewer.has(Role.STATE):
        raise Forbidden(ROLE_MISSING.broken(role=Role.STATE))
    lines, findings = read(name, wish.csv)
    if findings:
        raise Problem(422, listed(findings))
    await store.keep(database, name, wish.school_year, lines, viewer.sender)
    return LoadedTable(name=name, school_year=wish.school_year, lines=[dict(line) for line in lines])


async def tables(viewer: Actor, database: AsyncConnection) -> Sequence[TableVersion]:
    """Every version of every loaded table."""
    return [TableVersion.model_validate(dict(row)) for row in await store.versions(database)]


async def loaded(viewer: Actor, database: AsyncConnection, name: TableName, school_year: str) -> LoadedTable:
    """The lines that count. An LEA sees its own. NotFound: nobody has loaded the table for the year."""
    lines = await store.newest(database, name, school_year)
    if lines is None:
        raise NotFound(NOT_LOADED.broken(at="school_year", school_year=school_year))
    seen = [dict(line) for line in lines if viewer.everywhere or line["lea"] == viewer.lea]
    return LoadedTable(name=name, school_year=school_year, lines=seen)
