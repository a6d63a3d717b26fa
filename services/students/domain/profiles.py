"""Saving a student's profile: the fields that an LEA maintains, apart from the demographic fields."""

from collections.abc import Iterator
from datetime import date

from contracts.access import Role
from contracts.dates import before_birth, too_far_ahead
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, NOT_CLAIMED, ROLE_MISSING, Finding
from contracts.facts import keepers, owner
from contracts.revisions import differing, moved_on
from contracts.students import Profile, ProfileSaved, SaveProfile, Student
from services.students.domain import rules
from services.students.domain.ownership import of_another_lea

MOST_PROFILES = 100
EFFECTIVE_ON = "profile.effective_on"


def save_profile(known: Known, ask: Ask[SaveProfile]) -> Decision:
    """The owner saves the profile that holds from a day on. Before the first claim, the LEA that added the
    student does."""
    student = known.one(Student)
    if broken := tuple(_broken(known, student, ask)):
        return Refused(broken)
    if student is None:
        return Waiting(NOT_ADDED.broken(at="student_id"))
    if not _may_save(known, student, ask):
        return Waiting(NOT_CLAIMED.broken(at="student_id"))
    return Accepted([_saved(student, _dated(student, ask))])


def since_birth(profile: Profile, birth_on: date) -> Profile:
    """The profile without its first day if that is the birth date, which eScholar may still correct."""
    return profile.model_copy(update={"effective_on": None}) if profile.since == birth_on else profile


def unfit(profile: Profile, birth_on: date, today: date) -> Iterator[Finding]:
    """The findings about the day on which a profile begins."""
    if profile.effective_on is not None:
        yield from before_birth(profile.effective_on, birth_on, at=EFFECTIVE_ON)
        yield from too_far_ahead(profile.effective_on, today, at=EFFECTIVE_ON)


def _dated(student: Student, ask: Ask[SaveProfile]) -> Profile:
    """The profile to keep. If it names no first day, it begins on the day when the command was received."""
    profile = ask.command.profile
    dated = profile.model_copy(update={"effective_on": profile.effective_on or ask.on})
    return since_birth(dated, student.person.birth_on)


def _saved(student: Student, profile: Profile) -> ProfileSaved:
    """The student with the new profile. It replaces a profile that begins on the same day."""
    others = (one for one in student.profiles if one.since != profile.since)
    last, *earlier = sorted((profile, *others), key=lambda one: one.since, reverse=True)
    return ProfileSaved.of(student, profile=last, earlier_profiles=tuple(earlier))


def _may_save(known: Known, student: Student, ask: Ask[SaveProfile]) -> bool:
    """Whether the sender's LEA owns the student; before the first claim, whether it added the student."""
    if keepers(known):
        return owner(known, ask.on) == ask.actor.lea
    return student.added_by == ask.actor.lea


def _broken(known: Known, student: Student | None, ask: Ask[SaveProfile]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from of_another_lea(known, ask)
    if student and _may_save(known, student, ask):  # other LEAs learn nothing about the record
        yield from _unfit(known, student, ask)


def _unfit(known: Known, student: Student, ask: Ask[SaveProfile]) -> Iterator[Finding]:
    profile = _dated(student, ask)
    yield from unfit(profile, student.person.birth_on, ask.on)
    same_day = next((one for one in student.profiles if one.since == profile.since), None)
    if same_day is None and len(student.profiles) >= MOST_PROFILES:
        yield rules.TOO_MANY_PROFILES.broken(at=EFFECTIVE_ON, limit=MOST_PROFILES)
    held = same_day or student.profile_on(profile.since)
    yield from moved_on(known, ask.command, Student, fields=differing(held, profile, at="profile"))
