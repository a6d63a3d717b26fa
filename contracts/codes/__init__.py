"""The code lists: a table each, so that a state's official values can be loaded without a change of code.

Columns: `code`, `label`, `source` (`official`: published by the federal or state agency; `project`: this
project's own choice), `edfacts` (the federal code it is reported as, if any), and what only this list says of
a code.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

from contracts.text import one_line
from contracts.tidy import LINE, Tidied, instead

FOLDER = Path(__file__).parent

COMMENT = "code list "
"""How a schema's `$comment` names the code list of a field: `code list grades` is grades.csv."""


@dataclass(frozen=True, slots=True)
class Code:
    """One permitted value."""

    code: str
    label: str
    source: str
    edfacts: str | None
    more: Mapping[str, str]


class Labelled(str):
    """A code with its label, as a sentence shows it: `East Baton Rouge (017)`. `code` is the bare code."""

    code: str

    def __new__(cls, text: str, code: str) -> "Labelled":
        """The text to show, and the bare code."""
        labelled = super().__new__(cls, text)
        labelled.code = code
        return labelled


class CodeList(Mapping[str, Code]):
    """A table of permitted values by code; as an annotation it lets pydantic accept those values only."""

    def __init__(self, name: str) -> None:
        self.name = name
        table = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
        self._codes = {row["code"]: _code(row) for row in csv.DictReader(table.splitlines())}

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self._codes)

    def label(self, code: str) -> Labelled:
        """The label and the code, as people write it: `East Baton Rouge (017)`; the bare code if it is not
        in the list."""
        known = self._codes.get(code)
        return Labelled(f"{known.label} ({code})" if known else code, code)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        codes = core_schema.literal_schema(list(self._codes))
        return core_schema.no_info_before_validator_function(
            one_line, codes, metadata=instead(lambda tidy: tidy)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "$comment": COMMENT + self.name}


def _code(row: dict[str, str]) -> Code:
    named = ("code", "label", "source", "edfacts")
    return Code(
        row["code"],
        row["label"],
        row["source"],
        row.get("edfacts") or None,
        {column: value for column, value in row.items() if column not in named},
    )


EXCEPTIONALITIES = CodeList("exceptionalities")
EXCEPTIONALITY_DETAILS = CodeList("exceptionality_details")
ENVIRONMENTS = CodeList("environments")
RACES = CodeList("races")
SEXES = CodeList("sexes")
GRADES = CodeList("grades")
SERVICES = CodeList("services")
TERMINATION_REASONS = CodeList("termination_reasons")
EXIT_REASONS = CodeList("exit_reasons")
LEAS = CodeList("leas")

ExceptionalityCode = Annotated[str, EXCEPTIONALITIES]
ExceptionalityDetailCode = Annotated[str, EXCEPTIONALITY_DETAILS]
EnvironmentCode = Annotated[str, ENVIRONMENTS]
RaceCode = Annotated[str, RACES]
SexAsSent = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80),
    Tidied(one_line, LINE),
    Field(description="Sex as eScholar sent it. The federal files know F and M only."),
]
GradeCode = Annotated[str, GRADES]
ServiceCode = Annotated[str, SERVICES]
TerminationReasonCode = Annotated[str, TERMINATION_REASONS]
ExitReasonCode = Annotated[str, EXIT_REASONS]
