"""A student's IEPs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.counting import Calendars
from contracts.decision import Known
from contracts.facts import sees_whole
from contracts.ieps import IEP, IEPContents, IEPDeletion, IEPStage
from services.ieps import store
from services.ieps.domain.contents import contents_of
from services.ieps.domain.validation import Light, validate
from services.ieps.queries.calendars import published_around
from services.ieps.queries.moment import today
from services.ieps.queries.record import record_of, visible, visible_iep
from services.ieps.store import Changed

_MOST_LIGHTS = 20


class ListedIEP(IEP):
    """The header of an IEP, or of an amendment of one, with what a list shows of it."""

    light: Light | None = Field(
        description="The validation of a draft in one word. Blank: the IEP is no draft, or is not among the"
        f" {_MOST_LIGHTS} newest drafts of the student, or the viewer may not see its forms."
    )
    changed_by: str | None = Field(
        description="LEA and user of the last command that changed the IEP, `017/m.landry`."
    )
    changed_at: datetime | None = Field(description="When Kafka received that command.")
    deletion: IEPDeletion | None = Field(description="The request to delete the IEP. Blank: there was none.")


class IEPWithContents(IEP):
    """An IEP, or an amendment of one: its header and its contents, who changed it last, and the request to
    delete it."""

    contents: IEPContents
    changed_by: str | None
    changed_at: datetime | None
    deletion: IEPDeletion | None


async def ieps(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[ListedIEP]:
    """The headers of a student's IEPs and amendments, newest first."""
    record = await record_of(viewer, database, student_id, "IEPs")
    newest_first = sorted(
        visible(viewer, record, IEP),
        key=lambda iep: (iep.begin_on, iep.amendment, iep.record_id),
        reverse=True,
    )
    drafts = [iep for iep in newest_first if iep.stage is IEPStage.DRAFT][:_MOST_LIGHTS]
    lights = lights_of(
        {student_id: record},
        drafts,
        await store.contents(database, drafts),
        await published_around(database, today()),
    )
    changed = await store.changed(database, student_id)
    return [
        listed(iep, lights.get(iep.record_id), changed.get(iep.record_id), deletion_of(viewer, record, iep))
        for iep in newest_first
    ]


async def iep(viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID) -> IEPWithContents:
    """One IEP with its forms. NotFound: the student has none with that id that the viewer may see."""
    record = await record_of(viewer, database, student_id, f"IEP {iep_id}", [iep_id])
    header = visible_iep(viewer, record, iep_id)
    by, at = _last_change(header, (await store.changed(database, student_id)).get(header.record_id))
    return IEPWithContents(
        **dict(header),
        contents=contents_of(record, header),
        changed_by=by,
        changed_at=at,
        deletion=deletion_of(viewer, record, header),
    )


def deletion_of(viewer: Actor, record: Known, iep: IEP) -> IEPDeletion | None:
    """The request to delete an IEP. A former owner sees only its own requests."""
    found = record.get(IEPDeletion, iep.iep_id)
    seen = found is not None and (sees_whole(viewer, record, today()) or found.lea == viewer.lea)
    return found if seen else None


def listed(iep: IEP, light: Light | None, changed: Changed | None, deletion: IEPDeletion | None) -> ListedIEP:
    """The header as a list shows it. `changed` says who changed the IEP last; of a later revision than the
    header's it says nothing. None: the IEP is no longer under this State ID."""
    by, at = _last_change(iep, changed)
    return ListedIEP(**dict(iep), light=light, changed_by=by, changed_at=at, deletion=deletion)


def _last_change(iep: IEP, changed: Changed | None) -> tuple[str | None, datetime | None]:
    return (changed.by, changed.at) if changed and changed.revision == iep.revision else (None, None)


def lights_of(
    records: dict[str, Known],
    drafts: Iterable[IEP],
    contents: Iterable[IEPContents],
    calendars: Calendars,
) -> dict[str, Light]:
    """The lights of drafts by id. `records`: each student's record. A draft whose forms are not those of its
    header has no light."""
    for one in contents:
        records[one.subject].learn(one)
    return {
        draft.record_id: validate(record, draft, today(), calendars).light
        for draft in drafts
        if contents_of(record := records[draft.subject], draft).revision == draft.contents_revision
    }
