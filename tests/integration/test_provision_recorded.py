"""What provision finds of sessions and providers for one decision, on the real store."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from contracts.provision import MissedBecause, Session, SessionKind
from services.chassis.keeping.statements import found
from services.provision.app import SERVICE
from services.provision.domain.recorded import LastSession, ProviderAtWork
from services.provision.store import AT_WORK, LAST_SESSIONS
from tests.integration.querying import service_queries
from tests.unit.events import ORLEANS
from tests.unit.provision.events import service
from tests.unit.scenario import STUDENT, id_named

THERAPIST = "T-4471"


def session(day: int, **changes: object) -> Session:
    """The therapist gave a session on a day of September."""
    return Session(
        student_id=STUDENT,
        revision=1,
        session_id=id_named(f"session {day}"),
        service_id=id_named("speech"),
        lea=ORLEANS,
        given_on=date(2017, 9, day),
        minutes=30,
        provider_id=THERAPIST,
    ).model_copy(update=changes)


async def test_the_last_session_and_the_open_services(database: Callable[[str], str], tmp_path: Path) -> None:
    """Missed and removed sessions do not count, nor does a service that has ended."""
    terms = service().terms.model_copy(update={"provider_id": THERAPIST})
    ended = {"terms": terms, "end_on": date(2017, 10, 6), "termination_reason": "GOALS"}
    missed = {"session_kind": SessionKind.MISSED, "missed_because": MissedBecause.SCHOOL_CLOSED}
    provider = f"provider/{ORLEANS}/{THERAPIST}"
    async with service_queries(SERVICE, database("provision"), tmp_path) as queries:
        await queries.keep(
            service().model_copy(update={"terms": terms}),
            service("ended").model_copy(update=ended),
            *(session(5), session(7), session(12, removed=True), session(14, **missed)),
        )
        async with queries.engine.connect() as connection:
            (last,) = await found(connection, LAST_SESSIONS, [STUDENT])
            (at_work, nobody) = await found(connection, AT_WORK, [provider, "provider/026/T-1"])
    day = date(2017, 9, 7)
    assert LastSession.model_validate_json(last[2]).given_on == day
    assert last[3] == str(id_named("speech"))
    one = ProviderAtWork.model_validate_json(at_work[2])
    assert (one.subject, one.services, one.last_given_on) == (provider, 1, day)
    assert ProviderAtWork.model_validate_json(nobody[2]).services == 0
