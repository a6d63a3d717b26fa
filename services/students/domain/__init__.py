"""The rules of students. Read `rules`, `facts`, one file for each behavior, then the tables below."""

from collections.abc import Callable, Iterable

from contracts.assigning import decided_with
from contracts.attachments import (
    AddAttachment,
    AssignAttachment,
    Attachment,
    DeleteAttachment,
    DescribeAttachment,
    ReplaceAttachment,
)
from contracts.decision import Decision, Reaction
from contracts.identity import (
    Identity,
    IdentityAssigned,
    IdentityCorrected,
    IdentityMerged,
    IdentityRetired,
    IdentitySeparated,
    IdentitySplit,
)
from contracts.jurisdiction import (
    ClaimCorrected,
    ClaimWithdrawn,
    JurisdictionEnded,
    JurisdictionResumed,
    SchoolTransferCorrected,
    SchoolTransferred,
    SpellMoved,
    StudentClaimed,
)
from contracts.leaving import stands_at
from contracts.message import Command, Event, Guest, Message
from contracts.provision import ServiceAdded, ServiceMoved, ServiceTerminated
from contracts.state_ids import (
    ApproveStateId,
    CloseSplit,
    DeclineStateId,
    ModifyStateId,
    SharedId,
    StateId,
    StateIdChange,
)
from contracts.students import (
    AddStudent,
    AssignGuardian,
    Guardian,
    RemoveGuardian,
    SaveGuardian,
    SaveProfile,
    Student,
)
from services.students.domain import (
    adding,
    addresses,
    assigning,
    attachments,
    facts,
    guardians,
    identities,
    leaving,
    profiles,
    splits,
    state_id_changes,
)
from services.students.domain.rules import RULES
from services.students.domain.twins import Twin

DECIDERS: dict[type[Command], Callable[..., Decision]] = {
    AddStudent: adding.add,
    SaveProfile: profiles.save_profile,
    SaveGuardian: guardians.save_guardian,
    RemoveGuardian: guardians.remove_guardian,
    AddAttachment: attachments.add_attachment,
    DescribeAttachment: attachments.describe_attachment,
    ReplaceAttachment: attachments.replace_attachment,
    DeleteAttachment: attachments.delete_attachment,
    ModifyStateId: state_id_changes.modify,
    ApproveStateId: state_id_changes.approve,
    DeclineStateId: state_id_changes.decline,
    CloseSplit: splits.close,
    AssignGuardian: assigning.assign_guardian,
    AssignAttachment: assigning.assign_attachment,
}

REACTIONS: dict[type[Event], Callable[..., Reaction]] = {
    IdentityAssigned: identities.mirror,
    IdentityCorrected: identities.mirror,
    IdentityMerged: state_id_changes.follow,
    IdentitySeparated: state_id_changes.follow,
    IdentityRetired: state_id_changes.follow,
    IdentitySplit: splits.divide,
    StudentClaimed: leaving.note_owner,
    SchoolTransferred: leaving.note_owner,
    SchoolTransferCorrected: leaving.note_owner,
    JurisdictionEnded: leaving.note_owner,
    JurisdictionResumed: leaving.note_owner,
    ClaimWithdrawn: leaving.note_owner,
    ClaimCorrected: leaving.note_owner,
    SpellMoved: leaving.note_owner,
    ServiceAdded: facts.note_service,
    ServiceTerminated: facts.note_service,
    ServiceMoved: facts.note_service,
}

TOGETHER: dict[type[Message], Callable[..., Iterable[str]]] = {
    IdentityMerged: state_id_changes.linked_with,
    IdentitySeparated: state_id_changes.linked_with,
    IdentityRetired: state_id_changes.linked_with,
    ModifyStateId: state_id_changes.linked_with,
    ApproveStateId: state_id_changes.decided_with,
    DeclineStateId: state_id_changes.decided_with,
    IdentitySplit: splits.split_with,
    CloseSplit: splits.closed_with,
    AssignGuardian: decided_with,
    AssignAttachment: decided_with,
    StudentClaimed: stands_at,
    SchoolTransferred: stands_at,
    SchoolTransferCorrected: stands_at,
    JurisdictionEnded: stands_at,
    JurisdictionResumed: stands_at,
    ClaimWithdrawn: stands_at,
    ClaimCorrected: stands_at,
    SpellMoved: stands_at,
}

STORED = (
    Identity,
    facts.UnreadIdentity,
    state_id_changes.KnownLink,
    addresses.StandingLink,
    addresses.LinkedHere,
    StateId,
    StateIdChange,
    splits.KnownSplit,
    SharedId,
    Guest,
    Student,
    Guardian,
    Attachment,
    attachments.AttachmentLabel,
    attachments.Upload,
    facts.SpellWithSchools,
    facts.KnownService,
    leaving.StudentAsLeft,
    Twin,
)

__all__ = ["DECIDERS", "REACTIONS", "RULES", "STORED", "TOGETHER"]
