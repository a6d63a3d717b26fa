"""Reporting's tables, on a real database: every event once, the newest state of each record."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.activities import ConsentRevoked, SpedActivityEnded, SpedActivityVoided
from contracts.calendars import Extension, ExtensionKind
from contracts.catalog import BRIDGE, CATALOG, Kind
from contracts.errors import Finding, Severity
from contracts.evaluations import (
    EvaluationException,
    EvaluationExceptionKind,
    PartCTransitionRecorded,
)
from contracts.identity import IdentityCorrected
from contracts.ieps import IEPStage, IEPType
from contracts.jurisdiction import JurisdictionEnded, Spell
from contracts.message import Event, OfLea, Record
from contracts.outcome import Status
from contracts.provision import FirstSessionGiven, ServiceAdded, ServiceTerminated, ServiceTerms
from contracts.students import Profile, ProfileSaved, StudentCorrected
from contracts.types import FIRST_DAY
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.app import SERVICE
from services.reporting.store.read_models import READ_MODELS
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import (
    COUNT_DAY,
    ENTERED,
    EVALUATED,
    LAST_YEAR,
    Child,
    Publisher,
    answered,
    heartbeat,
    id_named,
    received_event,
    refused,
    shuffled,
)

ANNA, BEN = Child("1000000001"), Child("1000000002", lea="009", codes=("AUT",), environment="RC39")
KEPT = ("revisions", "streams", "heartbeats", "disputes", "refusals", *(model.table for model in READ_MODELS))


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


async def everything(reporting: ReportingQueries) -> dict[str, list[str]]:
    """All rows, in comparable form."""
    found = {
        table: [row for (row,) in await reporting.rows(f"SELECT kept::text FROM {table} AS kept ORDER BY 1")]
        for table in KEPT
    }
    tallies = "SELECT owner || ' ' || sum(events) FROM tallies GROUP BY owner ORDER BY owner"
    return found | {"tallies": [row for (row,) in await reporting.rows(tallies)]}


async def forget(reporting: ReportingQueries) -> None:
    """Empty every table."""
    async with reporting.queries.engine.begin() as database:
        await database.execute(text(f"TRUNCATE {', '.join((*KEPT, 'tallies'))}"))


def moved_to(child: Child, lea: str, on: date) -> list[Event]:
    """Another LEA claimed the child. The two spells afterwards, the new one first."""
    first = child.claimed()
    ended = JurisdictionEnded.of(first, end_on=on - timedelta(days=1))
    return [child.changed(lea=lea).claimed("second spell", begin_on=on), ended]


def served(child: Child) -> list[Event]:
    """An LEA added a service, gave it for the first time, then terminated it."""
    added = ServiceAdded(
        student_id=child.student,
        revision=1,
        service_id=id_named(child.student, "service"),
        iep_id=id_named(child.student, "iep"),
        lea=child.lea,
        terms=ServiceTerms(service_code="SPI", begin_on=ENTERED, sessions=5, minutes_per_session=60),
    )
    given = FirstSessionGiven.of(added, first_given_on=ENTERED)
    return [added, given, ServiceTerminated.of(given, end_on=COUNT_DAY, termination_reason="GOALS")]


def began_and_left(child: Child) -> list[Event]:
    """The child came from early intervention. The parent revoked the consent, which is an exit; and an entry
    in error was voided."""
    revoked = ConsentRevoked(
        student_id=child.student,
        revision=1,
        consent_id=id_named(child.student, "consent"),
        lea=child.lea,
        revoked_on=COUNT_DAY,
    )
    entered, error = child.entered(), child.entered("error")
    exited = SpedActivityEnded.of(entered, exited_on=COUNT_DAY, exit_reason="REV")
    transition = PartCTransitionRecorded(
        student_id=child.student, revision=1, lea=child.lea, served=True, referred_on=LAST_YEAR
    )
    return [
        transition,
        revoked,
        exited,
        error,
        SpedActivityVoided.of(error, voided=True, explanation="Twice."),
    ]


def story() -> list[ReceivedEvent]:
    """Two children, of whom one moves and has corrections, amendments and refusals; and a dispute."""
    publisher, added = Publisher(), ANNA.added()
    promoted = Profile(grade="04", english_learner=True, effective_on=date(2017, 8, 10))
    saved = ProfileSaved.of(added, profile=promoted, earlier_profiles=(added.profile,))
    corrected = StudentCorrected.of(saved, person=ANNA.changed(hispanic=True).person, identity_revision=2)
    amendment = ANNA.submitted("amendment", begin_on=COUNT_DAY, environment="RC39", amendment=1)
    messages = publisher.publish(
        ANNA.identity(),
        *ANNA.all_events(),
        saved,
        corrected,
        *moved_to(ANNA, "009", date(2017, 9, 1)),
        *served(ANNA),
        ANNA.submitted("draft", stage=IEPStage.DRAFT, iep_type=IEPType.REVIEW),
        amendment,
        *began_and_left(ANNA),
        *BEN.all_events(),
        *served(BEN),
    )
    identity = IdentityCorrected.of(ANNA.identity(), reason="spelling")
    return [
        *messages,
        *publisher.publish(identity),
        refused(ANNA.student, "claim", "JUR-004", "JUR-005"),
        refused("", "nobody", "MSG-004"),
        answered(BEN.student, "claim", Status.ACCEPTED),
    ]


async def test_everything_that_is_heard_is_kept(reporting: ReportingQueries) -> None:
    """Reporting stores each event unchanged and returns all ids as new."""
    messages = story()
    fresh = await reporting.receive(messages)
    assert sorted(fresh) == sorted(message.id for message in messages)
    bodies = {body for (body,) in await reporting.rows("SELECT body FROM revisions")}
    assert bodies == {message.body.decode() for message in messages if isinstance(message.message, Event)}


async def test_the_bridge_names_its_events_as_it_likes(reporting: ReportingQueries) -> None:
    """Reporting keeps an identity once, even if the eScholar bridge gives it an id that is no UUID."""
    assigned = received_event(ANNA.identity(), BRIDGE, identity="snapshot 17 of Anna")
    assert await reporting.receive([assigned], [assigned]) == ["snapshot 17 of Anna"]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("minutes", [1, -1])
async def test_an_event_that_was_sent_again_later(
    reporting: ReportingQueries, together: bool, minutes: int
) -> None:
    """If an event is published twice with different times, reporting keeps the time that arrived first."""
    first = received_event(ANNA.identity(), BRIDGE, identity="snapshot 17")
    again = received_event(
        ANNA.identity(), BRIDGE, identity="snapshot 17", at=first.at + timedelta(minutes=minutes)
    )
    await reporting.receive(*([[first, again]] if together else [[first], [again]]))
    assert await reporting.rows("SELECT at FROM revisions") == [(first.at,)]


async def test_a_message_that_comes_again_changes_nothing(reporting: ReportingQueries) -> None:
    """A repeated message is a duplicate, in the same batch or in a later one."""
    messages = story()
    await reporting.receive(messages)
    before = await everything(reporting)
    again = await reporting.receive(messages, [*messages[:3], *messages[:3]])
    assert again == [
        message.id for message in messages if message.message.subject == BEN.student and _answer(message)
    ]
    assert await everything(reporting) == before


def _answer(message: ReceivedEvent) -> bool:
    return not isinstance(message.message, Event)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0))
async def test_any_order_and_any_repetition_ends_the_same(reporting: ReportingQueries, seed: int) -> None:
    """Reporting ends with the same rows for any order, repetition and batching of messages."""
    messages = story()
    await forget(reporting)
    await reporting.receive(messages)
    expected = await everything(reporting)
    await forget(reporting)
    await reporting.receive(*shuffled(messages, seed))
    assert await everything(reporting) == expected


async def test_the_newest_state_is_the_one_that_counts(reporting: ReportingQueries) -> None:
    """A late, older state goes into the history and changes nothing else."""
    added = ANNA.added()
    saved = ProfileSaved.of(added, profile=Profile(grade="04"))
    first, second = Publisher().publish(added, saved)
    await reporting.receive([second], [first])
    assert await reporting.rows("SELECT revision, grade FROM profiles") == [(2, "04")]
    assert await reporting.rows("SELECT count(*) FROM revisions") == [(2,)]


async def test_every_profile_of_a_child_is_kept_with_its_first_day(reporting: ReportingQueries) -> None:
    """Reporting keeps a child's profiles by first day. The last event alone has all of them."""
    added = ANNA.added()
    fourth = Profile(grade="04", military_connected=True, effective_on=date(2017, 8, 10))
    saved = ProfileSaved.of(added, profile=fourth, earlier_profiles=(added.profile,))
    corrected = ProfileSaved.of(saved, earlier_profiles=(Profile(grade="02"),))
    first, second, third = Publisher().publish(added, saved, corrected)
    expected = [(FIRST_DAY, 3, "02", False), (date(2017, 8, 10), 3, "04", True)]
    for order in ([first, second, third], [third, first, second], [third]):
        await forget(reporting)
        await reporting.receive(*([one] for one in order))
        assert (
            await reporting.rows(
                "SELECT effective_on, revision, grade, military_connected FROM profiles ORDER BY effective_on"
            )
            == expected
        )


async def test_the_due_date_of_an_evaluation(reporting: ReportingQueries) -> None:
    """Reporting keeps an evaluation's extensions, the newest agreed day, and whether its clock stopped."""
    extended = ANNA.determined(
        extensions=(Extension(kind=ExtensionKind.PARENT_AGREED, business_days=10, approved_on=EVALUATED),),
        exceptions=(
            EvaluationException(
                kind=EvaluationExceptionKind.ENROLLED_ELSEWHERE, occurred_on=EVALUATED, agreed_due_on=ENTERED
            ),
        ),
        report_disseminated_on=EVALUATED,
    )
    stopped = BEN.determined(
        exceptions=(EvaluationException(kind=EvaluationExceptionKind.NOT_PRODUCED, occurred_on=EVALUATED),),
    )
    await reporting.receive_events(extended, stopped)
    rows = await reporting.rows(
        "SELECT jsonb_array_length(extensions), agreed_due_on, clock_stopped, evaluated_on FROM evaluations"
        " ORDER BY subject"
    )
    assert rows == [(1, ENTERED, False, EVALUATED), (0, None, True, None)]


async def test_a_child_of_whom_only_others_spoke(reporting: ReportingQueries) -> None:
    """A child without a profile event has rows only for the events that arrived."""
    await reporting.receive(Publisher().publish(ANNA.claimed()))
    assert await reporting.rows("SELECT subject, revision, birth_on FROM students") == [(1000000001, 0, None)]
    await reporting.receive(Publisher().publish(ANNA.added()))
    assert await reporting.rows("SELECT revision, birth_on FROM students") == [(1, ANNA.birth_on)]


async def test_an_identity_alone_is_no_student(reporting: ReportingQueries) -> None:
    """A State ID alone does not make a person a student of special education."""
    await reporting.receive(Publisher().publish(ANNA.identity()))
    assert await reporting.rows("SELECT count(*) FROM students") == [(0,)]
    assert await reporting.rows("SELECT owner::text, sequence FROM revisions") == [("escholar", 1)]


@pytest.mark.parametrize("together", [True, False])
async def test_two_events_under_one_number(reporting: ReportingQueries, together: bool) -> None:
    """Reporting counts the first event with a number, and keeps the second in `disputes`."""
    first = received_event(ANNA.claimed(), "jurisdiction", identity=id_named("1", "one"), sequence=1)
    other = received_event(
        ANNA.claimed("other"),
        "jurisdiction",
        identity=id_named("1", "two"),
        sequence=1,
        at=first.at + timedelta(seconds=1),
    )
    fresh = (
        await reporting.receive([first, other])
        if together
        else await reporting.receive([first], [other], [other])
    )
    assert len(fresh) == 1
    assert await reporting.rows("SELECT count(*) FROM revisions") == [(1,)]
    assert await reporting.rows("SELECT count(*) FROM disputes") == [(1,)]
    assert await reporting.rows("SELECT spell_id FROM spells") == [(id_named(ANNA.student, "spell"),)]


async def test_an_event_without_a_number_is_refused(reporting: ReportingQueries) -> None:
    """Reporting saves nothing of a batch that has an event without a sequence."""
    unnumbered = received_event(ANNA.claimed(), "jurisdiction", identity=uuid4())
    with pytest.raises(ValueError, match="has no sequence"):
        await reporting.receive([*Publisher().publish(*BEN.all_events()), unnumbered])
    assert await reporting.rows("SELECT count(*) FROM revisions") == [(0,)]


async def test_a_refusal_is_kept_once_for_each_rule(reporting: ReportingQueries) -> None:
    """A refused command has one row for each broken rule. Warnings have none."""
    warning = Finding(code="IEP-111", severity=Severity.WARNING, message="Perhaps.", solution="Look.")
    both = refused(ANNA.student, "claim", "JUR-004", "JUR-005", "JUR-004")
    warned = answered(ANNA.student, "draft", Status.REFUSED, (warning,), owner="ieps")
    held = answered(ANNA.student, "claim", Status.HELD, (warning,))
    await reporting.receive([both, held], [both, warned])
    assert await reporting.rows("SELECT code, owner::text FROM refusals ORDER BY code") == [
        ("JUR-004", "jurisdiction"),
        ("JUR-005", "jurisdiction"),
    ]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
async def test_of_a_refusal_published_twice_the_first_counts(
    reporting: ReportingQueries, together: bool
) -> None:
    """If a relay publishes a refusal twice, reporting keeps the first time."""
    first = refused(ANNA.student, "claim", "JUR-004")
    again = first._replace(raw=first.raw._replace(at=first.at + timedelta(minutes=5)))
    await reporting.receive(*([[first, again]] if together else [[first], [again]]))
    assert await reporting.rows("SELECT at FROM refusals") == [(first.at,)]


async def test_every_owner_of_events_is_known_to_the_database(reporting: ReportingQueries) -> None:
    """The database knows every owner of events in the catalog. A new owner needs a migration."""
    owners = {entry.owner for entry in CATALOG if entry.kind in (Kind.EVENT, Kind.OUTCOME)}
    assert owners <= {
        owner for (owner,) in await reporting.rows("SELECT unnest(enum_range(NULL::owner))::text")
    }


def test_reporting_consumes_everything() -> None:
    """Reporting consumes every event, outcome and heartbeat."""
    consumed = {entry.topic() for entry in SERVICE.consumed}
    expected = {
        entry.topic() for entry in CATALOG if entry.kind in (Kind.EVENT, Kind.OUTCOME, Kind.HEARTBEAT)
    }
    assert consumed == expected


class SpellOfLea(OfLea, Record):
    """A student's kind of record, about an LEA."""

    kind = Spell.kind


class LeaOpened(SpellOfLea, Event):
    """An event about an LEA."""


async def test_a_subject_that_is_no_student(reporting: ReportingQueries) -> None:
    """Reporting stores and counts an event about an LEA, and writes no student's table."""
    opened = LeaOpened(lea="017", revision=1)
    await reporting.receive(
        [received_event(opened, "jurisdiction", identity=id_named("1", "one"), sequence=1)],
        [heartbeat("jurisdiction", 1, {"lea/017": 2})],
        [refused("provider/017/T-4471", "two", "PRO-001")],
    )
    assert await reporting.rows("SELECT subject FROM revisions") == [("lea/017",)]
    assert await reporting.rows("SELECT subject, missing FROM streams") == [("lea/017", 1)]
    assert await reporting.rows("SELECT subject FROM refusals") == [("provider/017/T-4471",)]
    for table in ("students", "spells"):
        assert await reporting.rows(f"SELECT * FROM {table}") == []
