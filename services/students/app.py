"""The students service as a process."""

from functools import partial

from contracts.attachments import LARGEST_ATTACHMENT, AddAttachment, ReplaceAttachment
from contracts.identity import IdentityMerged, IdentityRetired, IdentitySeparated
from contracts.moving import ADDRESSES, shut
from contracts.state_ids import ModifyStateId
from contracts.students import AddStudent
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import main
from services.students import store
from services.students.attachments.sweeping import sweep_regularly
from services.students.domain import DECIDERS, REACTIONS, RULES, STORED, TOGETHER
from services.students.domain.identities import note_unreadable
from services.students.domain.state_id_changes import follow, modify
from services.students.http import router
from services.students.placing import place_regularly
from services.students.settings import StateIdSettings

_APPROVAL = StateIdSettings().approve_state_ids
_LINKS = (IdentityMerged, IdentitySeparated, IdentityRetired)

SERVICE = ServiceDefinition(
    name="students",
    summary="The students: identities from eScholar, profiles, parents and guardians, attachments, search.",
    deciders={**DECIDERS, ModifyStateId: partial(modify, approval=_APPROVAL)},
    reactions={**REACTIONS, **dict.fromkeys(_LINKS, partial(follow, approval=_APPROVAL))},
    stored=STORED,
    closed=shut,
    addresses=ADDRESSES,
    together=TOGETHER,
    seeks={AddStudent: store.TWINS, AddAttachment: store.UPLOADS, ReplaceAttachment: store.UPLOADS},
    jobs=(sweep_regularly, place_regularly),
    longer_bodies={"/students/[^/]+/attachments/[^/]+/content": 2 * LARGEST_ATTACHMENT},
    rules=RULES,
    router=router,
    note_unreadable=note_unreadable,
)

if __name__ == "__main__":
    main(SERVICE)
