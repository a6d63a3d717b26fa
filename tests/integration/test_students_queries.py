"""Queries of students, the access log, and the constraints of its database."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts import errors
from contracts.access import Role
from contracts.dates import day_at
from contracts.decision import Known
from contracts.identity import Identity
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Record
from contracts.students import GuardianRemoved, GuardianSaved, Profile, ProfileSaved, SaveProfile
from services.students.app import SERVICE
from services.students.domain.facts import UnreadIdentity
from services.students.domain.guardians import MOST_GUARDIANS
from services.students.store import CONSTRAINTS
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.unit.events import ended
from tests.unit.scenario import STUDENT, actor, id_named, new_records
from tests.unit.students.events import (
    EBR,
    JEFFERSON,
    OCTOBER,
    added,
    assigned,
    claimed,
    corrected,
    decide,
    guardian,
    parent,
    person,
    records_after,
    service,
)

CADDO = "009"
RECORD = f"/students/{STUDENT}"
VIEWS = f"/students/{STUDENT}/views"
IDENTITY = f"/identities/{STUDENT}"


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        yield made


def moved() -> list[Record]:
    """East Baton Rouge had the student until October; since then Jefferson has."""
    old, new = claimed(), claimed(JEFFERSON, OCTOBER, "the second claim")
    return records_after(
        old, JurisdictionEnded.of(old, end_on=OCTOBER - timedelta(days=1)), new, after=[added()]
    )


def newest(history: Sequence[Record]) -> list[Record]:
    """The newest state of each record, as the service stores it."""
    return list(Known(history))


# The record


async def test_a_record_is_shown_whole(queries: ServiceQueries) -> None:
    """The owner sees the person, the profile, the parents and guardians, and whether the student has open
    services."""
    await queries.keep(*records_after(assigned(), claimed(), service()), added(), guardian("mother"))
    answer = await queries.get(RECORD, EBR)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["person"] == person().model_dump(mode="json")
    assert (body["profile"]["grade"], body["added_by"], body["identity_revision"]) == ("03", EBR, 1)
    assert (body["lea"], body["open_services"], body["revision"]) == (EBR, True, 1)
    assert body["guardians"] == [
        {"guardian_id": str(id_named("mother")), "revision": 1, "guardian": parent().model_dump(mode="json")}
    ]


async def test_the_profile_of_today_is_shown(queries: ServiceQueries) -> None:
    """A future profile is listed. Until its first day the profile before it is shown."""
    next_year = Profile(grade="04", effective_on=day_at(datetime.now(UTC)) + timedelta(days=2))
    promoted = ProfileSaved.of(added(), profile=next_year, earlier_profiles=(added().profile,))
    await queries.keep(*records_after(assigned(), claimed()), promoted)
    body = (await queries.get(RECORD, EBR)).json()
    assert (body["profile"]["grade"], [one["grade"] for one in body["profiles"]]) == ("03", ["04", "03"])


async def test_a_student_nobody_has_claimed_has_no_owner(queries: ServiceQueries) -> None:
    """While no LEA has claimed a student, every LEA may see the record, so that it can claim."""
    await queries.keep(*records_after(assigned()), added())
    body = (await queries.get(RECORD, CADDO)).json()
    assert (body["lea"], body["open_services"], body["guardians"]) == (None, False, [])


async def test_the_old_lea_still_looks(queries: ServiceQueries) -> None:
    """After a transfer both LEAs, the state and auditors see the record."""
    await queries.keep(*newest(moved()))
    for lea, role in (
        (EBR, Role.READER),
        (JEFFERSON, Role.READER),
        ("LA", Role.STATE),
        (CADDO, Role.AUDITOR),
    ):
        answer = await queries.get(RECORD, lea, role)
        assert (answer.status_code, answer.json()["lea"]) == (200, JEFFERSON)


async def test_a_removed_guardian_is_listed_apart(queries: ServiceQueries) -> None:
    """The record lists a removed guardian with the day and the reason, and no longer among the guardians."""
    mother, father = guardian("mother"), guardian("father")
    removed = GuardianRemoved.of(mother, removed_on=OCTOBER, removal_reason="Rights ended by a court")
    await queries.keep(*newest(records_after(assigned(), claimed(), after=[added()])), removed, father)
    body = (await queries.get(RECORD, EBR)).json()
    assert [one["guardian_id"] for one in body["guardians"]] == [str(father.guardian_id)]
    (apart,) = body["removed_guardians"]
    assert (apart["guardian_id"], apart["removed_on"], apart["removal_reason"]) == (
        str(mother.guardian_id),
        OCTOBER.isoformat(),
        "Rights ended by a court",
    )


async def test_a_former_owner_sees_the_record_as_it_was_when_the_student_left(
    queries: ServiceQueries,
) -> None:
    """The former owner does not see later changes of the new LEA and of eScholar.

    The new LEA and the state see the record as it is today.
    """
    history = [*records_after(assigned(), claimed(), after=[added()]), guardian("mother")]
    history = records_after(ended(claimed(), OCTOBER - timedelta(days=1)), after=history)
    history = records_after(claimed(JEFFERSON, OCTOBER, "the second claim"), after=history)
    saved = SaveProfile(student_id=STUDENT, profile=Profile(grade="04"))
    history += new_records(decide(history, saved, by=actor(JEFFERSON), on=OCTOBER))
    history = records_after(corrected(person(first_name="Later")), after=history)
    history += [guardian("father"), *records_after(service())]
    await queries.keep(*newest(history))

    before = (await queries.get(RECORD, EBR)).json()
    assert (before["profile"]["grade"], before["person"]["first_name"]) == ("03", "Testa")
    assert (before["revision"], before["identity_revision"]) == (1, 1)
    assert [one["guardian_id"] for one in before["guardians"]] == [str(id_named("mother"))]
    assert (before["lea"], before["open_services"]) == (JEFFERSON, False)
    for lea, role in ((JEFFERSON, Role.READER), ("LA", Role.STATE)):
        today = (await queries.get(RECORD, lea, role)).json()
        assert (today["profile"]["grade"], today["person"]["first_name"]) == ("04", "Later")
        assert (len(today["guardians"]), today["open_services"]) == (2, True)


async def test_an_lea_that_claims_a_student_back_sees_all(queries: ServiceQueries) -> None:
    """An LEA that owns the student again sees today's record."""
    history = records_after(corrected(person(first_name="Later")), after=moved())
    back = claimed(EBR, OCTOBER + timedelta(days=30), "claimed back")
    await queries.keep(*newest(records_after(back, after=history)))
    assert (await queries.get(RECORD, EBR)).json()["person"]["first_name"] == "Later"
    assert (await queries.get(RECORD, JEFFERSON)).json()["person"]["first_name"] == "Later"


async def test_other_leas_are_turned_away(queries: ServiceQueries) -> None:
    """An LEA that never had the student learns the owner only, and the access log has the attempt."""
    await queries.keep(*newest(moved()))
    answer = await queries.get(RECORD, CADDO, Role.WRITER)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-005"])
    assert "Jefferson (026)" in answer.json()["detail"]
    assert "Testa" not in answer.text
    assert await queries.access_log() == [(CADDO, STUDENT, "student", False)]


async def test_a_student_nobody_has_added(queries: ServiceQueries) -> None:
    """A person of eScholar whom no LEA has added is no student."""
    await queries.keep(*records_after(assigned()))
    answer = await queries.get(RECORD)
    assert (answer.status_code, codes(answer)) == (404, ["REC-001"])


async def test_nobody_looks_without_a_token(queries: ServiceQueries) -> None:
    """Every query needs a token."""
    for path in (RECORD, VIEWS, IDENTITY):
        assert codes(await queries.http.get(path)) == ["ACC-001"]
    assert codes(await queries.http.post("/students/search", json={"text": "Student"})) == ["ACC-001"]


async def test_a_state_id_has_ten_digits(queries: ServiceQueries) -> None:
    """The service refuses a malformed State ID as such."""
    answer = await queries.get("/students/12345")
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])


# Find in eScholar


async def test_a_writer_finds_a_person_in_escholar(queries: ServiceQueries) -> None:
    """A writer of any LEA sees eScholar's person with a State ID, and whether the student is added."""
    await queries.keep(*records_after(assigned()))
    body = (await queries.get(IDENTITY, CADDO, Role.WRITER)).json()
    assert body == {
        "student_id": STUDENT,
        "person": person().model_dump(mode="json"),
        "identity_revision": 1,
        "added": False,
        "lea": None,
        "unread": None,
        "merged_into": None,
        "retired": False,
        "change": None,
        "splits": [],
    }
    await queries.keep(added(), *records_after(claimed()))
    body = (await queries.get(IDENTITY, CADDO, Role.WRITER)).json()
    assert (body["added"], body["lea"]) == (True, EBR)
    assert await queries.access_log() == [(CADDO, STUDENT, "identity", True)] * 2


async def test_readers_do_not_look_into_escholar(queries: ServiceQueries) -> None:
    """Only a writer may look up a person in eScholar. The access log has the attempt."""
    await queries.keep(*records_after(assigned()))
    answer = await queries.get(IDENTITY, EBR, Role.READER)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    assert await queries.access_log() == [(EBR, STUDENT, "identity", False)]


async def test_a_number_escholar_has_not_given(queries: ServiceQueries) -> None:
    """A query for a State ID that eScholar has not assigned says so."""
    answer = await queries.get(IDENTITY, EBR, Role.WRITER)
    assert (answer.status_code, codes(answer)) == (404, ["STU-001"])


async def test_a_message_of_escholars_that_cannot_be_read(queries: ServiceQueries) -> None:
    """A look-up says that eScholar's message is unreadable, and names the field."""
    await queries.keep(UnreadIdentity(student_id=STUDENT, revision=2, reason="wrong at person.birth_on"))
    answer = await queries.get(IDENTITY, EBR, Role.WRITER)
    assert (answer.status_code, codes(answer)) == (404, ["STU-010"])
    await queries.keep(*records_after(assigned()))
    assert (await queries.get(IDENTITY, EBR, Role.WRITER)).json()["unread"] == "wrong at person.birth_on"
    await queries.keep(*records_after(corrected(person(), 3)))
    assert (await queries.get(IDENTITY, EBR, Role.WRITER)).json()["unread"] is None


# Who has looked


async def test_coordinators_see_who_looked(queries: ServiceQueries) -> None:
    """The owner's coordinator sees all views and refused views, newest first."""
    await queries.keep(*records_after(assigned(), claimed()), added())
    await queries.get(RECORD, EBR)
    await queries.get(RECORD, CADDO)
    await queries.get(IDENTITY, CADDO, Role.WRITER)
    body = (await queries.get(VIEWS, EBR, Role.COORDINATOR)).json()
    assert [(view["scope"], view["what"], view["seen"]) for view in body["views"]] == [
        (EBR, "views", True),
        (CADDO, "identity", True),
        (CADDO, "student", False),
        (EBR, "student", True),
    ]
    latest = body["views"][0]
    assert (latest["viewer"], latest["roles"], body["next"]) == ("a.reader", ["coordinator"], None)
    assert {view["subject"] for view in body["views"]} == {STUDENT}


async def test_a_former_owner_sees_the_views_of_its_own_people(queries: ServiceQueries) -> None:
    """A former owner sees the views of its own users only."""
    await queries.keep(*newest(moved()))
    await queries.get(RECORD, EBR)
    await queries.get(RECORD, JEFFERSON)
    former = (await queries.get(VIEWS, EBR, Role.COORDINATOR)).json()["views"]
    present = (await queries.get(VIEWS, JEFFERSON, Role.COORDINATOR)).json()["views"]
    assert {view["scope"] for view in former} == {EBR}
    assert {view["scope"] for view in present} == {EBR, JEFFERSON}


async def test_others_do_not_see_who_looked(queries: ServiceQueries) -> None:
    """Readers, and coordinators of other LEAs, are refused. The access log has the attempt."""
    await queries.keep(*records_after(claimed()), added())
    assert codes(await queries.get(VIEWS, EBR, Role.READER, Role.WRITER)) == ["ACC-004"]
    assert codes(await queries.get(VIEWS, CADDO, Role.COORDINATOR)) == ["ACC-005"]
    assert await queries.access_log() == [(EBR, STUDENT, "views", False), (CADDO, STUDENT, "views", False)]


# What the database refuses by itself


class Namesake(Identity):
    """A second record of the kind under the same State ID."""

    kind = "student"

    @property
    def record_id(self) -> str:
        return "second"


async def test_one_student_per_state_id(queries: ServiceQueries) -> None:
    """PostgreSQL rejects a second student with the same State ID."""
    second = Namesake(student_id=STUDENT, revision=1, person=person())
    assert await queries.violated_constraint(second) == "one_student_per_state_id"


@pytest.mark.parametrize(
    ("subject", "within", "constraint"),
    [
        ("12345", "12345", "subject_is_state_id"),
        ("1234567890", "1234567891", "body_is_of_its_subject"),
    ],
)
async def test_a_body_belongs_to_its_subject(
    queries: ServiceQueries, subject: str, within: str, constraint: str
) -> None:
    """PostgreSQL rejects a record under a malformed State ID or under another student's."""
    body = json.dumps({"student_id": within})
    insert = text("INSERT INTO records VALUES (:subject, 'identity', '', 1, CAST(:body AS jsonb))")
    with pytest.raises(IntegrityError, match=constraint):
        async with queries.engine.begin() as database:
            await database.execute(insert, {"subject": subject, "body": body})


async def test_ten_guardians_at_most(queries: ServiceQueries) -> None:
    """PostgreSQL rejects an eleventh parent, in one batch or several, and accepts a replaced one."""
    saved = [guardian(f"guardian {n}") for n in range(MOST_GUARDIANS)]
    assert await queries.violated_constraint(*saved, guardian("one more")) == "ten_guardians_at_most"
    await queries.keep(*saved)
    await queries.keep(GuardianSaved.of(saved[0], guardian=parent(phone="225-555-0100")))
    assert await queries.violated_constraint(guardian("one more")) == "ten_guardians_at_most"
    removed = GuardianRemoved.of(saved[1], removed_on=OCTOBER, removal_reason="Rights ended by a court")
    await queries.keep(removed, guardian("one more"))


async def test_no_ssn_among_guardians(queries: ServiceQueries) -> None:
    """PostgreSQL rejects a parent with a Social Security number, and accepts a postal code."""
    with_number = guardian("mother").model_copy(update={"guardian": parent(address="SSN 123-45-6789")})
    assert await queries.violated_constraint(with_number) == "no_ssn_in_guardians"
    await queries.keep(
        guardian("mother").model_copy(update={"guardian": parent(address="Baton Rouge, LA 70802-5243")})
    )


def test_every_constraint_backs_up_a_rule() -> None:
    """A test tries every named constraint of the database, and each backs up a rule."""
    tests = Path(__file__).read_text()
    for constraint, rule in CONSTRAINTS.items():
        assert rule in {**SERVICE.rules, **errors.RULES}
        assert constraint == "records_pkey" or f'"{constraint}"' in tests


async def test_a_secure_id_manager_looks_at_the_person_of_any_state_id(queries: ServiceQueries) -> None:
    """Two State IDs of one person may be of two LEAs."""
    await queries.keep(*records_after(assigned()))
    answer = await queries.get(IDENTITY, CADDO, Role.SECURE_ID_MANAGER)
    assert answer.status_code == 200
    assert (await queries.access_log())[-1] == (CADDO, STUDENT, "identity", True)
