"""The service as a process: `python -m services.provision.app run | migrate | openapi | asyncapi`."""

from contracts.moving import ADDRESSES, shut
from contracts.provision import RegisterProvider, TerminateService
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import main
from services.provision import store
from services.provision.domain import AWAITED, DECIDERS, LOOKS_AT, OPENS, REACTIONS, RULES, STORED, TOGETHER
from services.provision.http import router

SERVICE = ServiceDefinition(
    name="provision",
    summary="The services that students receive, the providers, and whether open services block a transfer.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    looks_at=LOOKS_AT,
    opens=OPENS,
    seeks={TerminateService: store.LAST_SESSIONS, RegisterProvider: store.AT_WORK},
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
