"""What the bridge to eScholar does: says which person bears a State ID.

Run: python assign_identity.py STATE_ID
Settings: SER_KAFKA, SER_TOPIC_PREFIX (none unless set)
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaProducer

TOPIC = os.environ.get("SER_TOPIC_PREFIX", "") + "IdentityAssigned"


async def main(student: str) -> None:
    person = {"first_name": "Exampla", "last_name": "Sample", "birth_on": "2009-03-05", "sex": "F"}
    body = {"student_id": student, "revision": 1, "person": person | {"races": ["BL7"]}}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid4()),
        "ce_type": "IdentityAssigned",
        "ce_source": "/escholar",
        "ce_subject": student,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_dataschema": "urn:ser:schema:IdentityAssigned.v1",
        "content-type": "application/json",
    }
    async with AIOKafkaProducer(bootstrap_servers=os.environ["SER_KAFKA"], acks="all") as producer:
        await producer.send_and_wait(
            TOPIC,
            key=student.encode(),
            value=json.dumps(body).encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )


asyncio.run(main(sys.argv[1]))
