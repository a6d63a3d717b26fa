"""The names of the students of a list. The lists of most services have State IDs only."""

from collections.abc import Iterable, Mapping

from console.answers import StudentName
from console.queries import NAMES
from console.visits import Visit

_MOST = 500


async def names_of(visit: Visit, student_ids: Iterable[str]) -> Mapping[str, StudentName]:
    """The students whom the person may see, by State ID. Each is logged as a look."""
    wanted = list(dict.fromkeys(student_ids))[:_MOST]
    if not wanted:
        return {}
    found = await visit.ask(NAMES, body={"student_ids": wanted})
    return {one.student_id: one for one in found.given.students} if found.given else {}
