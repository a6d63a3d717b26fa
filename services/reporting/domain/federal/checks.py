"""The checks of a federal file before it is given out. Each finds nothing, or says what is wrong.

C1 to C14 are the numbers by which this project names them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from contracts.errors import Finding, Rule
from services.reporting.domain.federal import rules
from services.reporting.domain.federal.comparison import Compared, LastYear, compared, named, subtotals
from services.reporting.domain.federal.declarations import Declarations, combinations
from services.reporting.domain.federal.levels import LeftOut
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import DataRow, Unit
from services.reporting.domain.federal.specification import Category, Level, Specification
from services.reporting.domain.federal.text import SubmissionFile, column_of
from services.reporting.domain.race import MISSING

_LONGEST_NAME = 25
_SEPARATORS = (",", "\t", '"', "\r", "\n")
_UNITS = {
    rules.LEA_NOT_REPORTED.code: "is not in the directory of reported units",
    rules.LEA_CLOSED.code: "was not open",
    rules.SCHOOL_NOT_REPORTED.code: "is not a reported school",
    rules.SCHOOL_CLOSED.code: "was not open",
    rules.SCHOOL_UNKNOWN.code: "has no school site for some children",
}
_CATEGORIES = {Category.RACE: "race", Category.SEX: "sex", Category.EL: "English learner"}


@dataclass(frozen=True)
class Draft:
    """A file before it is given out, and what its checks compare it with.

    `population`: its students, before they are placed in the units of the level. `left_out`: those whom this
    level leaves out. `last_year`: None: that year's layout is unknown. `complete`: no event is missing.
    """

    specification: Specification
    level: Level
    declared: Declarations
    file: SubmissionFile
    population: Population
    left_out: tuple[LeftOut, ...]
    last_year: LastYear | None
    complete: bool

    @property
    def children(self) -> int:
        """The students of the file: the sum of its totals."""
        return sum(row.amount for row in self.file.rows if not row.category_set.categories)

    @cached_property
    def compared(self) -> list[Compared]:
        """The subtotals and totals beside those of last year. Blank: that year's layout is unknown."""
        if self.last_year is None:
            return []
        return list(compared(subtotals(self.specification, self.file.rows), self.last_year))


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its number, what holds if it finds nothing, and the rule whose findings it makes."""

    number: str
    holds: str
    rule: Rule
    look: Callable[[Draft], Iterator[Finding]]


def _sets_add_up(draft: Draft) -> Iterator[Finding]:
    sums: Counter[tuple[Unit, str]] = Counter()
    for row in draft.file.rows:
        sums[row.unit, row.category_set.name] += row.amount
    for unit in dict.fromkeys(unit for unit, _ in sums):
        whole = sums[unit, "TOT"]
        for one in draft.specification.sets:
            if one.adds_up and sums[unit, one.name] != whole:
                yield rules.SETS_DISAGREE.broken(
                    unit=unit, set=one.name, parts=sums[unit, one.name], whole=whole
                )


def _rows_are_permitted(draft: Draft) -> Iterator[Finding]:
    of, seen = draft.specification, set()
    permitted = {category: {*values, MISSING} for category, values in of.values.items()}
    for row in draft.file.rows:
        key = (row.unit, row.category_set.name, row.combination)
        wrong = [
            value
            for category, value in zip(row.category_set.categories, row.combination, strict=True)
            if value not in permitted[category]
        ]
        if key in seen:
            yield rules.ROW_WRONG.broken(row=_named(row), problem="is there twice")
        elif wrong:
            problem = f"has a value that {of.number} does not permit: {wrong[0]}"
            yield rules.ROW_WRONG.broken(row=_named(row), problem=problem)
        seen.add(key)


def _has_the_form(draft: Draft) -> Iterator[Finding]:
    for problem in _form_problems(draft):
        yield rules.FORM_WRONG.broken(problem=problem)


def _form_problems(draft: Draft) -> Iterator[str]:
    file, of = draft.file, draft.specification
    if file.header[1] != str(len(file.rows)):
        yield f"the header says {file.header[1]} records, and there are {len(file.rows)}"
    if len(file.name) > _LONGEST_NAME:
        yield f"the name {file.name} is longer than {_LONGEST_NAME} characters"
    widths = {column.name: column.width for column in of.columns}
    columns = {category: column_of(of, category).name for category in of.categories}
    values = {
        (columns[category], value)
        for row in file.rows
        for category, value in zip(row.category_set.categories, row.combination, strict=True)
    }
    values |= {("StateLEAIDNumber", row.unit.lea) for row in file.rows}
    values |= {("StateSchoolIDNumber", row.unit.school) for row in file.rows}
    values.add(("Amount", str(max((row.amount for row in file.rows), default=0))))
    for column, value in sorted(values):
        if len(value) > widths[column]:
            yield f"{value} is wider than the column {column}"
        if any(separator in value for separator in _SEPARATORS):
            yield f"a value of {column} has a separator"
    if any(row.amount < 0 for row in file.rows):
        yield "an amount is below 0"


def _combinations_are_possible(draft: Draft) -> Iterator[Finding]:
    of, judged = draft.specification, dict[tuple[str, tuple[str, ...]], bool]()
    for row in draft.file.rows:
        key = (row.category_set.name, row.combination)
        if key not in judged:
            judged[key] = draft.declared.possible(
                {
                    category: of.counted_as[category, value]
                    for category, value in zip(row.category_set.categories, row.combination, strict=True)
                    if (category, value) in of.counted_as
                }
            )
        if not judged[key]:
            yield rules.RULED_OUT.broken(row=_named(row))


def _state_is_whole(draft: Draft) -> Iterator[Finding]:
    if draft.level is Level.STATE:
        there = {(row.category_set.name, row.combination) for row in draft.file.rows}
        for one in draft.specification.sets:
            for combination in combinations(draft.specification, one, draft.declared):
                if (one.name, combination) not in there:
                    yield rules.ROW_ABSENT.broken(row=named(Unit(), one.name, combination))


def _levels_agree(draft: Draft) -> Iterator[Finding]:
    left_out = sum(one.children for one in draft.left_out)
    whole = sum(draft.population.tallies.values())
    if draft.children + left_out != whole:
        yield rules.LEVELS_DISAGREE.broken(children=draft.children, left_out=left_out, whole=whole)
    yield from _remarks(draft, rules.MOVED_INSIDE)


def _changes_are_small(draft: Draft) -> Iterator[Finding]:
    for one in draft.compared:
        if one.remarkable:
            yield rules.CHANGED.broken(row=one, before=one.before, now=one.now)


def _nothing_is_empty(draft: Draft) -> Iterator[Finding]:
    if draft.last_year is None:
        return
    before, now = draft.last_year.rows, len(draft.file.rows)
    if draft.level is Level.STATE and before != now:
        yield rules.EMPTIED.broken(what="Rows of the file", now=now, before=before)
    for one in draft.compared:
        if one.emptied and (draft.level is Level.STATE or not one.combination):
            yield rules.EMPTIED.broken(what=f"Children in {one}", now=0, before=one.before)


def _units_are_listed(draft: Draft) -> Iterator[Finding]:
    for one in draft.left_out:
        if one.rule.code in _UNITS:
            yield rules.UNIT_LEFT_OUT.broken(
                unit=one.unit, problem=_UNITS[one.rule.code], children=one.children
            )


def _nothing_is_missing(draft: Draft) -> Iterator[Finding]:
    missing: Counter[Category] = Counter()
    for row in draft.file.rows:
        if row.category_set.total and row.combination == (MISSING,):
            missing[row.category_set.categories[0]] += row.amount
    for category, children in missing.items():
        name = _CATEGORIES.get(category, category.value)
        yield rules.VALUES_MISSING.broken(category=name, children=children)


def _grades_are_known(draft: Draft) -> Iterator[Finding]:
    if draft.population.ungraded:
        yield rules.GRADE_MISSING.broken(children=draft.population.ungraded)


def _count_agrees(draft: Draft) -> Iterator[Finding]:
    files, counted = draft.population.files, draft.population.counted
    if files != counted:
        yield rules.COUNT_DISAGREES.broken(unit=draft.population.unit, files=files, counted=counted)


def _exits_are_usual(draft: Draft) -> Iterator[Finding]:
    yield from _remarks(draft, rules.EXIT_ODD)


def _is_complete(draft: Draft) -> Iterator[Finding]:
    if not draft.complete:
        yield rules.NOT_COMPLETE.broken()


def _remarks(draft: Draft, rule: Rule) -> Iterator[Finding]:
    """What the count of the students found of a rule."""
    return (one for one in draft.population.remarks if one.code == rule.code)


def _named(row: DataRow) -> str:
    return named(row.unit, row.category_set.name, row.combination)


CHECKS = (
    Check("C1", "Each category set adds up to the total of its unit.", rules.SETS_DISAGREE, _sets_add_up),
    Check("C2", "Each row is there once, with permitted values.", rules.ROW_WRONG, _rows_are_permitted),
    Check("C3", "The file has the form of its layout.", rules.FORM_WRONG, _has_the_form),
    Check("C4", "The state's declarations allow each row.", rules.RULED_OUT, _combinations_are_possible),
    Check("C5", "The state's file has every possible row.", rules.ROW_ABSENT, _state_is_whole),
    Check("C6", "The levels agree.", rules.LEVELS_DISAGREE, _levels_agree),
    Check("C7", "No number changed by more than 20 % and 20 children.", rules.CHANGED, _changes_are_small),
    Check(
        "C8",
        "Nothing is empty that had children last year.",
        rules.EMPTIED,
        _nothing_is_empty,
    ),
    Check("C9", "Every unit is listed, reported and open.", rules.UNIT_LEFT_OUT, _units_are_listed),
    Check("C10", "No value is missing.", rules.VALUES_MISSING, _nothing_is_missing),
    Check("C11", "Every counted child has a grade.", rules.GRADE_MISSING, _grades_are_known),
    Check("C12", "The files and the count agree.", rules.COUNT_DISAGREES, _count_agrees),
    Check("C13", "No exit is odd.", rules.EXIT_ODD, _exits_are_usual),
    Check("C14", "Reporting has every event.", rules.NOT_COMPLETE, _is_complete),
)
"""Every check, in order."""
