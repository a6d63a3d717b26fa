"""Why a file of figures is refused: every finding has its lines and a solution."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.population.cells import Cell, CellKey

_MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class FileRule:
    """A rule about files of figures. A code is never used again for another rule."""

    code: str
    sentence: str
    solution: str


UNOPENED: Final = FileRule(
    "POP-001", "The file cannot be opened.", "Name an existing CSV file that you may read."
)
TOO_LARGE: Final = FileRule(
    "POP-002", "The file is too large for a file of figures.", "Name one state's file of one year."
)
NOT_UTF8: Final = FileRule("POP-003", "The file is not UTF-8 text.", "Save it again as CSV in UTF-8.")
WRONG_HEADER: Final = FileRule(
    "POP-004",
    "The first line is not the layout's.",
    "Put the column names of the layout, in its order, first.",
)
NO_ROWS: Final = FileRule(
    "POP-005", "The file has no figures.", "Add at least one row below the column names."
)
WRONG_ROW: Final = FileRule(
    "POP-006", "The row cannot be read.", "Give it as many values as the first line has names; quote commas."
)
UNKNOWN_CODE: Final = FileRule(
    "POP-007",
    "A value is not among those its column allows.",
    "Use one of the allowed values, or leave the row out.",
)
WRONG_COUNT: Final = FileRule(
    "POP-008",
    "A count is not a whole number in range.",
    "Correct it; a masked or missing count: leave the row out.",
)
GIVEN_TWICE: Final = FileRule("POP-009", "The same thing is given more than once.", "Keep one of the rows.")
WRONG_SUM: Final = FileRule(
    "POP-010",
    "Parts do not add up to their whole.",
    "Correct the part or the whole, or leave one of them out.",
)
CONTRADICTION: Final = FileRule(
    "POP-011", "No children can make these cells true together.", "Correct one of them, or leave one out."
)
UNDECIDED: Final = FileRule(
    "POP-012", "No whole numbers of children were found in the time allowed.",
    "Leave out some of the cells that break several totals down at once.",
)  # fmt: skip
NO_ENROLMENT: Final = FileRule(
    "POP-013", "No school system has an enrolment.", "Give at least one of them an enrolment above 0."
)

CHANGED_BY_SPREADSHEET: Final = FileRule(
    "POP-014",
    "A spreadsheet has changed values.",
    "Use the file as it was before the spreadsheet saved it. To edit it in Excel: open it with Data, From"
    " Text/CSV, choose 'Do not detect data types', and save it as CSV UTF-8 (comma delimited).",
)

RULES: Final = (
    UNOPENED, TOO_LARGE, NOT_UTF8, WRONG_HEADER, NO_ROWS, WRONG_ROW, UNKNOWN_CODE, WRONG_COUNT, GIVEN_TWICE,
    WRONG_SUM, CONTRADICTION, UNDECIDED, NO_ENROLMENT, CHANGED_BY_SPREADSHEET,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule, with its facts, lines and cells. `lines` count from 1; none: the whole file."""

    rule: FileRule
    facts: str
    lines: tuple[int, ...] = ()
    cells: tuple[CellKey, ...] = ()

    @classmethod
    def about(cls, rule: FileRule, cells: tuple[Cell, ...], facts: str) -> "Finding":
        return cls(rule, facts, tuple(cell.line for cell in cells), tuple(cell.key for cell in cells))

    def __str__(self) -> str:
        more = len(self.lines) - _MOST_LINES
        numbers = ", ".join(map(str, self.lines[:_MOST_LINES])) + (f" and {more:,} more" if more > 0 else "")
        place = f"{'line' if len(self.lines) == 1 else 'lines'} {numbers}: " if self.lines else ""
        return f"{self.rule.code} {place}{self.rule.sentence} {self.facts} {self.rule.solution}"


class FileRefused(Exception):
    """A file of figures that cannot be used, with every finding."""

    def __init__(self, path: Path | None, findings: tuple[Finding, ...]) -> None:
        super().__init__(path, findings)
        self.path = path
        self.findings = findings

    def __str__(self) -> str:
        name = str(self.path) if self.path else "The figures"
        return "\n".join((f"{name}: refused, findings: {len(self.findings)}.", *map(str, self.findings)))


class CellsRefused(FileRefused):
    """A file of cells that is refused, or cells that contradict each other."""


class LeasRefused(FileRefused):
    """A file of school systems that is refused."""
