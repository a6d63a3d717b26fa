"""Whatever people and programs do to a file, it is read without a crash, and no row is lost."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.answers import verdicts
from intake.guide import example
from intake.reading.submission import Submission
from intake.record_types import RECORD_TYPES
from tests.unit.intake.files import findings, read

CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "17042", "1.2E+09", "3/4/26", "43108", "05-Mar", "TRUE", "'017042", '="3"', "#N/A", "-"),
            *("Ã©", "\ufffd", "Total", "1,234", "30.0", "50%", '"', "a\nb", "\x00", "\u200b", "9" * 400),
        ]
    ),
    st.text(max_size=20),
)
NEW = st.one_of(CELLS.map(str.encode), st.binary(max_size=6))
EDITS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 400), NEW), max_size=4)


def edited(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes after some edits: other cells, lines twice, lines cut, other separators and encodings."""
    for kind, where, new in edits:
        lines = content.split(b"\n")
        place = where % (len(lines) or 1)
        match kind:
            case 0:
                content = content[: where % (len(content) + 1)] + new + content[where % (len(content) + 1) :]
            case 1:
                cells = lines[place].split(b",")
                cells[where % len(cells)] = new
                lines[place] = b",".join(cells)
                content = b"\n".join(lines)
            case 2:
                content = b"\n".join([*lines[: place + 1], lines[place], *lines[place + 1 :]])
            case 3:
                content = content[: where % (len(content) + 1)]
            case 4:
                content = content.replace(b",", b";")
            case 5:
                content = content.decode(errors="replace").encode("utf-16")
            case _:
                content = content.replace(b"\n", b"\r\n")
    return content


def counted(submission: Submission) -> None:
    """Check that each row that was read has a verdict, and that the counts add up."""
    for file in submission.files:
        survey = file.survey
        assert survey.read == survey.good + survey.unread + survey.repeated
        assert min(survey.good, survey.unread, survey.repeated) >= 0
        if file.reader is not None:
            states = [row.state.value for row in file.rows()]
            found = [states.count(state) for state in ("good", "unread", "repeated")]
            assert [survey.good, survey.unread, survey.repeated] == found
    lines = list(verdicts(submission))
    assert all(len(line) == 11 for line in lines)
    assert all(finding.message and finding.solution for finding in findings(submission))


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(sorted(RECORD_TYPES)), edits=EDITS)
def test_a_damaged_file(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    """A file that was good and was damaged is read to its end, and each row has a verdict."""
    text = example(RECORD_TYPES[name])
    content = edited(f"{text}\n{text.splitlines()[-1]}\n".encode(), edits)
    with TemporaryDirectory(prefix="ser-intake-") as folder:
        counted(read(Path(folder), {f"{name}.csv": content}))
