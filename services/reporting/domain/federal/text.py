"""The text of a federal file: comma, tab or fixed width, with a header, and how it is read back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.reporting.domain.federal.declarations import Declarations
from services.reporting.domain.federal.rows import DataRow, Unit
from services.reporting.domain.federal.specification import Category, Column, Level, Specification

_END = "\r\n"
_LEVEL_IN_HEADER = {Level.STATE: "SEA", Level.LEA: "LEA", Level.SCHOOL: "SCHOOL"}
_HEADER_WIDTHS = (50, 10, 25, 32, 9, 458)
_COLUMNS = {
    Category.DISABILITY: ("DisabilityCategoryID",),
    Category.RACE: ("RaceEthnicityID",),
    Category.SEX: ("GenderID",),
    Category.AGE: ("AgeID",),
    Category.EL: ("LEPStatusID",),
    Category.ENVIRONMENT: ("EdEnvironmentID", "EarlyChildEdEnvironmentID"),
    Category.EXIT: ("BasisofExitID",),
}


class Format(StrEnum):
    """How the columns of a line are divided. Its value is the end of the file's name."""

    CSV = "csv"
    TAB = "tab"
    FIXED = "txt"


@dataclass(frozen=True, slots=True)
class SubmissionFile:
    """A file to hand in: its name, its header's fields and its rows."""

    specification: Specification
    declared: Declarations
    name: str
    header: tuple[str, ...]
    rows: Sequence[DataRow]

    def text(self, form: Format) -> str:
        """The whole file in one of the formats. Lines end in CR LF."""
        return "".join([f"{line}{_END}" for line in self._lines(form)])

    def body(self) -> str:
        """The data records without the header, divided by commas: equal for files with the same numbers."""
        return "".join([f"{','.join(fields)}{_END}" for fields in self.records()])

    def records(self) -> Iterator[Sequence[str]]:
        """The fields of each data record, by the number of their column."""
        columns = self.specification.columns
        numbers = {column.name: place for place, column in enumerate(columns)}
        declared = {
            "FIPSStateCode": self.declared.fips,
            "StateAgencyNumber": self.declared.agency,
            "TableTypeAbbrv": self.specification.table_type,
        }
        blank = [declared.get(column.name, "") for column in columns]
        record, lea, school, total, amount = (
            numbers[name]
            for name in (
                "FileRecordNumber",
                "StateLEAIDNumber",
                "StateSchoolIDNumber",
                "TotalIndicator",
                "Amount",
            )
        )
        categories = {
            one.name: [numbers[column_of(self.specification, category).name] for category in one.categories]
            for one in self.specification.sets
        }
        for number, row in enumerate(self.rows, 1):
            fields = blank.copy()
            fields[record], fields[amount] = str(number), str(row.amount)
            fields[lea], fields[school] = row.unit
            fields[total] = "Y" if row.category_set.total else "N"
            for place, value in zip(categories[row.category_set.name], row.combination, strict=True):
                fields[place] = value
            yield fields

    def _lines(self, form: Format) -> Iterator[str]:
        match form:
            case Format.FIXED:
                widths = [column.width for column in self.specification.columns]
                fields = zip((*self.header, ""), _HEADER_WIDTHS, strict=True)
                yield "".join(field.ljust(width) for field, width in fields)
                for record in self.records():
                    yield "".join(map(str.ljust, record, widths))
            case Format.CSV | Format.TAB:
                between = "," if form is Format.CSV else "\t"
                yield between.join(self.header)
                yield from map(between.join, self.records())


def submission_file(
    specification: Specification,
    level: Level,
    rows: Sequence[DataRow],
    declared: Declarations,
    *,
    version: int,
    made_at: datetime,
    form: Format,
    mark: str = "",
) -> SubmissionFile:
    """The file of these rows.

    `version` counts the certified files of the year, from 1. `mark`: what the identifier says of a file that
    nobody certified.
    """
    name = f"{declared.state}{level}{specification.short_name}v{version:06d}.{form}"
    header = (
        f"{_LEVEL_IN_HEADER[level]} {specification.header}",
        str(len(rows)),
        name,
        f"{specification.file}-{made_at:%m%d%Y-%H%M}{mark and f'-{mark}'}",
        specification.school_year,
    )
    return SubmissionFile(specification, declared, name, header, rows)


def column_of(specification: Specification, category: Category) -> Column:
    """The column of a file that has a category."""
    return next(column for column in specification.columns if column.name in _COLUMNS[category])


def records_in(specification: Specification, text: str, form: Format) -> list[Mapping[str, str]]:
    """The data records of a file's text, by column. ValueError: a line has other columns."""
    lines = text.removesuffix(_END).split(_END)[1:]
    return [dict(_fields(specification.columns, line, form)) for line in lines]


def subtotals_in(specification: Specification, text: str, form: Format) -> Iterator[DataRow]:
    """The subtotals and totals of a file's text, as rows. ValueError: a line has other columns."""
    columns = {category: column_of(specification, category).name for category in specification.categories}
    sets = {frozenset(one.categories): one for one in specification.sets if one.total}
    for record in records_in(specification, text, form):
        if record["TotalIndicator"] == "Y":
            found = sets[frozenset(category for category, name in columns.items() if record[name])]
            yield DataRow(
                Unit(record["StateLEAIDNumber"], record["StateSchoolIDNumber"]),
                found,
                tuple(record[columns[category]] for category in found.categories),
                int(record["Amount"]),
            )


def _fields(columns: Sequence[Column], line: str, form: Format) -> Iterator[tuple[str, str]]:
    if form is Format.FIXED:
        if len(line) != sum(column.width for column in columns):
            raise ValueError(f"The line has {len(line)} characters.")
        for column in columns:
            start = column.position - 1
            yield column.name, line[start : start + column.width].rstrip()
        return
    fields = line.split("," if form is Format.CSV else "\t")
    for column, field in zip(columns, fields, strict=True):
        yield column.name, field
