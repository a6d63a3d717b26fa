"""Answering a requested transfer. Only provision knows whether services are open."""

from collections.abc import Iterator
from typing import Any

from contracts.decision import Known, Reaction
from contracts.jurisdiction import Transfer, TransferState
from contracts.moving import closed, heard
from contracts.provision import (
    TransferAnswer,
    TransferAnswerState,
    TransferBlocked,
    TransferCleared,
)
from services.provision.domain.dated_back import done_since
from services.provision.domain.facts import KnownTransfer, blocking, listed


def answer(known: Known, event: Transfer) -> Reaction:
    """Block the claim and list the open services of other LEAs. If none is open, clear the claim.

    After clearing, the owner can add no more services. Provision answers each claim once, and only if it has
    heard the same of merged State IDs as jurisdiction had. Else it keeps the question.
    """
    question = _noted(event)
    return [question, *answered(known, question)]


def note_refusal(known: Known, event: Transfer) -> Reaction:
    """Keep that jurisdiction has refused the claim."""
    return [_noted(event)]


def answered(known: Known, question: KnownTransfer) -> Iterator[TransferBlocked | TransferCleared]:
    """The answer to a claim; none while there is one, or while jurisdiction asked about another student than
    the one that stands here."""
    asked = not question.refused and not known.revision(TransferAnswer.kind, question.record_id)
    same = question.as_of == heard(known) and not any(closed(known, question.student_id))
    if asked and same:
        yield _blocked_or_cleared(known, question)


def _noted(event: Transfer) -> KnownTransfer:
    return KnownTransfer.noted(event, refused=event.state is TransferState.REFUSED)


def _blocked_or_cleared(known: Known, question: KnownTransfer) -> TransferBlocked | TransferCleared:
    facts: dict[str, Any] = {
        "student_id": question.student_id,
        "revision": 1,
        "claim_id": question.claim_id,
        "from_lea": question.from_lea,
        "to_lea": question.to_lea,
        "begin_on": question.begin_on,
        "number": 1 + max((one.number for one in known.anywhere(TransferAnswer)), default=0),
    }
    if given := blocking(known, question.to_lea):
        return TransferBlocked(
            **facts, state=TransferAnswerState.BLOCKED, open_services=listed(given), open_count=len(given)
        )
    return TransferCleared(**facts, state=TransferAnswerState.CLEARED, done_since=done_since(known, question))
