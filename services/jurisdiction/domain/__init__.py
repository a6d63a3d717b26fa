"""The rules of jurisdiction. Read `rules`, `facts`, one file for each behavior, then the tables below."""

from collections.abc import Callable, Iterable, Mapping

from contracts.assigning import KnownShared, decided_with, note_shared
from contracts.calendars import Calendar, CalendarAmended, CalendarPublished
from contracts.decision import Decision, Reaction
from contracts.facts import KnownStudent, note_calendar, note_student
from contracts.jurisdiction import (
    AssignSpell,
    ClaimJurisdiction,
    CloseJurisdiction,
    CorrectClaim,
    CorrectSchoolTransfer,
    EscalateTransfer,
    RegisterSchoolSites,
    SchoolDirectory,
    Spell,
    Transfer,
    TransferSchool,
    WithdrawClaim,
    WriteOnTransfer,
)
from contracts.message import Command, Event, Guest, Message
from contracts.moving import CHANGES_OF_ADDRESS
from contracts.moving import TOGETHER as MOVES
from contracts.provision import TransferBlocked, TransferCleared
from contracts.state_ids import StateId, StateIdShared
from contracts.students import StudentAdded, StudentCorrected, StudentMoved
from services.jurisdiction.domain import (
    assigning,
    claim_corrections,
    claims,
    closing,
    correcting,
    facts,
    moving,
    schools,
    sites,
    transfers,
    withdrawing,
    writing,
)
from services.jurisdiction.domain.rules import RULES

DECIDERS: dict[type[Command], Callable[..., Decision]] = {
    RegisterSchoolSites: sites.register,
    ClaimJurisdiction: claims.claim,
    TransferSchool: schools.transfer_school,
    CorrectSchoolTransfer: correcting.correct_school_transfer,
    CloseJurisdiction: closing.close,
    WithdrawClaim: withdrawing.withdraw_claim,
    CorrectClaim: claim_corrections.correct_claim,
    WriteOnTransfer: writing.write,
    EscalateTransfer: writing.escalate,
    AssignSpell: assigning.assign_spell,
}

LOOKS_AT: dict[type[Command], Callable[..., Iterable[str]]] = {
    ClaimJurisdiction: sites.looks_at,
    TransferSchool: sites.looks_at,
    CorrectSchoolTransfer: sites.looks_at,
    CorrectClaim: sites.directory_of_claim,
}

REACTIONS: dict[type[Event], Callable[..., Reaction]] = {
    StudentAdded: note_student,
    StudentCorrected: note_student,
    StudentMoved: note_student,
    **dict.fromkeys(CHANGES_OF_ADDRESS, moving.move),
    StateIdShared: note_shared,
    TransferCleared: transfers.complete,
    TransferBlocked: transfers.refuse,
    CalendarPublished: note_calendar,
    CalendarAmended: note_calendar,
}

TOGETHER: Mapping[type[Message], Callable[..., Iterable[str]]] = {**MOVES, AssignSpell: decided_with}

AWAITED = (TransferBlocked, TransferCleared)
"""The events from which the outcome of a claim follows. An operator cannot refuse them."""

STORED = (
    Spell,
    Transfer,
    SchoolDirectory,
    KnownStudent,
    facts.Answer,
    Calendar,
    StateId,
    Guest,
    KnownShared,
)

__all__ = ["AWAITED", "DECIDERS", "LOOKS_AT", "REACTIONS", "RULES", "STORED", "TOGETHER"]
