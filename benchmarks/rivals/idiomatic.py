"""Students as FastStream's documentation leads one to write it.

`python -m benchmarks.rivals.idiomatic [workers]`. A function for a message, a session and a commit for a
message, a publish for each message out. Offsets are committed by the library, before the work is done.
Logging of every message, which is the default, is off.
"""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from faststream import FastStream, Header
from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.rivals.deciding import COMMANDS, EVENTS, OUTCOMES, decided, said
from benchmarks.rivals.running import run
from benchmarks.rivals.tables import IdentityRow, StudentRow
from contracts.decision import Known
from contracts.identity import Identity
from contracts.students import AddStudent, Student
from services.chassis.hosting.settings import Settings


async def serve(settings: Settings) -> None:
    """Runs the application; so many workers as the command line says, one by default."""
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    prefix = settings.topic_prefix
    sessions = async_sessionmaker(
        create_async_engine(settings.database.get_secret_value(), pool_size=workers), expire_on_commit=False
    )
    broker = KafkaBroker(settings.kafka, acks="all", logger=None)
    more: dict[str, Any] = {"max_workers": workers} if workers > 1 else {}

    @broker.subscriber(  # type: ignore[untyped-decorator] # its overloads tell workers from none
        prefix + COMMANDS, group_id=prefix + "students", auto_offset_reset="earliest", **more
    )
    async def add_student(command: AddStudent, ce_id: Annotated[str, Header()]) -> None:
        command_id = UUID(ce_id)
        async with sessions() as session:
            identity = await session.get(IdentityRow, command.student_id)
            student = await session.get(StudentRow, command.student_id)
            known = Known()
            if identity:
                known.learn(Identity.model_validate(identity.body))
            if student:
                known.learn(Student.model_validate(student.body))
            decision = decided(known, command, command_id, datetime.now(UTC).date())
            events, outcome = said(decision, command, command_id)
            for event in events:
                body = event.model_dump(mode="json")
                session.add(StudentRow(student_id=event.subject, body=body))
            await session.commit()
        key = command.student_id.encode()
        for event in events:
            await broker.publish(event, prefix + EVENTS, key=key)
        await broker.publish(outcome, prefix + OUTCOMES, key=key)

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    run(serve, as_a_service=False)
