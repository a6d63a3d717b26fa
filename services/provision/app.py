"""The service as a process: `python -m services.provision.app run | migrate | openapi | asyncapi`."""

from services.chassis.run import main
from services.chassis.service import Service
from services.provision.domain import DECIDERS, REACTIONS, RULES, STORED
from services.provision.http import router

SERVICE = Service(
    name="provision",
    summary="The services students receive, and whether they stand in the way of a transfer.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    stored=STORED,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
