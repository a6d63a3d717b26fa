"""The federal files: each at the levels it has, with its checks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.errors import Finding, Rule, Severity, listed
from contracts.types import LeaCode
from services.chassis.answering.http import Forbidden, Problem
from services.reporting.domain.definitions import school_year
from services.reporting.domain.federal.checks import CHECKS, Draft
from services.reporting.domain.federal.comparison import Compared, LastYear, subtotals
from services.reporting.domain.federal.declarations import Declarations
from services.reporting.domain.federal.directory import Directory, directory
from services.reporting.domain.federal.levels import AtLevel, at_level, totals, units_with_totals
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import DataRow, data_rows
from services.reporting.domain.federal.rules import LEVEL_UNKNOWN, YEAR_UNKNOWN
from services.reporting.domain.federal.specification import (
    Level,
    Specification,
    YearUnknown,
    known_years,
    specification,
)
from services.reporting.domain.federal.text import Format, submission_file, subtotals_in
from services.reporting.domain.rules import LEA_NOT_YOURS
from services.reporting.queries.completeness import Certificate, certificate
from services.reporting.queries.federal_children import children
from services.reporting.queries.federal_exits import exits
from services.reporting.queries.federal_schools import registered
from services.reporting.queries.moment import one_moment, uncompiled
from services.reporting.queries.scope import lea_in_scope
from services.reporting.store import certified as store

_DECLARED = Declarations()
_MOST = 100


class FileNumber(StrEnum):
    """A federal file, by the number of its specification."""

    SCHOOL_AGE = "002"
    EARLY_CHILDHOOD = "089"
    EXITS = "009"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file: its number, school year (`2024-25`) and level. `lea`: only this LEA's part."""

    file: FileNumber
    year: str
    level: Level
    lea: LeaCode | None = None


class _Print(NamedTuple):
    """How a file is written: its format, its version, and the mark of its identifier."""

    form: Format
    version: int
    mark: str


class KnownFile(BaseModel):
    """A federal file, its levels, and the school years whose layout SER has."""

    file: str
    title: str
    levels: list[Level]
    years: list[str]


class CheckFound(BaseModel):
    """A check and its findings, at most a hundred of them. `found`: the number of all."""

    check: str = Field(description="C1 to C14.")
    holds: str = Field(description="What is true if the check finds nothing.")
    source: str
    found: int
    findings: list[Finding]


class LeftOutStudents(BaseModel):
    """Students whom a file leaves out, and why."""

    code: str
    severity: Severity
    message: str
    solution: str
    children: int


class BesideLastYear(BaseModel):
    """A subtotal or total of a unit, last year and now."""

    unit: str
    set: str
    values: list[str]
    before: int
    now: int
    remarkable: bool = Field(description="Changed by more than 20 % and by more than 20 children.")


class FederalFile(BaseModel):
    """A federal file as it is now, and what its checks found.

    `given`: whether the file is given out: no check found an error. `digest`: the SHA-256 of the data
    records, equal for equal numbers. `last_year`: the year in `comparison`; blank if SER does not have its
    layout. The comparison has all subtotals for the state; for LEAs and schools the totals, and what changed
    remarkably.
    """

    file: str
    title: str
    school_year: str
    level: Level
    lea: LeaCode | None
    as_of: date
    known_at: datetime = Field(description="The moment at which reporting made the file.")
    complete: bool
    read_through: datetime | None
    events: int
    name: str
    rows: int
    children: int
    digest: str
    given: bool
    checks: list[CheckFound]
    not_counted: list[LeftOutStudents] = Field(description="Considered students who are not in the file.")
    not_at_level: list[LeftOutStudents] = Field(
        description="Students of the file of the level above whom this level leaves out."
    )
    last_year: str | None
    last_year_certified: bool = Field(description="Whether the comparison is with the certified file.")
    comparison: list[BesideLastYear]


@dataclass(frozen=True)
class Made:
    """A file with its checks, in memory."""

    wanted: Wanted
    draft: Draft
    basis: Certificate
    made_at: datetime
    checks: Sequence[CheckFound]
    errors: Sequence[Finding]

    @property
    def digest(self) -> str:
        """The SHA-256 of the data records."""
        return sha256(self.draft.file.body().encode()).hexdigest()


def known_files() -> list[KnownFile]:
    """Every file with the years that SER has."""
    return [
        KnownFile(
            file=file,
            title=newest.title,
            levels=list(newest.levels),
            years=[year_named(year) for year in known_years(file)],
        )
        for file in FileNumber
        for newest in [specification(file, known_years(file)[-1])]
    ]


def year_named(first_year: int) -> str:
    """A school year as SER writes it: `2024-25`."""
    return school_year(date(first_year, 7, 1))


async def federal_file(viewer: Actor, database: AsyncConnection, wanted: Wanted) -> FederalFile:
    """A file's numbers of rows and children, its checks, and its comparison with last year.

    Forbidden: another LEA's, or the state's for an LEA. Problem: the year or the level is unknown.
    """
    made = await make(viewer, database, wanted, Format.CSV)
    return await asyncio.to_thread(_described, made)


async def federal_text(
    viewer: Actor, database: AsyncConnection, wanted: Wanted, form: Format
) -> tuple[str, str]:
    """The name and the text of a file. Problem: a check found an error. Else as `federal_file`."""
    made = await make(viewer, database, wanted, form)
    without_errors(made.errors)
    return made.draft.file.name, await asyncio.to_thread(made.draft.file.text, form)


def without_errors(errors: Sequence[Finding]) -> None:
    """Problem: checks found errors."""
    if errors:
        raise Problem(422, listed(errors))


async def make(
    viewer: Actor, database: AsyncConnection, wanted: Wanted, form: Format, *, certifies: bool = False
) -> Made:
    """The file and its checks. Its version is the next one; unless somebody certifies it, it says so."""
    of = specification_of(wanted)
    wanted = replace(wanted, lea=_scope(viewer, wanted))
    await one_moment(database)
    await uncompiled(database)
    basis = await certificate(database)
    now = await _population(database, of, wanted)
    before = await _last_year(database, of, wanted)
    key = store.Key(wanted.file, wanted.year, wanted.level)
    print_of = _Print(form, 1 + await store.last_version(database, key), _mark(wanted, basis, certifies))
    units = directory(await registered(database))
    return await asyncio.to_thread(_made, of, wanted, print_of, basis, now, before, units)


def _mark(wanted: Wanted, basis: Certificate, certifies: bool) -> str:
    """What the identifier of a file says that nobody has certified."""
    if certifies:
        return ""
    return "-".join(filter(None, [wanted.lea, "DRAFT" if basis.certified else "INCOMPLETE"]))


def specification_of(wanted: Wanted) -> Specification:
    """What the file contains in its year. Problem: SER does not have the year, or the file not the level."""
    first_year = int(wanted.year[:4])
    try:
        if year_named(first_year) != wanted.year:
            raise YearUnknown(wanted.file, first_year, known_years(wanted.file))
        of = specification(wanted.file, first_year)
    except YearUnknown as unknown:
        known = ", ".join(map(year_named, unknown.known))
        finding = YEAR_UNKNOWN.broken(at="year", number=f"FS{wanted.file}", year=wanted.year, known=known)
        raise Problem(422, (finding,)) from None
    if wanted.level not in of.levels:
        finding = LEVEL_UNKNOWN.broken(
            at="level", number=of.number, level=wanted.level, known=", ".join(of.levels)
        )
        raise Problem(422, (finding,))
    return of


def _scope(viewer: Actor, wanted: Wanted) -> LeaCode | None:
    """The LEA whose part the viewer gets. The file of the state is for the state and auditors only."""
    lea = lea_in_scope(viewer, wanted.lea)
    if lea and wanted.level is Level.STATE:
        raise Forbidden(LEA_NOT_YOURS.broken(requested="the whole state", own=LEAS.label(lea), at="lea"))
    return lea


async def _population(database: AsyncConnection, of: Specification, wanted: Wanted) -> Population:
    if wanted.file is FileNumber.EXITS:
        return await exits(database, of, wanted.level, wanted.lea, _DECLARED)
    return await children(database, of, wanted.level, wanted.lea)


_Before = tuple[Specification, Population | store.Content]


async def _last_year(database: AsyncConnection, of: Specification, wanted: Wanted) -> _Before | None:
    """The file that the state certified for the year before; else the students of that year, as SER knows
    them now. None: its layout is unknown."""
    try:
        before = specification(of.file, of.first_year - 1)
    except YearUnknown:
        return None
    key = store.Key(wanted.file, year_named(before.first_year), wanted.level)
    certified = await store.content(database, key)
    return before, certified or await _population(database, before, wanted)


def _made(
    of: Specification,
    wanted: Wanted,
    print_of: _Print,
    basis: Certificate,
    now: Population,
    before: _Before | None,
    units: Directory,
) -> Made:
    made_at = datetime.now(UTC)
    there, rows = _rows(of, wanted, now, units)
    file = submission_file(
        of,
        wanted.level,
        rows,
        _DECLARED,
        version=print_of.version,
        made_at=made_at,
        form=print_of.form,
        mark=print_of.mark,
    )
    draft = Draft(
        specification=of,
        level=wanted.level,
        declared=_DECLARED,
        file=file,
        population=now,
        left_out=there.left_out,
        last_year=_compared_with(wanted, *before, units) if before else None,
        complete=basis.certified,
    )
    checks, errors = _checked(draft)
    return Made(wanted, draft, basis, made_at, checks, errors)


def _rows(
    of: Specification, wanted: Wanted, students: Population, units: Directory
) -> tuple[AtLevel, list[DataRow]]:
    day = students.as_of
    there = at_level(of, wanted.level, students.tallies, units, day)
    with_totals = [
        unit for unit in units_with_totals(of, wanted.level, units, day) if wanted.lea in (None, unit.lea)
    ]
    return there, list(data_rows(of, wanted.level, there.tallies, _DECLARED, with_totals))


def _compared_with(
    wanted: Wanted, of: Specification, students: Population | store.Content, units: Directory
) -> LastYear:
    if isinstance(students, store.Content):
        kept = subtotals_in(of, students.content.decode(), Format(students.form))
        own = (row for row in kept if wanted.lea in (None, row.unit.lea))
        return LastYear(year_named(of.first_year), True, students.rows, subtotals(of, own))
    if wanted.level is not Level.STATE:  # the number of rows matters for the state only
        of = replace(of, sets=tuple(one for one in of.sets if one.total))
    _, rows = _rows(of, wanted, students, units)
    return LastYear(year_named(of.first_year), False, len(rows), subtotals(of, rows))


def _checked(draft: Draft) -> tuple[list[CheckFound], list[Finding]]:
    checks, errors = [], []
    for check in CHECKS:
        findings = list(check.look(draft))
        errors += [one for one in findings if one.severity is Severity.ERROR]
        checks.append(
            CheckFound(
                check=check.number,
                holds=check.holds,
                source=check.rule.source,
                found=len(findings),
                findings=findings[:_MOST],
            )
        )
    return checks, errors


def _described(made: Made) -> FederalFile:
    draft, basis = made.draft, made.basis
    return FederalFile(
        file=draft.specification.file,
        title=draft.specification.title,
        school_year=made.wanted.year,
        level=draft.level,
        lea=made.wanted.lea,
        as_of=draft.population.as_of,
        known_at=made.made_at,
        complete=basis.certified,
        read_through=basis.read_through,
        events=basis.events,
        name=draft.file.name,
        rows=len(draft.file.rows),
        children=draft.children,
        digest=made.digest,
        given=not made.errors,
        checks=list(made.checks),
        not_counted=_left_out(draft.population.not_counted),
        not_at_level=_left_out(totals(draft.left_out)),
        last_year=draft.last_year.school_year if draft.last_year else None,
        last_year_certified=draft.last_year is not None and draft.last_year.certified,
        comparison=[_beside(one) for one in draft.compared if _shown(draft.level, one)],
    )


def _left_out(students: Mapping[Rule, int]) -> list[LeftOutStudents]:
    return [
        LeftOutStudents(
            code=rule.code,
            severity=rule.severity,
            message=rule.message,
            solution=rule.solution,
            children=number,
        )
        for rule, number in students.items()
    ]


def _shown(level: Level, one: Compared) -> bool:
    return level is Level.STATE or not one.combination or one.remarkable


def _beside(one: Compared) -> BesideLastYear:
    return BesideLastYear(
        unit=str(one.unit),
        set=one.set_name,
        values=list(one.combination),
        before=one.before,
        now=one.now,
        remarkable=one.remarkable,
    )
