"""The people whom one can be: ready-made ones, each for a role, and one who was typed in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.codes import LEAS
from contracts.roles import STATE, Role

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `sub`: the user name. `does`: the work of that role, as a phrase."""

    sub: str
    name: str
    lea: str
    roles: tuple[Role, ...]
    does: str = ""


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


def lea_name(lea: str) -> str:
    """An LEA as a person reads it: `East Baton Rouge (017)`."""
    return "the state (LA)" if lea == STATE else f"{LEAS[lea].label} ({lea})"


def _of_lea(sub: str, title: str, lea: str, roles: Sequence[Role], does: str) -> Person:
    return Person(f"{sub}-{lea}", f"{title}, {lea_name(lea)}", lea, tuple(roles), does)


PEOPLE = (
    _of_lea(
        "coordinator",
        "District coordinator",
        "017",
        (Role.COORDINATOR, Role.WRITER),
        "Deadlines, transfers, the child count",
    ),
    _of_lea("teacher", "Teacher", "017", (Role.WRITER,), "Evaluations and IEPs of own students"),
    _of_lea(
        "clerk", "Data clerk", "017", (Role.WRITER, Role.IEP_SUBMITTER), "Services, files, submitting IEPs"
    ),
    _of_lea(
        "secure-id", "Secure ID manager", "017", (Role.SECURE_ID_MANAGER,), "State IDs and likely duplicates"
    ),
    _of_lea("principal", "Principal", "017", (Role.READER,), "Looks at students, changes nothing"),
    _of_lea(
        "coordinator",
        "District coordinator",
        "009",
        (Role.COORDINATOR, Role.WRITER),
        "The other side of a transfer",
    ),
    Person("state-office", "State office", STATE, (Role.STATE,), "Disputes, school sites, held messages"),
    Person("auditor", "Auditor", STATE, (Role.AUDITOR,), "Histories, and who looked at a record"),
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
    return Person(f"{_slug(name)}-{lea}", name, lea, tuple(role for role in Role if role.value in roles))


def _name_problem(name: str) -> str | None:
    if not _slug(name):
        return "Enter a name with at least one letter."
    return f"Enter a name of at most {_LONGEST_NAME} letters." if len(name) > _LONGEST_NAME else None


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")
