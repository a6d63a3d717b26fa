"""How a question is put to the database: all of it at one moment, and in the order of State IDs."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.dates import day_at

CountDay = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
"""A day as of which can be counted; beyond these PostgreSQL's arithmetic of days comes to its ends."""

_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
# Each table has an index that holds all that is asked of it, in the order of State IDs. Merging these as they
# are costs half of what hashing does, and a wrong guess at the size of an LEA does no harm. Compiling
# the query would take longer than running it.
_IN_ORDER = text("""
SELECT set_config(name, value, true) FROM (VALUES
    ('enable_hashjoin', 'off'), ('enable_nestloop', 'off'), ('jit', 'off'),
    ('random_page_cost', '1.1'), ('work_mem', '64MB')
) AS setting (name, value)
""")


def today() -> date:
    """Louisiana's day."""
    return day_at(datetime.now(UTC))


async def one_moment(database: AsyncConnection) -> None:
    """Whatever is asked in this transaction sees the same moment. Nothing may have been asked before."""
    await database.execute(_ONE_MOMENT)


async def in_order(database: AsyncConnection) -> None:
    """For the rest of this transaction tables are joined in the order of State IDs."""
    await database.execute(_IN_ORDER)
