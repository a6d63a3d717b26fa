"""Indicator 12, from Part C to Part B, as a report: each child with its letter, and the percentage."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.ownership import owner_on
from services.reporting.domain.indicators.part_c import (
    Child,
    Determination,
    Facts,
    Letter,
    Plan,
    considered,
    judge,
)
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.rules import OF_ANOTHER_LEA
from services.reporting.domain.tables import Column, Judged, Kind, Table, Tally, Value
from services.reporting.reports.indicators import (
    SPELLS,
    OfYear,
    by_lea,
    day,
    each,
    left_out,
    maybe,
    spells_of,
)
from services.reporting.reports.report import Asked, Report

_FACTS = f"""
SELECT subject, birth_on, {SPELLS}, part_c.subject IS NOT NULL AS has_facts, served, referred_on,
    eligible_for_part_c_on, parent_refusal_on, continues_in_part_c,
    (SELECT json_agg(json_build_array(determined_on, exceptionalities::jsonb <> '[]'::jsonb)
            ORDER BY determined_on, determination DESC, evaluation_id)
        FROM evaluations WHERE evaluations.subject = students.subject AND determined_on IS NOT NULL
        AND evaluation_type = 'initial')::text AS determinations,
    (SELECT json_agg(json_build_array(meeting_on, begin_on, (
            SELECT json_agg(json_build_array(services.begin_on, first_given_on) ORDER BY service_id)
            FROM services WHERE services.subject = ieps.subject AND services.iep_id = ieps.iep_id
        )) ORDER BY begin_on, iep_id)
        FROM ieps WHERE ieps.subject = students.subject AND stage IN ('official', 'submitted')
        AND iep_type <> 'interim')::text AS plans,
    EXISTS (SELECT FROM evaluations WHERE evaluations.subject = students.subject
        AND evaluation_type = 'initial' AND (clock_stopped OR agreed_due_on IS NOT NULL)) AS excused
FROM students LEFT JOIN part_c USING (subject)
WHERE subject = ANY (CAST(:subjects AS bigint[]))
"""
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("third_birthday", "Third birthday", Kind.DAY),
    Column("referred_on", "Referred", Kind.DAY),
    Column("part_c_on", "Eligible for Part C", Kind.DAY),
    Column("implemented_on", "IEP in use", Kind.DAY),
    Column("key_on", "Key date", Kind.DAY),
)
_OUTSIDE = (Letter.NOT_ELIGIBLE, Letter.REFUSED, Letter.LATE_ENTRY, Letter.CONTINUES)
_SHOWN = {
    Letter.NOT_ELIGIBLE: "b: not eligible",
    Letter.IN_TIME: "c: in time",
    Letter.REFUSED: "d: parent's refusal",
    Letter.LATE_ENTRY: "e: late to Part C",
    Letter.CONTINUES: "f: stays in Part C",
    Letter.LATE: "Late",
    Letter.OPEN: "Open",
}
_REASONS = (rules.NOT_REFERRED, rules.NO_BIRTH_DATE, rules.BIRTHDAY_OUTSIDE, OF_ANOTHER_LEA)


def _judge(row: Mapping[str, Any], asked: Asked[OfYear]) -> Iterator[Judged]:
    child, year = _child(row), asked.parameters.school_year(asked.as_of)
    if considered(child, year):
        found = judge(child, year, asked.as_of)
        yield Judged(
            f"{row['subject']:010d}",
            str(found.letter),
            found.rule.code if found.rule else None,
            {
                "lea": owner_on(spells_of(row), found.key_on),
                "third_birthday": child.third_birthday,
                "referred_on": row["referred_on"],
                "part_c_on": row["eligible_for_part_c_on"],
                "implemented_on": found.implemented_on,
                "key_on": found.key_on,
            },
        )


def _child(row: Mapping[str, Any]) -> Child:
    facts = Facts(
        bool(row["served"]),
        row["referred_on"],
        row["eligible_for_part_c_on"],
        row["parent_refusal_on"],
        bool(row["continues_in_part_c"]),
    )
    return Child(
        row["birth_on"],
        facts if row["has_facts"] else None,
        [Determination(day(on), eligible) for on, eligible in each(row["determinations"])],
        [
            Plan(day(met), day(begun), [(day(first), maybe(session)) for first, session in services or ()])
            for met, begun, services in each(row["plans"])
        ],
        row["excused"],
    )


def _tables(tally: Tally, asked: Asked[OfYear]) -> Sequence[Table]:
    columns = (
        Column("a", "a: referred by Part C", Kind.COUNT, {"reason": None}),
        *(
            Column(str(letter), label, Kind.COUNT, {"verdict": str(letter)})
            for letter, label in _SHOWN.items()
        ),
        Column("denominator", "a - b - d - e - f", Kind.NUMBER),
        Column("percent", "Percent", Kind.PERCENT),
    )

    def numbers(where: Mapping[str, Value]) -> Sequence[Value]:
        a = tally.count({**where, "reason": None})
        found = {letter: tally.count({**where, "verdict": str(letter)}) for letter in _SHOWN}
        denominator = a - sum(found[letter] for letter in _OUTSIDE)
        return (a, *found.values(), denominator, percent(found[Letter.IN_TIME], denominator))

    return (
        by_lea(tally, "Children with an IEP in use by the third birthday", columns, numbers),
        left_out(tally, [rule.code for rule in _REASONS]),
    )


INDICATOR_12 = Report(
    name="indicator-12",
    title="Indicator 12: from Part C to Part B",
    answers="Of the children whom early intervention referred and who turned three in the year, how many had"
    " an IEP in use by the third birthday?",
    version=1,
    parameters=OfYear,
    facts=_FACTS,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=("lea",),
    tables=_tables,
    reasons={rule.code: rule for rule in _REASONS},
)
