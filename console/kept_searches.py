"""What a person searched for, encrypted, and kept until the sign-in ends. So no name stands in an address."""

from typing import Any

from sqlalchemy import insert, select

from console.tables import searches
from console.visits import Visit

LARGEST = 2**63 - 1
"""The largest number of a kept search."""


async def keep(visit: Visit, wanted: dict[str, Any]) -> int:
    """Keep a search. Returns its number, for the address."""
    row = {"sign_in": visit.person.sign_in, "wanted": visit.app.sealer.seal(wanted)}
    async with visit.app.engine.begin() as database:
        return int(
            (await database.execute(insert(searches).values(row).returning(searches.c.number))).scalar_one()
        )


async def kept(visit: Visit, number: int) -> dict[str, Any] | None:
    """A kept search. None: it is another person's, or gone."""
    mine = select(searches.c.wanted).where(
        searches.c.number == number, searches.c.sign_in == visit.person.sign_in
    )
    async with visit.app.engine.connect() as database:
        sealed = (await database.execute(mine)).scalar_one_or_none()
    wanted: dict[str, Any] | None = visit.app.sealer.open(sealed) if sealed else None
    return wanted
