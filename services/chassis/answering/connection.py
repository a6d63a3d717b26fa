"""One database connection for each request."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection


async def _database(request: Request) -> AsyncIterator[AsyncConnection]:
    async with request.app.state.engine.connect() as database:
        try:
            yield database
        finally:
            await database.commit()


Database = Annotated[AsyncConnection, Depends(_database, scope="function")]
"""A connection for one request. It commits at the end, also after a refusal: the access log must stay."""
