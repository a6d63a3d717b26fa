"""The people whom one can be: ready-made ones, each for a role, and one who was typed in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.codes import LEAS
from contracts.roles import STATE, Role

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `does`: the work of a ready-made person, as a phrase."""

    name: str
    lea: str
    roles: tuple[Role, ...]
    does: str = ""

    @property
    def sub(self) -> str:
        """The user name: `data-clerk-017`."""
        return f"{_slug(self.name)}-{self.lea}"

    @property
    def title(self) -> str:
        """The name with the LEA: `Data clerk, East Baton Rouge (017)`."""
        return self.name if self.lea == STATE else f"{self.name}, {LEAS.label(self.lea)}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a field of the form."""

    field: str
    sentence: str


class FormRefused(Exception):
    """The typed person cannot sign in."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


PEOPLE = (
    Person(
        "District coordinator",
        "017",
        (Role.COORDINATOR, Role.WRITER),
        "Deadlines, transfers, the child count",
    ),
    Person("Teacher", "017", (Role.WRITER,), "Evaluations and IEPs of own students"),
    Person("Data clerk", "017", (Role.WRITER, Role.IEP_SUBMITTER), "Services, submitting IEPs"),
    Person("Secure ID manager", "017", (Role.SECURE_ID_MANAGER,), "State IDs and likely duplicates"),
    Person("Principal", "017", (Role.READER,), "Looks at students, changes nothing"),
    Person("District coordinator", "009", (Role.COORDINATOR, Role.WRITER), "The other side of a transfer"),
    Person("State office", STATE, (Role.STATE,), "Disputes, school sites, held messages"),
    Person("Auditor", STATE, (Role.AUDITOR,), "Histories, and who looked at a record"),
)
"""The ready-made people. Their names are roles: they stand for nobody."""

FIRST = PEOPLE[0]
"""The person to begin with."""


def ready_made(sub: str) -> Person:
    """The ready-made person of that user name. FormRefused: there is none."""
    for person in PEOPLE:
        if person.sub == sub:
            return person
    raise FormRefused([Problem("person", "Choose one of the people.")])


def typed_in(name: str, lea: str, roles: Sequence[str]) -> Person:
    """A person from the form. FormRefused: the name, the LEA or the roles cannot be."""
    name = " ".join(name.split())
    found = {
        "name": _name_problem(name),
        "lea": None if lea == STATE or lea in LEAS else "Choose an LEA.",
        "role": None if roles and set(roles) <= set(Role) else "Choose at least one role.",
    }
    if problems := [Problem(field, sentence) for field, sentence in found.items() if sentence]:
        raise FormRefused(problems)
    return Person(name, lea, tuple(role for role in Role if role.value in roles))


def _name_problem(name: str) -> str | None:
    if not _slug(name):
        return "Enter a name with at least one letter."
    return f"Enter a name of at most {_LONGEST_NAME} letters." if len(name) > _LONGEST_NAME else None


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")
