"""Claims on students of another LEA: which are pending on a day, and how the others of a period ended."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import placed

ASKED, BLOCKED, FREE = "waits for an answer", "blocked by open services", "can claim again"
COMPLETED, OVER = "completed", "over"
PENDING = (ASKED, BLOCKED, FREE)

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("to_lea", "Claimed by", Kind.CODE),
    Column("begin_on", "Claimed from", Kind.DAY),
    Column("days", "Days since then", Kind.NUMBER),
    Column("services", "Open services", Kind.NUMBER),
)


class Transfer(NamedTuple):
    """A claim. `state`: `requested`, `completed`, or `refused` because services were open."""

    state: str
    from_lea: str
    to_lea: str
    begin_on: date


def transfers(life: Life, claims: Sequence[Transfer], period: Period, as_of: date) -> Iterator[Judged]:
    """The student's pending claims, and those of the period that are not pending. The rows belong to the LEA
    on whose student the claim is."""
    for one in claims:
        verdict = _verdict(life, one, as_of)
        if one.begin_on <= as_of and (verdict in PENDING or one.begin_on in period):
            yield _row(life, one, verdict, as_of)


def _verdict(life: Life, one: Transfer, as_of: date) -> str:
    owner = life.owner_on(as_of)
    match one.state:
        case "completed":
            return COMPLETED
        case _ if owner is None or owner.lea != one.from_lea:
            return OVER
        case "requested":
            return ASKED
        case _:
            return BLOCKED if life.services_on(as_of) else FREE


def _row(life: Life, one: Transfer, verdict: str, as_of: date) -> Judged:
    pending = verdict in PENDING
    return Judged(
        life.student_id,
        verdict,
        None,
        {
            **placed(life, as_of if pending else one.begin_on - timedelta(days=1)),
            "lea": one.from_lea,
            "to_lea": one.to_lea,
            "begin_on": one.begin_on,
            "days": (as_of - one.begin_on).days if pending else None,
            "services": life.services_on(as_of) if pending else None,
        },
    )
