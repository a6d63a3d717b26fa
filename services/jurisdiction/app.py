"""The service as a process: `python -m services.jurisdiction.app run | migrate | openapi | asyncapi`."""

from services.chassis.run import main
from services.chassis.service import Service
from services.jurisdiction.domain import DECIDERS, REACTIONS, RULES, STORED
from services.jurisdiction.http import router

SERVICE = Service(
    name="jurisdiction",
    summary="Which LEA owns a student, and since when: claims, transfers between LEAs, school sites.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    stored=STORED,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
