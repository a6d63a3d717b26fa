"""The messages of `ieps` about IEPs: drafts, official and submitted ones, amendments, deletion, contents."""

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.codes import EnvironmentCode
from contracts.forms import AmendmentForm, Form, FormCode
from contracts.message import Command, Event, Movable, OfStudent, Record
from contracts.revisions import Replaces
from contracts.state_ids import Assignment
from contracts.types import Choice, Day, IEPId, LeaCode, OrBlank, ShortText


class IEPType(Choice):
    """Why an IEP is written."""

    INITIAL = "initial"
    REVIEW = "review"
    INTERIM = "interim"


class PlanKind(Choice):
    """The kind of plan that an IEP is."""

    IEP = "IEP"
    SERVICES_PLAN = "services plan"
    GIFTED = "gifted/talented IEP"


class IEPStage(Choice):
    """How far an IEP has come. A discarded draft and a deleted IEP count nowhere."""

    DRAFT = "draft"
    OFFICIAL = "official"
    SUBMITTED = "submitted"
    DISCARDED = "discarded"
    DELETED = "deleted"


class DeletionState(Choice):
    """What became of the request to delete an IEP."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"


LateReason = OrBlank[Annotated[ShortText, Field(description="Why the team met after the due date.")] | None]


class DraftIEP(OfStudent, Command):
    """Begin an IEP, with as many of its forms as are ready."""

    creates: ClassVar[str] = "iep_id"

    iep_id: IEPId
    iep_type: IEPType
    plan_kind: OrBlank[PlanKind] = PlanKind.IEP
    meeting_on: Day
    begin_on: Day
    copies: OrBlank[IEPId | None] = Field(
        default=None,
        description="Begin with the forms of this IEP: of the student's last one, or of a draft of another"
        " LEA. Its signatures and its Amendments form are left out.",
    )
    forms: tuple[Form, ...] = Field(default=(), description="They replace copied forms.")


class SaveIEPForms(OfStudent, Replaces):
    """Add forms to a draft, or replace them (an instructional plan is known by its area)."""

    iep_id: IEPId
    forms: tuple[Form, ...] = Field(min_length=1)


class RemoveIEPForm(OfStudent, Replaces):
    """Take a form out of a draft."""

    iep_id: IEPId
    form: FormCode
    area: OrBlank[ShortText | None] = Field(
        default=None, description="Which instructional plan, if that is the form."
    )


class MakeIEPOfficial(OfStudent, Command):
    """Make a draft official: signed, and from then on unchangeable but by amendment."""

    iep_id: IEPId
    signed_on: Day
    late_reason: LateReason = None


class SubmitIEP(OfStudent, Command):
    """Submit an official IEP to the state. A right of its own."""

    iep_id: IEPId


class AmendIEP(OfStudent, Command):
    """Begin an amendment of a submitted IEP: a draft of its own with the earlier forms and the changed
    ones."""

    creates: ClassVar[str] = "iep_id"

    iep_id: IEPId = Field(description="The amendment's own id.")
    amends: IEPId = Field(description="The IEP, or the amendment, that is amended.")
    begin_on: Day
    amendment: AmendmentForm
    forms: tuple[Form, ...] = ()


class DiscardIEP(OfStudent, Command):
    """Discard a draft, or the draft of an amendment."""

    iep_id: IEPId


class RequestIEPDeletion(OfStudent, Command):
    """Request the deletion of an official or submitted IEP. Another person decides."""

    iep_id: IEPId
    reason: ShortText


class ApproveIEPDeletion(OfStudent, Command):
    """Delete the IEP, as another person has requested. For coordinators and the state."""

    iep_id: IEPId


class DeclineIEPDeletion(OfStudent, Command):
    """Decline the request to delete an IEP. For coordinators and the state."""

    iep_id: IEPId
    reason: ShortText


class AssignIEP(OfStudent, Assignment):
    """Say that an IEP is one of the person with another State ID.

    All IEPs of its line go along, and the sped activities that began with them. The services do not.
    """

    iep_id: IEPId


class IEP(OfStudent, Movable):
    """The header of an individualized education program, or of an amendment of one.

    What the forms say is in its contents (`IEPContents`). Amendments keep the team meeting date of the first.
    """

    kind: ClassVar[str] = "iep"
    by_name: ClassVar[bool] = True

    iep_id: IEPId
    lea: LeaCode
    iep_type: IEPType
    plan_kind: OrBlank[PlanKind] = PlanKind.IEP
    stage: IEPStage
    meeting_on: Day
    begin_on: Day
    signed_on: OrBlank[Day | None] = None
    late_reason: LateReason = None
    copied_from: OrBlank[IEPId | None] = Field(
        default=None, description="The IEP whose forms the draft began with."
    )
    forms: tuple[FormCode, ...] = Field(
        default=(), description="The forms it has; an IPL for each area. Its contents have what they say."
    )
    areas: tuple[ShortText, ...] = Field(
        default=(), description="The areas of its instructional plans, in their order."
    )
    contents_revision: int = Field(ge=1, description="The revision of its contents.")
    environment: OrBlank[EnvironmentCode | None] = Field(
        default=None, description="As the placement form has it."
    )
    amends: OrBlank[IEPId | None] = None
    amendment: int = Field(
        default=0, ge=0, description="0 for the IEP itself, then 1, 2, 3 along its line of amendments."
    )
    submission: OrBlank[int | None] = Field(
        default=None,
        ge=1,
        description="The ordinal of its submission among the student's, in order of recording. Of two plans"
        " with the same days the one submitted last counts.",
    )

    @property
    def record_id(self) -> str:
        return str(self.iep_id)

    @property
    def over(self) -> bool:
        """Whether the IEP was discarded or deleted. Then it counts nowhere."""
        return self.stage in (IEPStage.DISCARDED, IEPStage.DELETED)


class IEPDrafted(IEP, Event):
    """An IEP was begun."""


class IEPFormsSaved(IEP, Event):
    """Forms of a draft were added, replaced or taken out."""


class IEPMadeOfficial(IEP, Event):
    """A draft passed validation and was signed."""


class IEPSubmitted(IEP, Event):
    """An official IEP was submitted to the state."""


class IEPAmendmentBegun(IEP, Event):
    """An amendment of a submitted IEP was begun."""


class IEPDiscarded(IEP, Event):
    """A draft was discarded."""


class IEPDeleted(IEP, Event):
    """An official or submitted IEP was deleted, because two people agreed that it was entered in error."""


class IEPMoved(IEP, Event):
    """An IEP came from another State ID, or went to one (`moved_to`).

    Its contents are not said again: they bear its id.
    """


class IEPDeletion(OfStudent, Movable):
    """The request to delete an IEP, and the decision. It has the id of the IEP.

    People are named as the ledger names them: `017/m.landry`.
    """

    kind: ClassVar[str] = "iep_deletion"

    iep_id: IEPId
    lea: LeaCode
    state: DeletionState
    reason: ShortText
    requested_by: ShortText
    decided_by: OrBlank[ShortText | None] = None
    declined_because: OrBlank[ShortText | None] = None

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class IEPDeletionRequested(IEPDeletion, Event):
    """An LEA requested the deletion of an IEP."""


class IEPDeletionApproved(IEPDeletion, Event):
    """A second person approved the deletion."""


class IEPDeletionDeclined(IEPDeletion, Event):
    """A coordinator or the state declined the request. The IEP stays."""


class IEPDeletionMoved(IEPDeletion, Event):
    """A request to delete an IEP came from another State ID, or went to one (`moved_to`)."""


class IEPContents(OfStudent, Record):
    """The contents of an IEP, or of an amendment: all its forms, the unchanged ones too.

    They bear the id of the IEP. Those of a draft are stored and not published. Once the IEP is official they
    never change.
    """

    kind: ClassVar[str] = "iep_contents"
    apart: ClassVar[bool] = True
    found_with: ClassVar[str] = IEP.kind

    iep_id: IEPId
    lea: LeaCode
    official: bool = False
    forms: tuple[Form, ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class IEPContentsMadeOfficial(IEPContents, Event):
    """The contents of an IEP that was made official."""


COMMANDS = (
    DraftIEP,
    SaveIEPForms,
    RemoveIEPForm,
    DiscardIEP,
    MakeIEPOfficial,
    SubmitIEP,
    AmendIEP,
    RequestIEPDeletion,
    ApproveIEPDeletion,
    DeclineIEPDeletion,
    AssignIEP,
)
EVENTS = (
    IEPDrafted,
    IEPFormsSaved,
    IEPDiscarded,
    IEPMadeOfficial,
    IEPContentsMadeOfficial,
    IEPSubmitted,
    IEPAmendmentBegun,
    IEPDeletionRequested,
    IEPDeletionApproved,
    IEPDeletionDeclined,
    IEPDeleted,
    IEPMoved,
    IEPDeletionMoved,
)
