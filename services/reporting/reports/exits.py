"""Exits of a period, by reason."""

from contracts.codes import EXIT_REASONS
from services.reporting.domain.exits import CAME_BACK, COLUMNS, IN_ERROR, exits
from services.reporting.domain.tables import Column, Kind
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_levels, judging, of_period, reasons
from services.reporting.reports.report import Report

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


_REASONS = reasons()
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
    tables=in_levels("exits", "Exits from special education, by reason", _COUNTED, _REASONS),
    reasons=_REASONS,
    sort=("lea", "school", "exited_on"),
)
