"""The rules of evaluations and IEPs. Read the files of rules, `facts`, `standing`.

Then read one file for each behavior.

An evaluation: `stages` and `beginnings`, then `requests`, `decisions`, `completions`, `eligibility`;
`reevaluations` and `waivers`; at any time `coordinators`, `extensions`, `delays`, `exceptions`, `closing`,
`evaluation_corrections`. Before it: `part_c`.
An IEP: `opened`, `lines`, `contents` and `unfinished`, then `drafts`, `forms`, `discards`, `official`,
`submission`, `amendments`, `deletions`.
Entry into special education and exit: `activities`, `exits`, `corrections`, `consents`.
Validation: `grounds`, and `requirements` with a file for each group of forms. `validation` combines them.
Two IEPs compared: `differences`. Records that go along with a merged State ID: `moving`. Records that a
person gives to another State ID: `assigning`.
The state's calendars: `calendars`.
"""

from collections.abc import Callable, Iterable, Mapping

from contracts.activities import (
    Consent,
    CorrectSpedActivity,
    ExitSpecialEducation,
    RefuseInitialServices,
    RevokeConsent,
    SpedActivity,
    VoidSpedActivity,
)
from contracts.assigning import KnownShared, decided_with, note_shared
from contracts.calendars import Calendar, PublishCalendar
from contracts.decision import Decision, Reaction
from contracts.evaluations import (
    AssignCoordinator,
    AssignEvaluation,
    BeginReevaluation,
    CloseEvaluation,
    CompleteEvaluation,
    CorrectEvaluation,
    DetermineEligibility,
    Evaluation,
    ExplainDelay,
    ExtendEvaluation,
    PartCTransition,
    RecordEvaluationException,
    RecordParentDecision,
    RecordPartCTransition,
    RecordTriennialWaiver,
    RequestEvaluation,
)
from contracts.facts import KnownSpell, KnownStudent, note_student
from contracts.ieps import (
    IEP,
    AmendIEP,
    ApproveIEPDeletion,
    AssignIEP,
    DeclineIEPDeletion,
    DiscardIEP,
    DraftIEP,
    IEPContents,
    IEPDeletion,
    MakeIEPOfficial,
    RemoveIEPForm,
    RequestIEPDeletion,
    SaveIEPForms,
    SubmitIEP,
)
from contracts.jurisdiction import (
    ClaimCorrected,
    ClaimWithdrawn,
    JurisdictionEnded,
    JurisdictionResumed,
    SpellMoved,
    StudentClaimed,
)
from contracts.leaving import stands_at
from contracts.message import Command, Event, Guest, Message, Record
from contracts.moving import CHANGES_OF_ADDRESS
from contracts.moving import TOGETHER as MOVES
from contracts.state_ids import StateId, StateIdShared
from contracts.students import (
    GuardianMoved,
    GuardianSaved,
    ProfileSaved,
    StudentAdded,
    StudentCorrected,
    StudentMoved,
)
from services.ieps.domain import (
    amendments,
    assigning,
    calendars,
    closing,
    completions,
    consents,
    coordinators,
    corrections,
    decisions,
    delays,
    deletions,
    discards,
    drafts,
    eligibility,
    evaluation_corrections,
    exceptions,
    exits,
    extensions,
    facts,
    forms,
    leaving,
    moving,
    official,
    opened,
    part_c,
    reevaluations,
    requests,
    submission,
    waivers,
)
from services.ieps.domain.rules import RULES

DECIDERS: dict[type[Command], Callable[..., Decision]] = {
    PublishCalendar: calendars.publish,
    RequestEvaluation: requests.request,
    RecordParentDecision: decisions.record,
    CompleteEvaluation: completions.complete,
    DetermineEligibility: eligibility.determine,
    BeginReevaluation: reevaluations.begin,
    RecordTriennialWaiver: waivers.waive,
    AssignCoordinator: coordinators.assign,
    ExtendEvaluation: extensions.extend,
    ExplainDelay: delays.explain,
    RecordEvaluationException: exceptions.record,
    CloseEvaluation: closing.close,
    CorrectEvaluation: evaluation_corrections.correct,
    RecordPartCTransition: part_c.record,
    DraftIEP: drafts.draft,
    SaveIEPForms: forms.save,
    RemoveIEPForm: forms.remove,
    MakeIEPOfficial: official.make_official,
    SubmitIEP: submission.submit,
    AmendIEP: amendments.amend,
    DiscardIEP: discards.discard,
    RequestIEPDeletion: deletions.request,
    ApproveIEPDeletion: deletions.approve,
    DeclineIEPDeletion: deletions.decline,
    ExitSpecialEducation: exits.exit_special_education,
    CorrectSpedActivity: corrections.correct,
    VoidSpedActivity: corrections.void,
    RefuseInitialServices: consents.refuse,
    RevokeConsent: consents.revoke,
    AssignEvaluation: assigning.assign_evaluation,
    AssignIEP: assigning.assign_iep,
}

LOOKS_AT: dict[type[Command], Callable[..., Iterable[str]]] = {
    CompleteEvaluation: calendars.looks_at_those_around("report_disseminated_on"),
    ExplainDelay: calendars.looks_at_every,
    ExtendEvaluation: calendars.looks_at_those_around("approved_on"),
    MakeIEPOfficial: calendars.looks_at_those_around("signed_on"),
    RecordEvaluationException: calendars.looks_at_those_around("occurred_on"),
}

TOGETHER: Mapping[type[Message], Callable[..., Iterable[str]]] = {
    **MOVES,
    AssignEvaluation: decided_with,
    AssignIEP: decided_with,
    StudentClaimed: stands_at,
    JurisdictionEnded: stands_at,
    JurisdictionResumed: stands_at,
    ClaimWithdrawn: stands_at,
    ClaimCorrected: stands_at,
    SpellMoved: stands_at,
}

OPENS: dict[type[Message], Callable[..., Iterable[tuple[type[Record], object]]]] = {
    DraftIEP: opened.copied,
    SaveIEPForms: opened.draft,
    RemoveIEPForm: opened.draft,
    MakeIEPOfficial: opened.contents_and_every_header,
    SubmitIEP: opened.every_header,
    AmendIEP: opened.amended,
    DiscardIEP: opened.header,
    RequestIEPDeletion: opened.every_header,
    ApproveIEPDeletion: opened.every_header,
    AssignIEP: opened.every_header,
    StudentClaimed: opened.every_header,
    JurisdictionEnded: opened.every_header,
    JurisdictionResumed: opened.every_header,
    ClaimWithdrawn: opened.every_header,
    ClaimCorrected: opened.every_header,
    SpellMoved: opened.every_header,
    **dict.fromkeys(CHANGES_OF_ADDRESS, opened.every_header),
}

REACTIONS: dict[type[Event], Callable[..., Reaction]] = {
    StudentAdded: note_student,
    StudentCorrected: note_student,
    ProfileSaved: note_student,
    StudentMoved: note_student,
    GuardianSaved: facts.note_guardian,
    GuardianMoved: facts.note_guardian,
    StudentClaimed: leaving.note_owner,
    JurisdictionEnded: leaving.note_owner,
    JurisdictionResumed: leaving.note_owner,
    ClaimWithdrawn: leaving.note_owner,
    ClaimCorrected: leaving.note_owner,
    SpellMoved: leaving.note_owner,
    **dict.fromkeys(CHANGES_OF_ADDRESS, moving.move),
    StateIdShared: note_shared,
}

STORED = (
    Calendar,
    Evaluation,
    PartCTransition,
    IEP,
    IEPContents,
    IEPDeletion,
    SpedActivity,
    Consent,
    KnownStudent,
    facts.KnownGuardian,
    KnownSpell,
    leaving.IEPsAsLeft,
    StateId,
    Guest,
    KnownShared,
)

__all__ = ["DECIDERS", "LOOKS_AT", "OPENS", "REACTIONS", "RULES", "STORED", "TOGETHER"]
