"""Settings of a query's transaction: one snapshot, and joins in the order of State IDs."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.dates import day_at

CountDay = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
"""A day of a child count. PostgreSQL's date arithmetic fails on days far beyond these limits."""

_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
# Each table has an index with all the columns that the queries read, in the order of State IDs. Merge joins
# of these indexes cost half as much as hash joins, and a wrong estimate of an LEA's size does no harm.
# Compiling the query would take longer than running it.
_IN_ORDER = text("""
SELECT set_config(name, value, true) FROM (VALUES
    ('enable_hashjoin', 'off'), ('enable_nestloop', 'off'), ('jit', 'off'),
    ('random_page_cost', '1.1'), ('work_mem', '64MB')
) AS setting (name, value)
""")

_UNCOMPILED = text("SELECT set_config('jit', 'off', true)")


def today() -> date:
    """The present day in Louisiana."""
    return day_at(datetime.now(UTC))


async def one_moment(database: AsyncConnection) -> None:
    """Let all queries of this transaction see one snapshot. It must come before any query."""
    await database.execute(_ONE_MOMENT)


async def uncompiled(database: AsyncConnection) -> None:
    """Let PostgreSQL compile no query of this transaction. Compiling a list takes longer than running it."""
    await database.execute(_UNCOMPILED)


async def in_order(database: AsyncConnection) -> None:
    """Let the queries of this transaction join tables in the order of State IDs."""
    await database.execute(_IN_ORDER)
