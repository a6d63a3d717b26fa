"""Services and answers move to the State ID that stands for theirs."""

from collections.abc import Iterator

from contracts.decision import Known, Reaction
from contracts.message import Movable, Record
from contracts.moving import Moves, afterwards, known_beside, moved
from contracts.provision import (
    Service,
    ServiceMoved,
    Session,
    SessionMoved,
    TransferAnswer,
    TransferAnswerMoved,
    TransferAnswerState,
)
from contracts.state_ids import StateId
from services.provision.domain.facts import KnownTransfer
from services.provision.domain.session_log import SessionDay
from services.provision.domain.terminations import released
from services.provision.domain.transfers import answered

MOVES: Moves = {
    Service: ServiceMoved,
    Session: SessionMoved,
    SessionDay: SessionDay,
    TransferAnswer: TransferAnswerMoved,
}


def move(known: Known, event: StateId) -> Reaction:
    """Move the services, and the answers to claims that are not won. Then answer the claims that waited for
    this word, and release those that nothing blocks any more."""
    records = moved(known_beside(known, event.student_id), event, MOVES, stays=_is_cleared)
    followed = [said for _, after in afterwards(known, event, records) for said in _followed(after)]
    return [*records, *followed]


def _is_cleared(record: Movable) -> bool:
    """Whether it is the answer to a claim that was won: jurisdiction says where its spell stands."""
    return isinstance(record, TransferAnswer) and record.state is TransferAnswerState.CLEARED


def _followed(known: Known) -> Iterator[Record]:
    for question in known.all(KnownTransfer):
        yield from answered(known, question)
    yield from released(known)
