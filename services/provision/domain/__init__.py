"""The rules of provision. Read `rules`, `facts`, one file for each behavior, then the tables below."""

from collections.abc import Callable, Iterable, Mapping

from contracts.activities import SpedActivityEnded
from contracts.assigning import KnownShared, decided_with, note_shared
from contracts.calendars import Calendar, CalendarAmended, CalendarPublished
from contracts.decision import Decision, Reaction
from contracts.evaluations import (
    EligibilityDetermined,
    EvaluationCompleted,
    EvaluationMoved,
    TriennialWaiverRecorded,
)
from contracts.facts import KnownSpell, KnownStudent, note_calendar, note_spell, note_student
from contracts.ieps import IEPContentsMadeOfficial, IEPDeleted, IEPMoved, IEPSubmitted
from contracts.jurisdiction import (
    ClaimCorrected,
    ClaimWithdrawn,
    JurisdictionEnded,
    JurisdictionResumed,
    SpellMoved,
    StudentClaimed,
    TransferRefused,
    TransferRequested,
)
from contracts.message import Command, Event, Guest, Message, Record
from contracts.moving import CHANGES_OF_ADDRESS
from contracts.moving import TOGETHER as MOVES
from contracts.provision import (
    AddService,
    AssignService,
    ChangeServiceTerms,
    CorrectSession,
    Provider,
    ReassignProvider,
    RecordFirstSession,
    RecordSession,
    RegisterProvider,
    RemoveSession,
    Service,
    Session,
    TerminateService,
    TransferAnswer,
)
from contracts.state_ids import StateId, StateIdShared
from contracts.students import StudentAdded, StudentCorrected, StudentMoved
from services.provision.domain import (
    additions,
    assigning,
    endings,
    facts,
    moving,
    providers,
    reassignments,
    recorded,
    session_log,
    sessions,
    terminations,
    terms,
    transfers,
)
from services.provision.domain.rules import RULES

DECIDERS: dict[type[Command], Callable[..., Decision]] = {
    RegisterProvider: providers.register,
    AddService: additions.add_service,
    ChangeServiceTerms: terms.change_terms,
    ReassignProvider: reassignments.reassign_provider,
    RecordFirstSession: sessions.record_first_session,
    RecordSession: session_log.record_session,
    CorrectSession: session_log.correct_session,
    RemoveSession: session_log.remove_session,
    TerminateService: terminations.terminate_service,
    AssignService: assigning.assign_service,
}

LOOKS_AT: dict[type[Command], Callable[..., Iterable[str]]] = {
    AddService: providers.looks_at,
    ChangeServiceTerms: providers.looks_at,
    ReassignProvider: reassignments.looks_at,
    RecordSession: session_log.looks_at,
    CorrectSession: session_log.looks_at,
}

OPENS: dict[type[Message], Callable[..., Iterable[tuple[type[Record], object]]]] = {
    IEPContentsMadeOfficial: facts.its_plan,
    RecordSession: session_log.recorded,
    CorrectSession: session_log.corrected,
    RemoveSession: session_log.removed,
    AssignService: session_log.every,
    **dict.fromkeys(CHANGES_OF_ADDRESS, session_log.every),
}

REACTIONS: dict[type[Event], Callable[..., Reaction]] = {
    StudentAdded: note_student,
    StudentCorrected: note_student,
    StudentMoved: note_student,
    **dict.fromkeys(CHANGES_OF_ADDRESS, moving.move),
    StateIdShared: note_shared,
    StudentClaimed: note_spell,
    JurisdictionEnded: endings.note_end,
    JurisdictionResumed: note_spell,
    ClaimCorrected: endings.note_end,
    ClaimWithdrawn: endings.note_withdrawal,
    SpellMoved: endings.note_move,
    IEPContentsMadeOfficial: facts.note_plan,
    IEPSubmitted: facts.note_iep,
    IEPDeleted: facts.note_iep,
    IEPMoved: facts.note_iep,
    TriennialWaiverRecorded: facts.note_evaluation,
    EvaluationCompleted: facts.note_evaluation,
    EligibilityDetermined: facts.note_evaluation,
    EvaluationMoved: facts.note_evaluation,
    SpedActivityEnded: endings.note_exit,
    TransferRequested: transfers.answer,
    CalendarPublished: note_calendar,
    CalendarAmended: note_calendar,
    TransferRefused: transfers.note_refusal,
}

TOGETHER: Mapping[type[Message], Callable[..., Iterable[str]]] = {
    **MOVES,
    AssignService: decided_with,
    JurisdictionEnded: endings.stands_at,
    ClaimCorrected: endings.stands_at,
    ClaimWithdrawn: endings.stands_at,
    SpellMoved: endings.stands_at,
    SpedActivityEnded: endings.stands_at,
}

AWAITED = (TransferRequested,)
"""The events from which the outcome of a claim follows. An operator cannot refuse them."""

STORED = (
    Service,
    Session,
    session_log.SessionDay,
    recorded.LastSession,
    Provider,
    recorded.ProviderAtWork,
    TransferAnswer,
    KnownStudent,
    KnownSpell,
    facts.KnownIEP,
    facts.KnownPlan,
    facts.KnownEvaluation,
    facts.KnownActivity,
    facts.KnownTransfer,
    Calendar,
    StateId,
    Guest,
    KnownShared,
)

__all__ = ["AWAITED", "DECIDERS", "LOOKS_AT", "OPENS", "REACTIONS", "RULES", "STORED", "TOGETHER"]
