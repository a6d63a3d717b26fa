"""Saving an LEA's profile of a student."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import Role
from contracts.decision import Refused, Waiting
from contracts.message import Record
from contracts.students import AddStudent, Profile, ProfileSaved, SaveProfile, Student
from services.students.domain.profiles import MOST_PROFILES
from tests.unit.events import ended
from tests.unit.scenario import STUDENT, TODAY, actor, codes, new_records
from tests.unit.students.events import (
    AUGUST,
    BORN,
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

FOURTH_GRADE = Profile(grade="04", english_learner=True, home_language="Spanish", effective_on=AUGUST)
SAVE = SaveProfile(student_id=STUDENT, profile=FOURTH_GRADE)


def test_the_owner_replaces_the_profile() -> None:
    """The owner's profile replaces the earlier one. eScholar's fields stay."""
    (saved,) = new_records(decide(ready(), SAVE))
    assert isinstance(saved, ProfileSaved)
    assert (saved.revision, saved.profile, saved.person, saved.added_by) == (2, FOURTH_GRADE, person(), EBR)
    assert saved.earlier_profiles == (added().profile,)


def save(effective_on: date | None = None, on_revision: int | None = None, **facts: Any) -> SaveProfile:
    """A command to save a profile from a day on."""
    profile = Profile(effective_on=effective_on, **facts)
    return SaveProfile(student_id=STUDENT, profile=profile, on_revision=on_revision)


def saved(history: Sequence[Record], command: SaveProfile) -> ProfileSaved:
    """The student after the profile was saved."""
    (event,) = new_records(decide(history, command))
    assert isinstance(event, ProfileSaved)
    return event


def grades(student: Student) -> list[tuple[date | None, str | None]]:
    """The grade of each profile, with the day from which it holds."""
    return [(profile.effective_on, profile.grade) for profile in student.profiles]


def test_a_profile_without_a_day_holds_from_the_day_it_was_sent() -> None:
    """A profile without a day holds from the day of the command. The earlier profile holds until then."""
    student = saved(ready(), save(grade="04"))
    assert grades(student) == [(TODAY, "04"), (None, "03")]
    assert student.profile_on(TODAY - timedelta(days=1)) == added().profile
    assert student.profile_on(TODAY) == student.profile


def test_the_same_day_again_is_a_correction() -> None:
    """A profile replaces the one that begins on the same day. Profiles before and after it stay."""
    history = ready(saved(ready(), save(AUGUST, grade="04")))
    history = ready(saved(history, save(OCTOBER, grade="05")))
    assert grades(saved(history, save(AUGUST, grade="06"))) == [
        (OCTOBER, "05"),
        (AUGUST, "06"),
        (None, "03"),
    ]


def test_the_day_of_birth_means_since_ever() -> None:
    """An LEA can correct the first profile, which holds from birth on."""
    assert grades(saved(ready(), save(BORN, grade="02"))) == [(None, "02")]


@pytest.mark.parametrize(
    ("day", "code"), [(BORN - timedelta(days=1), "REC-003"), (TODAY + timedelta(days=367), "REC-004")]
)
def test_a_day_that_no_profile_begins_on(day: date, code: str) -> None:
    """A profile begins neither before birth nor more than a year after today."""
    for command in (save(day), AddStudent(student_id=STUDENT, profile=Profile(effective_on=day))):
        history = ready() if isinstance(command, SaveProfile) else records_after(assigned())
        decision = decide(history, command)
        assert isinstance(decision, Refused)
        assert [(finding.code, finding.field) for finding in decision.findings] == [
            (code, "profile.effective_on")
        ]


def test_there_is_a_most_of_profiles() -> None:
    """A student has a hundred profiles at most; one of them can still be replaced."""
    earlier = tuple(Profile(effective_on=AUGUST - timedelta(days=n)) for n in range(1, MOST_PROFILES))
    full = ProfileSaved.of(added(), profile=FOURTH_GRADE, earlier_profiles=earlier)
    assert codes(decide(ready(full), save(OCTOBER))) == {"STU-020"}
    new_records(decide(ready(full), SAVE))


def test_a_profile_of_a_record_that_has_moved_on() -> None:
    """The service refuses a profile based on an older revision, and names the changed fields."""
    history = ready(saved(ready(), save(AUGUST, grade="04", medicaid=True)))
    new_records(decide(history, save(AUGUST, on_revision=2, grade="05")))
    decision = decide(history, save(AUGUST, on_revision=1, grade="05"))
    assert isinstance(decision, Refused)
    (finding,) = decision.findings
    assert (finding.code, finding.field) == ("MSG-031", "on_revision")
    assert finding.facts == {
        "seen": "1",
        "now": "2",
        "record": "student",
        "fields": "profile.grade, profile.medicaid",
    }
    assert "it is at revision 2" in finding.message


def test_another_lea_does_not_learn_what_has_changed() -> None:
    """Another LEA learns the owner and nothing else."""
    assert codes(decide(ready(), save(on_revision=7), by=actor(JEFFERSON))) == {"ACC-005"}


def test_a_profile_saved_after_a_correction_keeps_the_correction() -> None:
    """A profile that was opened before eScholar's correction does not bring the old name back."""
    new = person(last_name="Corrected")
    history = records_after(corrected(new), after=ready())
    (saved,) = new_records(decide(history, SAVE))
    assert isinstance(saved, Student)
    assert (saved.revision, saved.person, saved.identity_revision) == (3, new, 2)


def test_before_any_claim_the_lea_that_added_the_student_saves() -> None:
    """Before any claim the LEA that added the student may correct the profile."""
    new_records(decide([*records_after(assigned()), added()], SAVE))


def test_before_any_claim_another_lea_waits_for_its_own() -> None:
    """A profile that arrives before its LEA's claim waits for the claim."""
    decision = decide([*records_after(assigned()), added()], SAVE, by=actor(JEFFERSON))
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-002"}


def test_a_profile_waits_for_the_student() -> None:
    """A profile that arrives before the student's adding waits for it."""
    decision = decide(records_after(assigned()), SAVE)
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-001"}


def test_only_the_owner_writes() -> None:
    """The service refuses a profile of any LEA but the owner, and names the owner."""
    decision = decide(ready(), SAVE, by=actor(JEFFERSON))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"ACC-005"}
    assert "East Baton Rouge (017)" in decision.findings[0].message
    history = [added(by=EBR), *records_after(claimed(JEFFERSON))]
    assert codes(decide(history, SAVE, by=actor(EBR))) == {"ACC-005"}


def test_between_two_owners_a_profile_waits() -> None:
    """Between the end of one jurisdiction and the next, no LEA may write."""
    history = records_after(ended(claimed(), AUGUST), after=ready())
    for lea in (EBR, JEFFERSON):
        decision = decide(history, SAVE, by=actor(lea))
        assert isinstance(decision, Waiting)
        assert codes(decision) == {"REC-002"}


@pytest.mark.parametrize("end_comes_first", [True, False])
def test_the_new_owner_writes_whichever_event_comes_first(end_comes_first: bool) -> None:
    """After a transfer the new owner may write, even before the old spell's end arrives."""
    old, new = claimed(), claimed(JEFFERSON, OCTOBER, "the second claim")
    events = (ended(old, OCTOBER), new) if end_comes_first else (new, ended(old, OCTOBER))
    for count in (1, 2) if not end_comes_first else (2,):
        history = records_after(*events[:count], after=ready())
        new_records(decide(history, SAVE, by=actor(JEFFERSON), on=OCTOBER))
        assert codes(decide(history, SAVE, by=actor(EBR), on=OCTOBER)) == {"ACC-005"}


def test_a_claim_from_a_day_to_come() -> None:
    """Until the first day of the new owner the old one writes; from then on the new one does."""
    old, new = claimed(), claimed(JEFFERSON, OCTOBER, "the second claim")
    history = records_after(new, ended(old, OCTOBER - timedelta(days=1)), after=ready())
    assert codes(decide(history, SAVE, by=actor(JEFFERSON))) == {"ACC-005"}
    for lea, day in ((EBR, OCTOBER - timedelta(days=1)), (JEFFERSON, OCTOBER)):
        new_records(decide(history, SAVE, by=actor(lea), on=day))


def test_readers_save_nothing() -> None:
    """The service refuses a reader's profile at once."""
    assert codes(decide(ready(), SAVE, by=actor(EBR, Role.READER))) == {"ACC-004"}
    assert isinstance(decide([], SAVE, by=actor(EBR, Role.READER)), Refused)


def test_every_broken_rule_is_said() -> None:
    """A refusal names all broken rules."""
    command = SaveProfile(student_id=STUDENT, profile=Profile())
    decision = decide(ready(), command, by=actor(JEFFERSON, Role.READER))
    assert codes(decision) == {"ACC-004", "ACC-005"}
