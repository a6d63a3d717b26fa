"""Which children a file of a level has, why it leaves others out, and which units have a total of 0."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.errors import Rule
from services.reporting.domain.federal import rules
from services.reporting.domain.federal.directory import Directory
from services.reporting.domain.federal.rows import Tallies, Unit, Values
from services.reporting.domain.federal.specification import Category, Level, Specification

_OUTSIDE_SCHOOLS = ("HH", "PPPS")
_PRESCHOOL, _KINDERGARTEN = "PK", "KG"
_PRESCHOOL_COUNTS_FROM = 2022
"""From 2022-23 on, only units that offer a grade of the file have a total of 0."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Children whom a file of a level leaves out, of one unit and for one reason."""

    rule: Rule
    unit: Unit
    children: int


@dataclass(frozen=True, slots=True)
class AtLevel:
    """The children of a file at one level, and those whom this level leaves out."""

    tallies: Tallies
    left_out: tuple[LeftOut, ...]


def at_level(
    specification: Specification, level: Level, tallies: Tallies, units: Directory, day: date
) -> AtLevel:
    """The children of the level. The day: on which their units must be open."""
    kept: dict[tuple[Unit, Values], int] = {}
    left: Counter[tuple[str, Unit]] = Counter()
    places = [
        specification.categories.index(one) for one in specification.categories if one is Category.ENVIRONMENT
    ]
    found: dict[tuple[Unit, str], Rule | None] = {}
    for (unit, values), children in tallies.items():
        place = (unit, values[places[0]] if places else "")
        if place not in found:
            found[place] = _reason(level, *place, units, day)
        rule = found[place]
        if rule is None:
            kept[unit, values] = children
        else:
            left[rule.code, _named(rule, unit)] += children
    left_out = (LeftOut(rules.RULES[code], unit, number) for (code, unit), number in sorted(left.items()))
    return AtLevel(kept, tuple(left_out))


def _named(rule: Rule, unit: Unit) -> Unit:
    """The unit to which a reason belongs: the LEA, or the school."""
    of_school = rule in (rules.SCHOOL_NOT_REPORTED, rules.SCHOOL_CLOSED, rules.SCHOOL_UNKNOWN)
    return unit if of_school else Unit(unit.lea)


def _reason(level: Level, unit: Unit, environment: str, units: Directory, day: date) -> Rule | None:
    match level:
        case Level.STATE:
            return None
        case Level.LEA:
            return _lea_reason(Unit(unit.lea), units, day)
        case Level.SCHOOL:
            of_lea = _lea_reason(Unit(unit.lea), units, day)
            return of_lea or _school_reason(unit, environment, units, day)


def _lea_reason(lea: Unit, units: Directory, day: date) -> Rule | None:
    listed = units.of(lea)
    if not listed.reported or not units.knows(lea):
        return rules.LEA_NOT_REPORTED
    return None if listed.open_on(day) else rules.LEA_CLOSED


def _school_reason(school: Unit, environment: str, units: Directory, day: date) -> Rule | None:
    listed = units.of(school)
    if environment in _OUTSIDE_SCHOOLS:
        return rules.OUTSIDE_SCHOOLS
    if not school.school or not units.knows(school):
        return rules.SCHOOL_UNKNOWN
    if not listed.reported:
        return rules.SCHOOL_NOT_REPORTED
    return None if listed.open_on(day) else rules.SCHOOL_CLOSED


def units_with_totals(
    specification: Specification, level: Level, units: Directory, day: date
) -> Iterator[Unit]:
    """The units that have a total even if nobody is there."""
    strict = specification.first_year >= _PRESCHOOL_COUNTS_FROM
    match level:
        case Level.STATE:
            return
        case Level.LEA:
            grades = (_PRESCHOOL,) if strict else (_PRESCHOOL, _KINDERGARTEN)
            for lea in units.leas(day):
                if specification.file != "089" or lea.offers(*grades):
                    yield lea.unit
        case Level.SCHOOL:
            for school in units.schools(day):
                if not strict or not school.offers_only(_PRESCHOOL):
                    yield school.unit


def totals(left_out: Iterable[LeftOut]) -> Mapping[Rule, int]:
    """The children left out, by reason."""
    found: Counter[Rule] = Counter()
    for one in left_out:
        found[one.rule] += one.children
    return found
