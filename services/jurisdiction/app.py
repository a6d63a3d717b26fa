"""The service as a process: `python -m services.jurisdiction.app run | migrate | openapi | asyncapi`."""

from contracts.moving import ADDRESSES, shut
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import main
from services.jurisdiction.domain import AWAITED, DECIDERS, LOOKS_AT, REACTIONS, RULES, STORED, TOGETHER
from services.jurisdiction.http import router

SERVICE = ServiceDefinition(
    name="jurisdiction",
    summary="The LEA that owns a student, and the dates: claims, transfers between LEAs, school sites.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    looks_at=LOOKS_AT,
    stored=STORED,
    closed=shut,
    addresses=ADDRESSES,
    together=TOGETHER,
    awaited=AWAITED,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
