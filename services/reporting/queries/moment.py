"""A query of several statements that all see the same moment."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_SAME_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
# Everything is read in the order of State IDs, from indexes alone: merging costs half of what hashing does.
# Groups stay in memory. Compiling the query would take longer than running it.
_ROOM = text(
    "SELECT set_config('enable_hashjoin', 'off', true), set_config('random_page_cost', '1.1', true),"
    " set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
)


async def one_moment(database: AsyncConnection) -> None:
    """Fix the moment, for the rest of the transaction. Nothing may have been asked in it before."""
    await database.execute(_SAME_MOMENT)
    await database.execute(_ROOM)
