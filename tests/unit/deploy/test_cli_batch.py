"""`ser batch` checks a batch file, and prints the guide."""

import csv
from pathlib import Path

import pytest

from deploy.cli import batch
from deploy.cli.screen import out
from deploy.local.failure import Failure
from intake.guide import guide
from intake.reading.damage import Dates
from intake.reading.submission import Announced

TEXT = "student_id,begin_on,school\n1000000001,2026-08-10,017042\n"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_width", 200)


def test_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good file of any name is read as the record type that the sender names."""
    path = tmp_path / "export.csv"
    path.write_text(TEXT, encoding="utf-8")
    announced = Announced("017", record_type="claims", rows=1)
    assert batch.read(path, announced, None, None) == batch.READ
    assert "All 1 rows of 1 students can be sent." in capsys.readouterr().out


def test_rows_to_correct(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unread row is printed with code and solution; it has a verdict, and comes back to be corrected."""
    path = tmp_path / "claims.csv"
    path.write_text(f"{TEXT}1000000002,2026-08-10,17042\n", encoding="utf-8")
    verdicts, to_correct = tmp_path / "verdicts.csv", tmp_path / "to_correct"
    assert batch.read(path, Announced("017", rows=2), verdicts, to_correct) == batch.REFUSED
    printed = capsys.readouterr().out
    assert "BAT-101 (claims.csv, line 3, unread)" in printed
    assert "1 of 2 rows cannot be read." in printed
    with verdicts.open(encoding="utf-8", newline="") as text:
        assert [(row["line"], row["verdict"], row["code"]) for row in csv.DictReader(text)] == [
            ("2", "good", ""),
            ("3", "unread", "BAT-101"),
        ]
    assert (to_correct / "claims.csv").exists()


def test_a_refused_submission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If a total is missed, nothing of the submission can be sent."""
    path = tmp_path / "claims.csv"
    path.write_text(TEXT, encoding="utf-8")
    assert batch.read(path, Announced("017", rows=812), None, None) == batch.REFUSED
    printed = capsys.readouterr().out
    assert "812 rows are announced, 1 were read." in printed
    assert "Nothing of this submission can be sent." in printed


def test_wrong_options(tmp_path: Path) -> None:
    """An unknown LEA, record type or form of dates is answered with what is known."""
    with pytest.raises(Failure, match="17 is no LEA"):
        batch.read(tmp_path, Announced("17"), None, None)
    with pytest.raises(Failure, match="no record type 'pupils'"):
        batch.read(tmp_path, Announced("017", record_type="pupils"), None, None)
    with pytest.raises(Failure, match="No date is written"):
        batch.dates_named("DD.MM.YYYY")
    assert batch.dates_named("mm/dd/yyyy") is Dates.AMERICAN


def test_the_guide(capsys: pytest.CaptureFixture[str]) -> None:
    """`ser batch guide` prints the guide as Markdown."""
    batch.show_guide()
    assert capsys.readouterr().out == guide()
