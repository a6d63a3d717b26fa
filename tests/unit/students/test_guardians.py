"""Parents and guardians."""

from typing import Any

from contracts.access import Role
from contracts.decision import Refused, Waiting
from contracts.message import Record
from contracts.students import GuardianRemoved, GuardianSaved, RemoveGuardian, SaveGuardian
from services.students.domain.guardians import MOST_GUARDIANS
from tests.unit.events import ended
from tests.unit.scenario import STUDENT, TODAY, actor, codes, id_named, new_records
from tests.unit.students.events import (
    AUGUST,
    EBR,
    JEFFERSON,
    added,
    assigned,
    claimed,
    decide,
    guardian,
    parent,
    ready,
    records_after,
)


def save(under: str = "mother", **details: Any) -> SaveGuardian:
    """A command to save a parent."""
    return SaveGuardian(student_id=STUDENT, guardian_id=id_named(under), guardian=parent(**details))


def remove(under: str = "mother") -> RemoveGuardian:
    """A command to remove a parent."""
    return RemoveGuardian(student_id=STUDENT, guardian_id=id_named(under), reason="Rights ended by a court")


def both() -> list[Record]:
    """A student with mother and father."""
    return ready(guardian("mother"), guardian("father"))


def test_the_owner_adds_a_parent() -> None:
    """The owner saves a parent. Title, suffix and contact fields are optional."""
    (saved,) = new_records(decide(ready(), save()))
    assert saved == GuardianSaved(
        student_id=STUDENT, revision=1, guardian_id=id_named("mother"), guardian=parent()
    )


def test_a_parent_is_replaced_under_the_same_id() -> None:
    """A saved parent replaces that parent only."""
    (saved,) = new_records(decide(ready(guardian("mother"), guardian("father")), save(phone="225-555-0100")))
    assert isinstance(saved, GuardianSaved)
    assert (saved.revision, saved.guardian_id) == (2, id_named("mother"))
    assert saved.guardian.phone == "225-555-0100"


def test_a_parent_who_was_changed_by_somebody_else() -> None:
    """The service refuses a save based on an older revision of the parent, and names the changed fields."""
    (changed,) = new_records(decide(ready(guardian("mother")), save(phone="225-555-0100")))
    again = save(phone="225-555-0101").model_copy(update={"on_revision": 1})
    decision = decide(ready(changed), again)
    assert isinstance(decision, Refused)
    (finding,) = decision.findings
    assert (finding.code, finding.facts["record"], finding.facts["fields"]) == (
        "MSG-031",
        f"guardian/{id_named('mother')}",
        "guardian.phone",
    )
    new_records(decide(ready(changed), again.model_copy(update={"on_revision": 2})))
    assert codes(decide(ready(changed), again, by=actor(JEFFERSON))) == {"ACC-005"}


def test_a_parent_who_does_not_exist_is_at_revision_0() -> None:
    """A command with a parent's revision changes that parent; it never adds one."""
    decision = decide(ready(), save().model_copy(update={"on_revision": 1}))
    assert isinstance(decision, Refused)
    assert [finding.facts["now"] for finding in decision.findings] == ["0"]


def test_a_parent_waits_for_the_student() -> None:
    """A parent saved before the student is added waits for the student."""
    decision = decide(records_after(assigned()), save())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-001"}


def test_a_parent_waits_for_jurisdiction() -> None:
    """A parent saved before the claim waits for the claim."""
    decision = decide([*records_after(assigned()), added()], save())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-002"}


def test_between_two_owners_a_parent_waits() -> None:
    """Between the end of one jurisdiction and the next, no LEA may write."""
    decision = decide(records_after(ended(claimed(), AUGUST), after=ready()), save())
    assert codes(decision) == {"REC-002"}


def test_only_the_owner_saves_parents() -> None:
    """The service refuses another LEA's parent and names the owner."""
    decision = decide(ready(), save(), by=actor(JEFFERSON))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "East Baton Rouge (017)" in decision.findings[0].message


def test_the_state_saves_no_parents() -> None:
    """The state office sees every student and writes none."""
    assert codes(decide(ready(), save(), by=actor("LA"))) == {"ACC-005"}


def test_there_is_a_most_of_parents() -> None:
    """A student has ten parents and guardians at most; one of them can still be replaced."""
    history = ready(*(guardian(f"guardian {n}") for n in range(MOST_GUARDIANS)))
    assert codes(decide(history, save("one more"))) == {"STU-007"}
    new_records(decide(history, save("guardian 3", phone="225-555-0100")))
    new_records(decide(history[:-1], save("one more")))


def test_readers_save_nobody() -> None:
    """The service refuses a reader's parent at once."""
    assert codes(decide(ready(), save(), by=actor(EBR, Role.READER))) == {"ACC-004"}
    assert isinstance(decide([], save(), by=actor(EBR, Role.READER)), Refused)


def test_every_broken_rule_is_said() -> None:
    """A refusal names all broken rules."""
    history = ready(*(guardian(f"guardian {n}") for n in range(MOST_GUARDIANS)))
    decision = decide(history, save("one more"), by=actor(EBR, Role.READER))
    assert codes(decision) == {"ACC-004", "STU-007"}


def test_another_lea_does_not_learn_how_many_parents_there_are() -> None:
    """An LEA that does not own the student learns who does, and nothing of the parents."""
    history = ready(*(guardian(f"guardian {n}") for n in range(MOST_GUARDIANS)))
    decision = decide(history, save("one more"), by=actor(JEFFERSON, Role.READER))
    assert codes(decision) == {"ACC-004", "ACC-005"}


def test_the_owner_removes_a_parent() -> None:
    """The record of a removed parent stays, with the day and the reason."""
    (removed,) = new_records(decide(both(), remove()))
    assert removed == GuardianRemoved.of(
        guardian("mother"), removed_on=TODAY, removal_reason="Rights ended by a court"
    )


def test_the_only_parent_stays() -> None:
    """Evaluations and IEPs need a parent or guardian, so the last one stays until another one is saved."""
    assert codes(decide(ready(guardian("mother")), remove())) == {"STU-014"}
    (removed,) = new_records(decide(both(), remove()))
    left = ready(removed, guardian("father"))
    assert codes(decide(left, remove("father"))) == {"STU-014"}
    new_records(decide([*left, *new_records(decide(left, save("aunt")))], remove("father")))


def test_a_removed_parent_neither_changes_nor_goes_again() -> None:
    """A removed parent is not saved or removed again. The person is added under a new id."""
    (removed,) = new_records(decide(both(), remove()))
    history = ready(removed, guardian("father"))
    assert codes(decide(history, save())) == {"STU-016"}
    assert codes(decide(history, remove())) == {"STU-016"}
    new_records(decide(history, save("mother, again")))


def test_a_removed_parent_leaves_room_for_another() -> None:
    """A removed parent does not count among the ten."""
    history = ready(*(guardian(f"guardian {n}") for n in range(MOST_GUARDIANS)))
    removed = new_records(decide(history, remove("guardian 0")))
    new_records(decide([*history, *removed], save("one more")))


def test_nobody_removes_an_unknown_parent() -> None:
    """The service refuses a guardian_id that the student does not have."""
    assert codes(decide(both(), remove("uncle"))) == {"STU-015"}


def test_only_the_owners_writers_remove_parents() -> None:
    """Readers and other LEAs remove nobody. Another LEA learns nothing of the parents."""
    assert codes(decide(both(), remove(), by=actor(EBR, Role.READER))) == {"ACC-004"}
    assert codes(decide(ready(guardian("mother")), remove(), by=actor(JEFFERSON))) == {"ACC-005"}
    assert codes(decide(both(), remove("uncle"), by=actor(JEFFERSON))) == {"ACC-005"}


def test_a_removal_waits_for_the_student_and_for_jurisdiction() -> None:
    """A removal that comes before the student or the claim waits."""
    assert codes(decide(records_after(assigned()), remove())) == {"REC-001"}
    assert codes(decide(records_after(ended(claimed(), AUGUST), after=both()), remove())) == {"REC-002"}


def test_a_parent_shows_nothing_in_text() -> None:
    """A logged command never shows a parent's name."""
    assert "Mara" not in f"{save()} {save()!r}"
