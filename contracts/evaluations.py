"""The messages of `ieps` about evaluations, the exceptionalities that they find, and the way from Part C."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from contracts.calendars import Extension, ExtensionKind
from contracts.codes import ExceptionalityCode, ExceptionalityDetailCode
from contracts.message import Command, Event, Movable, OfStudent, Value
from contracts.revisions import Replaces
from contracts.state_ids import Assignment
from contracts.types import Choice, Day, EvaluationId, LeaCode, LongText, OrBlank, ShortText, StaffId


class EvaluationType(Choice):
    """Why the record exists. A triennial waiver stands in place of a re-evaluation."""

    INITIAL = "initial"
    REEVALUATION = "re-evaluation"
    WAIVER = "triennial waiver"


class EvaluationStage(Choice):
    """How far an evaluation has come. `begun`: a re-evaluation is under way. `closed`: it ended without a
    report, or without a determination."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    BEGUN = "begun"
    COMPLETED = "completed"
    DETERMINED = "determined"
    WAIVED = "waived"
    CLOSED = "closed"


class ParentDecision(Choice):
    """The parent's answer to the request for permission to evaluate."""

    CONSENTED = "consented"
    REFUSED = "refused"
    NO_RESPONSE = "no response"


class ReevaluationReason(Choice):
    """Why the LEA evaluates a student again."""

    LEA_NEED = "LEA determines need"
    TEACHER_REQUEST = "teacher request"
    PARENT_REQUEST = "parent request"
    MORE_RESTRICTIVE = "more restrictive placement"
    NO_LONGER_SUSPECTED = "exceptionality no longer suspected"
    THREE_YEARS = "three years"


class CoordinatorType(Choice):
    """The profession of an evaluation coordinator."""

    DIAGNOSTICIAN = "educational diagnostician"
    PSYCHOLOGIST = "school psychologist"
    SPEECH_PATHOLOGIST = "speech-language pathologist"
    SOCIAL_WORKER = "school social worker"


class EvaluationExceptionKind(Choice):
    """Why the limit of 60 business days does not apply, or why the evaluation ended."""

    NOT_PRODUCED = "child not produced"
    ENROLLED_ELSEWHERE = "enrolled elsewhere"
    CONSENT_WITHDRAWN = "consent withdrawn"


class DelayReason(Choice):
    """Why an evaluation was completed after its due date."""

    STUDENT_ABSENT = "student absent"
    PARENT_UNAVAILABLE = "parent unavailable"
    OUTSIDE_REPORT = "outside report awaited"
    STAFF_SHORTAGE = "staff shortage"
    SCHEDULING = "scheduling"
    DISASTER = "school closed by disaster"
    OTHER = "other"


class CloseReason(Choice):
    """Why an LEA closes an evaluation."""

    LEFT_LEA = "left the LEA"
    LEFT_STATE = "left the state"
    DIED = "died"
    NO_LONGER_SUSPECTED = "exceptionality no longer suspected"
    ENTERED_IN_ERROR = "entered in error"
    OTHER = "other"


class EvaluationDate(Choice):
    """A date of an evaluation that can be corrected, by the name of its field."""

    REFERRED = "referred_on"
    RECEIVED_BY_APPRAISAL = "received_by_appraisal_on"
    PERMISSION_REQUESTED = "permission_requested_on"
    DECIDED = "decided_on"
    BEGUN = "begun_on"
    REPORT_DISSEMINATED = "report_disseminated_on"
    DETERMINED = "determined_on"
    PARENT_SIGNED = "parent_signed_on"
    CLOSED = "closed_on"


class Exceptionality(Value):
    """One exceptionality found; exactly one of an evaluation's is primary."""

    code: ExceptionalityCode
    primary: bool = False
    details: tuple[ExceptionalityDetailCode, ...] = Field(
        default=(), description="Areas of the exceptionality. Only some exceptionalities have any."
    )


class EvaluationException(Value):
    """A fact that takes an evaluation out of the limit of 60 business days."""

    kind: EvaluationExceptionKind
    occurred_on: Day
    agreed_due_on: OrBlank[Day | None] = None
    sufficient_progress: OrBlank[bool | None] = None


class Correction(Value):
    """A corrected date. `before` is blank if the record did not have the date."""

    field: EvaluationDate
    before: OrBlank[Day | None] = None
    after: Day
    reason: ShortText


class RequestEvaluation(OfStudent, Command):
    """Open an initial evaluation: the parent was asked for permission."""

    creates: ClassVar[str] = "evaluation_id"

    evaluation_id: EvaluationId
    referred_on: OrBlank[Day | None] = None
    received_by_appraisal_on: OrBlank[Day | None] = Field(
        default=None, description="The day on which pupil appraisal received the referral."
    )
    permission_requested_on: Day
    coordinator_id: OrBlank[StaffId | None] = None
    coordinator_type: OrBlank[CoordinatorType | None] = None


class RecordParentDecision(OfStudent, Command):
    """Record the parent's decision. Consent starts the clock of 60 business days."""

    evaluation_id: EvaluationId
    decision: ParentDecision
    decided_on: Day


class BeginReevaluation(OfStudent, Command):
    """Begin a re-evaluation. It needs an earlier initial evaluation, and no decision of the parent."""

    creates: ClassVar[str] = "evaluation_id"

    evaluation_id: EvaluationId
    reason: ReevaluationReason
    begun_on: Day
    referred_on: OrBlank[Day | None] = None
    coordinator_id: OrBlank[StaffId | None] = None
    coordinator_type: OrBlank[CoordinatorType | None] = None


class RecordTriennialWaiver(OfStudent, Command):
    """Record that parent and LEA agree that no re-evaluation is needed. The day of the signature becomes the
    day of the evaluation."""

    creates: ClassVar[str] = "evaluation_id"

    evaluation_id: EvaluationId
    parent_signed_on: Day


class AssignCoordinator(OfStudent, Command):
    """Name the coordinator of an open evaluation, in place of an earlier one."""

    evaluation_id: EvaluationId
    coordinator_id: StaffId
    coordinator_type: OrBlank[CoordinatorType | None] = None


class ExtendEvaluation(OfStudent, Command):
    """Move the due date of an open evaluation, by business days or to a day."""

    evaluation_id: EvaluationId
    extension: ExtensionKind
    business_days: OrBlank[int | None] = Field(
        default=None, ge=1, le=260, description="By how many business days; or else fill in `until`."
    )
    until: OrBlank[Day | None] = Field(default=None, description="The new due date.")
    approved_on: Day
    parent_agreed_on: OrBlank[Day | None] = Field(
        default=None, description="When the parent agreed, if the state's calendar asks for it."
    )


class ExplainDelay(OfStudent, Command):
    """Record why an evaluation is completed after its due date."""

    evaluation_id: EvaluationId
    reason: DelayReason
    explanation: OrBlank[LongText | None] = None


class RecordEvaluationException(OfStudent, Command):
    """Record that the limit of 60 business days does not apply, or that the parent withdrew the consent. A
    withdrawn consent closes the evaluation."""

    evaluation_id: EvaluationId
    exception: EvaluationExceptionKind
    occurred_on: Day
    agreed_due_on: OrBlank[Day | None] = Field(
        default=None,
        description="The day on which the parent and the new LEA agreed, if the student enrolled elsewhere.",
    )
    sufficient_progress: OrBlank[bool | None] = Field(
        default=None,
        description="Whether the new LEA makes sufficient progress, if the student enrolled there.",
    )


class CompleteEvaluation(OfStudent, Command):
    """Record that the written report was disseminated, which is when an evaluation is complete."""

    evaluation_id: EvaluationId
    report_disseminated_on: Day


class DetermineEligibility(OfStudent, Command):
    """Record the exceptionalities found, one of them primary, or that there is none and the student is not
    eligible."""

    evaluation_id: EvaluationId
    determined_on: OrBlank[Day | None] = Field(
        default=None, description="Blank is possible for a re-evaluation: the day of its report."
    )
    exceptionalities: tuple[Exceptionality, ...] = ()


class CloseEvaluation(OfStudent, Command):
    """Close an open evaluation before its end."""

    evaluation_id: EvaluationId
    closed_on: Day
    reason: CloseReason


class CorrectEvaluation(OfStudent, Replaces):
    """Correct one date of an evaluation, at any stage."""

    evaluation_id: EvaluationId
    field: EvaluationDate
    day: Day
    reason: ShortText


class RecordPartCTransition(OfStudent, Replaces):
    """Record what early intervention (IDEA Part C) has done before the third birthday. It replaces what was
    recorded before."""

    served: bool = Field(description="Whether early intervention served the child.")
    referred_on: OrBlank[Day | None] = Field(
        default=None, description="The day on which early intervention referred the child to the LEA."
    )
    eligible_for_part_c_on: OrBlank[Day | None] = None
    transition_conference_on: OrBlank[Day | None] = None
    conference_refused_on: OrBlank[Day | None] = None
    parent_refusal_on: OrBlank[Day | None] = Field(
        default=None, description="The day on which the parent refused consent to evaluation or services."
    )
    continues_in_part_c: bool = Field(
        default=False, description="Whether the parent chose to stay in early intervention past the birthday."
    )


class AssignEvaluation(OfStudent, Assignment):
    """Say that an evaluation is one of the person with another State ID."""

    evaluation_id: EvaluationId


class Evaluation(OfStudent, Movable):
    """An evaluation of any type, from its request or begin to the determination of eligibility."""

    kind: ClassVar[str] = "evaluation"

    evaluation_id: EvaluationId
    lea: LeaCode
    evaluation_type: EvaluationType
    stage: EvaluationStage
    reevaluation_reason: OrBlank[ReevaluationReason | None] = None
    referred_on: OrBlank[Day | None] = None
    received_by_appraisal_on: OrBlank[Day | None] = None
    permission_requested_on: OrBlank[Day | None] = Field(
        default=None, description="Blank if the evaluation is not initial."
    )
    parent_decision: OrBlank[ParentDecision | None] = None
    decided_on: OrBlank[Day | None] = None
    begun_on: OrBlank[Day | None] = Field(default=None, description="Of a re-evaluation only.")
    parent_signed_on: OrBlank[Day | None] = Field(default=None, description="Of a triennial waiver only.")
    coordinator_id: OrBlank[StaffId | None] = None
    coordinator_type: OrBlank[CoordinatorType | None] = None
    extensions: tuple[Extension, ...] = ()
    exceptions: tuple[EvaluationException, ...] = ()
    report_disseminated_on: OrBlank[Day | None] = None
    delay_reason: OrBlank[DelayReason | None] = None
    delay_explanation: OrBlank[LongText | None] = None
    determined_on: OrBlank[Day | None] = None
    determination: OrBlank[int | None] = Field(
        default=None,
        ge=1,
        description="The ordinal of this determination among the student's, in order of recording, from 1.",
    )
    exceptionalities: tuple[Exceptionality, ...] = ()
    closed_on: OrBlank[Day | None] = None
    close_reason: OrBlank[CloseReason | None] = Field(
        default=None, description="Blank if the parent's decision or an exception closed the evaluation."
    )

    @property
    def record_id(self) -> str:
        return str(self.evaluation_id)

    @property
    def primary(self) -> Exceptionality | None:
        """The primary exceptionality, if the student was found eligible."""
        return next((found for found in self.exceptionalities if found.primary), None)

    @property
    def open(self) -> bool:
        """Whether the LEA still has to do a step. After its report only an initial evaluation needs one."""
        match self.stage:
            case EvaluationStage.REQUESTED | EvaluationStage.CONSENTED | EvaluationStage.BEGUN:
                return True
            case EvaluationStage.COMPLETED:
                return self.evaluation_type is EvaluationType.INITIAL
            case _:
                return False

    @property
    def opened_on(self) -> date:
        """The first day: of the request for permission, of the begin, or of the parent's signature."""
        day = self.permission_requested_on or self.begun_on or self.parent_signed_on
        assert day is not None, "each type of evaluation has its first day"
        return day

    @property
    def evaluated_on(self) -> date | None:
        """The day from which the next re-evaluation is due: of the report, or of the signed waiver."""
        return self.parent_signed_on or self.report_disseminated_on


class EvaluationRequested(Evaluation, Event):
    """Permission to evaluate was asked for."""


class ParentDecisionRecorded(Evaluation, Event):
    """The parent consented, refused or did not respond."""


class ReevaluationBegun(Evaluation, Event):
    """A re-evaluation was begun."""


class TriennialWaiverRecorded(Evaluation, Event):
    """Parent and LEA agreed that no re-evaluation is needed."""


class CoordinatorAssigned(Evaluation, Event):
    """The evaluation got a coordinator."""


class EvaluationExtended(Evaluation, Event):
    """The due date was moved."""


class DelayExplained(Evaluation, Event):
    """The reason for a late completion was recorded."""


class EvaluationExceptionRecorded(Evaluation, Event):
    """A fact was recorded that takes the evaluation out of the limit of 60 business days."""


class EvaluationCompleted(Evaluation, Event):
    """The written report was disseminated."""


class EligibilityDetermined(Evaluation, Event):
    """The exceptionalities were determined, or that there is none."""


class EvaluationClosed(Evaluation, Event):
    """The LEA closed the evaluation before its end."""


class EvaluationCorrected(Evaluation, Event):
    """A date was corrected."""

    correction: Correction


class EvaluationMoved(Evaluation, Event):
    """An evaluation came from another State ID, or went to one (`moved_to`)."""


class PartCTransition(OfStudent, Movable):
    """A child's way from early intervention (IDEA Part C) to special education; one of each student."""

    kind: ClassVar[str] = "part_c"

    lea: LeaCode
    served: bool
    referred_on: OrBlank[Day | None] = None
    eligible_for_part_c_on: OrBlank[Day | None] = None
    transition_conference_on: OrBlank[Day | None] = None
    conference_refused_on: OrBlank[Day | None] = None
    parent_refusal_on: OrBlank[Day | None] = None
    continues_in_part_c: bool = False

    @property
    def record_id(self) -> str:
        return self.belongs_to or ""


class PartCTransitionRecorded(PartCTransition, Event):
    """What early intervention has done was recorded."""


class PartCTransitionMoved(PartCTransition, Event):
    """The way from early intervention came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (
    RequestEvaluation,
    RecordParentDecision,
    BeginReevaluation,
    RecordTriennialWaiver,
    AssignCoordinator,
    ExtendEvaluation,
    ExplainDelay,
    RecordEvaluationException,
    CompleteEvaluation,
    DetermineEligibility,
    CloseEvaluation,
    CorrectEvaluation,
    RecordPartCTransition,
    AssignEvaluation,
)
EVENTS = (
    EvaluationRequested,
    ParentDecisionRecorded,
    ReevaluationBegun,
    TriennialWaiverRecorded,
    CoordinatorAssigned,
    EvaluationExtended,
    DelayExplained,
    EvaluationExceptionRecorded,
    EvaluationCompleted,
    EligibilityDetermined,
    EvaluationClosed,
    EvaluationCorrected,
    PartCTransitionRecorded,
    EvaluationMoved,
    PartCTransitionMoved,
)
