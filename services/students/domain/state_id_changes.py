"""Changes of State IDs: eScholar links them, or a person proposes a change and a second person approves it.

The last word that this service processed stands, eScholar's or a person's.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import ClassVar

from contracts.access import STATE, Actor, Role
from contracts.catalog import BRIDGE
from contracts.decision import Accepted, Ask, Decision, Known, Reaction, Refused
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import KnownSpell, no_lea
from contracts.identity import Identity, IdentityRetired, Link
from contracts.message import Command, OfStudent, Record
from contracts.moving import KnownOf, closed, known_beside
from contracts.revisions import moved_on
from contracts.state_ids import (
    ApproveStateId,
    ChangeState,
    DeclineStateId,
    ModifyStateId,
    StateIdChange,
    StateIdChangeApproved,
    StateIdChangeDeclined,
    StateIdChangeProposed,
)
from contracts.students import Student
from contracts.types import LeaCode, StudentId
from services.students.domain import rules
from services.students.domain.addresses import (
    Word,
    last_word,
    link,
    reached,
)

OVERTAKEN = "eScholar sent a newer message."


class Approval(StrEnum):
    """Which changes of State IDs wait until a secure ID manager approves them.

    `people`: those that a person proposes; a second person approves. `everything`: those of eScholar's too,
    as before a count day. `nothing`: one person suffices.
    """

    NOTHING = "nothing"
    PEOPLE = "people"
    EVERYTHING = "everything"


class KnownLink(OfStudent, Record):
    """eScholar's last word on what became of a State ID. `revision` is eScholar's count."""

    kind: ClassVar[str] = Link.kind

    into: StudentId | None = None
    retired: bool = False


def linked_with(event: Link | ModifyStateId, known_of: KnownOf) -> Iterable[str]:
    """The other State IDs about which a link or a proposal is decided."""
    return reached(event.student_id, event.into, known_of)


def decided_with(command: ApproveStateId | DeclineStateId, known_of: KnownOf) -> Iterable[str]:
    """The other State IDs about which the waiting change is decided."""
    change = waiting(known_of(command.student_id))
    return reached(command.student_id, change.into, known_of) if change else ()


def waiting(known: Known) -> StateIdChange | None:
    """The change that waits for approval."""
    change = known.one(StateIdChange)
    return change if change and change.state is ChangeState.PROPOSED else None


def follow(known: Known, event: Link, approval: Approval = Approval.PEOPLE) -> Reaction:
    """Keep eScholar's link. It takes effect at once, or waits for approval."""
    word = Word(event.into, isinstance(event, IdentityRetired))
    kept = KnownLink(
        student_id=event.student_id, revision=event.revision, into=word.into, retired=word.retired
    )
    if approval is Approval.EVERYTHING and word != last_word(known):
        return [
            kept,
            StateIdChangeProposed.model_validate(_proposed(known, event, word, event.reason, BRIDGE)),
        ]
    return [kept, *_overtaken(known), *link(known, event.student_id, word)]


def modify(known: Known, ask: Ask[ModifyStateId], approval: Approval = Approval.PEOPLE) -> Decision:
    """A secure ID manager proposes a change. Where nothing waits for approval, it takes effect at once."""
    command, sender = ask.command, ask.actor.sender
    if broken := (*not_allowed(known, ask, command.into), *_unfit(known, command)):
        return Refused(broken)
    word = Word(command.into)
    change = _proposed(known, command, word, command.reason, sender)
    if approval is not Approval.NOTHING:
        return Accepted([StateIdChangeProposed.model_validate(change)])
    decided = change | {"state": ChangeState.APPROVED, "decided_by": sender}
    return Accepted([StateIdChangeApproved.model_validate(decided), *link(known, command.student_id, word)])


def approve(known: Known, ask: Ask[ApproveStateId]) -> Decision:
    """A secure ID manager puts the waiting change into effect. Whoever proposed it may not."""
    change = waiting(known)
    broken = (*not_allowed(known, ask, change.into if change else None), *_not_waiting(change))
    if change is not None:
        broken = (*broken, *_same_person(change, ask.actor), *_not_as_seen(known, ask.command, change))
    if change is None or broken:
        return Refused(broken)
    approved = StateIdChangeApproved.of(change, state=ChangeState.APPROVED, decided_by=ask.actor.sender)
    return Accepted([approved, *link(known, change.student_id, Word(change.into, change.retired))])


def decline(known: Known, ask: Ask[DeclineStateId]) -> Decision:
    """A secure ID manager refuses the waiting change, or takes back an own proposal."""
    change = waiting(known)
    broken = (*not_allowed(known, ask, change.into if change else None), *_not_waiting(change))
    if change is None or broken:
        return Refused(broken)
    return Accepted([_declined(change, ask.actor.sender, ask.command.reason)])


def _proposed(
    known: Known, message: Link | ModifyStateId, word: Word, reason: str, proposed_by: str
) -> dict[str, object]:
    return {
        "student_id": message.student_id,
        "revision": known.revision(StateIdChange.kind, "") + 1,
        "into": word.into,
        "retired": word.retired,
        "reason": reason,
        "state": ChangeState.PROPOSED,
        "proposed_by": proposed_by,
    }


def _overtaken(known: Known) -> Iterator[StateIdChangeDeclined]:
    """A link of eScholar's that still waits: eScholar has said something newer."""
    change = waiting(known)
    if change and change.proposed_by == BRIDGE:
        yield _declined(change, BRIDGE, OVERTAKEN)


def _declined(change: StateIdChange, by: str, because: str) -> StateIdChangeDeclined:
    return StateIdChangeDeclined.of(
        change, state=ChangeState.DECLINED, decided_by=by, declined_because=because
    )


def not_allowed(known: Known, ask: Ask[Command], into: StudentId | None) -> Iterator[Finding]:
    """A change is for secure ID managers: of an LEA that has one of the two students, or of the state."""
    if not ask.actor.has(Role.SECURE_ID_MANAGER):
        yield ROLE_MISSING.broken(role=Role.SECURE_ID_MANAGER)
    if ask.actor.lea == STATE:
        return
    yield from no_lea(ask.actor)
    leas = {*_leas(known), *(_leas(known_beside(known, ask.command.subject)(into)) if into else ())}
    if leas and ask.actor.lea not in leas:
        yield rules.NO_STUDENT_OF_THE_LEA.broken(at="student_id")


def _leas(known: Known) -> Iterator[LeaCode]:
    """The LEAs that have or had the student, and the one that added the student."""
    student = known.one(Student)
    if student:
        yield student.added_by
    for spell in known.all(KnownSpell):
        yield spell.lea


def _unfit(known: Known, command: ModifyStateId) -> Iterator[Finding]:
    known_of = known_beside(known, command.student_id)
    for at, state_id in (("student_id", command.student_id), ("into", command.into)):
        if state_id and known_of(state_id).one(Identity) is None:
            yield rules.NOT_IN_ESCHOLAR.broken(at=at, state_id=state_id)
    if command.into == command.student_id:
        yield rules.INTO_ITSELF.broken(at="into")
    elif last_word(known) == Word(command.into):
        yield rules.STANDS_ALREADY.broken(at="into")
    elif command.into:
        yield from closed(known_of(command.into), command.into, at="into")
    if change := waiting(known):
        yield rules.CHANGE_WAITS.broken(at="student_id", proposed_by=change.proposed_by)


def _not_waiting(change: StateIdChange | None) -> Iterator[Finding]:
    if change is None:
        yield rules.NO_CHANGE_WAITS.broken(at="student_id")


def _same_person(change: StateIdChange, actor: Actor) -> Iterator[Finding]:
    """A person keeps the user name in each scope, so that the state's role makes nobody a second person."""
    if change.proposed_by.partition("/")[2] == actor.sub:
        yield rules.PROPOSED_IT.broken(at="student_id", proposed_by=change.proposed_by)


def _not_as_seen(known: Known, command: ApproveStateId, change: StateIdChange) -> Iterator[Finding]:
    """The change is another one than the approver saw, or `into` was merged meanwhile.

    eScholar may link to a State ID that was merged itself.
    """
    yield from moved_on(known, command, StateIdChange, fields=("into",))
    if change.into and change.proposed_by != BRIDGE:
        yield from closed(known_beside(known, change.student_id)(change.into), change.into)
