"""The service as a process: `python -m services.ieps.app run | migrate | openapi | asyncapi`."""

from services.chassis.run import main
from services.chassis.service import Service
from services.ieps.domain import DECIDERS, REACTIONS, RULES, STORED
from services.ieps.http import router

SERVICE = Service(
    name="ieps",
    summary="Evaluations and exceptionalities, IEPs and their amendments, entry into special education.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    stored=STORED,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
