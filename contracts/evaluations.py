"""The messages of `ieps` about evaluations, and the exceptionalities that they find."""

from typing import ClassVar

from contracts.codes import ExceptionalityCode
from contracts.message import Command, Event, OfStudent, Record, Value
from contracts.types import Choice, Day, EvaluationId, LeaCode, OrBlank, ShortText, StaffId


class ParentDecision(Choice):
    """The parent's answer to the request for permission to evaluate."""

    CONSENTED = "consented"
    REFUSED = "refused"
    NO_RESPONSE = "no response"


class EvaluationStage(Choice):
    """How far an evaluation has come. `closed`: it ended without a report."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    COMPLETED = "completed"
    DETERMINED = "determined"
    CLOSED = "closed"


class Exceptionality(Value):
    """One exceptionality found; exactly one of an evaluation's is primary."""

    code: ExceptionalityCode
    primary: bool = False
    details: tuple[ShortText, ...] = ()


class RequestEvaluation(OfStudent, Command):
    """Open an initial evaluation: the parent was asked for permission."""

    creates: ClassVar[str] = "evaluation_id"

    evaluation_id: EvaluationId
    referred_on: OrBlank[Day | None] = None
    permission_requested_on: Day
    coordinator_id: OrBlank[StaffId | None] = None


class RecordParentDecision(OfStudent, Command):
    """Record the parent's decision. Consent starts the clock of 60 business days."""

    evaluation_id: EvaluationId
    decision: ParentDecision
    decided_on: Day


class CompleteEvaluation(OfStudent, Command):
    """Record that the written report was disseminated, which is when an evaluation is complete."""

    evaluation_id: EvaluationId
    report_disseminated_on: Day


class DetermineEligibility(OfStudent, Command):
    """Record the exceptionalities found, one of them primary, or that there is none and the student is not
    eligible."""

    evaluation_id: EvaluationId
    determined_on: Day
    exceptionalities: tuple[Exceptionality, ...] = ()


class Evaluation(OfStudent, Record):
    """An evaluation from the request for permission to the determination of eligibility."""

    kind: ClassVar[str] = "evaluation"

    evaluation_id: EvaluationId
    lea: LeaCode
    stage: EvaluationStage
    referred_on: OrBlank[Day | None] = None
    permission_requested_on: Day
    coordinator_id: OrBlank[StaffId | None] = None
    parent_decision: OrBlank[ParentDecision | None] = None
    decided_on: OrBlank[Day | None] = None
    report_disseminated_on: OrBlank[Day | None] = None
    determined_on: OrBlank[Day | None] = None
    exceptionalities: tuple[Exceptionality, ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.evaluation_id)

    @property
    def primary(self) -> Exceptionality | None:
        """The primary exceptionality, if the student was found eligible."""
        return next((found for found in self.exceptionalities if found.primary), None)


class EvaluationRequested(Evaluation, Event):
    """Permission to evaluate was asked for."""


class ParentDecisionRecorded(Evaluation, Event):
    """The parent consented, refused or did not respond."""


class EvaluationCompleted(Evaluation, Event):
    """The written report was disseminated."""


class EligibilityDetermined(Evaluation, Event):
    """The exceptionalities were determined, or that there is none."""


COMMANDS = (RequestEvaluation, RecordParentDecision, CompleteEvaluation, DetermineEligibility)
EVENTS = (EvaluationRequested, ParentDecisionRecorded, EvaluationCompleted, EligibilityDetermined)
