"""The school sites that the state has registered, for the directory of the federal files."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.codes import LEAS
from contracts.jurisdiction import SchoolDirectory
from services.reporting.store.standing import recorded

_NEWEST = text("""
SELECT DISTINCT ON (subject) name, body FROM revisions
WHERE subject = ANY (CAST(:subjects AS text[])) AND kind = :kind
ORDER BY subject, revision DESC
""")


async def registered(database: AsyncConnection) -> Sequence[SchoolDirectory]:
    """The newest directory of each LEA that has one."""
    subjects = [SchoolDirectory.subject_form.format(lea=lea) for lea in LEAS]
    given = {"subjects": subjects, "kind": SchoolDirectory.kind}
    found = [recorded(row) for row in await database.execute(_NEWEST, given)]
    return [one for one in found if isinstance(one, SchoolDirectory)]
