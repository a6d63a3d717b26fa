"""The chassis knows subjects and records, and no word of special education."""

import ast
import re
from pathlib import Path

import pytest

CHASSIS = Path(__file__).parents[2] / "services" / "chassis"
TRADE = {
    *("student", "pupil", "child", "person", "guardian", "teacher", "school", "grade"),
    *("lea", "parish", "district", "state id", "louisiana", "escholar", "edfacts", "idea", "ldoe"),
    *("sped", "special education", "iep", "disability", "exceptionality", "evaluation", "eligibility"),
    *("amendment", "placement", "jurisdiction", "spell", "school year", "provision", "caseload"),
}
FILES = sorted(CHASSIS.rglob("*.py"))
ROOMS = sorted(path.parent for path in CHASSIS.glob("*/__init__.py"))


def words(source: str) -> str:
    """The words of a file in lower case: identifiers, comments and sentences."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", source)
    return " ".join(re.findall(r"[A-Za-z]+", apart)).lower()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_word_of_the_trade(path: Path) -> None:
    """The chassis has no word of special education."""
    found_words = words(path.read_text(encoding="utf-8"))
    found = [word for word in TRADE if re.search(rf"\b{word}(s|ren|'s)?\b", found_words)]
    assert not found, f"{path.name} speaks of {sorted(found)}; say it in a service's domain or in contracts"


def test_the_words_are_found() -> None:
    """The check finds a word in names, comments and sentences."""
    assert words("def openIEPs(student_id): ...  # the LEA's") == "def open ieps student id the lea s"


GENERAL = {
    *(
        "access",
        "catalog",
        "dates",
        "decision",
        "envelope",
        "errors",
        "examples",
        "message",
        "outcome",
        "schemas",
    ),
    *("heartbeat", "partitions", "social_security", "tidy", "topics", "wording"),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_messages_of_the_trade(path: Path) -> None:
    """The chassis handles every message alike, and imports none."""
    source = path.read_text(encoding="utf-8")
    imported = set(re.findall(r"^from contracts\.(\w+)", source, re.MULTILINE))
    for names in re.findall(r"^from contracts import (.+)$", source, re.MULTILINE):
        imported |= set(names.split(", "))
    assert imported <= GENERAL


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_the_map_of_a_room(room: Path) -> None:
    """A room's docstring names each of its modules."""
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    modules = {path.stem for path in room.glob("*.py")} - {"__init__"}
    assert modules == set(re.findall(r"`(\w+)`", docstring)), "one concept a file, and a line for each"
