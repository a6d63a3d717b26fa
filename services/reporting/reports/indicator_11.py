"""Indicator 11, child find, as a report: each evaluation, and the percentage complete in time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.calendars import Extension
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.child_find import Evaluation, Found, judge
from services.reporting.domain.indicators.ownership import owner_on
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.rules import OF_ANOTHER_LEA
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.reports.indicators import SPELLS, OfYear, by_lea, each, left_out, maybe, spells_of
from services.reporting.reports.report import Asked, Report

_FACTS = f"""
SELECT subject, {SPELLS}, (
    SELECT json_agg(json_build_array(
        evaluation_type = 'initial', CASE parent_decision WHEN 'consented' THEN decided_on END,
        report_disseminated_on, extensions, agreed_due_on, clock_stopped, delay_reason,
        CASE stage WHEN 'closed' THEN coalesce(closed_on, decided_on) END,
        coalesce(close_reason = 'entered in error', false)
    ) ORDER BY decided_on, evaluation_id)
    FROM evaluations WHERE evaluations.subject = students.subject
)::text AS evaluations
FROM students WHERE subject = ANY (CAST(:subjects AS bigint[]))
"""
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("consented_on", "Consent", Kind.DAY),
    Column("due_on", "Due", Kind.DAY),
    Column("reported_on", "Report", Kind.DAY),
    Column("days_late", "Business days late", Kind.NUMBER),
    Column("delay_reason", "Reason for the delay"),
    Column("key_on", "Key date", Kind.DAY),
)
_DELAYED = (Found.LATE, Found.OPEN, Found.CLOSED)
_REASONS = (
    rules.NOT_INITIAL,
    rules.IN_ERROR,
    rules.NO_CONSENT,
    rules.CONSENT_OUTSIDE,
    rules.NOT_PRODUCED,
    rules.AGREED_ELSEWHERE,
    OF_ANOTHER_LEA,
)


def _judge(row: Mapping[str, Any], asked: Asked[OfYear]) -> Iterator[Judged]:
    spells, year = spells_of(row), asked.parameters.school_year(asked.as_of)
    for given in each(row["evaluations"]):
        one = _evaluation(given)
        found = judge(one, year, asked.as_of, asked.calendars)
        yield Judged(
            f"{row['subject']:010d}",
            str(found.found),
            found.rule.code if found.rule else None,
            {
                "lea": owner_on(spells, found.key_on),
                "consented_on": one.consented_on,
                "due_on": found.due_on,
                "reported_on": one.reported_on,
                "days_late": found.days_late,
                "delay_reason": one.delay_reason if found.found in _DELAYED else None,
                "key_on": found.key_on,
            },
        )


def _evaluation(given: Sequence[Any]) -> Evaluation:
    initial, consented_on, reported_on, extensions, agreed_on, not_produced, why, closed_on, in_error = given
    return Evaluation(
        initial,
        maybe(consented_on),
        maybe(reported_on),
        tuple(map(Extension.model_validate, extensions)),
        maybe(agreed_on),
        not_produced,
        why,
        maybe(closed_on),
        in_error,
    )


def _tables(tally: Tally, asked: Asked[OfYear]) -> Sequence[Table]:
    columns = (
        Column("a", "a: consents received", Kind.COUNT, {"reason": None}),
        Column("b", "b: complete in time", Kind.COUNT, {"verdict": str(Found.IN_TIME)}),
        Column("percent", "Percent", Kind.PERCENT),
        *(Column(str(one), str(one).capitalize(), Kind.COUNT, {"verdict": str(one)}) for one in _DELAYED),
        Column("from", "Fewest days late", Kind.NUMBER),
        Column("through", "Most days late", Kind.NUMBER),
    )

    def numbers(where: Mapping[str, Value]) -> Sequence[Value]:
        a, b = tally.count({**where, "reason": None}), tally.count({**where, "verdict": str(Found.IN_TIME)})
        return (a, b, percent(b, a), *_delayed(tally, where), *_range(tally, where))

    return (
        by_lea(tally, "Initial evaluations complete in time", columns, numbers),
        _by_delay(tally),
        left_out(tally, [rule.code for rule in _REASONS]),
    )


def _delayed(tally: Tally, where: Mapping[str, Value]) -> Sequence[int]:
    return [tally.count({**where, "verdict": str(one)}) for one in _DELAYED]


def _range(tally: Tally, where: Mapping[str, Value]) -> tuple[Value, Value]:
    """The fewest and the most business days beyond the due date."""
    matching = (values for values, _ in tally.each() if all(values[name] == where[name] for name in where))
    late = [number for values in matching if isinstance(number := values["days_late"], int)]
    return (min(late), max(late)) if late else (None, None)


def _by_delay(tally: Tally) -> Table:
    """The evaluations of a that are not in b, by the reason for the delay."""
    columns = (
        Column("delay_reason", "Reason for the delay"),
        *(Column(str(one), str(one).capitalize(), Kind.COUNT, {"verdict": str(one)}) for one in _DELAYED),
    )
    wheres: list[Mapping[str, Value]] = [{"delay_reason": why} for why in tally.values("delay_reason")]
    rows = [Row((where["delay_reason"] or "none given", *_delayed(tally, where)), where) for where in wheres]
    return Table("delays", "Not in time, by the reason for the delay", columns, tuple(rows))


INDICATOR_11 = Report(
    name="indicator-11",
    title="Indicator 11: child find",
    answers="Of the children with a parent's consent to an initial evaluation in the year, how many were"
    " evaluated within 60 business days and the state's extensions?",
    version=1,
    parameters=OfYear,
    facts=_FACTS,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=("lea", "delay_reason", "days_late"),
    tables=_tables,
    reasons={rule.code: rule for rule in _REASONS},
)
