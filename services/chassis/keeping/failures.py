"""Classifies failures of the database: those that a retry may pass, and defects."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from services.chassis.keeping.statements import StaleAggregate

AWAY = (DBAPIError, InterfaceError, PoolExhausted, OSError, TimeoutError)
"""What a statement raises if the database does not answer now. A defect of the statement is among it."""

_LOST_CONNECTION = (ConnectionError, TimeoutError, OSError, PoolExhausted)
# Connection, rollback (deadlock, serialization), resources, intervention by an operator, system error.
_TRANSIENT_CLASSES = ("08", "40", "53", "55", "57", "58")
_TRANSACTION_TOOK_TOO_LONG = ("25P03", "25P04")
_NO_SUCH_CHARACTER = "22021"


def transient(failure: Exception) -> bool:
    """Whether a retry may succeed: the database is down, or another process was first."""
    if isinstance(failure, (StaleAggregate, *_LOST_CONNECTION)):
        return True
    if not isinstance(failure, DBAPIError):
        return False
    cause, state = failure.orig, getattr(failure.orig, "sqlstate", None) or ""
    if cause is not None and isinstance(cause.__cause__, asyncpg.DataError):
        return False
    lost = failure.connection_invalidated or isinstance(failure, InterfaceError)
    return lost or state[:2] in _TRANSIENT_CLASSES or state in _TRANSACTION_TOOK_TOO_LONG


def nul_character(failure: Exception) -> bool:
    """Whether PostgreSQL rejected a text with a NUL character."""
    return isinstance(failure, DBAPIError) and getattr(failure.orig, "sqlstate", None) == _NO_SUCH_CHARACTER
