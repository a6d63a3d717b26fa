"""The service as a process: `python -m services.ieps.app run | migrate | openapi | asyncapi`."""

from contracts.moving import ADDRESSES, shut
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import main
from services.ieps.domain import DECIDERS, LOOKS_AT, OPENS, REACTIONS, RULES, STORED, TOGETHER
from services.ieps.http import router

SERVICE = ServiceDefinition(
    name="ieps",
    summary="Evaluations and exceptionalities, IEPs and their amendments, entry into special education.",
    deciders=DECIDERS,
    looks_at=LOOKS_AT,
    opens=OPENS,
    reactions=REACTIONS,
    stored=STORED,
    closed=shut,
    addresses=ADDRESSES,
    together=TOGETHER,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
