"""Every rule about files of figures: a file breaks it, and the refusal names the place and a solution."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.population.cells_file import HEADER, read_cells
from deploy.population.csv_rows import LARGEST_FILE
from deploy.population.findings import RULES, CellsRefused, FileRefused
from deploy.population.fit import fit
from deploy.population.leas import read_leas

Make = Callable[[Path], Path]
NAMES = ",".join(HEADER)


def _text(*rows: str, names: str = NAMES) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "cells.csv"
        path.write_text("\n".join((names, *rows)) + "\n", encoding="utf-8")
        return path

    return make


def _bytes(content: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "cells.csv"
        path.write_bytes(content)
        return path

    return make


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


BROKEN: list[tuple[str, str, Make]] = [
    ("POP-001", "a folder", lambda folder: folder),
    ("POP-001", "not there", lambda folder: folder / "missing.csv"),
    ("POP-001", "no regular file", _pipe),
    ("POP-002", f"more than {LARGEST_FILE:,} bytes", _bytes(b"x" * (LARGEST_FILE + 1))),
    ("POP-003", "Byte 0xff at position 74", _bytes(f"{NAMES}\n6-21,AUT,,total,".encode() + b"\xff,1\n")),
    ("POP-003", "line 1:", _bytes(NAMES.encode("utf-16"))),
    ("POP-004", "age_group,disability", _text("6-21,,,total,,1", names="group,disability")),
    ("POP-004", "read 6-21,,,total,,1", _text(names="6-21,,,total,,1")),
    ("POP-004", "the columns by semicolons", _text("6-21;;;total;;1", names=NAMES.replace(",", ";"))),
    ("POP-004", "the columns by tabs", _text("6-21\t\t\ttotal\t\t1", names=NAMES.replace(",", "\t"))),
    ("POP-005", "nothing below the column names", _text()),
    ("POP-005", "is empty", _bytes(b"")),
    ("POP-006", "line 2: The row cannot be read. It has 5 values instead of 6.", _text("6-21,,,total,1")),
    ("POP-006", "line 3: The row cannot be read.", _text("6-21,,,total,,1", '6-21,"AUT,,total,,1')),
    ("POP-007", "age_group is '3-21'; allowed: 3-5, 6-21.", _text("3-21,,,total,,1")),
    ("POP-007", "disability is 'GFT'", _text("6-21,GFT,,total,,1")),
    ("POP-007", "environment is 'HH'; allowed for ages 3-5", _text("3-5,,HH,total,,1")),
    ("POP-007", "breakdown is 'county'", _text("6-21,,,county,Caddo,1")),
    ("POP-007", "value of race is 'XX7'", _text("6-21,,,race,XX7,1")),
    ("POP-007", "value of sex is 'X'", _text("6-21,,,sex,X,1")),
    ("POP-007", "value of age is '5'", _text("6-21,,,age,5,1")),
    ("POP-007", "value of ageband is '6-11'; allowed for ages 3-5: nothing.", _text("3-5,,,ageband,6-11,1")),
    ("POP-007", "value of total is 'all'; allowed for ages 6-21: blank.", _text("6-21,,,total,all,1")),
    ("POP-007", "value of sex is 'blank'", _text("6-21,,,sex,,1")),
    ("POP-008", "children is '-1'", _text("6-21,AUT,,total,,-1")),
    ("POP-008", "ages 6-21, AUT, all environments, total: children is missing", _text("6-21,AUT,,total,,")),
    ("POP-008", "children is '12.5'", _text("6-21,AUT,,total,,12.5")),
    ("POP-008", "children is '*'", _text("6-21,AUT,,total,,*")),
    ("POP-008", "children is '1000001'", _text("6-21,AUT,,total,,1000001")),
    ("POP-008", "children is '٣'", _text("6-21,AUT,,total,,٣")),
    ("POP-009", "lines 2, 4:", _text("6-21,,,total,,1", "6-21,,,sex,F,1", "6-21,,,total,,2")),
    ("POP-009", "total: 1, 1.", _text("6-21,,,total,,1", "6-21,,,total,,1")),
    (
        "POP-010",
        "is 5, but its parts by sex (2 given) add up to 4",
        _text("6-21,,,total,,5", "6-21,,,sex,F,2", "6-21,,,sex,M,2"),
    ),
    ("POP-010", "by disability (1 given) add up to 4", _text("6-21,,,age,9,3", "6-21,AUT,,age,9,4")),
    ("POP-010", "by environment (1 given) add up to 4", _text("3-5,AUT,,age,4,3", "3-5,AUT,H,age,4,4")),
    ("POP-010", "by age (1 given) add up to 2", _text("6-21,,SS,ageband,6-11,1", "6-21,,SS,age,7,2")),
    ("POP-010", "by ageband (1 given) add up to 2", _text("6-21,,,total,,1", "6-21,,,ageband,6-11,2")),
    ("POP-014", "age_group 21-Jun was 6-21 (1 row).", _text("21-Jun,AUT,,total,,12")),
    (
        "POP-011",
        "ages 6-21, EMN, all environments, race WH7 = 1",
        _text("6-21,,,total,,10", "6-21,,,race,BL7,10", "6-21,EMN,,race,WH7,1", "6-21,AUT,,total,,6"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "facts", "make"), BROKEN, ids=[f"{code} {facts}" for code, facts, _ in BROKEN]
)
def test_a_file_with_a_fault_is_refused_for_it(code: str, facts: str, make: Make, tmp_path: Path) -> None:
    """A faulty file is refused by the rule it breaks, with the place, the facts and a solution."""
    with pytest.raises(CellsRefused) as refused:
        fit(read_cells(make(tmp_path)))
    assert {finding.rule.code for finding in refused.value.findings} == {code}
    rule = refused.value.findings[0].rule
    assert facts in str(refused.value)
    assert rule.sentence in str(refused.value)
    assert rule.solution in str(refused.value)


LEAS_BROKEN: list[tuple[str, str, Make]] = [
    ("POP-004", "lea,name,enrolment_2024", _text("001,Acadia,9177")),
    ("POP-007", "drops leading zeros: 1 was 001", _text("1,Acadia,9177", names="lea,name,enrolment_2024")),
    ("POP-008", "enrolment_2024 is '-5'", _text("001,Acadia,-5", names="lea,name,enrolment_2024")),
    ("POP-009", "line 3:", _text("001,Acadia,1", "001,Allen,1", names="lea,name,enrolment_2024")),
    ("POP-013", "1 rows were read", _text("001,Acadia,", names="lea,name,enrolment_2024")),
]


@pytest.mark.parametrize(("code", "facts", "make"), LEAS_BROKEN, ids=[code for code, _, _ in LEAS_BROKEN])
def test_a_faulty_list_of_school_systems_is_refused(
    code: str, facts: str, make: Make, tmp_path: Path
) -> None:
    """A faulty list of school systems is refused by the rule it breaks, with the place and the facts."""
    with pytest.raises(FileRefused) as refused:
        read_leas(make(tmp_path))
    assert [finding.rule.code for finding in refused.value.findings] == [code]
    assert facts in str(refused.value)


def test_every_rule_about_files_is_broken_by_a_test() -> None:
    """Every rule about files of figures is broken by a test."""
    elsewhere = {"POP-012"}  # tests/unit/population/test_fit.py
    assert {code for code, _, _ in [*BROKEN, *LEAS_BROKEN]} | elsewhere == {rule.code for rule in RULES}


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    """One refusal lists all faults of a file, in the order of its lines."""
    rows = (
        "6-21,XXX,YY,total,,1",
        "6-21,AUT,,total,,-1",
        "6-21,,,total,",
        "6-21,HI,,total,,2",
        "6-21,HI,,total,,2",
    )
    sums = ("6-21,OI,,total,,3", "6-21,OI,,sex,F,4")
    with pytest.raises(CellsRefused) as refused:
        read_cells(_text(*rows, *sums)(tmp_path))
    found = [(finding.rule.code, finding.lines) for finding in refused.value.findings]
    assert found == [
        ("POP-007", (2,)), ("POP-007", (2,)), ("POP-008", (3,)), ("POP-006", (4,)),
        ("POP-009", (5, 6)), ("POP-010", (7, 8)),
    ]  # fmt: skip


def test_a_file_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, blank lines and blanks around values do not matter."""
    text = f"\ufeff{NAMES}\r\n 6-21 ,AUT,,total,, 7 \r\n\r\n,,,,,\r\n"
    cells = read_cells(_bytes(text.encode())(tmp_path))
    assert [(str(cell.key), cell.children, cell.line) for cell in cells] == [
        ("ages 6-21, AUT, all environments, total", 7, 2)
    ]
