"""Exits of a period, by reason."""

from collections.abc import Sequence

from contracts.codes import EXIT_REASONS
from services.reporting.domain.exits import CAME_BACK, COLUMNS, IN_ERROR, exits
from services.reporting.domain.tables import Column, Kind, Table, Tally
from services.reporting.domain.timeliness import by_level, reasons_table
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging, of_period, reasons
from services.reporting.reports.report import Asked, Report

_COUNTED = (
    Column("exits", "Exits", Kind.COUNT, {"reason": None}),
    *(
        Column(code, found.label, Kind.COUNT, {"exit_reason": code})
        for code, found in EXIT_REASONS.items()
        if code != IN_ERROR
    ),
    Column("no reason", "Without a reason", Kind.COUNT, {"reason": None, "exit_reason": None}),
    Column("came back", "Came back", Kind.COUNT, {"verdict": CAME_BACK}),
)


def _tables(tally: Tally, asked: Asked[OfPeriod]) -> Sequence[Table]:
    title = "Exits from special education, by reason"
    return (
        by_level(tally, asked.parameters.by, "exits", title, _COUNTED),
        reasons_table(tally, list(EXITS.reasons)),
    )


EXITS = Report(
    name="exits",
    title="Exits",
    answers="Which students left special education in a period, why, and who came back?",
    version=1,
    parameters=OfPeriod,
    facts=LIVES,
    judge=judging(of_period(exits)),
    columns=COLUMNS,
    dimensions=(*GROUPS, "exit_reason"),
    tables=_tables,
    reasons=reasons(),
    sort=("lea", "school", "exited_on"),
)
