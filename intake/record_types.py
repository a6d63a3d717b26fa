"""The record types of `ser-batch-1`: what one row of a file is about, and which commands it becomes.

A type of `_COMPOSED` has rows with several commands, or several rows for one command. Every other command has
a type with that command alone, which follows from its model. So a new command has a record type at once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from contracts.catalog import commands
from contracts.evaluations import Exceptionality
from contracts.forms import (
    BreakScores,
    InstructionalPlan,
    InvitedAgency,
    PlannedService,
    PostsecondaryGoal,
    SpecialFactor,
    TransitionAssessment,
)
from contracts.message import Command
from intake.columns import Column, Kind
from intake.steps import Filling, Piece, Step

STUDENT = "student_id"
ROW_ID, ACTION, LEA = "row_id", "action", "lea"
COMMON = (ROW_ID, ACTION, LEA)
"""Columns that every file may have: the sender's number of the row, what is to be done, the sender's LEA."""

FIRST = ("providers",)
"""Record types of which every row is decided before the rows of students are sent."""
_INSTEAD = "Correct the record with the file of the command that corrects it; the guide lists them."


@dataclass(frozen=True)
class RecordType:
    """What one row of a file is about.

    `key`: the columns that name it. `steps`: its commands, in order; `piece`: or what it is a part of.
    `also`: commands that take the place of a step, if the record is there already. `extra`: columns that fill
    no field. `pairs`: columns of which a row has both or neither. `removal`: the command of a row with the
    action `remove`; `instead`: what can be done if there is none.
    """

    name: str
    about: str
    key: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    piece: Piece | None = None
    also: tuple[str, ...] = ()
    extra: tuple[Column, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    removal: Step | None = None
    instead: str = _INSTEAD

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every column by name, the key first. A column of several steps is listed once."""
        found = dict(RECORD_TYPES[self.piece.of].columns) if self.piece else {}
        found = {name: column for name, column in found.items() if name in self.key}
        for filling in self.fillings:
            found |= {name: column for name, column in filling.columns.items() if name not in found}
        found |= {column.name: column for column in self.extra}
        return {name: found[name] for name in self.key} | found

    @cached_property
    def required(self) -> frozenset[str]:
        """The columns that each row fills: its key, and what a command of every row cannot do without."""
        every = [one for one in self.fillings if not isinstance(one, Step) or one.always]
        either = [one.needed for one in self.steps if one.unless or one.when == (self.choice,)]
        shared = frozenset.intersection(*either) if either else frozenset()
        return frozenset(self.key).union(shared, *(one.needed for one in every))

    @property
    def makes(self) -> str:
        """The column with the id of the record that the row makes; blank if it makes none by an id."""
        return next((model.creates for one in self.steps if issubclass(model := one.model, Command)), "")

    @property
    def choice(self) -> str:
        """The column that decides with which of two commands a row begins; blank if there is only one."""
        return next((step.unless for step in self.steps if step.unless), "")

    @property
    def fillings(self) -> tuple[Filling, ...]:
        """What a row fills: its commands, or the piece of one."""
        return (self.piece,) if self.piece else self.steps

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that a row may become."""
        own = (*(step.command for step in self.steps), *self.also)
        return (*own, self.removal.command) if self.removal else own


_EVALUATION = (STUDENT, "evaluation_id")
_IEP = (STUDENT, "iep_id")


def _of_form(name: str, about: str, form: str, field: str, item: type, *key: str) -> RecordType:
    """The rows of a list of records on a form of an IEP."""
    piece = Piece(of="ieps", command="DraftIEP", at=("forms", form, field), item=item)
    return RecordType(name, about, key=(*_IEP, *key), piece=piece)


_COMPOSED = (
    RecordType(
        "students",
        "A student of special education, and the profile that the LEA keeps.",
        key=(STUDENT,),
        steps=(Step(command="AddStudent"),),
        also=("SaveProfile",),
        instead="Nobody removes a student. End the LEA's jurisdiction, or the student's special education.",
    ),
    RecordType(
        "claims",
        "The day on which the LEA took the student into its jurisdiction, and the school site.",
        key=(STUDENT, "begin_on"),
        steps=(Step(command="ClaimJurisdiction"),),
        instead="Withdraw the claim with the file withdraw_claim.",
    ),
    RecordType(
        "school_transfers",
        "The day on which the student came to another school site of the LEA.",
        key=(STUDENT, "begin_on"),
        steps=(Step(command="TransferSchool"),),
        instead="Correct the transfer with the file correct_school_transfer.",
    ),
    RecordType(
        "guardians",
        "A parent or guardian of the student.",
        key=(STUDENT, "guardian_id"),
        steps=(Step(command="SaveGuardian"),),
        instead="Take the guardian off the record with the file remove_guardian.",
    ),
    RecordType(
        "evaluations",
        "An initial evaluation, as far as it has come.",
        key=_EVALUATION,
        steps=(
            Step(command="RequestEvaluation"),
            Step(
                command="RecordParentDecision",
                when=("parent_decision", "decided_on"),
                renamed={"decision": "parent_decision"},
            ),
            Step(command="CompleteEvaluation", when=("report_disseminated_on",)),
            Step(command="DetermineEligibility", when=("determined_on",)),
        ),
        pairs=(("parent_decision", "decided_on"),),
        instead="Close the evaluation with the file close_evaluation, reason `entered in error`.",
    ),
    RecordType(
        "reevaluations",
        "A re-evaluation, as far as it has come.",
        key=_EVALUATION,
        steps=(
            Step(command="BeginReevaluation"),
            Step(command="CompleteEvaluation", when=("report_disseminated_on",)),
            Step(command="DetermineEligibility", when=("determined_on",)),
        ),
        instead="Close the evaluation with the file close_evaluation, reason `entered in error`.",
    ),
    RecordType(
        "exceptionalities",
        "An exceptionality that an evaluation found. Without any, the student is not eligible.",
        key=(*_EVALUATION, "code"),
        piece=Piece(
            of="evaluations", command="DetermineEligibility", at=("exceptionalities",), item=Exceptionality
        ),
    ),
    RecordType(
        "ieps",
        "An IEP, or an amendment (with `amends`), with those of its forms that are there once.",
        key=_IEP,
        steps=(
            Step(command="DraftIEP", unless="amends"),
            Step(command="AmendIEP", when=("amends",)),
            Step(command="MakeIEPOfficial", when=("signed_on",)),
            Step(command="SubmitIEP", when=("submit",)),
        ),
        also=("SaveIEPForms",),
        extra=(
            Column("submit", ("submit",), Kind.YES_NO, description="Whether to submit the IEP to the state."),
        ),
        instead="Discard a draft with the file discard_iep; request the deletion with request_iep_deletion.",
    ),
    RecordType(
        "iep_plans",
        "One area of instruction of an IEP (form IPL).",
        key=(*_IEP, "area"),
        piece=Piece(of="ieps", command="DraftIEP", at=("forms", "IPL"), item=InstructionalPlan),
        removal=Step(command="RemoveIEPForm", fixed={"form": "IPL"}),
    ),
    _of_form(
        *("iep_services", "A service that the team decided on (form PRG).", "PRG", "services"),
        *(PlannedService, "service_code"),
    ),
    _of_form(
        *("iep_special_factors", "A special factor that applies (form GSI).", "GSI", "special_factors"),
        *(SpecialFactor, "factor"),
    ),
    _of_form(
        *("iep_goals", "A postsecondary goal (form TRN).", "TRN", "goals", PostsecondaryGoal),
        *("domain", "text"),
    ),
    _of_form(
        *("iep_assessments", "A transition assessment (form TRN).", "TRN", "assessments"),
        *(TransitionAssessment, "assessment", "on"),
    ),
    _of_form(
        *("iep_agencies", "An agency that the team invites (form TRN).", "TRN", "agencies"),
        *(InvitedAgency, "agency"),
    ),
    _of_form(
        *("iep_breaks", "A break in instruction, with scores (form ESY).", "ESY", "breaks", BreakScores),
        "break_began_on",
    ),
    RecordType(
        "services",
        "A service that the student receives, and its end.",
        key=(STUDENT, "service_id"),
        steps=(
            Step(command="AddService"),
            Step(
                command="TerminateService",
                when=("end_on", "termination_reason"),
                renamed={"reason": "termination_reason"},
            ),
        ),
        pairs=(("end_on", "termination_reason"),),
        removal=Step(command="TerminateService", fixed={"reason": "ERROR"}, renamed={"end_on": "begin_on"}),
    ),
)

NOT_IN_FILES: Mapping[str, str] = {
    "RegisterSchoolSites": "The state office loads school sites from its own files.",
    "PublishCalendar": "The state office loads calendars from its own files.",
    **dict.fromkeys(
        (
            *("ModifyStateId", "ApproveStateId", "DeclineStateId", "CloseSplit"),
            *("AssignGuardian", "AssignAttachment", "AssignSpell"),
            *("AssignEvaluation", "AssignIEP", "AssignService"),
            *("ApproveIEPDeletion", "DeclineIEPDeletion"),
        ),
        "One person decides it, after a look at the record.",
    ),
}
"""Commands that no file has, with the reason."""

_NAMES: Mapping[str, str] = {
    "RegisterProvider": "providers",
    "AddAttachment": "attachments",
    "RecordTriennialWaiver": "triennial_waivers",
    "RecordPartCTransition": "part_c_transitions",
    "ExitSpecialEducation": "exits",
    "ReassignProvider": "reassignments",
    "RecordSession": "sessions",
    "RecordFirstSession": "first_sessions",
    "CloseJurisdiction": "closed_jurisdictions",
}
"""Names of files that hold records. Other files are named after their command: `correct_claim`."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "ExtendEvaluation": (*_EVALUATION, "approved_on"),
    "RecordEvaluationException": (*_EVALUATION, "exception"),
    "CorrectEvaluation": (*_EVALUATION, "field"),
    "RemoveIEPForm": (*_IEP, "form"),
    "ChangeServiceTerms": (STUDENT, "service_id", "effective_on"),
    "ReassignProvider": (STUDENT, "service_id", "from_on"),
    "RecordSession": (STUDENT, "session_id"),
    "CorrectSession": (STUDENT, "session_id"),
    "RemoveSession": (STUDENT, "session_id"),
    "AssignCoordinator": _EVALUATION,
    "CloseJurisdiction": (STUDENT, "end_on"),
    "ExitSpecialEducation": (STUDENT, "exited_on"),
}
"""Keys that do not follow from the model."""


def _alone(command: str) -> RecordType:
    """The record type of a command that has a file of its own."""
    step = Step(command=command)
    ids = [name for name, column in step.columns.items() if column.kind is Kind.ID and column.required]
    assert issubclass(step.model, Command)
    subject = tuple(name for name in step.model.subject_fields() if name != LEA)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=IEP)(?=[A-Z])", "_", command).lower()
    return RecordType(
        _NAMES.get(command, words),
        " ".join((step.model.__doc__ or "").split()),
        key=_KEYS.get(command, tuple(dict.fromkeys((*subject, *ids)))),
        steps=(step,),
    )


def _in_order() -> Iterator[RecordType]:
    composed = {command for one in _COMPOSED for step in one.steps for command in (step.command, *one.also)}
    alone = [_alone(name) for name in commands() if name not in composed | NOT_IN_FILES.keys()]
    yield from (one for one in alone if one.name in FIRST)
    yield from _COMPOSED
    yield from (one for one in alone if one.name not in FIRST)


RECORD_TYPES: Mapping[str, RecordType] = {one.name: one for one in _in_order()}
"""The record types by name, in the order in which a submission takes them."""


def unlisted() -> Iterator[str]:
    """The commands that neither have a record type nor a reason for having none."""
    named = {name for one in RECORD_TYPES.values() for name in one.commands}
    yield from (name for name in commands() if name not in named | NOT_IN_FILES.keys())
