"""Completeness, refusals, and the history of one student."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.jurisdiction import JurisdictionEnded
from services.chassis.decoding.messages import ReceivedEvent
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import (
    Child,
    Publisher,
    heartbeat,
    id_named,
    merged_into,
    received_event,
    refused,
)

ANNA, BEN = Child("1000000001"), Child("1000000002", lea="009")
COMMAND_ID = id_named(ANNA.student, "a command")


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def spells(child: Child, count: int) -> list[ReceivedEvent]:
    """This many events of jurisdiction about a child, numbered from 1."""
    return Publisher().publish(*(child.claimed(f"spell {number}") for number in range(count)))


async def test_nothing_is_missing(reporting: ReportingQueries) -> None:
    """Reporting certifies a service if it has all events up to the highest numbers."""
    publisher = Publisher()
    await reporting.receive(
        publisher.publish(ANNA.identity(), *ANNA.all_events(), *BEN.all_events()), publisher.heartbeats()
    )
    found = await reporting.get_for_state("/completeness")
    assert (found["certified"], found["events"], found["identities"]) == (True, 10, 1)
    counts = {one["service"]: (one["events"], one["highest"]) for one in found["services"]}
    assert counts == {"students": (2, 2), "jurisdiction": (2, 2), "ieps": (6, 6), "provision": (0, 0)}


async def test_what_is_missing_is_named(reporting: ReportingQueries) -> None:
    """Reporting names missing events by student and number until they arrive."""
    published = [*spells(ANNA, 7), *spells(BEN, 3)]
    await reporting.receive(Publisher().heartbeats())
    await reporting.receive([published[0], published[4], published[6], published[8], published[9]])
    found = await reporting.get_for_state("/completeness")
    jurisdiction = next(one for one in found["services"] if one["service"] == "jurisdiction")
    assert jurisdiction == {
        "service": "jurisdiction",
        "events": 5,
        "highest": 10,
        "missing": 5,
        "disputed": 0,
        "subjects_with_gaps": 2,
        "examples": [
            {"subject": ANNA.student, "missing": [2, 3, 4, 6]},
            {"subject": BEN.student, "missing": [1]},
        ],
        "heartbeats_missing": 0,
        "read_through": "2017-08-01T12:00:00Z",
        "certified": False,
    }
    assert not found["certified"]
    await reporting.receive(published, published)
    found = await reporting.get_for_state("/completeness")
    assert (found["certified"], found["events"]) == (True, 10)


async def test_the_last_event_about_a_student_never_came(reporting: ReportingQueries) -> None:
    """If the last event about a student is missing, the service's heartbeat shows it."""
    publisher = Publisher()
    published = publisher.publish(*ANNA.all_events(), *BEN.all_events())
    [*all_but_one, last] = sorted(published, key=lambda one: (one.owner == "ieps", one.subject, one.sequence))
    await reporting.receive(all_but_one)
    assert not (await reporting.get_for_state("/completeness"))["certified"], (
        "no heartbeat has given the number of events"
    )
    await reporting.receive(publisher.heartbeats())
    found = await reporting.get_for_state("/completeness")
    gaps = {one["service"]: one["examples"] for one in found["services"] if one["examples"]}
    assert not found["certified"]
    assert gaps == {"ieps": [{"subject": last.subject, "missing": [last.sequence]}]}
    assert not (await reporting.child_count())["complete"]
    await reporting.receive([last])
    assert (await reporting.get_for_state("/completeness"))["certified"]
    assert (await reporting.child_count())["complete"]


async def test_the_only_event_about_a_student_never_came(reporting: ReportingQueries) -> None:
    """If reporting has no event about a student, the heartbeat names the student."""
    publisher = Publisher()
    [claimed] = publisher.publish(ANNA.claimed())
    await reporting.receive(publisher.heartbeats())
    found = await reporting.get_for_state("/completeness")
    gaps = {one["service"]: one["examples"] for one in found["services"] if one["examples"]}
    assert gaps == {"jurisdiction": [{"subject": ANNA.student, "missing": [1]}]}
    await reporting.receive([claimed])
    assert (await reporting.get_for_state("/completeness"))["certified"]


async def test_a_heartbeat_that_never_came(reporting: ReportingQueries) -> None:
    """While a numbered heartbeat is missing, reporting certifies nothing, because the heartbeat may name a
    student."""
    first, second = datetime(2017, 9, 1, 12, tzinfo=UTC), datetime(2017, 9, 1, 12, 0, 10, tzinfo=UTC)
    await reporting.receive(Publisher().heartbeats(first))
    assert (await reporting.get_for_state("/completeness"))["certified"]
    lost = heartbeat("ieps", 1, {}, as_of=first)
    await reporting.receive([heartbeat("ieps", 3, {ANNA.student: 0}, as_of=second)], [lost])
    found = {one["service"]: one for one in (await reporting.get_for_state("/completeness"))["services"]}
    assert (found["ieps"]["heartbeats_missing"], found["ieps"]["certified"]) == (2, False)
    await reporting.receive([heartbeat("ieps", number, {ANNA.student: 0}) for number in (2, 1, 2)])
    found = {one["service"]: one for one in (await reporting.get_for_state("/completeness"))["services"]}
    assert (found["ieps"]["heartbeats_missing"], found["ieps"]["certified"]) == (0, True)
    assert found["ieps"]["read_through"] == "2017-09-01T12:00:10Z"


async def test_it_is_said_through_when_nothing_is_missing(reporting: ReportingQueries) -> None:
    """The whole is certified through the earliest time of all services. An old heartbeat changes nothing."""
    early, late = datetime(2017, 9, 1, 12, tzinfo=UTC), datetime(2017, 9, 1, 13, tzinfo=UTC)
    await reporting.receive(Publisher().heartbeats(late), [heartbeat("ieps", 0, {}, as_of=early)])
    assert (await reporting.get_for_state("/completeness"))["read_through"] == "2017-09-01T13:00:00Z"
    assert (await reporting.child_count())["read_through"] == "2017-09-01T13:00:00Z"


async def test_repetition_does_not_fill_a_gap(reporting: ReportingQueries) -> None:
    """A duplicate never hides a missing event: three events, one of them repeated, are not four."""
    published = spells(ANNA, 4)
    await reporting.receive(
        [published[0], published[1], published[1], published[3]], [published[1], published[3]]
    )
    found = await reporting.get_for_state("/completeness")
    assert (found["certified"], found["events"]) == (False, 3)


async def test_examples_are_few(reporting: ReportingQueries) -> None:
    """Of thousands of gaps the answer shows only the first."""
    late = [spells(Child(f"30000000{number:02d}"), 60)[-1] for number in range(30)]
    await reporting.receive(late)
    found = await reporting.get_for_state("/completeness")
    [jurisdiction] = [one for one in found["services"] if one["missing"]]
    assert (jurisdiction["subjects_with_gaps"], jurisdiction["missing"]) == (30, 30 * 59)
    assert len(jurisdiction["examples"]) == 20
    assert {len(one["missing"]) for one in jurisdiction["examples"]} == {20}


async def test_an_lea_sees_no_examples(reporting: ReportingQueries) -> None:
    """An LEA sees whether events are missing, but not about which students."""
    await reporting.receive(spells(ANNA, 3)[2:])
    found = (await reporting.get("/completeness", "009")).json()
    assert not found["certified"]
    assert [one["examples"] for one in found["services"]] == [[], [], [], []]


async def test_an_owner_that_counted_anew_is_not_certified(reporting: ReportingQueries) -> None:
    """If two events have one number, reporting does not certify that service."""
    first = received_event(ANNA.claimed(), "jurisdiction", identity=id_named("1", "one"), sequence=1)
    other = received_event(ANNA.claimed("other"), "jurisdiction", identity=id_named("1", "two"), sequence=1)
    await reporting.receive([first], [other])
    found = await reporting.get_for_state("/completeness")
    assert not found["certified"]
    assert {one["service"]: one["disputed"] for one in found["services"]}["jurisdiction"] == 1


async def test_what_districts_are_refused_for(reporting: ReportingQueries) -> None:
    """Reporting counts refusals by service, rule and day in Louisiana."""
    night, noon = datetime(2017, 9, 2, 3, tzinfo=UTC), datetime(2017, 9, 2, 18, tzinfo=UTC)
    await reporting.receive(
        [
            refused(ANNA.student, "one", "JUR-004", at=night),
            refused(ANNA.student, "two", "JUR-004", "REC-003", at=noon),
            refused(BEN.student, "three", "JUR-004", at=noon),
            refused(BEN.student, "four", "REC-001", owner="ieps", at=noon),
        ]
    )
    found = await reporting.get_for_state("/refusals")
    assert [(one["day"], one["service"], one["code"], one["commands"]) for one in found] == [
        ("2017-09-02", "jurisdiction", "JUR-004", 2),
        ("2017-09-02", "ieps", "REC-001", 1),
        ("2017-09-02", "jurisdiction", "REC-003", 1),
        ("2017-09-01", "jurisdiction", "JUR-004", 1),
    ]
    assert found[0]["example"] == "JUR-004 is broken."
    found = await reporting.get_for_state("/refusals", from_on=date(2017, 9, 1), through_on=date(2017, 9, 1))
    assert [one["commands"] for one in found] == [1]


async def test_an_lea_sees_the_refusals_about_its_own_students(reporting: ReportingQueries) -> None:
    """An LEA sees the refusals about its own students, not about another LEA's."""
    await reporting.receive_events(ANNA.claimed(), BEN.claimed())
    await reporting.receive([refused(ANNA.student, "one", "JUR-004"), refused(BEN.student, "two", "JUR-005")])
    found = (await reporting.get("/refusals", "009", whose="owns")).json()
    assert [one["code"] for one in found] == ["JUR-005"]
    answer = await reporting.get("/refusals", "009", lea="017")
    assert (answer.status_code, codes(answer)) == (403, ["RPT-020"])


async def test_an_lea_sees_what_its_own_commands_were_refused_for(reporting: ReportingQueries) -> None:
    """An LEA sees the refusal of its claim and the sender, although another LEA owns the student."""
    await reporting.receive_events(ANNA.claimed())
    claim = refused(ANNA.student, "one", "JUR-004", sender="009/b.guidry")
    await reporting.receive([claim, refused(ANNA.student, "two", "SRV-001", sender="017/m.landry")])
    counted = (await reporting.get("/refusals", "009")).json()
    assert [(one["code"], one["commands"]) for one in counted] == [("JUR-004", 1)]
    [found] = (await reporting.get("/refusals/commands", "009")).json()["refusals"]
    assert found == {
        "at": "2017-08-01T12:00:00Z",
        "service": "jurisdiction",
        "command": "ClaimJurisdiction",
        "command_id": str(id_named(ANNA.student, "one")),
        "subject": ANNA.student,
        "sender": "009/b.guidry",
        "code": "JUR-004",
        "message": "JUR-004 is broken.",
    }
    owned = (await reporting.get("/refusals/commands", "017", whose="owns")).json()["refusals"]
    assert {one["sender"] for one in owned} == {"009/b.guidry", "017/m.landry"}
    await reporting.receive_events(*merged_into("3100000099", ANNA.claimed()))
    assert (await reporting.get("/refusals/commands", "017", whose="owns")).json()["refusals"] == owned
    assert await reporting.queries.access_log() == [
        ("009", ANNA.student, "refusals", True),
        ("017", ANNA.student, "refusals", True),
        ("017", ANNA.student, "refusals", True),
    ]


async def test_refusals_by_cause(reporting: ReportingQueries) -> None:
    """Reporting groups refusals by rule, command, LEA and month, the most commands first.

    A command whose fact never came counts for the rule that names the fact. An LEA sees its own."""
    august, september = datetime(2017, 8, 31, 18, tzinfo=UTC), datetime(2017, 9, 2, 3, tzinfo=UTC)
    await reporting.receive(
        [
            refused(ANNA.student, "one", "JUR-004", at=august, sender="017/m.landry"),
            refused(ANNA.student, "two", "JUR-004", at=september, sender="017/a.other"),
            refused(BEN.student, "three", "JUR-004", at=september, sender="017/m.landry"),
            refused(BEN.student, "four", "MSG-007", "REC-001", at=september, sender="009/b.guidry"),
            refused("", "five", "MSG-007", at=september, sender="009/b.guidry"),
        ]
    )
    found = (await reporting.get_for_state("/refusals/causes", each="month"))["causes"]
    counted = [(one["lea"], one["code"], one["begins_on"], one["commands"], one["students"]) for one in found]
    assert counted == [
        ("017", "JUR-004", "2017-09-01", 2, 2),
        ("009", "MSG-007", "2017-09-01", 1, 0),
        ("009", "REC-001", "2017-09-01", 1, 1),
        ("017", "JUR-004", "2017-08-01", 1, 1),
    ]
    [own] = (await reporting.get("/refusals/causes", "017")).json()["causes"]
    assert own == {
        "lea": "017",
        "service": "jurisdiction",
        "command": "ClaimJurisdiction",
        "code": "JUR-004",
        "begins_on": None,
        "commands": 3,
        "students": 2,
        "first_at": "2017-08-31T18:00:00Z",
        "last_at": "2017-09-02T03:00:00Z",
        "command_id": str(max(id_named(ANNA.student, "two"), id_named(BEN.student, "three"))),
        "message": "JUR-004 is broken.",
        "solution": "Mend it.",
    }
    first = await reporting.get_for_state("/refusals/causes", limit=2)
    last = await reporting.get_for_state("/refusals/causes", limit=2, after=first["next"])
    assert ([len(page["causes"]) for page in (first, last)], last["next"]) == ([2, 1], None)
    answer = await reporting.get("/refusals/causes", "009", lea="017")
    assert (answer.status_code, codes(answer)) == (403, ["RPT-020"])


async def test_refused_commands_come_a_page_at_a_time(reporting: ReportingQueries) -> None:
    """The pages show every refused command once, newest first."""
    noon = datetime(2017, 9, 1, 18, tzinfo=UTC)
    published = [
        refused(ANNA.student, f"{number}", "JUR-004", "JUR-006", at=noon + timedelta(minutes=number // 2))
        for number in range(5)
    ]
    await reporting.receive(published)
    pages, after = [], ""
    while True:
        page = await reporting.get_for_state("/refusals/commands", after=after, limit=3)
        pages.append([(one["at"], one["command_id"], one["code"]) for one in page["refusals"]])
        if not (after := page["next"] or ""):
            break
    shown = [one for page in pages for one in page]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert len(set(shown)) == 10
    assert [at for at, _, _ in shown] == sorted((at for at, _, _ in shown), reverse=True)


@pytest.mark.parametrize(
    "after",
    [
        "nothing of the sort",
        f"1 {COMMAND_ID} JUR-004",
        f"2017-09-01T18:00:00 {COMMAND_ID} JUR-004",
        f"0001-01-01T00:00:00+23:59 {COMMAND_ID} JUR-004",
        f"2017-09-01T18:00:00+00:00 {'-' * 36} JUR-004",
    ],
)
async def test_a_place_that_no_page_named(reporting: ReportingQueries, after: str) -> None:
    """A page that begins at no refusal is refused, whatever the text is."""
    answer = await reporting.get("/refusals/commands", "017", after=after)
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])


async def test_a_refusal_of_what_named_no_student(reporting: ReportingQueries) -> None:
    """A refused command without a student is in its sender's list only."""
    await reporting.receive([refused("", "one", "MSG-004", sender="017/m.landry")])
    [found] = (await reporting.get("/refusals/commands", "017")).json()["refusals"]
    assert (found["subject"], found["code"]) == ("", "MSG-004")
    assert (await reporting.get("/refusals/commands", "017", whose="owns")).json()["refusals"] == []


async def test_the_history_of_a_student(reporting: ReportingQueries) -> None:
    """The history has every event about a student, in order."""
    published = Publisher().publish(ANNA.identity(), *ANNA.all_events())
    await reporting.receive(published[3:], published[:3])
    answer = await reporting.get(f"/students/{ANNA.student}/history", "017")
    assert answer.json()["sequences"] == {"students": 1, "jurisdiction": 1, "ieps": 3}
    found = answer.json()["revisions"]
    assert [one["event"] for one in found] == [message.name for message in published]
    assert [(one["service"], one["sequence"]) for one in found][:2] == [("escholar", 1), ("students", 1)]
    assert found[2]["body"]["schools"] == [{"school": "017001", "begin_on": "2016-08-10"}]
    assert await reporting.queries.access_log() == [("017", ANNA.student, "history", True)]


async def test_the_history_says_who_changed_a_record(reporting: ReportingQueries) -> None:
    """Each state names the sender of its command. A state without a command names nobody."""
    claim, end = ANNA.claimed(), JurisdictionEnded.of(ANNA.claimed(), end_on=date(2017, 8, 31))
    sent = received_event(
        claim, "jurisdiction", identity=id_named("1", "one"), sequence=1, sender="017/m.landry"
    )
    await reporting.receive(
        [sent, received_event(end, "jurisdiction", identity=id_named("1", "two"), sequence=2)]
    )
    found = (await reporting.get_for_state(f"/students/{ANNA.student}/history"))["revisions"]
    assert [one["sender"] for one in found] == ["017/m.landry", None]


async def test_who_may_see_a_history(reporting: ReportingQueries) -> None:
    """The owner and the state see all, a former owner sees the past, and another LEA sees nothing."""
    moved = ANNA.changed(lea="009").claimed("second", begin_on=date(2017, 9, 1))
    ended = JurisdictionEnded.of(ANNA.claimed(), end_on=date(2017, 8, 31))
    later = ANNA.changed(lea="009").determined("later")
    await reporting.receive_events(*ANNA.all_events())
    reporting.publisher.since = datetime(2017, 9, 2, tzinfo=UTC)
    await reporting.receive_events(moved, ended, later)
    path = f"/students/{ANNA.student}/history"
    answers = [await reporting.get(path, lea) for lea in ("017", "009", "026")]
    answers.append(await reporting.get(path, STATE, Role.AUDITOR))
    assert [answer.status_code for answer in answers] == [200, 200, 403, 200]
    seen = [answer.json()["revisions"] for answer in answers[:2]]
    assert [len(revisions) for revisions in seen] == [6, 8]
    assert [one["event"] for one in seen[0]][:1] == ["StudentAdded"]
    assert {one["body"].get("lea", "017") for one in seen[0]} == {"017"}
    assert codes(answers[2]) == ["ACC-005"]
    assert "Caddo (009)" in answers[2].json()["detail"]
    looks = await reporting.queries.access_log()
    assert [(scope, seen) for scope, _, _, seen in looks] == [
        ("017", True),
        ("009", True),
        ("026", False),
        (STATE, True),
    ]


async def test_a_former_owner_whose_end_has_not_been_heard(reporting: ReportingQueries) -> None:
    """Until reporting has the end of its spell, a former owner sees the events that name its LEA."""
    moved = ANNA.changed(lea="009").claimed("second", begin_on=date(2017, 9, 1))
    await reporting.receive_events(*ANNA.all_events(), moved)
    found = (await reporting.get(f"/students/{ANNA.student}/history", "017")).json()["revisions"]
    assert (len(found), {one["body"]["lea"] for one in found}) == (4, {"017"})


async def test_a_history_says_through_which_event_it_has_heard(reporting: ReportingQueries) -> None:
    """Behind a gap no event counts, so a sender sees that its change is not there yet."""
    published = spells(ANNA, 4)
    await reporting.receive([published[0], published[1], published[3]])
    found = await reporting.get_for_state(f"/students/{ANNA.student}/history")
    assert found["sequences"] == {"jurisdiction": 2}


async def test_a_student_nobody_has_heard_of(reporting: ReportingQueries) -> None:
    """The history of a State ID without events is not found."""
    answer = await reporting.get("/students/9999999999/history", "017")
    assert (answer.status_code, codes(answer)) == (404, ["RPT-021"])
