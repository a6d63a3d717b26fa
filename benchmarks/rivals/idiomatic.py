"""Adding students as FastStream's documentation shows it.

`python -m benchmarks.rivals.idiomatic [workers]`. Each message has a function call, a session and a commit,
and each message out has a publish. FastStream commits offsets before the work is done. By default it logs
every message; here that is off.
"""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from faststream import FastStream, Header
from faststream.kafka import KafkaBroker
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.rivals.running import Environment, run
from benchmarks.rivals.students import (
    COMMANDS,
    EVENTS,
    OUTCOMES,
    AddStudent,
    Identity,
    StudentAdded,
    decide,
    outcome,
)


class Base(DeclarativeBase):
    """The tables."""


class IdentityRow(Base):
    """A person whom eScholar knows."""

    __tablename__ = "identities"

    student_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StudentRow(Base):
    """A student as added."""

    __tablename__ = "students"

    student_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def serve(environment: Environment) -> None:
    """Run the application. The command line gives the number of workers, one by default."""
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    prefix = environment.prefix
    sessions = async_sessionmaker(
        create_async_engine(environment.database, pool_size=workers), expire_on_commit=False
    )
    broker = KafkaBroker(environment.kafka, acks="all", logger=None)
    more: dict[str, Any] = {"max_workers": workers} if workers > 1 else {}

    @broker.subscriber(  # type: ignore[untyped-decorator] # its overloads tell workers from none
        prefix + COMMANDS, group_id=prefix + "students", auto_offset_reset="earliest", **more
    )
    async def add_student(command: AddStudent, ce_id: Annotated[str, Header()]) -> None:
        async with sessions() as session:
            identity = await session.get(IdentityRow, command.student_id)
            student = await session.get(StudentRow, command.student_id)
            added = decide(
                command,
                Identity.model_validate(identity.body) if identity else None,
                StudentAdded.model_validate(student.body) if student else None,
                datetime.now(UTC).date(),
            )
            if added:
                session.add(StudentRow(student_id=added.student_id, body=added.model_dump(mode="json")))
            await session.commit()
        key = command.student_id.encode()
        if added:
            await broker.publish(added, prefix + EVENTS, key=key)
        await broker.publish(outcome(command, UUID(ce_id), added), prefix + OUTCOMES, key=key)

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    run(serve, collect_rarely=False)
