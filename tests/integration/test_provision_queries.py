"""Queries of provision, its work lists of transfers, and the constraints of its database."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.access import Role
from contracts.decision import Known
from contracts.jurisdiction import EndReason
from contracts.message import Record
from contracts.provision import (
    AddService,
    FirstSessionGiven,
    MissedBecause,
    ProviderRegistered,
    ProviderType,
    ServiceTerminated,
    ServiceTermsReplaced,
    SessionKind,
    SessionRecorded,
    SessionRemoved,
    TerminateService,
)
from services.provision.app import SERVICE
from services.provision.domain import DECIDERS
from services.provision.store import CONSTRAINTS
from tests.integration.querying import ServiceQueries, codes, of_student, service_queries
from tests.unit.events import AUGUST, CADDO, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, added, claimed, ended
from tests.unit.provision.events import (
    contents,
    deleted,
    planned,
    ready,
    records_after,
    requested,
    service,
    submitted,
    terminate,
)
from tests.unit.scenario import STUDENT, actor, decide_with, id_named, new_records

SERVICES = f"/students/{STUDENT}/services"


@pytest_asyncio.fixture
async def provision(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("provision"), tmp_path) as queries:
        yield queries


def handed_over() -> list[Record]:
    """Orleans gave speech therapy and ended it. Since then Jefferson owns the student and gives
    transportation."""
    gone = ServiceTerminated.of(service("speech"), end_on=AUGUST, termination_reason="TRANSFER")
    past = records_after(
        requested(),
        claimed(JEFFERSON, SEPTEMBER, "the transfer"),
        ended(claimed(), SEPTEMBER - timedelta(days=1)),
        after=ready(gone),
    )
    return [*past, service("transport", JEFFERSON, SEPTEMBER, "TRA")]


def waited_for(*services: str) -> list[Record]:
    """Orleans gives services. Jefferson claimed twice and Caddo once; open services blocked all claims."""
    past = ready(*(service(name) for name in services))
    return records_after(
        requested(under="first"), requested(under="second"), requested(CADDO, under="Caddo"), after=past
    )


def freed(past: Sequence[Record], name: str) -> list[Record]:
    """After that, Orleans ended a service."""
    return [*past, *new_records(decide_with(DECIDERS, past, terminate(name), by=actor(ORLEANS)))]


# A student's services


async def test_services_newest_first(provision: ServiceQueries) -> None:
    """The owner and the state see every service of the student, newest first."""
    await provision.keep(*handed_over())
    for answer in (
        await provision.get(SERVICES, JEFFERSON),
        await provision.get(SERVICES, "LA", Role.AUDITOR),
    ):
        given = [(one["service_id"], one["lea"], one["end_on"]) for one in answer.json()]
        assert given == [
            (str(id_named("transport")), JEFFERSON, None),
            (str(id_named("speech")), ORLEANS, AUGUST.isoformat()),
        ]


async def test_former_owner_sees_what_it_gave(provision: ServiceQueries) -> None:
    """A former owner sees the services that it gave."""
    await provision.keep(*handed_over())
    assert [one["lea"] for one in (await provision.get(SERVICES, ORLEANS)).json()] == [ORLEANS]
    assert (await provision.get(f"{SERVICES}/{id_named('speech')}", ORLEANS)).status_code == 200
    answer = await provision.get(f"{SERVICES}/{id_named('transport')}", ORLEANS)
    assert (answer.status_code, codes(answer)) == (404, ["PRO-011"])


async def test_other_leas_see_nothing(provision: ServiceQueries) -> None:
    """An LEA that never owned the student learns the owner. The access log has the attempt."""
    await provision.keep(*handed_over())
    answer = await provision.get(SERVICES, CADDO)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-005"])
    assert "Jefferson" in answer.json()["detail"]
    await provision.get(SERVICES, JEFFERSON)
    assert await provision.access_log() == [
        (CADDO, STUDENT, "services", False),
        (JEFFERSON, STUDENT, "services", True),
    ]


async def test_one_service(provision: ServiceQueries) -> None:
    """A query shows one service in its present state."""
    await provision.keep(*handed_over())
    body = (await provision.get(f"{SERVICES}/{id_named('speech')}", JEFFERSON)).json()
    assert (body["end_on"], body["termination_reason"]) == (AUGUST.isoformat(), "TRANSFER")
    assert body["terms"]["service_code"] == "SPE"


async def test_unknown(provision: ServiceQueries) -> None:
    """An unknown student and an unknown service get different answers."""
    answer = await provision.get(SERVICES)
    assert (answer.status_code, codes(answer)) == (404, ["REC-001"])
    await provision.keep(*records_after(added()))
    assert (await provision.get(SERVICES)).json() == []
    answer = await provision.get(f"{SERVICES}/{UUID(int=1)}")
    assert (answer.status_code, codes(answer)) == (404, ["PRO-011"])


async def test_a_providers_caseload(provision: ServiceQueries) -> None:
    """An LEA sees its directory, each provider, whose open services a provider gives, and whose teacher of
    record it is; another LEA does not."""
    await planned_and_given(provision)
    theirs = f"/leas/{ORLEANS}/providers"
    one = (await provision.get(f"{theirs}/T-4471", ORLEANS)).json()
    assert (one["provider_id"], one["certified_for"]) == ("T-4471", ["SPE"])
    page = (await provision.get(f"{theirs}/T-4471/caseload", ORLEANS)).json()
    assert [
        (of["student_id"], [s["terms"]["service_code"] for s in of["services"]]) for of in page["students"]
    ] == [(STUDENT, ["SPE"])]
    assert page["next"] is None
    assert (await provision.get(f"{theirs}/T-1208/caseload", ORLEANS)).json()["students"] == []
    teacher = {"part": "teacher_of_record"}
    taught = (await provision.get(f"{theirs}/T-1208/caseload", ORLEANS, **teacher)).json()["students"]
    assert taught == page["students"]
    rest = await provision.get(f"{theirs}/T-4471/caseload", ORLEANS, after=STUDENT)
    assert rest.json()["students"] == []
    for found, wanted in (
        (["T-4471"], {"number": "t-44", "active_on": AUGUST.isoformat()}),
        ([], {"number": "9"}),
        ([], {"active_on": (AUGUST - timedelta(days=1)).isoformat()}),
    ):
        answer = await provision.get(theirs, ORLEANS, **wanted)
        assert [one["provider_id"] for one in answer.json()["providers"]] == found
    assert codes(await provision.get(f"{theirs}/T-1", ORLEANS)) == ["PRO-014"]
    assert (await provision.get(f"{theirs}/T-4471/caseload", CADDO)).status_code == 403


async def test_an_ended_service_is_on_no_caseload(provision: ServiceQueries) -> None:
    """A terminated service leaves the caseload, and so does one that another provider gives now."""
    await planned_and_given(provision)
    by = service().terms.model_copy(update={"provider_id": "T-4471"})
    gone = service("transport").model_copy(update={"terms": by})
    await provision.keep(ServiceTerminated.of(gone, end_on=OCTOBER, termination_reason="GOALS"))
    await provision.keep(ServiceTermsReplaced.of(service(), terms=service().terms))
    page = await provision.get(f"/leas/{ORLEANS}/providers/T-4471/caseload", ORLEANS)
    assert page.json() == {"students": [], "next": None}


# Sessions


def speech_session(name: str, day: int, missed: MissedBecause | None = None) -> SessionRecorded:
    """A session of speech therapy in September 2017."""
    return SessionRecorded(
        student_id=STUDENT,
        revision=1,
        session_id=id_named(name),
        service_id=id_named("speech"),
        lea=ORLEANS,
        given_on=date(2017, 9, day),
        minutes=30,
        provider_id="T-4471",
        session_kind=SessionKind.MISSED if missed else SessionKind.GIVEN,
        missed_because=missed,
    )


async def test_delivered_against_prescribed_minutes(provision: ServiceQueries) -> None:
    """The LEA sees minutes prescribed, delivered and missed: for a student, and for a provider's caseload."""
    await planned_and_given(provision)
    kept, missed = speech_session("kept", 5), speech_session("missed", 7, MissedBecause.SCHOOL_CLOSED)
    gone = SessionRemoved.of(speech_session("gone", 8), removed=True)
    earlier = speech_session("earlier", 5).model_copy(update={"given_on": date(2016, 9, 5)})
    await provision.keep(kept, missed, gone, earlier)
    september = {"since": "2017-09-01", "through": "2017-09-30"}
    answer = (await provision.get(f"{SERVICES}/delivered", ORLEANS, **september)).json()
    (one,) = answer["services"]
    assert (one["prescribed_minutes"], one["delivered_minutes"]) == (252, 30)
    assert one["missed"] == [{"because": "school closed", "sessions": 1, "minutes": 30}]
    assert [month["month"] for month in one["months"]] == ["2017-09"]
    assert [each["session_id"] for each in answer["sessions"]] == [
        str(id_named("missed")),
        str(id_named("kept")),
    ]
    assert answer["provisional"]
    theirs = await provision.get(f"/leas/{ORLEANS}/providers/T-4471/delivered", ORLEANS, **september)
    assert theirs.json()["students"] == [{"student_id": STUDENT, "services": answer["services"]}]
    present = (await provision.get(f"{SERVICES}/delivered", ORLEANS)).json()
    assert present["since"].endswith("-07-01")
    assert (await provision.get(f"{SERVICES}/delivered", CADDO)).status_code == 403


async def test_one_session(provision: ServiceQueries) -> None:
    """A query shows one session, a removed one, too."""
    await planned_and_given(provision)
    await provision.keep(SessionRemoved.of(speech_session("gone", 8), removed=True))
    one = await provision.get(f"/students/{STUDENT}/sessions/{id_named('gone')}", ORLEANS)
    assert (one.json()["removed"], one.json()["given_on"]) == (True, "2017-09-08")
    unknown = await provision.get(f"/students/{STUDENT}/sessions/{id_named('none')}", ORLEANS)
    assert (unknown.status_code, codes(unknown)) == (404, ["PRO-037"])


# The work lists


PROPOSED = f"{SERVICES}/proposed"


async def planned_and_given(provision: ServiceQueries) -> None:
    """Orleans owns the student, and gives speech by T-4471. The IEP plans occupational therapy and speech."""
    plan = contents(planned("OTH"), planned("SPE", sessions=9))
    past = records_after(added(), claimed(), submitted(), plan)
    by = service().terms.model_copy(update={"provider_id": "T-4471", "teacher_of_record": "T-1208"})
    directory = ProviderRegistered(
        lea=ORLEANS,
        provider_id="T-4471",
        revision=1,
        provider_type=ProviderType.SPEECH,
        active_from=AUGUST,
        certified_for=("SPE",),
    )
    teacher = ProviderRegistered(
        lea=ORLEANS,
        provider_id="T-1208",
        revision=1,
        provider_type=ProviderType.TEACHER,
        active_from=OCTOBER,
    )
    await provision.keep(*past, service().model_copy(update={"terms": by}), directory, teacher)


async def test_proposed_services(provision: ServiceQueries) -> None:
    """The owner gets complete commands: planned services to add, and open services to end."""
    await planned_and_given(provision)
    for answer in (
        await provision.get(PROPOSED, ORLEANS),
        await provision.get(PROPOSED, "LA", Role.STATE, iep=str(id_named("the IEP"))),
    ):
        body = answer.json()
        commands = [AddService.model_validate(one) for one in body["to_add"]]
        assert [(one.terms.service_code, one.terms.provider_id) for one in commands] == [
            ("OTH", None),
            ("SPE", "T-4471"),
        ]
        assert [TerminateService.model_validate(one).end_on for one in body["to_end"]] == [AUGUST]
        assert body["agreeing"] == []


async def test_no_proposals_for_others(provision: ServiceQueries) -> None:
    """Only the owner gets proposals. A former owner, another LEA and an unclaimed student get none."""
    await planned_and_given(provision)
    other = await provision.get(PROPOSED, CADDO)
    assert (other.status_code, codes(other)) == (403, ["ACC-005"])
    await provision.keep(*records_after(requested(), claimed(JEFFERSON, SEPTEMBER, "the transfer")))
    former = await provision.get(PROPOSED, ORLEANS)
    assert (former.status_code, codes(former)) == (403, ["ACC-005"])
    gone = ended(claimed(JEFFERSON, SEPTEMBER, "the transfer"), OCTOBER, EndReason.LEFT_STATE)
    await provision.keep(*records_after(gone))
    nobody = await provision.get(PROPOSED, JEFFERSON)
    assert (nobody.status_code, codes(nobody)) == (404, ["REC-002"])
    unseen = await provision.get(SERVICES, CADDO)
    assert (unseen.status_code, codes(unseen)) == (403, ["REC-002"])


async def test_proposals_need_an_iep(provision: ServiceQueries) -> None:
    """Proposals follow from a submitted IEP whose planned services have arrived."""
    await provision.keep(*records_after(added(), claimed()))
    none = await provision.get(PROPOSED, ORLEANS)
    assert (none.status_code, codes(none)) == (404, ["PRO-025"])
    unknown = await provision.get(PROPOSED, ORLEANS, iep=str(id_named("the IEP")))
    assert (unknown.status_code, codes(unknown)) == (404, ["PRO-003"])
    await provision.keep(*records_after(submitted()))
    early = await provision.get(PROPOSED, ORLEANS)
    assert (early.status_code, codes(early)) == (404, ["PRO-026"])
    await provision.keep(*records_after(deleted()))
    gone = await provision.get(PROPOSED, ORLEANS, iep=str(id_named("the IEP")))
    assert (gone.status_code, codes(gone)) == (404, ["PRO-024"])


async def test_students_others_wait_for(provision: ServiceQueries) -> None:
    """The owner's work list names each waiting LEA once, and the services that must end."""
    await provision.keep(*waited_for("speech", "transport"))
    (student,) = (await provision.get(f"/leas/{ORLEANS}/awaited")).json()["students"]
    assert student["student_id"] == STUDENT
    assert {claim["claim_id"] for claim in student["claims"]} == {
        str(id_named("second")),
        str(id_named("Caddo")),
    }
    assert {one["service_id"] for one in student["open_services"]} == {
        str(id_named("speech")),
        str(id_named("transport")),
    }


async def test_work_list_follows_the_services(provision: ServiceQueries) -> None:
    """An ended service leaves the work list. With the last service the student leaves it."""
    one_left = freed(waited_for("speech", "transport"), "speech")
    await provision.keep(*one_left)
    (student,) = (await provision.get(f"/leas/{ORLEANS}/awaited")).json()["students"]
    assert [one["service_id"] for one in student["open_services"]] == [str(id_named("transport"))]
    await provision.keep(*freed(one_left, "transport")[-3:])
    assert (await provision.get(f"/leas/{ORLEANS}/awaited")).json()["students"] == []


async def test_new_service_after_the_release(provision: ServiceQueries) -> None:
    """A service added after a release puts no LEA back onto the work list until it claims again."""
    past = freed(waited_for("speech"), "speech")
    again = [*past, service("transport")]
    await provision.keep(*again)
    assert (await provision.get(f"/leas/{ORLEANS}/awaited")).json()["students"] == []
    assert (await provision.get(f"/leas/{JEFFERSON}/released", JEFFERSON)).json()["claims"] == []


async def test_released_claims(provision: ServiceQueries) -> None:
    """An LEA sees the claims that it can make again now."""
    await provision.keep(*freed(waited_for("speech"), "speech"))
    (claim,) = (await provision.get(f"/leas/{JEFFERSON}/released", JEFFERSON)).json()["claims"]
    assert (claim["student_id"], claim["claim_id"]) == (STUDENT, str(id_named("second")))
    assert (await provision.get(f"/leas/{ORLEANS}/released")).json()["claims"] == []


async def test_released_claim_that_another_lea_overtook(provision: ServiceQueries) -> None:
    """A released claim leaves the list when another LEA gets the student."""
    past = freed(waited_for("speech"), "speech")
    await provision.keep(*records_after(requested(CADDO, OCTOBER, "quick"), after=past))
    assert (await provision.get(f"/leas/{JEFFERSON}/released", JEFFERSON)).json()["claims"] == []


async def test_claim_won_on_the_second_try_and_the_student_leaves_again(provision: ServiceQueries) -> None:
    """A claim that was blocked, released and won is on no list, also after the student leaves again.

    The next LEA's claim is on the list of the LEA that won while its service is open.
    """
    tried = freed(records_after(requested(under="first try"), after=ready(service())), "speech")
    won = records_after(
        requested(under="second try"),
        ended(claimed(), SEPTEMBER - timedelta(days=1)),
        claimed(JEFFERSON, SEPTEMBER, "second try"),
        after=tried,
    )
    claim = requested(CADDO, OCTOBER, "next", from_lea=JEFFERSON, from_claim="second try")
    waiting = records_after(claim, after=[*won, service("transport", JEFFERSON, SEPTEMBER, "TRA")])
    await provision.keep(*Known(waiting))
    assert (await provision.get(f"/leas/{JEFFERSON}/released", JEFFERSON)).json()["claims"] == []
    assert (await provision.get(f"/leas/{ORLEANS}/awaited")).json()["students"] == []
    (awaited,) = (await provision.get(f"/leas/{JEFFERSON}/awaited", JEFFERSON)).json()["students"]
    assert [one["claim_id"] for one in awaited["claims"]] == [str(id_named("next"))]
    assert [one["service_id"] for one in awaited["open_services"]] == [str(id_named("transport"))]

    closing = decide_with(DECIDERS, waiting, terminate("transport"), by=actor(JEFFERSON))
    again = requested(CADDO, OCTOBER, "next again", from_lea=JEFFERSON, from_claim="second try")
    gone = records_after(
        again,
        ended(claimed(JEFFERSON, SEPTEMBER, "second try"), OCTOBER - timedelta(days=1)),
        claimed(CADDO, OCTOBER, "next again"),
        after=[*waiting, *new_records(closing)],
    )
    await provision.keep(*Known(gone))
    for lea in (ORLEANS, JEFFERSON, CADDO):
        assert (await provision.get(f"/leas/{lea}/awaited", lea)).json()["students"] == []
        assert (await provision.get(f"/leas/{lea}/released", lea)).json()["claims"] == []


async def test_lists_come_in_pages(provision: ServiceQueries) -> None:
    """Long lists have pages, and each student is on one page."""
    everyone = [f"100000000{number}" for number in range(1, 6)]
    for student_id in everyone:
        await provision.keep(*(of_student(record, student_id) for record in waited_for("speech")))
    found, after = [], ""
    while after is not None:
        page = (await provision.get(f"/leas/{ORLEANS}/awaited", after=after, limit=2)).json()
        found += [student["student_id"] for student in page["students"]]
        after = page["next"]
    assert found == everyone


async def test_lists_of_another_lea(provision: ServiceQueries) -> None:
    """Only the LEA itself and the state see an LEA's lists."""
    for path in ("awaited", "released"):
        assert (await provision.get(f"/leas/{ORLEANS}/{path}", "LA", Role.STATE)).status_code == 200
        answer = await provision.get(f"/leas/{ORLEANS}/{path}", CADDO)
        assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])


# What the database refuses by itself


async def test_constraints_are_there(provision: ServiceQueries) -> None:
    """Each constraint that the store names exists in the database."""
    assert set(CONSTRAINTS) <= await provision.constraints()


async def test_end_before_begin(provision: ServiceQueries) -> None:
    """PostgreSQL rejects a service that ends before it begins."""
    early = ServiceTerminated.of(service(), end_on=AUGUST - timedelta(days=1), termination_reason="ERROR")
    assert await provision.violated_constraint(early) == "service_ends_after_it_began"
    await provision.keep(early.model_copy(update={"end_on": AUGUST}))


async def test_end_without_reason(provision: ServiceQueries) -> None:
    """PostgreSQL rejects an end without a reason, and a reason without an end."""
    assert (
        await provision.violated_constraint(ServiceTerminated.of(service(), end_on=SEPTEMBER))
        == "terminated_with_a_reason"
    )
    stray = service().model_copy(update={"termination_reason": "GOALS"})
    assert await provision.violated_constraint(stray) == "terminated_with_a_reason"


async def test_never_reopened(provision: ServiceQueries) -> None:
    """PostgreSQL rejects every change of an end, also of the last day. The first session may come later."""
    gone = ServiceTerminated.of(service(), end_on=SEPTEMBER, termination_reason="GOALS")
    await provision.keep(service())
    await provision.keep(gone)
    for change in ({"end_on": None, "termination_reason": None}, {"end_on": OCTOBER}):
        later = gone.model_copy(update={"revision": 3, **change})
        assert await provision.violated_constraint(later) == "terminated_stays_terminated"
    await provision.keep(FirstSessionGiven.of(gone, first_given_on=AUGUST))


@pytest.mark.parametrize("given_on", [AUGUST - timedelta(days=1), SEPTEMBER + timedelta(days=1)])
async def test_first_session_outside_the_service(provision: ServiceQueries, given_on: date) -> None:
    """PostgreSQL rejects a first session before the service began or after it ended."""
    gone = ServiceTerminated.of(service(), end_on=SEPTEMBER, termination_reason="GOALS")
    stray = FirstSessionGiven.of(gone, first_given_on=given_on)
    assert await provision.violated_constraint(stray) == "first_session_within_service"
    await provision.keep(stray.model_copy(update={"first_given_on": SEPTEMBER}))


async def test_service_of_one_lea(provision: ServiceQueries) -> None:
    """A service stays with its LEA. The new LEA adds services of its own."""
    await provision.keep(service())
    passed = service().model_copy(update={"revision": 2, "lea": JEFFERSON})
    assert await provision.violated_constraint(passed) == "terminated_stays_terminated"


async def test_id_used_twice(provision: ServiceQueries) -> None:
    """A second service with a used id neither replaces the first nor reopens it."""
    gone = ServiceTerminated.of(service(), end_on=SEPTEMBER, termination_reason="GOALS")
    await provision.keep(*records_after(added(), claimed()), gone)
    await provision.keep(service(begin_on=OCTOBER, code="TRA"))
    (only,) = (await provision.get(SERVICES)).json()
    assert (only["terms"]["service_code"], only["end_on"]) == ("SPE", SEPTEMBER.isoformat())
