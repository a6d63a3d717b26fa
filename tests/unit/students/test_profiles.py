"""Saving what an LEA keeps of a student."""

import pytest

from contracts.access import Role
from contracts.decision import Refused, Waiting
from contracts.students import Profile, ProfileSaved, SaveProfile, Student
from tests.unit.events import ended
from tests.unit.scenario import STUDENT, actor, codes, new_records
from tests.unit.students.events import (
    EBR,
    JEFFERSON,
    OCTOBER,
    added,
    assigned,
    claimed,
    corrected,
    decide,
    person,
    ready,
    records_after,
)

FOURTH_GRADE = Profile(grade="04", english_learner=True, home_language="Spanish")
SAVE = SaveProfile(student_id=STUDENT, profile=FOURTH_GRADE)


def test_the_owner_replaces_the_profile() -> None:
    """The profile is the one that was sent; the person stays as eScholar has it."""
    (saved,) = new_records(decide(ready(), SAVE))
    assert isinstance(saved, ProfileSaved)
    assert (saved.revision, saved.profile, saved.person, saved.added_by) == (2, FOURTH_GRADE, person(), EBR)


def test_a_profile_saved_after_a_correction_keeps_the_correction() -> None:
    """A profile that was opened before eScholar's correction does not bring the old name back."""
    new = person(last_name="Corrected")
    history = records_after(corrected(new), after=ready())
    (saved,) = new_records(decide(history, SAVE))
    assert isinstance(saved, Student)
    assert (saved.revision, saved.person, saved.identity_revision) == (3, new, 2)


def test_before_any_claim_the_lea_that_added_the_student_saves() -> None:
    """The profile can be mended between adding and claiming."""
    new_records(decide([*records_after(assigned()), added()], SAVE))


def test_before_any_claim_another_lea_waits_for_its_own() -> None:
    """A profile that overtakes its LEA's claim waits for the claim."""
    decision = decide([*records_after(assigned()), added()], SAVE, by=actor(JEFFERSON))
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-002"}


def test_a_profile_waits_for_the_student() -> None:
    """A SaveProfile that overtakes the adding waits for it."""
    decision = decide(records_after(assigned()), SAVE)
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-001"}


def test_only_the_owner_writes() -> None:
    """Another LEA's profile is refused, naming the owner; so is that of the LEA that added the student."""
    decision = decide(ready(), SAVE, by=actor(JEFFERSON))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "East Baton Rouge (017)" in decision.findings[0].message
    history = [added(by=EBR), *records_after(claimed(JEFFERSON))]
    assert codes(decide(history, SAVE, by=actor(EBR))) == {"ACC-005"}


def test_between_two_owners_a_profile_waits() -> None:
    """When the old LEA's jurisdiction has ended and the new LEA's is not here yet, nobody writes."""
    history = records_after(ended(claimed(), OCTOBER), after=ready())
    for lea in (EBR, JEFFERSON):
        decision = decide(history, SAVE, by=actor(lea))
        assert isinstance(decision, Waiting)
        assert codes(decision) == {"REC-002"}


@pytest.mark.parametrize("end_comes_first", [True, False])
def test_the_new_owner_writes_whichever_event_comes_first(end_comes_first: bool) -> None:
    """After a transfer the new LEA owns the student, also while the old spell's end is still on its way."""
    old, new = claimed(), claimed(JEFFERSON, OCTOBER, "the second claim")
    events = (ended(old, OCTOBER), new) if end_comes_first else (new, ended(old, OCTOBER))
    for count in (1, 2) if not end_comes_first else (2,):
        history = records_after(*events[:count], after=ready())
        new_records(decide(history, SAVE, by=actor(JEFFERSON)))
        assert codes(decide(history, SAVE, by=actor(EBR))) == {"ACC-005"}


def test_readers_save_nothing() -> None:
    """Saving needs the role of a writer, and is not held until the student comes."""
    assert codes(decide(ready(), SAVE, by=actor(EBR, Role.READER))) == {"ACC-004"}
    assert isinstance(decide([], SAVE, by=actor(EBR, Role.READER)), Refused)


def test_every_broken_rule_is_said() -> None:
    """A refusal names everything that is wrong."""
    command = SaveProfile(student_id=STUDENT, profile=Profile())
    decision = decide(ready(), command, by=actor(JEFFERSON, Role.READER))
    assert codes(decision) == {"ACC-004", "ACC-005"}
