"""The students service as a process."""

from services.chassis.run import main
from services.chassis.service import Service
from services.students.domain import DECIDERS, REACTIONS, RULES, STORED
from services.students.http import router

SERVICE = Service(
    name="students",
    summary="Who the students are: identities from eScholar, profiles, parents and guardians, search.",
    deciders=DECIDERS,
    reactions=REACTIONS,
    stored=STORED,
    rules=RULES,
    router=router,
)

if __name__ == "__main__":
    main(SERVICE)
