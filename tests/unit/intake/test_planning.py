"""From a student's rows to commands: which, in which order, under which ids."""

from pathlib import Path
from typing import Any

from contracts import examples
from contracts.catalog import commands
from intake.guide import example
from intake.planning import Placed, Planned, alone, hangs_on, plan
from intake.record_types import RECORD_TYPES
from tests.unit.intake.files import read

IEP = ("ieps", "iep_plans", "iep_services", "iep_special_factors", "iep_goals", "iep_assessments")


def placed(folder: Path, files: dict[str, str]) -> list[Placed]:
    """The good rows of a submission, in its order."""
    submission = read(folder, {f"{name}.csv": text for name, text in files.items()})
    return [Placed("017", file.record_type, row) for file in submission.files for row in file.rows()]


def planned(folder: Path, files: dict[str, str]) -> list[Planned]:
    """The commands of the rows of a student."""
    return list(plan(placed(folder, files)))


def names(found: list[Planned]) -> list[str]:
    """The names of the commands, in order."""
    return [one.step.command for one in found]


def test_an_iep_of_several_files(tmp_path: Path) -> None:
    """The rows of plans, services and goals become forms of the IEP that they name."""
    found = planned(tmp_path, {name: example(RECORD_TYPES[name]) for name in IEP})
    draft = next(one for one in found if one.step.command == "DraftIEP")
    command: Any = commands()["DraftIEP"].model.model_validate(draft.body)
    forms = {form.form: form for form in command.forms}
    assert forms["IPL"].area == "speech"
    assert [
        len(part) for part in (forms["PRG"].services, forms["TRN"].goals, forms["GSI"].special_factors)
    ] == [1, 1, 1]
    assert len(draft.pieces) == 5


def test_an_evaluation_with_its_exceptionalities(tmp_path: Path) -> None:
    """The exceptionalities of an evaluation belong to its determination, as the example says."""
    found = planned(
        tmp_path, {name: example(RECORD_TYPES[name]) for name in ("evaluations", "exceptionalities")}
    )
    assert names(found) == [
        *("RequestEvaluation", "RecordParentDecision", "CompleteEvaluation", "DetermineEligibility")
    ]
    assert found[-1].body == examples.example("DetermineEligibility.v1")


def test_pieces_alone(tmp_path: Path) -> None:
    """The rows of pieces whose record is in no other row make no command, and are named."""
    files = {"iep_plans": example(RECORD_TYPES["iep_plans"]), "claims": example(RECORD_TYPES["claims"])}
    assert names(planned(tmp_path, files)) == ["ClaimJurisdiction"]
    assert [one.record_type.name for one in alone(placed(tmp_path, files))] == ["iep_plans"]


def test_the_same_contents_have_the_same_id(tmp_path: Path) -> None:
    """A row that is sent again has the same command id, in any order of columns; a changed one another."""
    rows = [
        "student_id,begin_on,school\n1000000001,2026-08-10,017042\n",
        "school,row_id,begin_on,student_id\n017042,7,2026-08-10,1000000001\n",
        "student_id,begin_on,school\n1000000001,2026-08-10,017043\n",
    ]
    ids = [planned(tmp_path, {"claims": text})[0].command_id(1) for text in rows]
    assert ids[0] == ids[1] != ids[2]
    assert planned(tmp_path, {"claims": rows[0]})[0].command_id(2) not in ids


def test_the_order_of_a_student(tmp_path: Path) -> None:
    """Commands follow the order of the files, whatever the order in the ZIP, then that of the rows."""
    wanted = ("services", "claims", "students", "exits")
    found = planned(tmp_path, {name: example(RECORD_TYPES[name]) for name in wanted})
    assert names(found)[:3] == ["AddStudent", "ClaimJurisdiction", "AddService"]
    assert names(found)[-1] == "ExitSpecialEducation"


def test_what_hangs_on_a_refused_row(tmp_path: Path) -> None:
    """Everything of a student hangs on the claim; a service hangs on the IEP that it names."""
    services = "student_id,service_id,iep_id,service_code,begin_on,sessions,minutes_per_session\n"
    ieps = "student_id,iep_id,iep_type,meeting_on,begin_on\n"
    files = {
        "claims": example(RECORD_TYPES["claims"]),
        "ieps": f"{ieps}1000000001,I1,review,2026-08-03,2026-08-10\n",
        "services": f"{services}1000000001,S1,I1,SPE,2026-08-10,2,30\n1000000001,S2,I2,SPE,2026-08-10,2,30\n",
    }
    claim, iep, first, second = placed(tmp_path, files)
    assert [hangs_on(one, claim) for one in (iep, first, second)] == [True, True, True]
    assert [hangs_on(one, iep) for one in (first, second)] == [True, False]
    assert not hangs_on(second, first)
