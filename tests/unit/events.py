"""Events about one student that several services receive."""

from datetime import date
from typing import Any

from contracts.identity import Person
from contracts.jurisdiction import (
    ClaimCorrected,
    ClaimWithdrawn,
    EndReason,
    JurisdictionEnded,
    JurisdictionResumed,
    SchoolSite,
    SchoolSitesRegistered,
    SchoolStay,
    SchoolTransferCorrected,
    SchoolTransferred,
    Spell,
    StudentClaimed,
)
from contracts.students import Profile, StudentAdded, StudentCorrected
from tests.unit.scenario import STUDENT, id_named

ORLEANS, JEFFERSON, CADDO = "036", "026", "009"
BORN = date(2008, 3, 5)
AUGUST, SEPTEMBER, OCTOBER = date(2017, 8, 10), date(2017, 9, 10), date(2017, 10, 10)


def directory(lea: str = ORLEANS, *, number: int = 5, **changes: Any) -> SchoolSitesRegistered:
    """The state registered this number of school sites of an LEA, from 001 on, open since 2000."""
    site = SchoolSite(school=f"{lea}001", label="Made-up School", open_on=date(2000, 1, 1), made_up=True)
    codes = [f"{lea}{place:03}" for place in range(1, number + 1)]
    sites = [site.model_copy(update={"school": code} | changes) for code in codes]
    return SchoolSitesRegistered(lea=lea, revision=1, sites=tuple(sites))


def person(birth_on: date = BORN) -> Person:
    """A made-up person."""
    return Person(first_name="Testa", last_name="Student", birth_on=birth_on, sex="F", races=("WH7",))


def added(birth_on: date = BORN, by: str = ORLEANS) -> StudentAdded:
    """An LEA added the student."""
    return StudentAdded(
        student_id=STUDENT,
        revision=1,
        person=person(birth_on),
        identity_revision=1,
        profile=Profile(grade="03"),
        added_by=by,
    )


def corrected(birth_on: date) -> StudentCorrected:
    """eScholar corrected the student's birth date."""
    return StudentCorrected.of(added(), person=person(birth_on), identity_revision=2)


def claimed(lea: str = ORLEANS, begin_on: date = AUGUST, under: str = "the first claim") -> StudentClaimed:
    """An LEA owns the student since `begin_on`, at its school 001."""
    return StudentClaimed(
        student_id=STUDENT,
        revision=1,
        spell_id=id_named(under),
        lea=lea,
        begin_on=begin_on,
        schools=(SchoolStay(school=f"{lea}001", begin_on=begin_on),),
    )


def moved_to(spell: StudentClaimed, school: str, begin_on: date) -> SchoolTransferred:
    """The student moved to another school site of the same LEA."""
    return SchoolTransferred.of(spell, schools=(*spell.schools, SchoolStay(school=school, begin_on=begin_on)))


def corrected_to(spell: StudentClaimed, school: str, begin_on: date) -> SchoolTransferCorrected:
    """The LEA corrected the only stay of its student."""
    return SchoolTransferCorrected.of(spell, schools=(SchoolStay(school=school, begin_on=begin_on),))


def withdrawn(spell: Spell) -> ClaimWithdrawn:
    """The claim was made in error, and its LEA withdrew it."""
    return ClaimWithdrawn.of(spell, withdrawn=True, correction_reason="the wrong child")


def resumed(spell: Spell) -> JurisdictionResumed:
    """The claim that ended the spell was withdrawn."""
    return JurisdictionResumed.of(spell, end_on=None)


def corrected_claim(spell: Spell, begin_on: date) -> ClaimCorrected:
    """The LEA corrected the first day of its claim."""
    stay = SchoolStay(school=spell.schools[0].school, begin_on=begin_on)
    return ClaimCorrected.of(spell, begin_on=begin_on, schools=(stay,), correction_reason="a typing error")


def ended(spell: StudentClaimed, end_on: date, reason: EndReason | None = None) -> JurisdictionEnded:
    """That LEA's jurisdiction ended. With a reason: the LEA closed it, and no LEA follows."""
    return JurisdictionEnded.of(spell, end_on=end_on, end_reason=reason, closed_on=end_on if reason else None)
