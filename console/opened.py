"""The students whom a person opened last. The console keeps State IDs only."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from console.tables import opened
from console.visits import Visit

_KEPT = 10


async def note_opened(visit: Visit, student_id: str) -> None:
    """Keep that the person opened a student's page; only the last ten are kept."""
    mine = opened.c.person == visit.person.key
    kept = insert(opened).values({"person": visit.person.key, "student_id": student_id})
    older = select(opened.c.student_id).where(mine).order_by(opened.c.at.desc()).offset(_KEPT)
    async with visit.app.engine.begin() as database:
        await database.execute(
            kept.on_conflict_do_update(index_elements=["person", "student_id"], set_={"at": func.now()})
        )
        await database.execute(delete(opened).where(mine, opened.c.student_id.in_(older)))


async def recently_opened(visit: Visit) -> tuple[str, ...]:
    """The State IDs, newest first. Names would be looks at the records, which SER logs."""
    mine = select(opened.c.student_id).where(opened.c.person == visit.person.key)
    async with visit.app.engine.connect() as database:
        rows = await database.execute(mine.order_by(opened.c.at.desc()).limit(_KEPT))
        return tuple(rows.scalars())
