"""The persons of a history: the child in eScholar, the child at its LEA, and a guardian."""

from random import Random

from contracts.identity import Alias, IdentityAssigned, Person
from contracts.students import GuardianDetails, Profile
from deploy.population.pupils import FIRST_NAMES, Pupil

_HISPANIC, _TWO_OR_MORE = "HI7", "MU7"
_ONE_OF_TWO = ("AM7", "AS7", "BL7", "PI7")
_NUMBERS = 100
"""The telephone numbers reserved for fiction in each area code: 555-0100 to 555-0199."""


def identity_of(pupil: Pupil, draw: Random) -> IdentityAssigned:
    """eScholar's first record of the child, with the child's number in the LEA's own system."""
    person = Person(
        first_name=pupil.first_name,
        last_name=pupil.last_name,
        birth_on=pupil.birth_on,
        sex=pupil.child.sex,
        hispanic=pupil.child.race == _HISPANIC,
        races=_races(pupil.child.race, draw),
    )
    alias = Alias(lea=pupil.lea, local_student_id=local_id_of(pupil))
    return IdentityAssigned(student_id=pupil.state_id, revision=1, person=person, aliases=(alias,))


def local_id_of(pupil: Pupil) -> str:
    """The child's number in the LEA's own system."""
    return f"S{pupil.child.number}"


def profile_of(pupil: Pupil, draw: Random) -> Profile:
    """The profile that the LEA enters when it adds the child."""
    learner = pupil.child.race == _HISPANIC and draw.random() < 0.3
    return Profile(
        grade=pupil.grade,
        home_language="Spanish" if learner else "English",
        english_learner=learner,
        medicaid=draw.random() < 0.5,
    )


def guardian_of(pupil: Pupil, draw: Random) -> GuardianDetails:
    """A parent or grandparent with the child's family name."""
    first_names = FIRST_NAMES[draw.choice(tuple(FIRST_NAMES))]
    return GuardianDetails(
        first_name=draw.choice(first_names),
        last_name=pupil.last_name,
        relationship="grandparent" if draw.random() < 0.1 else "parent",
        phone=f"225-555-01{draw.randrange(_NUMBERS):02d}",
    )


def _races(race: str, draw: Random) -> tuple[str, ...]:
    """The races of the child: two if the count says two or more, none if it says Hispanic or Latino."""
    if race == _HISPANIC:
        return ()
    return (draw.choice(_ONE_OF_TWO), "WH7") if race == _TWO_OR_MORE else (race,)
