"""Adds a student: sends the command AddStudent, waits for its outcome, and reads the event it caused.

Run: python add_student.py STATE_ID
Settings: SER_KAFKA, SER_TOKEN, SER_TOPIC_PREFIX (none unless set), GROUP (your system's name)
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

KAFKA, TOKEN = os.environ["SER_KAFKA"], os.environ["SER_TOKEN"]
PREFIX, GROUP = os.environ.get("SER_TOPIC_PREFIX", ""), os.environ.get("GROUP", "my-system")
SEND_AGAIN_SECONDS = 30


async def main(student: str) -> None:
    command_id = str(uuid4())  # keep it with your own record: who sends again uses the same id
    consumer = AIOKafkaConsumer(
        f"{PREFIX}students.outcomes",
        f"{PREFIX}StudentAdded",
        bootstrap_servers=KAFKA,
        group_id=GROUP,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=KAFKA, acks="all", enable_idempotence=True)
    async with consumer, producer:
        sending = asyncio.create_task(send_until_answered(producer, student, command_id))
        status, event = "", None  # either may come first: topics keep no order among one another
        async for record in consumer:
            headers = {name: value.decode() for name, value in record.headers}
            if headers.get("causation") != command_id:
                continue  # about another command
            body = json.loads(record.value)
            if headers["ce_type"] == "Outcome":
                sending.cancel()
                status = body["status"]
                codes = ", ".join(finding["code"] for finding in body["findings"])
                print(f"{status} {codes}".strip(), flush=True)
            else:
                event = body
                print(f"StudentAdded revision {body['revision']}, sequence {headers['ce_sequence']}")
            if status == "refused":
                sys.exit(1)
            if status == "accepted" and event:
                return


async def send_until_answered(producer: AIOKafkaProducer, student: str, command_id: str) -> None:
    """Sends the command, and again under the same id for as long as no outcome stops it."""
    body = {"student_id": student, "profile": {"grade": "03"}}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": command_id,
        "ce_type": "AddStudent",
        "ce_source": "/my-system",
        "ce_subject": student,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_dataschema": "urn:ser:schema:AddStudent.v1",
        "content-type": "application/json",
        "token": TOKEN,
    }
    while True:
        await producer.send_and_wait(
            f"{PREFIX}students.commands",
            key=student.encode(),
            value=json.dumps(body).encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
        await asyncio.sleep(SEND_AGAIN_SECONDS)


asyncio.run(main(sys.argv[1]))
