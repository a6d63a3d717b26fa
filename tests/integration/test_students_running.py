"""A student's first days on real Kafka and PostgreSQL, with messages that overtake each other."""

from contracts.access import Role
from contracts.outcome import Status
from contracts.students import AddStudent, Profile, SaveGuardian, StudentCorrected
from tests.integration.running import Bench, RunningService, until
from tests.unit.scenario import STUDENT, id_named
from tests.unit.students.events import EBR, assigned, claimed, corrected, parent, person

NEW = person(first_name="Tess", last_name="Corrected")


async def held(service: RunningService, command_id: str, code: str) -> None:
    """Wait until the service holds the command for that reason."""

    async def look() -> bool | None:
        rows = await service.rows(
            "SELECT outcome #>> '{findings,0,code}' FROM ledger WHERE command_id = :id AND status = 'held'",
            id=command_id,
        )
        return True if rows and rows[0][0] == code else None

    await until(look, f"{command_id} is held with {code}")


async def found(service: RunningService, typed: str, lea: str) -> list[str]:
    """The students that the search box finds."""
    headers = {"Authorization": f"Bearer {service.bench.token(lea, Role.READER)}"}
    answer = await service.http.post("/students/search", headers=headers, json={"text": typed})
    return [line["student_id"] for line in answer.json()["students"]]


async def reached(service: RunningService) -> str:
    """The sequence in the header of an answer about the student."""
    headers = {"Authorization": f"Bearer {service.bench.token(EBR, Role.READER)}"}
    answer = await service.http.get(f"/students/{STUDENT}", headers=headers)
    return answer.headers["Ser-Sequence"]


async def test_first_days_of_a_student(students: RunningService) -> None:
    """An LEA adds a student before eScholar's message and saves a mother before the claim; all messages take
    effect."""
    own_bench: Bench = students.bench
    adding = await own_bench.send(AddStudent(student_id=STUDENT, profile=Profile(grade="03")), lea=EBR)
    await held(students, adding, "STU-001")
    await own_bench.publish(assigned())
    assert (await students.final(adding)).status is Status.ACCEPTED

    mother = SaveGuardian(student_id=STUDENT, guardian_id=id_named("mother"), guardian=parent())
    saving = await own_bench.send(mother, lea=EBR)
    await held(students, saving, "REC-002")
    await own_bench.publish(claimed(EBR))
    outcome = await students.final(saving)
    assert outcome.status is Status.ACCEPTED
    assert await reached(students) == str(outcome.sequence) == "2"

    assert await found(students, "Studnet, Testa", EBR) == [STUDENT]
    await own_bench.publish(corrected(NEW), sequence=2)
    (record, *_) = await own_bench.read("StudentCorrected", lambda records: len(records) == 1)
    event = StudentCorrected.model_validate_json(record.value or b"")
    assert (event.person, event.identity_revision, event.revision) == (NEW, 2, 2)
    assert await found(students, "Tess Corected", EBR) == [STUDENT]
    assert await found(students, "Studnet, Testa", EBR) == [STUDENT]  # the former name


async def test_a_second_adding_is_refused(students: RunningService) -> None:
    """A second AddStudent is refused, and its sender learns that the student exists."""
    own_bench = students.bench
    await own_bench.publish(assigned())
    add = AddStudent(student_id=STUDENT, profile=Profile(grade="03"))
    first, second = await own_bench.send(add, lea=EBR), await own_bench.send(add, lea="026")
    assert (await students.final(first)).status is Status.ACCEPTED
    outcome = await students.final(second)
    assert (outcome.status, [finding.code for finding in outcome.findings]) == (Status.REFUSED, ["STU-002"])


async def test_whoever_adds_a_person_with_another_state_id_is_warned(students: RunningService) -> None:
    """eScholar has the person twice. Both State IDs are on the list of the secure ID manager."""
    bench, other = students.bench, "1000000999"
    twin = assigned().model_copy(update={"student_id": other})
    for identity in (assigned(), twin):
        await bench.publish(identity)

    async def known() -> bool | None:
        rows = await students.rows("SELECT subject FROM records WHERE kind = 'identity'")
        return True if len(rows) == 2 else None

    await until(known, "both identities")
    command_id = await bench.send(AddStudent(student_id=STUDENT, profile=Profile(grade="03")), lea=EBR)
    outcome = await students.final(command_id)
    assert outcome.status is Status.ACCEPTED
    assert [(one.code, one.facts["other"]) for one in outcome.findings] == [("STU-012", other)]
    headers = {"Authorization": f"Bearer {bench.token(EBR, Role.SECURE_ID_MANAGER)}"}
    answer = await students.http.get("/likely-duplicates", headers=headers)
    pair = {"student_id": STUDENT, "lea": EBR, "other_id": other, "other_lea": None}
    assert answer.json() == {"pairs": [pair], "more": False}
    answer = await students.http.get(f"/students/{STUDENT}/likely-duplicates", headers=headers)
    assert answer.json() == {"others": [{"student_id": other, "lea": None}]}
