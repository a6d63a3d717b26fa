"""The differences between two IEPs of a student."""

from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.ieps import IEP
from contracts.message import Value
from contracts.types import IEPId
from services.ieps import store
from services.ieps.domain.contents import contents_of
from services.ieps.domain.differences import Change, differences
from services.ieps.domain.lines import earlier
from services.ieps.queries.record import record_of, visible, visible_iep


class Changes(Value):
    """The differences from an earlier IEP to a later one, in the order of the forms."""

    iep_id: IEPId
    against: IEPId | None = Field(description="The earlier IEP. Blank: there is none, and every form is new.")
    changes: tuple[Change, ...]


async def changes(
    viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID, against: UUID | None
) -> Changes:
    """The differences from the IEP `against` to another. None: from the IEP that it amends, or else from the
    newest IEP of an earlier team meeting. NotFound: the viewer may not see one of the two."""
    record = await record_of(viewer, database, student_id, f"changes of IEP {iep_id}")
    later = visible_iep(viewer, record, iep_id)
    if against is None:
        before = earlier(visible(viewer, record, IEP), later)
    else:
        before = visible_iep(viewer, record, against, at="against")
    for contents in await store.contents(database, [later, *([before] if before else [])]):
        record.learn(contents)
    old = contents_of(record, before).forms if before else ()
    found = differences(old, contents_of(record, later).forms)
    return Changes(iep_id=iep_id, against=before.iep_id if before else None, changes=tuple(found))
