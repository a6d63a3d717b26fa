"""Technical assistance: what the numbers of each LEA say beside those of LEAs of its size.

An LEA's own run has no number of another LEA. It compares with the LEA's own numbers of a year before.

An LEA's size is the number of its students in special education on the day. The needs are about LEAs and
never about people. Sizes and limits are choices of this project.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from contracts.types import LeaCode

_SIZES = (250, 1000, 3000)
_FEWEST_OTHERS = 3
_FELL_BY = Fraction(10, 100)
_TIMES_THE_RULE, _TIMES_THE_CASELOAD = 2, Fraction(3, 2)
_RECENT = 3
_MOST_RULES = 10


class InTime(NamedTuple):
    """The cases in their timeline, of all that were due. Pending and excluded ones are in neither."""

    inside: int = 0
    due: int = 0

    @property
    def share(self) -> Fraction | None:
        """The part in time. None: nothing was due."""
        return Fraction(self.inside, self.due) if self.due else None

    def plus(self, other: "InTime") -> "InTime":
        """Both together."""
        return InTime(self.inside + other.inside, self.due + other.due)


@dataclass
class Lea:
    """The numbers of one LEA. `kinds`: by kind of case. `months`: by month, all kinds. `refused`: by rule."""

    lea: LeaCode
    students: int = 0
    unassigned: int = 0
    coordinators: set[str] = field(default_factory=set)
    kinds: dict[str, InTime] = field(default_factory=dict)
    months: dict[str, InTime] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, month: str, found: InTime) -> None:
        """Count further cases."""
        self.kinds[kind] = self.kinds.get(kind, InTime()).plus(found)
        self.months[month] = self.months.get(month, InTime()).plus(found)

    @property
    def size(self) -> str:
        """The size in words."""
        return size_of(self.students)

    @property
    def caseload(self) -> Fraction | None:
        """The students with a coordinator, for each coordinator. None: nobody has a coordinator."""
        held = self.students - self.unassigned
        return Fraction(held, len(self.coordinators)) if self.coordinators else None

    def refusals(self) -> Sequence[tuple[str, int]]:
        """The rules that refused most commands, the most frequent first."""
        return sorted(self.refused.items(), key=lambda one: (-one[1], one[0]))[:_MOST_RULES]

    def refused_by(self, code: str) -> Fraction | None:
        """The commands that a rule refused, for each student. None: the LEA has no students."""
        return Fraction(self.refused[code], self.students) if self.students else None


class Beside(NamedTuple):
    """The same number of the other LEAs together. None: fewer than three of them have it."""

    leas: int
    value: Fraction | None


@dataclass(frozen=True)
class State:
    """The numbers of all LEAs of a run, by code. `before`: those of a year before, in an LEA's own run."""

    leas: Mapping[LeaCode, Lea]
    before: Mapping[LeaCode, Lea] = field(default_factory=dict)

    def year_before(self, one: Lea) -> Lea:
        """The LEA a year before; without numbers if the run does not compare with it."""
        return self.before.get(one.lea, Lea(one.lea))

    def others(self, one: Lea) -> Sequence[Lea]:
        """The other LEAs of the size of an LEA."""
        return [other for other in self.leas.values() if other.lea != one.lea and other.size == one.size]

    def in_time(self, one: Lea, kind: str) -> Beside:
        """The part in time of the others, for a kind of case."""
        found = [other.kinds[kind] for other in self.others(one) if other.kinds.get(kind, InTime()).due]
        return _beside(sum(each.inside for each in found), sum(each.due for each in found), len(found))

    def refused(self, one: Lea, code: str) -> Beside:
        """The commands that a rule refused in the others, for each of their students."""
        found = [other for other in self.others(one) if other.students]
        return _beside(
            sum(other.refused[code] for other in found), sum(other.students for other in found), len(found)
        )

    def caseload(self, one: Lea) -> Beside:
        """The students of a coordinator of the others."""
        found = [other for other in self.others(one) if other.coordinators]
        held = sum(other.students - other.unassigned for other in found)
        return _beside(held, sum(len(other.coordinators) for other in found), len(found))


def _beside(part: int, whole: int, leas: int) -> Beside:
    return Beside(leas, Fraction(part, whole) if leas >= _FEWEST_OTHERS and whole else None)


def size_of(students: int) -> str:
    """The size of an LEA in words: `250 to 999 students`."""
    above = [size for size in _SIZES if size > students]
    below = [size for size in _SIZES if size <= students]
    if not below:
        return f"under {_SIZES[0]:,} students"
    return f"{below[-1]:,} to {above[0] - 1:,} students" if above else f"{below[-1]:,} students or more"


def tenths(value: Fraction | None, times: int = 1) -> str:
    """A number with one decimal, half rounded up; `-` if there is none. `times` 100: a percentage."""
    if value is None:
        return "-"
    scaled = (2 * value.numerator * times * 10 + value.denominator) // (2 * value.denominator)
    return f"{scaled // 10:,}.{scaled % 10}"


class Limits(NamedTuple):
    """When a number is a need. `cases`: the fewest due cases, or refused commands. `percent`: in time."""

    cases: int
    percent: int


class Found(NamedTuple):
    """A need: which analysis, the sentence, and the row of the table that has the numbers (its key)."""

    lea: LeaCode
    analysis: str
    sentence: str
    table: str
    key: tuple[str, ...]


def needs(state: State, months: Sequence[str], limits: Limits) -> Iterator[Found]:
    """The needs by LEA: at most one of each analysis."""
    for code in sorted(state.leas):
        one = state.leas[code]
        for analyse in (_late, _falling, _refused, _loaded):
            if found := analyse(state, one, months, limits):
                yield found


def _late(state: State, one: Lea, months: Sequence[str], limits: Limits) -> Found | None:
    """The kind of case with the lowest part in time, if that is below the limit."""
    due = {kind: cases for kind, cases in one.kinds.items() if cases.due >= limits.cases}
    if not due:
        return None
    kind, cases = min(due.items(), key=lambda each: (_share(each[1]), each[0]))
    if _share(cases) >= Fraction(limits.percent, 100):
        return None
    sentence = (
        f"{cases.inside} of {cases.due} cases of {kind} were in time: {tenths(cases.share, 100)} percent."
    )
    earlier = state.year_before(one).kinds.get(kind, InTime()).share
    compared = _compared(sentence, one, state.in_time(one, kind), earlier, 100)
    return Found(one.lea, "timeliness", compared, "timeliness", (one.lea, kind))


def _falling(state: State, one: Lea, months: Sequence[str], limits: Limits) -> Found | None:
    """The part in time of the last months with cases due, if it fell since the months before."""
    before, now = _together(one, months[:-_RECENT]), _together(one, months[-_RECENT:])
    if min(before.due, now.due) < limits.cases or _share(before) - _share(now) < _FELL_BY:
        return None
    sentence = (
        f"In the last {_RECENT} months {tenths(now.share, 100)} percent of {now.due} cases were in time."
        f" In the months before it was {tenths(before.share, 100)} percent of {before.due}."
    )
    return Found(one.lea, "trend", sentence, "trend", (one.lea, months[-1]))


def _refused(state: State, one: Lea, months: Sequence[str], limits: Limits) -> Found | None:
    """The rule that refused most commands, if it did so far more often than in the other LEAs, or before."""
    for code, commands in one.refusals():
        often, beside = one.refused_by(code), state.refused(one, code)
        earlier = state.year_before(one).refused_by(code)
        if commands >= limits.cases and _far_above(often, beside, earlier, _TIMES_THE_RULE):
            sentence = (
                f"The rule {code} refused {commands} commands: {tenths(often, 100)} for each 100 students."
            )
            compared = _compared(sentence, one, beside, earlier, 100)
            return Found(one.lea, "refusals", compared, "refusals", (one.lea, code))
    return None


def _loaded(state: State, one: Lea, months: Sequence[str], limits: Limits) -> Found | None:
    """The caseload, if it is far above that of the other LEAs, or that of a year before."""
    load, beside, earlier = one.caseload, state.caseload(one), state.year_before(one).caseload
    if not _far_above(load, beside, earlier, _TIMES_THE_CASELOAD):
        return None
    sentence = f"A coordinator has {tenths(load)} students on average."
    return Found(one.lea, "caseload", _compared(sentence, one, beside, earlier, 1), "caseload", (one.lea,))


def _far_above(
    value: Fraction | None, beside: Beside, earlier: Fraction | None, times: int | Fraction
) -> bool:
    """Whether a number is so many times that of the other LEAs or, if that is not known, of a year before."""
    other = earlier if beside.value is None else beside.value
    return value is not None and other is not None and value >= times * other


def _compared(sentence: str, one: Lea, beside: Beside, earlier: Fraction | None, times: int) -> str:
    """The sentence, and the number of the other LEAs; if that is not known, the number of a year before."""
    if beside.value is not None:
        value = tenths(beside.value, times)
        return f"{sentence} In {beside.leas} other LEAs of {one.size} it was {value}."
    return sentence if earlier is None else f"{sentence} A year before it was {tenths(earlier, times)}."


def _together(one: Lea, months: Iterable[str]) -> InTime:
    found = InTime()
    for month in months:
        found = found.plus(one.months.get(month, InTime()))
    return found


def _share(cases: InTime) -> Fraction:
    return cases.share or Fraction(0)
