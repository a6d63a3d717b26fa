"""Transfers pending, and how the claims of a period ended."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.reporting.domain.life import Life
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.transfers import COLUMNS, COMPLETED, OVER, PENDING, Transfer, transfers
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_levels, judging_rows, period_of, reasons
from services.reporting.reports.report import Asked, Report

_FACTS = f"""
SELECT lives.*, (
    SELECT json_agg(json_build_array(state, from_lea, to_lea, begin_on) ORDER BY begin_on, claim_id)
    FROM transfers WHERE transfers.subject = lives.subject
)::text AS transfers
FROM ({LIVES}) AS lives WHERE EXISTS (SELECT FROM transfers WHERE transfers.subject = lives.subject)
"""
_COUNTED = tuple(
    Column(verdict, verdict.capitalize(), Kind.COUNT, {"verdict": verdict})
    for verdict in (*PENDING, COMPLETED, OVER)
)


def _course(row: Mapping[str, Any], life: Life, asked: Asked[OfPeriod]) -> Iterable[Judged]:
    claims = [
        Transfer(state, from_lea, to_lea, date.fromisoformat(begin_on))
        for state, from_lea, to_lea, begin_on in json.loads(row["transfers"])
    ]
    return transfers(life, claims, period_of(asked), asked.as_of)


_REASONS = reasons()
TRANSFERS = Report(
    name="transfers",
    title="Transfers pending",
    answers="Which claims on an LEA's students wait for an answer or are blocked by open services, since"
    " when, and how did the other claims of a period end?",
    version=1,
    parameters=OfPeriod,
    facts=_FACTS,
    judge=judging_rows(_course),
    columns=COLUMNS,
    dimensions=tuple(GROUPS),
    tables=in_levels("transfers", "Claims on students of the LEA", _COUNTED, _REASONS),
    reasons=_REASONS,
    sort=("lea", "school", "begin_on"),
)
