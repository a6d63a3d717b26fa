"""An IEP that another LEA began and did not submit. The student's LEA adopts it; it never finishes it."""

from collections.abc import Iterator

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.errors import Finding
from contracts.ieps import IEP
from services.ieps.domain import iep_rules as rules


def of_another(iep: IEP, actor: Actor) -> Iterator[Finding]:
    """The finding that another LEA than the actor's began the IEP, which is not submitted yet."""
    if iep.lea != actor.lea:
        yield rules.UNFINISHED_OF_ANOTHER.broken(at="iep_id", lea=LEAS.label(iep.lea))
