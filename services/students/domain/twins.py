"""Likely duplicates: other State IDs of persons with the same name, birth date and sex."""

from collections.abc import Iterator
from typing import ClassVar

from contracts.access import Actor, Role
from contracts.decision import Known
from contracts.errors import Finding
from contracts.message import OfStudent, Record
from contracts.types import LeaCode, StudentId
from services.students.domain import rules


class Twin(OfStudent, Record):
    """Another State ID whose person has the same name, birth date and sex, as eScholar has both now.

    The store finds it for a decision and keeps none. `lea`: the LEA that sees that student; blank if nobody
    has added the person.
    """

    kind: ClassVar[str] = "twin"

    other_id: StudentId
    lea: LeaCode | None = None

    @property
    def record_id(self) -> str:
        return self.other_id


def likely_duplicates(known: Known, actor: Actor) -> Iterator[Finding]:
    """A warning for each other State ID. It has the number only if the sender may see that student.

    An outcome is no logged look. So it says less than the list of candidates, which is one.
    """
    hidden = False
    for twin in known.all(Twin):
        if may_see(actor, twin.lea):
            yield rules.LIKELY_DUPLICATE.broken(at="student_id", other=twin.other_id)
        else:
            hidden = True
    if hidden:
        yield rules.LIKELY_DUPLICATE_ELSEWHERE.broken(at="student_id")


def may_see(viewer: Actor, lea: LeaCode | None) -> bool:
    """Whether a viewer may see the number of a likely duplicate that `lea` sees."""
    return viewer.sees(lea) or viewer.has(Role.SECURE_ID_MANAGER)
