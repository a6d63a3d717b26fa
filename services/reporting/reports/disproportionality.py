"""Significant disproportionality, and Indicators 9 and 10, as reports: ratios by LEA, analysis and race."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import Field, field_validator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.reporting.domain.analyses import (
    ALL_DISABILITIES,
    ANALYSES,
    IDENTIFICATION,
    Analysis,
    Group,
    is_placed,
    numbers_of,
    outcomes,
    placement_of,
    read_thresholds,
)
from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.disproportionality import (
    Comparison,
    Minimums,
    Numbers,
    Ratio,
    decimals,
    ratios,
)
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.indicators.year import year_of
from services.reporting.domain.loaded_tables import ALL, TableName
from services.reporting.domain.rules import NOT_COUNTED, OF_ANOTHER_LEA, Reason
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.queries.judged import judged_numbers, judged_students, parameters
from services.reporting.queries.moment import today
from services.reporting.reports.indicators import left_out
from services.reporting.reports.report import Asked, Parameters, Report
from services.reporting.store import loaded_tables

_FACTS = f"{judged_students(None)} SELECT * FROM judged"
_STATE = """
SELECT race, disability, environment, years, age_group, sum(children)::bigint AS children FROM judged
WHERE reason = 'counted' GROUP BY race, disability, environment, years, age_group
"""
_STATE_NAME = ""
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("race", "Race", Kind.CODE),
    Column("disability", "Disability", Kind.CODE),
    Column("placement", "Placement"),
    Column("placed", "Ages 6-21"),
    Column("years", "Age in years", Kind.NUMBER),
)
_DIMENSIONS = ("lea", "race", "disability", "placement", "placed")
_REASONS = (*NOT_COUNTED.values(), OF_ANOTHER_LEA)


class Ratios(Parameters):
    """The parameters of the ratios. The defaults are no state's: a state sets its own."""

    minimum_cell: int = Field(
        default=10, ge=0, le=1000, title="Minimum cell size", description="Children with the outcome."
    )
    minimum_n: int = Field(
        default=30, ge=1, le=10_000, title="Minimum n-size", description="Children of the group."
    )
    threshold: str = Field(
        default="3.0",
        pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?$",
        title="Threshold",
        description="A ratio above it is significant.",
    )
    thresholds: str = Field(
        default="",
        max_length=500,
        pattern=r"^$|^[^=,]+=\s*[0-9]{1,3}(\.[0-9]{1,4})?\s*(,[^=,]+=\s*[0-9]{1,3}(\.[0-9]{1,4})?\s*)*$",
        title="Other thresholds",
        description="Of single analyses, such as ID=2.5, AUT=3.5.",
    )

    @field_validator("thresholds")
    @classmethod
    def _known(cls, value: str) -> str:
        read_thresholds("1", value)
        return value

    @property
    def minimums(self) -> Minimums:
        """The smallest groups that give a ratio."""
        return Minimums(self.minimum_cell, self.minimum_n)


@dataclass(frozen=True)
class Loaded:
    """What the ratios need besides the rows: the whole state's groups, enrolment, and findings.

    `findings`: LEA, race, and the disability or `all`. `enrolment` None: nobody has loaded it.
    """

    state: Sequence[tuple[Group, str, int]]
    enrolment: Mapping[tuple[str, str], int] | None
    findings: frozenset[tuple[str, str, str]]


async def _load(database: AsyncConnection, asked: Ratios) -> Loaded:
    as_of = asked.as_of or today()
    year = year_of(as_of).name
    numbers, values = await judged_numbers(database, as_of, disabilities(), None)
    rows = (await database.execute(text(numbers + _STATE), values)).mappings().all()
    enrolment = await loaded_tables.newest(database, TableName.ENROLMENT, year, asked.known_at)
    findings = await loaded_tables.newest(database, TableName.FINDINGS, year, asked.known_at)
    return Loaded(
        state=[(_group(dict(row), _STATE_NAME), row["age_group"], int(row["children"])) for row in rows],
        enrolment=None
        if enrolment is None
        else {(line["lea"], line["race"]): int(line["children"]) for line in enrolment},
        findings=frozenset((line["lea"], line["race"], line["disability"]) for line in findings or ()),
    )


def _group(row: Mapping[str, Any], lea: str) -> Group:
    placement = placement_of(row["environment"], row["years"])
    return Group(
        lea,
        row["race"],
        row["disability"],
        str(placement) if placement else None,
        is_placed(row["years"]),
    )


def _values(asked: Parameters, as_of: date) -> Mapping[str, Any]:
    return parameters(as_of, disabilities(), None)


def _judge(row: Mapping[str, Any], asked: Asked[Ratios]) -> Iterator[Judged]:
    yield _judged(row, None)


def _judge_school_age(row: Mapping[str, Any], asked: Asked[Ratios]) -> Iterator[Judged]:
    yield _judged(row, age_groups(asked.as_of)[-1].name)


def _judged(row: Mapping[str, Any], age_group: str | None) -> Judged:
    rule = NOT_COUNTED.get(Reason(row["reason"]))
    if rule is None and age_group is not None and row["age_group"] != age_group:
        rule = rules.OTHER_AGE_GROUP
    values: dict[str, Value] = {"lea": row["lea"], "years": row["years"], "race": row["race"]}
    if rule is None:
        values |= _group(row, row["lea"])._asdict()
    return Judged(
        f"{row['subject']:010d}", "left out" if rule else "counted", rule.code if rule else None, values
    )


@dataclass(frozen=True)
class _Numbers:
    """The numbers of each LEA and of the state, by analysis and race."""

    counted: Mapping[tuple[str, str, str], int]
    state: Mapping[tuple[str, str, str], int]
    loaded: Loaded

    @classmethod
    def of(cls, tally: Tally, loaded: Loaded, age_group: str | None) -> "_Numbers":
        """The numbers of a tally. `age_group`: of the state's children too; None: all."""
        rows = (
            (Group(*(values[name] for name in _GROUP)), number)  # type: ignore[arg-type]
            for values, number in tally.each()
            if values["verdict"] == "counted"
        )
        state = (
            (group, number) for group, of, number in loaded.state if age_group is None or of == age_group
        )
        return cls(outcomes(rows), outcomes(state), loaded)

    def leas(self) -> list[str]:
        """The LEAs with counted children."""
        return sorted({lea for lea, _, _ in self.counted})

    def of_lea(self, analysis: Analysis, lea: str) -> Mapping[str, Numbers]:
        """The numbers of an LEA, by race."""
        return numbers_of(analysis, lea, self.counted, self.loaded.enrolment)

    def of_state(self, analysis: Analysis) -> Mapping[str, Numbers]:
        """The numbers of the state, by race."""
        return numbers_of(analysis, _STATE_NAME, self.state, _whole(self.loaded.enrolment))

    def ratios(self, analysis: Analysis, lea: str, minimums: Minimums) -> Mapping[str, Ratio]:
        """The ratios of an LEA, by race."""
        return ratios(self.of_lea(analysis, lea), self.of_state(analysis), minimums)


_GROUP = ("lea", "race", "disability", "placement", "placed")


def _whole(enrolment: Mapping[tuple[str, str], int] | None) -> Mapping[tuple[str, str], int] | None:
    if enrolment is None:
        return None
    found: dict[tuple[str, str], int] = {}
    for (_, race), children in enrolment.items():
        found[_STATE_NAME, race] = found.get((_STATE_NAME, race), 0) + children
    return found


def _tables(tally: Tally, asked: Asked[Ratios]) -> Sequence[Table]:
    numbers = _Numbers.of(tally, asked.loaded, None)
    rows = [row for lea in numbers.leas() for row in _rows(numbers, lea, asked.parameters)]
    columns = (
        Column("lea", "LEA", Kind.CODE),
        Column("analysis", "Analysis"),
        Column("race", "Race", Kind.CODE),
        Column("outcome", "Children with the outcome", Kind.COUNT),
        Column("base", "Children of the group", Kind.NUMBER),
        Column("others", "Others with the outcome", Kind.NUMBER),
        Column("others_base", "All others", Kind.NUMBER),
        Column("comparison", "Comparison"),
        Column("ratio", "Ratio"),
        Column("threshold", "Threshold"),
        Column("exceeds", "Above the threshold"),
        Column("why_none", "Why no ratio"),
    )
    return (
        Table("ratios", "Ratios by LEA, analysis and race", columns, tuple(rows)),
        left_out(tally, [rule.code for rule in _REASONS]),
    )


def _rows(numbers: _Numbers, lea: str, asked: Ratios) -> Iterator[Row]:
    thresholds = read_thresholds(asked.threshold, asked.thresholds)
    for analysis in ANALYSES:
        groups, state = numbers.of_lea(analysis, lea), numbers.of_state(analysis)
        for race, found in numbers.ratios(analysis, lea, asked.minimums).items():
            others = _others(groups if found.comparison is not Comparison.STATE else state, race)
            threshold = thresholds.of(analysis)
            above = None if found.value is None else "yes" if found.exceeds(threshold) else "no"
            given = (groups[race].outcome, groups[race].base, others.outcome, others.base)
            shown = (found.comparison, found.shown, decimals(threshold), above, found.why_none)
            yield Row((lea, analysis.name, race, *given, *shown), _where(analysis, lea, race))


def _others(groups: Mapping[str, Numbers], race: str) -> Numbers:
    outcome = sum(one.outcome for one in groups.values())
    bases = [one.base for one in groups.values()]
    known = [base for base in bases if base is not None]
    whole = Numbers(outcome, sum(known) if len(known) == len(bases) else None)
    return whole.less(groups[race])


def _where(analysis: Analysis, lea: str, race: str) -> Mapping[str, Value]:
    """The values of the children with the outcome."""
    of_all: dict[str, Value] = {"verdict": "counted", "lea": lea, "race": race}
    if analysis.name == ALL_DISABILITIES:
        return of_all
    return of_all | {"disability" if analysis in IDENTIFICATION else "placement": analysis.name}


def _representation(analyses: Sequence[Analysis]) -> Any:
    """The tables of Indicator 9 or 10: each LEA, and the LEAs with inappropriate identification."""

    def tables(tally: Tally, asked: Asked[Ratios]) -> Sequence[Table]:
        age_group = age_groups(asked.as_of)[-1].name
        numbers = _Numbers.of(tally, asked.loaded, age_group)
        judged = [_of_lea(numbers, lea, analyses, asked.parameters) for lea in numbers.leas()]
        columns = (
            Column("lea", "LEA", Kind.CODE),
            Column("children", "Children", Kind.COUNT, {"reason": None}),
            Column("met", "Meets the minimums"),
            Column("highest", "Highest ratio"),
            Column("above", "Above the threshold"),
            Column("finding", "Inappropriate identification"),
        )
        rows = [
            Row((one.lea, tally.count({"lea": one.lea, "reason": None}), *one.shown), {"lea": one.lea})
            for one in judged
        ]
        return (
            Table("LEAs", "LEAs by representation", columns, tuple(rows)),
            _summary(judged),
            left_out(tally, [rule.code for rule in (*_REASONS, rules.OTHER_AGE_GROUP)]),
        )

    return tables


@dataclass(frozen=True)
class _Representation:
    """How an LEA stands in Indicator 9 or 10."""

    lea: str
    met: bool
    highest: str
    above: bool
    finding: bool

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """As the table has it."""
        met, above, finding = ("yes" if one else "no" for one in (self.met, self.above, self.finding))
        return met, self.highest, above, finding


def _of_lea(numbers: _Numbers, lea: str, analyses: Sequence[Analysis], asked: Ratios) -> _Representation:
    thresholds = read_thresholds(asked.threshold, asked.thresholds)
    found = [
        (analysis, race, one)
        for analysis in analyses
        for race, one in numbers.ratios(analysis, lea, asked.minimums).items()
        if one.value is not None
    ]
    above = [(analysis, race) for analysis, race, one in found if one.exceeds(thresholds.of(analysis))]
    finding = any((lea, race, _found_as(analysis)) in numbers.loaded.findings for analysis, race in above)
    highest = max((one.value for _, _, one in found if one.value is not None), default=None)
    return _Representation(
        lea, bool(found), decimals(highest) if highest is not None else "-", bool(above), finding
    )


def _found_as(analysis: Analysis) -> str:
    return ALL if analysis.name == ALL_DISABILITIES else analysis.name


def _summary(judged: Sequence[_Representation]) -> Table:
    """The percentage: LEAs with a finding, of those that meet the minimums in at least one group."""
    met = [one for one in judged if one.met]
    findings = sum(one.finding for one in met)
    columns = (
        Column("leas", "LEAs", Kind.NUMBER),
        Column("below", "Left out: below the minimums", Kind.NUMBER),
        Column("denominator", "Denominator", Kind.NUMBER),
        Column("above", "Above the threshold", Kind.NUMBER),
        Column("findings", "Inappropriate identification", Kind.NUMBER),
        Column("percent", "Percent", Kind.PERCENT),
    )
    values = (
        len(judged),
        len(judged) - len(met),
        len(met),
        sum(one.above for one in met),
        findings,
        percent(findings, len(met)),
    )
    return Table("indicator", "The indicator", columns, (Row(values),))


SIGNIFICANT_DISPROPORTIONALITY = Report(
    name="significant-disproportionality",
    title="Significant disproportionality",
    answers="In which LEA, for which race, is the risk of a disability or of a placement above the"
    " threshold? It needs the enrolment of the school year. SER has no removals, so discipline is not in it.",
    version=1,
    parameters=Ratios,
    facts=_FACTS,
    values=_values,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=_DIMENSIONS,
    tables=_tables,
    reasons={rule.code: rule for rule in _REASONS},
    loads=_load,
)
INDICATOR_9 = Report(
    name="indicator-9",
    title="Indicator 9: disproportionate representation",
    answers="Which share of the LEAs has disproportionate representation of a race in special education that"
    " is the result of inappropriate identification? Ages five in kindergarten through 21.",
    version=1,
    parameters=Ratios,
    facts=_FACTS,
    values=_values,
    judge=_judge_school_age,
    columns=_COLUMNS,
    dimensions=_DIMENSIONS,
    tables=_representation(IDENTIFICATION[:1]),
    reasons={rule.code: rule for rule in (*_REASONS, rules.OTHER_AGE_GROUP)},
    loads=_load,
)
INDICATOR_10 = replace(
    INDICATOR_9,
    name="indicator-10",
    title="Indicator 10: disproportionate representation by disability",
    answers="The same as Indicator 9 for six disabilities: ID, SLD, EMN, SLI, OHI and AUT.",
    tables=_representation(IDENTIFICATION[1:]),
)
