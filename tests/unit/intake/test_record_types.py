"""Every command has its record type, and every record type its columns."""

from pathlib import Path

import pytest

from contracts import catalog
from contracts.forms import FormCode
from intake.columns import Kind
from intake.guide import example, guide
from intake.reading.submission import Announced, read_submission
from intake.record_types import NOT_IN_FILES, RECORD_TYPES, RecordType, unlisted
from tests.unit.intake.files import findings

EACH = pytest.mark.parametrize("one", RECORD_TYPES.values(), ids=RECORD_TYPES)


def test_every_command_has_a_record_type() -> None:
    """Each command is in a file, or there is a reason why it is in none."""
    assert not list(unlisted())
    assert NOT_IN_FILES.keys() <= catalog.commands().keys()


def test_every_form_has_columns_or_a_file() -> None:
    """Each form of an IEP has columns in `ieps`, or its rows have a file."""
    of_columns = {
        name[:3] for name in RECORD_TYPES["ieps"].columns if name[3:4] == "_" and name[:3].isupper()
    }
    of_files = {one.piece.at[1] for one in RECORD_TYPES.values() if one.piece and one.piece.at[0] == "forms"}
    assert of_columns | of_files == set(FormCode)


@EACH
def test_columns_are_clear(one: RecordType) -> None:
    """The key and the required columns are columns; a code has values, and a fixed form a pattern."""
    assert {*one.key, *one.required} <= one.columns.keys()
    for column in one.columns.values():
        assert bool(column.values) == (column.kind is Kind.CODE)
        assert bool(column.pattern) == (column.kind is Kind.FORMED)


@EACH
def test_the_example_of_the_guide_is_good(one: RecordType, tmp_path: Path) -> None:
    """The guide's example of each file can be read, and its row can be sent."""
    path = tmp_path / f"{one.name}.csv"
    path.write_text(example(one), encoding="utf-8")
    submission = read_submission(path, Announced("017", rows=1))
    assert [*findings(submission)] == []
    assert [file.survey.good for file in submission.files] == [1]


def test_the_guide_names_every_column() -> None:
    """The guide describes each file, with each of its columns."""
    text = guide()
    for one in RECORD_TYPES.values():
        part = text.partition(f"\n## {one.name}.csv\n")[2].partition("\n## ")[0]
        assert all(f"\n| `{name}` |" in part for name in one.columns)
