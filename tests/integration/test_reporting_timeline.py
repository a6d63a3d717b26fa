"""What happened to a student, newest first."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contracts import catalog, examples
from contracts.access import STATE, Role
from contracts.activities import SpedActivityEnded
from contracts.catalog import entry_of
from contracts.ieps import IEPContentsMadeOfficial, IEPStage
from contracts.jurisdiction import JurisdictionEnded, SpellMoved
from contracts.message import Event, OfStudent
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.store.read_models import READ_MODELS
from services.reporting.store.standing import standing
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import COUNT_DAY, Child, Publisher, id_named, received_event

ANNA = Child("1000000001")
PATH = f"/students/{ANNA.student}/timeline"
NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def moved(last_day: date = COUNT_DAY) -> list[Event]:
    """Another LEA took the student over after a day, and submitted another IEP."""
    caddo = ANNA.changed(lea="009")
    return [
        JurisdictionEnded.of(ANNA.claimed(), end_on=last_day),
        caddo.claimed("second", begin_on=last_day + timedelta(days=1)),
        caddo.submitted("next", begin_on=date(2017, 10, 20)),
    ]


async def timeline(reporting: ReportingQueries, by: str = "017", **asked: Any) -> list[dict[str, Any]]:
    """The student's timeline, on one page."""
    answer = await reporting.get(PATH, by, **asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["timeline"]
    return found


def said(found: Sequence[dict[str, Any]]) -> list[str]:
    """The sentences."""
    return [one["sentence"] for one in found]


async def test_sentences_newest_first(reporting: ReportingQueries) -> None:
    """Each event is one sentence. The newest stands first."""
    await reporting.receive_events(*ANNA.all_events())
    assert said(await timeline(reporting)) == [
        "The student entered special education on 2017-03-20.",
        "East Baton Rouge (017) submitted the initial IEP that begins on 2017-03-20 to the state.",
        "East Baton Rouge (017) determined eligibility on 2017-03-01: the evaluation found Specific Learning"
        " Disability (SLD), primary.",
        "East Baton Rouge (017) took jurisdiction from 2016-08-10 on.",
        "East Baton Rouge (017) added the student to the special-education record.",
    ]


async def test_every_event_of_the_catalog(reporting: ReportingQueries) -> None:
    """Reporting keeps the example of every event about a student, each in its read model, with a sentence in
    the timeline and its body in the history."""
    events = [event.model_copy(update={"student_id": ANNA.student}) for event in _examples()]
    names = sorted(type(event).__name__ for event in events)
    await reporting.receive_events(*events)

    found = (await reporting.get_for_state(PATH, limit=200))["timeline"]
    history = (await reporting.get_for_state(f"/students/{ANNA.student}/history"))["revisions"]

    assert sorted(one["event"] for one in found) == names
    assert all(one["sentence"].endswith(".") for one in found)
    assert sorted(one["event"] for one in history) == names
    for model in READ_MODELS:
        of_it = [event for event in standing(events) if isinstance(event, model.of)]
        ids = {event.record_id for event in of_it if any(model.pieces(event))}
        ((rows,),) = await reporting.rows(f"SELECT count(*) FROM {model.table}")
        assert of_it, model.table
        assert rows >= len(ids), model.table


def _examples() -> Iterator[Event]:
    """The example of every event about a student."""
    for entry in catalog.events().values():
        if issubclass(entry.model, OfStudent):
            event = entry.model.model_validate(examples.example(entry.schema_id))
            assert isinstance(event, Event)
            yield event


async def test_a_page_at_a_time(reporting: ReportingQueries) -> None:
    """The pages together are the history backwards, each event once, also among events of one instant."""
    events = Publisher().publish(*ANNA.all_events(), *moved())
    same_instant = [one._replace(raw=one.raw._replace(at=NOON)) for one in events[:5]] + events[5:]
    await reporting.receive(same_instant)
    history = await reporting.get(f"/students/{ANNA.student}/history", "009")
    everything = {one["event_id"] for one in history.json()["revisions"]}
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        body = (await reporting.get(PATH, "009", after=after, limit=3)).json()
        found += [one["event_id"] for one in body["timeline"]]
        after = body["next"]
    assert (len(found), set(found)) == (len(everything), everything)
    whole = (await reporting.get(PATH, "009")).json()["timeline"]
    assert [one["event_id"] for one in whole] == found
    for service in {one["service"] for one in whole}:
        numbers = [one["sequence"] for one in whole if one["service"] == service]
        assert numbers == sorted(numbers, reverse=True)


async def test_a_service_s_events_stand_in_their_order(reporting: ReportingQueries) -> None:
    """Kafka may receive a submission milliseconds before its determination. The timeline shows it after."""
    events = Publisher().publish(*ANNA.all_events())
    backwards = [
        one._replace(raw=one.raw._replace(at=NOON - timedelta(milliseconds=number)))
        for number, one in enumerate(events)
    ]
    await reporting.receive(backwards)
    found = [one for one in await timeline(reporting) if one["service"] == "ieps"]
    assert [one["sequence"] for one in found] == [3, 2, 1]


async def test_what_changed(reporting: ReportingQueries) -> None:
    """An event that changes a record names each field that differs, before and after."""
    draft = ANNA.submitted(revision=1, stage=IEPStage.DRAFT, environment="RC39")
    saved = ANNA.submitted(revision=2, stage=IEPStage.DRAFT, contents_revision=3)
    await reporting.receive_events(ANNA.added(), ANNA.claimed(), draft, saved)
    newest, first, *_ = await timeline(reporting, kind="iep")
    assert newest["changed"] == [{"field": "environment", "before": "RC39", "after": "RC80"}]
    changed = {one["field"]: (one["before"], one["after"]) for one in first["changed"]}
    assert changed["stage"] == (None, "draft")
    assert not changed.keys() & {"iep_id", "revision", "student_id", "amends"}
    added = (await timeline(reporting, kind="student"))[-1]
    assert {"field": "person.birth_on", "before": None, "after": "2009-04-02"} in added["changed"]


async def test_the_forms_of_an_iep_are_not_repeated(reporting: ReportingQueries) -> None:
    """That forms became official is one line; the forms themselves are in ieps."""
    contents = IEPContentsMadeOfficial(
        student_id=ANNA.student, revision=2, iep_id=id_named(ANNA.student, "iep"), lea="017", official=True
    )
    await reporting.receive_events(ANNA.added(), ANNA.claimed(), contents)
    (one,) = await timeline(reporting, kind="iep_contents")
    assert (one["sentence"], one["changed"]) == ("The forms of the IEP became official.", [])


def caused(event: Event, sequence: int, sender: str | None, by: str) -> ReceivedEvent:
    """An event that a command or another event caused."""
    owner = entry_of(type(event)).owner
    identity = id_named(event.subject, f"{owner} {sequence}")
    received = received_event(event, owner, identity=identity, sequence=sequence, sender=sender)
    return received._replace(envelope=received.envelope._replace(causation=by))


async def test_who_did_it_with_which_command(reporting: ReportingQueries) -> None:
    """An event names the LEA and the user who sent the command, and the command, also by way of other events.

    What no command caused has neither. The timeline of one person has that person's events only.
    """
    add, claim = str(uuid4()), str(uuid4())
    added = caused(ANNA.added(), 1, "017/d.ray", add)
    claimed = caused(ANNA.claimed(), 1, "036/m.landry", claim)
    ended = caused(JurisdictionEnded.of(ANNA.claimed(), end_on=COUNT_DAY), 2, "036/m.landry", claimed.id)
    told = caused(ANNA.identity(), 1, None, "a message of the bridge")
    await reporting.receive([told, added, claimed, ended])

    found = {one["event"]: one for one in (await reporting.get_for_state(PATH))["timeline"]}
    assert {event: (one["by_lea"], one["by"], one["command_id"]) for event, one in found.items()} == {
        "StudentAdded": ("017", "d.ray", add),
        "StudentClaimed": ("036", "m.landry", claim),
        "JurisdictionEnded": ("036", "m.landry", claim),
        "IdentityAssigned": (None, None, None),
    }
    for person in ("d.ray", "017/d.ray"):
        only = (await reporting.get_for_state(PATH, person=person))["timeline"]
        assert [one["event"] for one in only] == ["StudentAdded"]


async def test_a_former_owner_sees_its_own_time(reporting: ReportingQueries) -> None:
    """A former owner sees the events until the student left, as in the history. The owner sees all."""
    await reporting.receive_events(*ANNA.all_events(), *moved(NOON.date() - timedelta(days=60)))
    for lea, seen in (("017", 6), ("009", 8)):
        found = await timeline(reporting, lea)
        history = (await reporting.get(f"/students/{ANNA.student}/history", lea)).json()["revisions"]
        assert {one["event_id"] for one in found} == {one["event_id"] for one in history}
        assert len(found) == seen


async def test_a_record_of_a_merged_state_id_brings_its_past(reporting: ReportingQueries) -> None:
    """The owner sees what happened to a record before it came here, until the record goes back."""
    ben = Child("1000000002")
    gone = SpellMoved.of(ben.claimed(), moved_to=ANNA.student)
    come = gone.model_copy(
        update={"student_id": ANNA.student, "belongs_to": ben.student, "moved_to": None, "revision": 3}
    )
    publisher = Publisher()
    await reporting.receive(publisher.publish(*ANNA.all_events(), ben.added(), ben.claimed(), gone, come))
    found = await timeline(reporting)
    assert [one["event"] for one in found if one["record_id"] == come.record_id] == [
        "SpellMoved",
        "StudentClaimed",
    ]
    assert len({one["event_id"] for one in found}) == len(found)
    back = SpellMoved.of(come, moved_to=ben.student)
    await reporting.receive(publisher.publish(back))
    found = await timeline(reporting)
    assert [one["event"] for one in found if one["record_id"] == come.record_id] == ["SpellMoved"] * 2


async def test_the_last_owner_sees_all_until_another_lea_claims(reporting: ReportingQueries) -> None:
    """After an LEA has closed jurisdiction it sees the later events too. Others learn that no LEA has the
    student. Once another LEA claims, the last owner sees the record as it was when the student left."""
    closed = JurisdictionEnded.of(ANNA.claimed(), end_on=COUNT_DAY, end_reason="left the state")
    exited = SpedActivityEnded.of(ANNA.entered(), exited_on=COUNT_DAY, exit_reason="MVO")
    await reporting.receive_events(*ANNA.all_events(), closed, exited)
    events = [one["event"] for one in await timeline(reporting, "017")]
    assert events[:2] == ["SpedActivityEnded", "JurisdictionEnded"]
    refused = await reporting.get(PATH, "036")
    assert (refused.status_code, codes(refused)) == (403, ["REC-002"])

    begin_on = COUNT_DAY + timedelta(days=30)
    await reporting.receive_events(ANNA.changed(lea="036").claimed("later", begin_on=begin_on))
    assert (await reporting.get(PATH, "036")).status_code == 200
    assert [one["event"] for one in await timeline(reporting, "017")] == events[1:]


async def test_who_sees_it(reporting: ReportingQueries) -> None:
    """Another LEA is told who owns the student. SER logs each look. The header says how far it has heard."""
    await reporting.receive_events(*ANNA.all_events())
    refused = await reporting.get(PATH, "036")
    assert (refused.status_code, codes(refused)) == (403, ["ACC-005"])
    answer = await reporting.get(PATH, STATE, Role.AUDITOR)
    assert answer.headers["Ser-Sequence"] == "ieps=3, jurisdiction=1, students=1"
    assert await reporting.queries.access_log() == [
        ("036", ANNA.student, "timeline", False),
        (STATE, ANNA.student, "timeline", True),
    ]
    unknown = await reporting.get("/students/1000000009/timeline", STATE, Role.STATE)
    assert (unknown.status_code, codes(unknown)) == (404, ["RPT-021"])


@pytest.mark.parametrize(
    "after", ["yesterday", "1 ieps", "1 ieps 1", "99999999999999999999 ieps 1 1000000001"]
)
async def test_a_place_that_no_page_named(reporting: ReportingQueries, after: str) -> None:
    """A page begins where another ended, or at the newest event."""
    answer = await reporting.get(PATH, "017", after=after)
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
