"""`ser bridge` reads a file of identity changes, and checks all of it before it sends any."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.identity import IdentityCorrected
from deploy.bridge import command
from deploy.bridge.checking import Checked, check
from deploy.bridge.command import REFUSED, SENT, only_check
from deploy.bridge.files import Row, read
from deploy.bridge.keeping import Kept, Said
from deploy.local.failure import Failure
from deploy.local.home import TREE

EXAMPLES = TREE / "clients" / "bridge"
ASSIGNED = {
    "message": "IdentityAssigned",
    "student_id": "9000000001",
    "revision": 1,
    "person": {"first_name": "Exampla", "last_name": "Sample", "birth_on": "2016-03-07", "sex": "F"},
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file."""

    def write(text: str, name: str = "changes.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write


def lines(*bodies: object) -> str:
    """JSON lines."""
    return "".join(json.dumps(body) + "\n" for body in bodies)


def checked(path: Path) -> list[Checked]:
    """The rows of a file, checked."""
    return list(check(read(path)))


def verdicts(printed: str) -> list[dict[str, str]]:
    """The printed verdicts."""
    return list(csv.DictReader(io.StringIO(printed)))


def test_the_example_files_say_the_same() -> None:
    """The two forms carry the same messages, under the same ids."""
    first, second = (checked(EXAMPLES / f"identities.{ending}") for ending in ("csv", "jsonl"))
    assert [one.event for one in first] == [one.event for one in second]
    assert [one.id for one in first] == [one.id for one in second]
    assert not any(one.problems or one.again for one in first)


def test_a_csv_row_is_a_whole_message() -> None:
    """Lists, yes and no, and aliases have their own way to be written in a cell."""
    third = checked(EXAMPLES / "identities.csv")[2].event
    assert isinstance(third, IdentityCorrected)
    assert [(one.lea, one.local_student_id) for one in third.aliases] == [
        ("017", "EBR-20417"),
        ("026", "J-118"),
    ]
    assert third.corrected_fields == ("birth_on", "aliases")
    assert third.person.hispanic is False


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"message": "AddStudent"}, "message", ""),
        ({"message": ""}, "message", ""),
        ({"revision": 0}, "revision", "MSG-002"),
        ({"student_id": "12"}, "student_id", "MSG-002"),
        ({"person": {"birth_on": "2016-03-07"}}, "person", "MSG-002"),
        ({"reason": "A reason belongs to a correction."}, "reason", "MSG-003"),
        ({"into": "9000000002"}, "into", "MSG-003"),
        (
            {"aliases": [{"lea": "017", "local_student_id": "123-45-6789"}]},
            "aliases.0.local_student_id",
            "REC-005",
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_said(
    write: Write, change: dict[str, Any], field: str, code: str
) -> None:
    """Each problem has its field, and the code that the service would give."""
    (row,) = checked(write(lines(ASSIGNED | change), "changes.jsonl"))
    assert [(one.field, one.code) for one in row.problems] == [(field, code)]
    assert row.event is None


def test_a_line_that_is_no_json_is_refused(write: Write) -> None:
    """The other lines are checked all the same."""
    broken, fit = checked(write('{"message": \n' + lines(ASSIGNED), "changes.jsonl"))
    assert broken.problems[0].code == "MSG-001"
    assert fit.event is not None


def test_a_row_said_again_is_sent_once_and_another_of_its_revision_is_refused(write: Write) -> None:
    """A revision of a State ID stands for one message."""
    other = ASSIGNED | {"person": ASSIGNED["person"] | {"first_name": "Another"}}  # type: ignore[operator]
    first, again, another = checked(write(lines(ASSIGNED, ASSIGNED, other), "changes.jsonl"))
    assert (first.again, again.again) == (False, True)
    assert first.id == again.id
    assert another.problems[0].field == "revision"


def test_one_refused_row_keeps_the_whole_file_back(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row gets a verdict: refused, or not sent."""
    path = write(lines(ASSIGNED, ASSIGNED | {"student_id": "9000000002", "revision": -1}), "changes.jsonl")
    assert only_check(path) == REFUSED
    assert [(one["row"], one["verdict"]) for one in verdicts(capsys.readouterr().out)] == [
        ("1", "not sent"),
        ("2", "refused"),
    ]


def test_a_file_may_be_checked_only(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent."""
    assert only_check(write(lines(ASSIGNED), "changes.jsonl")) == SENT
    (one,) = verdicts(capsys.readouterr().out)
    assert (one["message"], one["student_id"], one["verdict"]) == ("IdentityAssigned", "9000000001", "fit")


def test_a_file_is_read_once(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may be of any length. A row said again has its verdict in the order of the rows."""
    times: list[Path] = []

    def counted(path: Path) -> Iterator[Row]:
        times.append(path)
        return read(path)

    monkeypatch.setattr(command, "read", counted)
    other = ASSIGNED | {"student_id": "9000000002"}
    assert only_check(write(lines(ASSIGNED, ASSIGNED, other), "changes.jsonl")) == SENT
    said = [one["verdict"] for one in verdicts(capsys.readouterr().out)]
    assert said == ["fit", "said by an earlier row", "fit"]
    assert len(times) == 1


def test_memory_does_not_grow_with_the_file() -> None:
    """The rows, and what they say, are on disk while the file is checked."""
    kept, said = Kept[int](), Said()
    for number in range(1000):
        kept.add(number)
        assert said.before(f"{number}", 1, f"{number}") is None
    assert said.before("7", 1, "another") == "7"
    assert list(kept) == list(kept) == list(range(1000))


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("message,student\nx,1\n", "changes.csv", "has the columns student"),
        ("student_id,revision\n1,1\n", "changes.csv", "has no column message"),
        ("x", "changes.xlsx", "is of no kind"),
    ],
)
def test_a_file_of_another_kind_is_told_from_one_of_identity_changes(
    write: Write, text: str, name: str, said: str
) -> None:
    """A sentence says what is expected."""
    with pytest.raises(Failure, match=said):
        checked(write(text, name))


def test_a_row_with_too_many_cells_is_refused(write: Write) -> None:
    """A comma too many moves cells into other columns."""
    (row,) = checked(write("message,student_id,revision\nIdentityAssigned,9000000001,1,F\n"))
    assert "more cells than columns" in [one.field for one in row.problems]


@pytest.mark.parametrize(
    ("name", "cell", "fit"),
    [
        ("IdentityMerged", "9000000002", True),
        ("IdentityMerged", "", False),
        ("IdentitySeparated", "9000000002", True),
        ("IdentitySeparated", "", True),
        ("IdentityRetired", "", True),
    ],
)
def test_what_became_of_a_state_id_is_a_row_too(write: Write, name: str, cell: str, fit: bool) -> None:
    """A merge names the other State ID; a separation may name a new one."""
    header = "message,student_id,revision,into,reason\n"
    (row,) = checked(write(f"{header}{name},9000000001,2,{cell},One person.\n"))
    assert (row.event is not None) is fit
    assert [one.field for one in row.problems] == ([] if fit else ["into"])


@pytest.mark.parametrize(("cell", "fit"), [("9000000004", True), ("", False)])
def test_a_split_is_a_row_too(write: Write, cell: str, fit: bool) -> None:
    """A split names the State ID that one of the two persons bears from now on."""
    header = "message,student_id,revision,new_id,reason\n"
    (row,) = checked(write(f"{header}IdentitySplit,9000000001,2,{cell},Two persons.\n"))
    assert (row.event is not None) is fit
    assert [one.field for one in row.problems] == ([] if fit else ["new_id"])
