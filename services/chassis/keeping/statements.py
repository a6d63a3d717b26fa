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


class IdTaken(StaleAggregate):
    """A record of another subject bears an id of this batch. Loaded again, a command with that id is refused.

    An event that brings such an id never fits; the worker has to find and hold it.
    """


_TAKEN_BY_ANOTHER = {"ledger_pkey", "held_pkey"}
_IDS = "record_ids"
_PASSED = {("aggregates", "revision"), ("ledger", "status"), ("contents", "revision")}

FOUND_WITH = """
    (contents.subject = {subject} OR opened.beside <> '' AND EXISTS (
        SELECT FROM records WHERE records.subject = {subject} AND records.kind = opened.beside
            AND records.record_id = contents.record_id
    ))
"""
"""The condition that contents, or the record whose id they bear, stand under a subject."""


async def found(database: AsyncConnection, statement: str, *given: object) -> Sequence[Any]:
    """The rows that a statement finds."""
    return (await database.exec_driver_sql(statement, given)).all()


async def keep(database: AsyncConnection, statement: str, *given: tuple[Rows, Sequence[Row]]) -> None:
    """Run a statement over rows. StaleAggregate: the tables refuse them as too late."""
    try:
        await run(database, statement, *given)
    except IntegrityError as failure:
        if late := _too_late(failure):
            raise late from failure
        raise


def _too_late(failure: IntegrityError) -> type[StaleAggregate] | None:
    match failure.orig and failure.orig.__cause__:
        case asyncpg.UniqueViolationError(constraint_name=name):
            return IdTaken if name == _IDS else StaleAggregate if name in _TAKEN_BY_ANOTHER else None
        case asyncpg.NotNullViolationError(table_name=table, column_name=column):
            return StaleAggregate if (table, column) in _PASSED else None
        case _:
            return None
