"""Transition: what the IEPs of students of 16 and older lack, and who turns 16 in a period."""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.forms import Transition
from services.reporting.domain import rules
from services.reporting.domain.indicators.rules import SERVICES_PLAN, TOO_YOUNG
from services.reporting.domain.life import Life
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.transition_plans import COLUMNS, LACKING, WHOLE, InForce, transition_plans
from services.reporting.queries import facts
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, in_levels, judging_rows, period_of, reasons
from services.reporting.reports.report import Asked, Report

_FACTS = facts.with_facts(
    f"""
    SELECT lives.*, planned.meeting_on, planned.plan_kind, transitions.form::text AS form
    FROM ({LIVES}) AS lives LEFT JOIN planned USING (subject)
    LEFT JOIN transitions USING (iep_id)
    """,
    planned=facts.plan_in_force(also=", iep_id, plan_kind"),
)
_COUNTED = (
    Column("students", "Students", Kind.COUNT, {"reason": None}),
    Column("whole", "IEP has every element", Kind.COUNT, {"verdict": WHOLE}),
    Column("lacking", "IEP lacks elements", Kind.COUNT, {"verdict": LACKING}),
    Column("turning", "Turn 16 in the period", Kind.COUNT, {"turns": True}),
    Column(
        "turning, lacking", "Of these the IEP lacks elements", Kind.COUNT, {"turns": True, "verdict": LACKING}
    ),
)


def _course(row: Mapping[str, Any], life: Life, asked: Asked[OfPeriod]) -> Iterable[Judged]:
    form = Transition.model_validate_json(row["form"]) if row["form"] else None
    plan = InForce(row["meeting_on"], row["plan_kind"], form) if row["meeting_on"] else None
    return transition_plans(life, plan, period_of(asked), asked.as_of)


_REASONS = reasons(rules.NOT_IN_SPECIAL_EDUCATION, TOO_YOUNG, rules.NO_PLAN, SERVICES_PLAN)
TRANSITION = Report(
    name="transition",
    title="Transition",
    answers="Which students are 16 or turn 16 in a period, and which elements of transition does the IEP of"
    " each lack? Indicator 13 has the number of the state on one day.",
    version=1,
    parameters=OfPeriod,
    facts=_FACTS,
    judge=judging_rows(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "turns"),
    tables=in_levels("transition", "Transition in the IEPs of students of 16 and older", _COUNTED, _REASONS),
    reasons=_REASONS,
    sort=("lea", "school", "sixteen_on"),
)
