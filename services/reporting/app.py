"""Reporting as a process."""

from typing import cast

from contracts import catalog
from contracts.message import Event
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import main
from services.reporting import store
from services.reporting.domain import RULES
from services.reporting.http import router
from services.reporting.reports.worker import beside

SERVICE = ServiceDefinition(
    name="reporting",
    summary="Keeps every event of the other services, and gives the federal child count.",
    projection=store.keep,
    consumes=tuple(cast(type[Event], entry.model) for entry in catalog.events().values()),
    keeps=("certified_files", "loaded_tables", "runs", "run_rows", "settlements"),
    consumes_outcomes=True,
    consumes_heartbeats=True,
    rules=RULES,
    addresses={
        "student_id": """
            SELECT current_id FROM state_ids WHERE subject = $1::text::bigint AND current_id <> $1::text
        """
    },
    router=router,
    beside=beside,
)

if __name__ == "__main__":
    main(SERVICE)
