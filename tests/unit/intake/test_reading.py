"""Reading batch files: what is taken, what is named, and that no row is lost."""

import csv
import zipfile
from pathlib import Path

import pytest

from intake.answers import verdicts, write_rows_to_correct
from intake.reading.damage import Dates
from intake.reading.rows import State, body_of, steps_of
from tests.unit.intake.files import CLAIMS, STUDENTS, codes, findings, read, rows

GOOD = "1000000001,2026-08-10,017042,EBR-1\n"


@pytest.mark.parametrize(
    "content",
    [
        (CLAIMS + GOOD).encode(),
        (CLAIMS + GOOD).encode("utf-8-sig"),
        (CLAIMS + GOOD).encode("utf-16"),
        (CLAIMS + GOOD).replace("\n", "\r\n").encode(),
        (CLAIMS + GOOD).replace("\n", "\r").encode(),
        (CLAIMS + GOOD).replace(",", ";").encode(),
        (CLAIMS + GOOD).replace(",", "\t").encode(),
        b'"Student ID","BEGIN-ON",School,local_student_id\n"1000000001",2026-08-10 ,\xc2\xa0017042,EBR-1\n',
        b"x_note,school,begin_on,student_id,row_id,local_student_id\n"
        b'"a, b",017042,2026-08-10,1000000001,7,EBR-1\n\n,,,,,\n',
    ],
)
def test_what_programs_write(content: bytes, tmp_path: Path) -> None:
    """A file may be in UTF-8 or UTF-16, with any line ends, separators, order of columns and spare blanks."""
    (row,) = rows(read(tmp_path, {"claims.csv": content}, rows=1))
    assert {name: row.values[name] for name in ("student_id", "begin_on", "school", "local_student_id")} == {
        "student_id": "1000000001",
        "begin_on": "2026-08-10",
        "school": "017042",
        "local_student_id": "EBR-1",
    }
    assert row.state is State.GOOD


def test_the_first_place_in_another_encoding(tmp_path: Path) -> None:
    """A file in another encoding is refused, with the first line and character that cannot be read."""
    text = "student_id,guardian_id,last_name\n1000000001,1,Lee\n1000000001,2,Muñoz\n"
    submission = read(tmp_path, {"guardians.csv": text.encode("cp1252")})
    (finding,) = submission.files[0].findings
    assert (finding.code, finding.facts) == ("BAT-003", {"line": "3", "place": "16"})
    assert submission.refused


def test_damage_of_a_column_is_named_once(tmp_path: Path) -> None:
    """If most values of a column are damaged alike, one finding says so, with the first lines."""
    lost = "".join(f"10000000{number},2026-08-10,17042,\n" for number in range(10, 50))
    submission = read(tmp_path, {"claims.csv": CLAIMS + GOOD + lost}, rows=41)
    (finding,) = submission.files[0].columns
    assert finding.message == (
        "`school` has lost its leading zeros in 40 of 41 rows, first in lines 3, 4 and 5:"
        " 17042 is probably 017042."
    )
    assert submission.files[0].survey.good == 1


def test_a_single_damaged_cell_is_named_in_its_row(tmp_path: Path) -> None:
    """A damaged cell among good ones is named in its row."""
    good = "".join(f"10000000{number},2026-08-10,017042,\n" for number in range(10, 50))
    submission = read(tmp_path, {"claims.csv": f"{CLAIMS}{good}1000000099,2026-08-10,17042,\n"}, rows=41)
    assert submission.files[0].columns == ()
    assert [(row.line, finding.code) for row in rows(submission) for finding in row.findings] == [
        (42, "BAT-101")
    ]


@pytest.mark.parametrize("form", Dates)
def test_each_form_of_dates(form: Dates, tmp_path: Path) -> None:
    """All days of a submission have the form that its manifest names; any other form is named."""
    written = {Dates.ISO: "2026-08-10", Dates.AMERICAN: "08/10/2026", Dates.DIGITS: "20260810"}
    manifest = f"name,value\ndate_format,{form.value}\nrows claims.csv,3\n"
    text = CLAIMS + "".join(
        f"100000000{number},{day},017042,\n" for number, day in enumerate(written.values())
    )
    submission = read(tmp_path, {"manifest.csv": manifest, "claims.csv": text})
    read_days = {row.values["begin_on"] for row in rows(submission) if row.state is State.GOOD}
    assert read_days == {"2026-08-10"}
    assert [finding.code for row in rows(submission) for finding in row.findings] == ["BAT-103", "BAT-103"]


def test_rows_that_are_there_twice(tmp_path: Path) -> None:
    """A row that says what an earlier one says is repeated. Rows that contradict each other are unread."""
    text = f"{STUDENTS}1000000001,03\n1000000002,03\n1000000001,03\n1000000002,04\n1000000002,03\n"
    submission = read(tmp_path, {"students.csv": text}, rows=5)
    states = [row.state.value for row in rows(submission)]
    assert states == ["good", "unread", "repeated", "unread", "unread"]
    survey = submission.files[0].survey
    assert (survey.read, survey.good, survey.unread, survey.repeated) == (5, 1, 3, 1)


def test_a_row_with_several_commands(tmp_path: Path) -> None:
    """An evaluation becomes the commands of the steps whose days are filled in."""
    header = "student_id,evaluation_id,permission_requested_on,parent_decision,decided_on,determined_on\n"
    text = f"{header}1000000001,E1,2026-09-01,consented,2026-09-03,\n1000000002,E1,2026-09-01,,,\n"
    (file,) = read(tmp_path, {"evaluations.csv": text}, rows=2).files
    assert file.reader is not None
    steps = [[step.command for step in steps_of(file.record_type, row.values)] for row in file.rows()]
    assert steps == [["RequestEvaluation", "RecordParentDecision"], ["RequestEvaluation"]]


def test_the_senders_own_key_is_an_id(tmp_path: Path) -> None:
    """A key of the LEA's own names the same record in every file, and another one for another student."""
    services = (
        "student_id,service_id,iep_id,service_code,begin_on,sessions,minutes_per_session\n"
        "1000000001,S1,I1,SPE,2026-08-10,2,30\n1000000002,S1,I1,SPE,2026-08-10,2,30\n"
    )
    ieps = "student_id,iep_id,iep_type,meeting_on,begin_on\n1000000001,I1,review,2026-08-03,2026-08-10\n"
    submission = read(tmp_path, {"services.csv": services, "ieps.csv": ieps})
    named = [
        body_of(file.record_type.steps[0], row.values, "017")["iep_id"]
        for file in submission.files
        if file.reader
        for row in file.rows()
    ]
    assert named[0] == named[1] != named[2]


def test_an_amendment_needs_its_form(tmp_path: Path) -> None:
    """An amendment says how the LEA informed the parent; what is missing is named by its column."""
    text = "student_id,iep_id,amends,begin_on\n1000000001,I2,I1,2026-08-10\n"
    amendment, other = rows(read(tmp_path, {"ieps.csv": text + "1000000001,I3,,2026-08-10\n"}, rows=2))
    wanted = {"AMD_informed_on", "AMD_contact_method", "AMD_explanation"}
    assert {finding.field for finding in amendment.findings} == wanted
    assert {finding.field for finding in other.findings} == {"iep_type", "meeting_on"}
    assert {one.code for row in (amendment, other) for one in row.findings} == {"BAT-012"}


def test_a_social_security_number_is_found(tmp_path: Path) -> None:
    """What the services refuse in a text is found before anything is sent, at its column."""
    text = "student_id,guardian_id,last_name,address\n1000000001,1,Lee,SSN 123-45-6789\n"
    (row,) = rows(read(tmp_path, {"guardians.csv": text}, rows=1))
    assert [(finding.code, finding.field) for finding in row.findings] == [("REC-005", "address")]


def test_a_row_removes_a_service(tmp_path: Path) -> None:
    """A service that should never have been there needs its key and its first day only."""
    text = (
        "student_id,service_id,iep_id,service_code,begin_on,sessions,minutes_per_session,action\n"
        "1000000001,S1,,,2026-08-10,,,remove\n"
    )
    (file,) = read(tmp_path, {"services.csv": text}, rows=1).files
    assert file.reader is not None
    (row,) = file.rows()
    (step,) = steps_of(file.record_type, row.values)
    body = body_of(step, row.values, "017")
    assert (row.state, step.command) == (State.GOOD, "TerminateService")
    assert (body["end_on"], body["reason"]) == ("2026-08-10", "ERROR")


@pytest.mark.parametrize(
    ("column", "hint"),
    [("disability", "The file exceptionalities has it."), ("garde", "Is it `grade`?"), ("qqq", "")],
)
def test_an_unknown_column(column: str, hint: str, tmp_path: Path) -> None:
    """A column that nobody knows refuses the file, with the nearest name, or the file that has it."""
    submission = read(tmp_path, {"students.csv": f"student_id,{column}\n1000000001,03\n"})
    (finding,) = submission.files[0].findings
    assert (finding.code, finding.facts["hint"].strip()) == ("BAT-006", hint)
    assert (submission.refused, submission.read, submission.unread) == (True, 1, 1)


def test_wrong_quotation_marks_are_one_row(tmp_path: Path) -> None:
    """A row with wrong quotation marks is unread; the rows after it are read."""
    text = f'{CLAIMS}1000000002,2026-08-10,"017"042,\n{GOOD}1000000003,2026-08-10,"017042,\n'
    submission = read(tmp_path, {"claims.csv": text}, rows=3)
    assert [row.state.value for row in rows(submission)] == ["unread", "good", "unread"]


def test_archives_that_are_refused(tmp_path: Path) -> None:
    """A spreadsheet, a damaged ZIP, folders and files packed too much are refused by name."""
    spreadsheet, damaged, bomb = (tmp_path / name for name in ("a.zip", "b.zip", "c.zip"))
    with zipfile.ZipFile(spreadsheet, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("claims.csv", b" " * 2_000_000)
    damaged.write_bytes(bomb.read_bytes()[:500])
    found = [codes(read(tmp_path, {path.name: path.read_bytes()})) for path in (spreadsheet, damaged, bomb)]
    assert found == [{"BAT-016"}, {"BAT-016"}, {"BAT-015"}]
    nested = read(tmp_path, {"claims.csv": CLAIMS, "old/claims.csv": CLAIMS, "claims.CSV": CLAIMS})
    assert sorted(finding.code for finding in nested.findings) == ["BAT-001", "BAT-008"]


def test_rows_to_correct_can_be_sent_again(tmp_path: Path) -> None:
    """The unread rows come back as they were sent, with what is wrong; corrected, they are read."""
    text = f"{CLAIMS}{GOOD}1000000002,2026-08-10,17042,\n"
    submission = read(tmp_path, {"claims.csv": text}, rows=2)
    (path,) = write_rows_to_correct(submission, tmp_path / "to_correct")
    header, row = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    assert header[-2:] == ["x_code", "x_message"]
    assert row[:5] == ["1000000002", "2026-08-10", "17042", "", "BAT-101"]
    corrected = path.read_bytes().replace(b"17042", b"017042", 1)
    assert codes(read(tmp_path, {"claims.csv": corrected}, rows=1)) == set()


def test_every_row_has_a_verdict(tmp_path: Path) -> None:
    """Each row has a line, in the order of the files, whatever became of it."""
    files = {"students.csv": f"{STUDENTS}1000000001,3\n", "claims.csv": CLAIMS + GOOD + GOOD}
    lines = [line[:2] + line[5:7] for line in verdicts(read(tmp_path, files))]
    assert lines == [
        ("students.csv", "2", "unread", "BAT-101"),
        ("claims.csv", "2", "good", ""),
        ("claims.csv", "3", "repeated", ""),
    ]


def test_people_are_called_null(tmp_path: Path) -> None:
    """Nan and Null are names; NULL in capitals is what a program writes for no value."""
    text = "student_id,guardian_id,first_name,last_name\n1000000001,1,Nan,Null\n1000000001,2,Ann,NULL\n"
    (name, nothing) = rows(read(tmp_path, {"guardians.csv": text}, rows=2))
    assert name.findings == ()
    assert [(one.code, one.field) for one in nothing.findings] == [("BAT-106", "last_name")]


def test_no_finding_names_a_person(tmp_path: Path) -> None:
    """No finding repeats what a cell of free text says."""
    text = "student_id,guardian_id,last_name,phone\n1000000001,1,MuÃ±oz,123-45-6789\n"
    said = " ".join(f"{one.message} {one.facts}" for one in findings(read(tmp_path, {"guardians.csv": text})))
    assert "Mu" not in said
    assert "6789" not in said
