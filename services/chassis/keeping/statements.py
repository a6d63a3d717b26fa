"""Statements over rows, and the refusal of a late writer."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.keeping.rows import Row, Rows, run


class StaleAggregate(Exception):
    """Another process was first: it wrote one of the batch's subjects, answered one of its commands, or took
    one of its ids.

    PostgreSQL keeps nothing of this batch; the worker takes it again.
    """


_TAKEN_BY_ANOTHER = {"ledger_pkey", "held_pkey", "record_ids"}
_PASSED = {("aggregates", "revision"), ("ledger", "status"), ("contents", "revision")}


async def found(database: AsyncConnection, statement: str, *given: object) -> Sequence[Any]:
    """The rows that a statement finds."""
    return (await database.exec_driver_sql(statement, given)).all()


async def keep(database: AsyncConnection, statement: str, *given: tuple[Rows, Sequence[Row]]) -> None:
    """Run a statement over rows. StaleAggregate: the tables refuse them as too late."""
    try:
        await run(database, statement, *given)
    except IntegrityError as failure:
        if _too_late(failure):
            raise StaleAggregate from failure
        raise


def _too_late(failure: IntegrityError) -> bool:
    match failure.orig and failure.orig.__cause__:
        case asyncpg.UniqueViolationError(constraint_name=name):
            return name in _TAKEN_BY_ANOTHER
        case asyncpg.NotNullViolationError(table_name=table, column_name=column):
            return (table, column) in _PASSED
        case _:
            return False
