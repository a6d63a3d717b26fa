"""Indicators 5 and 6, where children are educated, as reports: the children of the child count."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.environments import PRESCHOOL, SCHOOL_AGE, part_of
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.rules import NOT_COUNTED, OF_ANOTHER_LEA, Reason
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.queries.judged import judged_students, parameters
from services.reporting.reports.indicators import by_lea, left_out
from services.reporting.reports.report import Asked, Judge, Parameters, Report, Tables

_FACTS = f"{judged_students(None)} SELECT * FROM judged"
_EARLY, _SCHOOL = 0, 1
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("age", "Age", Kind.CODE),
    Column("disability", "Disability", Kind.CODE),
    Column("environment", "Environment", Kind.CODE),
)
_NAMES = [column.name for column in _COLUMNS]
_REASONS = (*NOT_COUNTED.values(), rules.OTHER_AGE_GROUP, OF_ANOTHER_LEA)
_PARTS = ("A", "B", "C")


def _values(asked: Parameters, as_of: date) -> Mapping[str, Any]:
    return parameters(as_of, disabilities(), None)


def _judging(group: int, parts: Mapping[str, tuple[str, ...]]) -> Judge[Parameters]:
    def judge(row: Mapping[str, Any], asked: Asked[Parameters]) -> Iterator[Judged]:
        rule = NOT_COUNTED.get(Reason(row["reason"]))
        if rule is None and row["age_group"] != age_groups(asked.as_of)[group].name:
            rule = rules.OTHER_AGE_GROUP
        yield Judged(
            f"{row['subject']:010d}",
            "left out" if rule else part_of(row["environment"], parts),
            rule.code if rule else None,
            {name: row[name] for name in _NAMES},
        )

    return judge


def _shared(labels: Mapping[str, str], further: Mapping[str, str]) -> Tables[Parameters]:
    columns = (
        Column("children", "Children", Kind.COUNT, {"reason": None}),
        *(
            column
            for part in _PARTS
            for column in (
                Column(part, f"{part}: {labels[part]}", Kind.COUNT, {"verdict": part}),
                Column(f"{part} percent", f"Percent {part}", Kind.PERCENT),
            )
        ),
    )

    def tables(tally: Tally, asked: Asked[Parameters]) -> Sequence[Table]:
        def numbers(where: Mapping[str, Value]) -> Sequence[Value]:
            children = tally.count({**where, "reason": None})
            found = [tally.count({**where, "verdict": part}) for part in _PARTS]
            return (children, *(value for n in found for value in (n, percent(n, children))))

        def by(name: str, label: str) -> Table:
            values = sorted({str(found[name]) for found, _ in tally.each() if found["reason"] is None})
            rows = [Row((value, *numbers({name: value})), {name: value}) for value in values]
            return Table(f"by {name}", f"By {label.lower()}", (Column(name, label), *columns), tuple(rows))

        return (
            by_lea(tally, "Children by environment", columns, numbers),
            *(by(name, label) for name, label in further.items()),
            left_out(tally, [rule.code for rule in _REASONS]),
        )

    return tables


def _report(
    name: str, title: str, answers: str, judge: Judge[Parameters], tables: Tables[Parameters]
) -> Report[Parameters]:
    return Report(
        name=name,
        title=title,
        answers=answers,
        version=1,
        parameters=Parameters,
        facts=_FACTS,
        values=_values,
        judge=judge,
        columns=_COLUMNS,
        dimensions=_NAMES_COUNTED,
        tables=tables,
        reasons={rule.code: rule for rule in _REASONS},
    )


_NAMES_COUNTED = ("lea", "age", "disability")

INDICATOR_5 = _report(
    "indicator-5",
    "Indicator 5: environments at school age",
    "Which share of the children of the school-age child count is inside the regular class 80 % of the day or"
    " more (A), less than 40 % (B), or in separate schools, facilities or at home (C)?",
    _judging(_SCHOOL, SCHOOL_AGE),
    _shared(
        {
            "A": "regular class 80 % or more",
            "B": "regular class under 40 %",
            "C": "separate, facility, home",
        },
        {"disability": "Disability"},
    ),
)
INDICATOR_6 = _report(
    "indicator-6",
    "Indicator 6: preschool environments",
    "Which share of the children of the early childhood count gets most services in a regular program (A), is"
    " in a separate class, school or facility (B), or at home (C)?",
    _judging(_EARLY, PRESCHOOL),
    _shared(
        {"A": "regular program", "B": "separate class, school, facility", "C": "home"},
        {"age": "Age", "disability": "Disability"},
    ),
)
