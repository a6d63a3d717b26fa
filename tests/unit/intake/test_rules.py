"""Every rule of files is broken by a file, has two sentences, and shares its code with no other rule."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from console import rules as of_the_console
from intake import rules
from intake.reading.files import LARGEST_BYTES
from tests.architecture.test_rules import RULES as OF_SERVICES
from tests.unit.intake.files import CLAIMS, STUDENTS, codes, read

Files = Mapping[str, str | bytes]
GOOD = "1000000001,2026-08-10,017042,EBR-1\n"

BROKEN: Mapping[str, Files] = {
    "BAT-001": {"pupils.csv": STUDENTS},
    "BAT-002": {"manifest.csv": "name,value\nrows claims.csv,812\n", "claims.csv": CLAIMS + GOOD},
    "BAT-003": {"guardians.csv": "student_id,guardian_id,last_name\n1000000001,1,Muñoz\n".encode("latin-1")},
    "BAT-004": {"claims.csv": f"{CLAIMS}{GOOD}Total,1,,\n"},
    "BAT-005": {"claims.csv": "lea,student_id,begin_on,school\n009,1000000001,2026-08-10,009042\n"},
    "BAT-006": {"students.csv": "student_id,disability\n1000000001,SLI\n"},
    "BAT-007": {"claims.csv": CLAIMS + "1000000001,2026-08-10,,\n" * 60},
    "BAT-008": {"students.csv": f"{STUDENTS}1000000001,03\n1000000001,04\n"},
    "BAT-009": {"claims.csv": CLAIMS + GOOD},
    "BAT-010": {
        "services.csv": "student_id,service_id,iep_id,service_code,begin_on,sessions,minutes_per_session,"
        "end_on,termination_reason\n1000000001,S1,I1,SPE,2026-08-10,2,30,2026-09-10,\n"
    },
    "BAT-011": {"claims.csv": f"{CLAIMS}1000000001,2026-02-30,017042,\n"},
    "BAT-012": {"claims.csv": f"{CLAIMS}1000000001,,017042,\n"},
    "BAT-013": {"claims.csv": "student_id,begin_on\n1000000001,2026-08-10\n"},
    "BAT-014": {"manifest.csv": "name,value\nformat,ser-batch-9\n", "claims.csv": CLAIMS},
    "BAT-015": {"claims.csv": CLAIMS.encode() + b" " * LARGEST_BYTES},
    "BAT-016": {"claims.csv": b"%PDF-1.7"},
    "BAT-017": {"students.csv": "student_id,action\n1000000001,delete\n"},
    "BAT-020": {"students.csv": "student_id,action\n1000000001,remove\n"},
    "BAT-101": {"claims.csv": f"{CLAIMS}1000000002,2026-08-10,17042,\n"},
    "BAT-102": {"claims.csv": f"{CLAIMS}1.23457E+09,2026-08-10,017042,\n"},
    "BAT-103": {"claims.csv": f"{CLAIMS}1000000002,3/4/26,017042,\n"},
    "BAT-104": {"students.csv": f"{STUDENTS}1000000001,05-Mar\n"},
    "BAT-105": {"claims.csv": f"{CLAIMS}1000000002,2026-08-10,'017042,\n"},
    "BAT-106": {"claims.csv": f"{CLAIMS}1000000002,2026-08-10,#REF!,\n"},
    "BAT-107": {"guardians.csv": "student_id,guardian_id,last_name\n1000000001,1,MuÃ±oz\n"},
    "BAT-108": {
        "sessions.csv": "student_id,session_id,service_id,given_on,minutes,provider_id\n"
        "1000000001,1,S1,2026-09-01,30.0,T-1\n"
    },
}
"""A submission that breaks each rule."""

OF_BATCHES = {"BAT-021", "BAT-022", "BAT-023", "BAT-024"}
"""Rules that intake answers with once it has the file (tests/console/test_batches.py)."""

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(rules.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("code", [code for code in rules.RULES if code not in OF_BATCHES])
def test_a_file_breaks_each_rule(code: str, tmp_path: Path) -> None:
    """Each rule is broken by a file that somebody might send."""
    assert code in codes(read(tmp_path, BROKEN[code]))


@pytest.mark.parametrize("code", rules.RULES)
def test_a_rule_is_two_sentences(code: str) -> None:
    """Each rule says what is wrong and what to do."""
    for sentence in (rules.RULES[code].message, rules.RULES[code].solution):
        assert re.match(r"[A-Z{`]", sentence)
        assert sentence.endswith((".", "?", "{hint}", "{instead}"))


def test_no_other_program_has_a_code_of_files() -> None:
    """A code means one rule in the whole system."""
    assert not rules.RULES.keys() & (OF_SERVICES.keys() | of_the_console.RULES.keys())
    assert all(code.startswith("BAT-") for code in rules.RULES)


@pytest.mark.parametrize(
    ("announced", "code"),
    [({"rows": 2}, "BAT-002"), ({"students": 2}, "BAT-002"), ({"rows": 1, "students": 1}, None)],
)
def test_totals_without_a_manifest(announced: dict[str, Any], code: str | None, tmp_path: Path) -> None:
    """A sender may name the totals of a single file; if one is missed, nothing of it is sent."""
    submission = read(tmp_path, {"claims.csv": CLAIMS + GOOD}, **announced)
    assert codes(submission) == ({code} if code else set())
    assert submission.refused == bool(code)
