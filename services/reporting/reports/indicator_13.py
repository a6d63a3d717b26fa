"""Indicator 13, secondary transition, as a report: each student of 16 and older, with the IEP's elements."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.errors import Rule
from contracts.forms import Transition
from services.reporting.domain.definitions import disabilities
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.indicators.transition import FROM_AGE, Answer, Element, elements, whole
from services.reporting.domain.rules import NOT_COUNTED, OF_ANOTHER_LEA, Reason
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.queries.judged import explained_students, parameters
from services.reporting.reports.indicators import by_lea, left_out
from services.reporting.reports.report import Asked, Parameters, Report

# The form bears the IEP's id, and is found wherever the IEP stands since a merge of State IDs.
_FACTS = f"""{explained_students()}
SELECT judged.subject, judged.lea, judged.reason, judged.years, ieps.meeting_on, ieps.plan_kind,
    transitions.form::text AS form
FROM judged LEFT JOIN ieps USING (subject, iep_id) LEFT JOIN transitions USING (iep_id)
"""
_WITHOUT_A_PLAN = (
    Reason.NOT_SUBMITTED,
    Reason.NOT_OFFICIAL,
    Reason.NOT_ENTERED,
    Reason.NO_PROFILE,
    Reason.NO_JURISDICTION,
    Reason.NO_IEP,
    Reason.NOT_DETERMINED,
    Reason.NOT_ELIGIBLE,
    Reason.PRIMARY_NOT_FEDERAL,
    Reason.GIFTED_ONLY,
)
_REASONS = (
    *(NOT_COUNTED[reason] for reason in _WITHOUT_A_PLAN),
    rules.TOO_YOUNG,
    rules.SERVICES_PLAN,
    OF_ANOTHER_LEA,
)
_WHOLE, _NOT_WHOLE = "whole", "not whole"
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("years", "Age in years", Kind.NUMBER),
    Column("meeting_on", "Meeting", Kind.DAY),
    *(Column(element.name.lower(), element.capitalize()) for element in Element),
)


def _values(asked: Parameters, as_of: date) -> Mapping[str, Any]:
    return parameters(as_of, disabilities(), None)


def _judge(row: Mapping[str, Any], asked: Asked[Parameters]) -> Iterator[Judged]:
    student_id, rule = f"{row['subject']:010d}", _left_out(row)
    placed = {"lea": row["lea"], "years": row["years"], "meeting_on": row["meeting_on"]}
    if rule is not None:
        yield Judged(student_id, "left out", rule.code, placed)
        return
    form = Transition.model_validate_json(row["form"]) if row["form"] else None
    answers = elements(form, row["meeting_on"], asked.as_of)
    found = {element.name.lower(): str(answer) for element, answer in answers.items()}
    yield Judged(student_id, _WHOLE if whole(answers) else _NOT_WHOLE, None, {**placed, **found})


def _left_out(row: Mapping[str, Any]) -> Rule | None:
    reason = Reason(row["reason"])
    if reason in _WITHOUT_A_PLAN:
        return NOT_COUNTED[reason]
    if row["years"] < FROM_AGE:
        return rules.TOO_YOUNG
    return rules.SERVICES_PLAN if row["plan_kind"] == "services plan" else None


def _tables(tally: Tally, asked: Asked[Parameters]) -> Sequence[Table]:
    columns = (
        Column("students", "Students of 16 and older", Kind.COUNT, {"reason": None}),
        Column("whole", "IEP with every element", Kind.COUNT, {"verdict": _WHOLE}),
        Column("percent", "Percent", Kind.PERCENT),
    )

    def numbers(where: Mapping[str, Value]) -> Sequence[Value]:
        students = tally.count({**where, "reason": None})
        having = tally.count({**where, "verdict": _WHOLE})
        return students, having, percent(having, students)

    return (
        by_lea(tally, "IEPs with every element of transition", columns, numbers),
        *(_element(tally, element) for element in Element),
        left_out(tally, [rule.code for rule in _REASONS]),
    )


def _element(tally: Tally, element: Element) -> Table:
    """The students by their IEP's answer to one element."""
    name = element.name.lower()
    wheres: list[Mapping[str, Value]] = [{"reason": None, name: str(answer)} for answer in Answer]
    rows = [Row((where[name], tally.count(where)), where) for where in wheres]
    columns = (Column("answer", "Answer"), Column("students", "Students", Kind.COUNT))
    return Table(name, element.capitalize(), columns, tuple(rows))


INDICATOR_13 = Report(
    name="indicator-13",
    title="Indicator 13: secondary transition",
    answers="Of the students of 16 and older with an IEP on the day, how many have an IEP with every element"
    " of transition? The state counts on 1 October.",
    version=1,
    parameters=Parameters,
    facts=_FACTS,
    values=_values,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=("lea", *(element.name.lower() for element in Element)),
    tables=_tables,
    reasons={rule.code: rule for rule in _REASONS},
)
