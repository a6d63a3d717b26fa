"""Adding a student to the special-education record."""

from datetime import timedelta

import pytest

from contracts.access import Role
from contracts.decision import Accepted, Refused, Waiting
from contracts.students import AddStudent, Profile, StudentAdded
from services.students.domain.twins import Twin
from tests.unit.scenario import STUDENT, TODAY, actor, codes, new_records
from tests.unit.students.events import (
    EBR,
    JEFFERSON,
    added,
    assigned,
    corrected,
    decide,
    person,
    records_after,
)

ADD = AddStudent(student_id=STUDENT, profile=Profile(grade="03"))


def test_a_person_known_to_escholar_is_added() -> None:
    """The added student has eScholar's demographic fields and the profile of the command."""
    (student,) = new_records(decide(records_after(assigned()), ADD))
    assert student == StudentAdded(
        student_id=STUDENT,
        revision=1,
        person=person(),
        identity_revision=1,
        profile=Profile(grade="03"),
        added_by=EBR,
    )


def test_the_newest_identity_is_added() -> None:
    """If eScholar corrected the person before, the added student has the corrected fields."""
    new = person(first_name="Tess")
    (student,) = new_records(decide(records_after(assigned(), corrected(new)), ADD))
    assert isinstance(student, StudentAdded)
    assert (student.person, student.identity_revision) == (new, 2)


def test_any_lea_may_add() -> None:
    """No LEA needs to own a student to add the student."""
    (student,) = new_records(decide(records_after(assigned()), ADD, by=actor(JEFFERSON)))
    assert isinstance(student, StudentAdded)
    assert student.added_by == JEFFERSON


def test_adding_waits_for_escholar() -> None:
    """An AddStudent that overtakes the identity waits for it."""
    decision = decide([], ADD)
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"STU-001"}


def test_a_student_is_added_once() -> None:
    """No LEA can add a student twice."""
    history = [*records_after(assigned()), added(by=EBR)]
    assert codes(decide(history, ADD, by=actor(JEFFERSON))) == {"STU-002"}


def test_the_state_adds_nobody() -> None:
    """Only an LEA can add a student; the state office cannot."""
    assert codes(decide(records_after(assigned()), ADD, by=actor("LA"))) == {"REC-007"}


def test_an_lea_that_does_not_exist_adds_nobody() -> None:
    """Only an LEA of the code list may add a student."""
    assert codes(decide(records_after(assigned()), ADD, by=actor("999"))) == {"REC-006"}


def test_nobody_is_added_before_birth() -> None:
    """A birth date after today is a mistake in eScholar, and the finding does not repeat the date."""
    tomorrow = TODAY + timedelta(days=1)
    decision = decide(records_after(assigned(person(birth_on=tomorrow))), ADD)
    assert isinstance(decision, Refused)
    assert codes(decision) == {"STU-004"}
    assert str(tomorrow.year) not in decision.findings[0].message


def test_a_child_born_today_may_be_added() -> None:
    """Birth dates up to today are possible."""
    new_records(decide(records_after(assigned(person(birth_on=TODAY))), ADD))


def test_readers_add_nobody() -> None:
    """Only a writer may add a student."""
    assert codes(decide(records_after(assigned()), ADD, by=actor(EBR, Role.READER))) == {"ACC-004"}


def test_what_waiting_cannot_mend_is_refused_at_once() -> None:
    """The service refuses a reader's command at once; it does not wait for the identity."""
    assert isinstance(decide([], ADD, by=actor(EBR, Role.READER)), Refused)


def test_every_broken_rule_is_said() -> None:
    """A refusal names all broken rules, so that the sender can correct all at once."""
    command = AddStudent(student_id=STUDENT, profile=Profile())
    unborn = person(birth_on=TODAY + timedelta(days=1))
    history = [*records_after(assigned(unborn)), added()]
    decision = decide(history, command, by=actor("LA", Role.STATE))
    assert codes(decision) == {"ACC-004", "STU-002", "REC-007", "STU-004"}


@pytest.mark.parametrize(
    ("lea", "roles", "code"),
    [
        (None, (Role.WRITER,), "STU-012"),
        (EBR, (Role.WRITER,), "STU-012"),
        (JEFFERSON, (Role.WRITER,), "STU-013"),
        (JEFFERSON, (Role.WRITER, Role.SECURE_ID_MANAGER), "STU-012"),
    ],
)
def test_a_likely_duplicate_is_a_warning(lea: str | None, roles: tuple[Role, ...], code: str) -> None:
    """The student is added. The warning has the other State ID if the sender may see that student."""
    other = "1000000999"
    twin = Twin(student_id=STUDENT, revision=1, other_id=other, lea=lea)
    decision = decide([*records_after(assigned()), twin], ADD, by=actor(EBR, *roles))
    assert isinstance(decision, Accepted)
    (warning,) = decision.warnings
    assert warning.code == code
    assert (other in warning.message) is (code == "STU-012")


def test_likely_duplicates_of_other_leas_are_one_warning() -> None:
    """Their number says nothing to whoever may not see them."""
    twins = [
        Twin(student_id=STUDENT, revision=1, other_id=other, lea=JEFFERSON)
        for other in ("1000000998", "1000000999")
    ]
    decision = decide([*records_after(assigned()), *twins], ADD)
    assert isinstance(decision, Accepted)
    assert [warning.code for warning in decision.warnings] == ["STU-013"]
