"""What the sender announces of a submission: format, LEA, form of the dates, totals."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts.errors import Finding
from intake import rules
from intake.reading.damage import Dates
from intake.reading.lines import NotText, Opened, lines_of

FORMAT = "ser-batch-1"
_CHECK, _REAL = "check", "real"
_TOTALS = re.compile(r"(rows|sha256) +(.+)", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_UNREAD = ("made_on", "source")


@dataclass(frozen=True)
class Manifest:
    """What a submission announces. `rows` and `hashes`: by name of the file."""

    dates: Dates = Dates.ISO
    check_only: bool = False
    lea: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    students: int | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def has_totals(self) -> bool:
        """Whether it says how much there should be."""
        return bool(self.rows) or self.students is not None


class _Unclear(Exception):
    """A line of the manifest cannot be read; the text says why."""


def read_manifest(opened: Opened) -> Manifest:
    """The manifest of a submission. Its findings say what cannot be read."""
    try:
        lines = [line for line in lines_of(opened, ",") if not line.blank]
    except NotText as other:
        return Manifest(findings=(other.finding,))
    given: dict[str, str] = {}
    findings = []
    for line in lines:
        try:
            name, value = _pair(line.cells)
            if name in given:
                raise _Unclear(f"`{name}` is there twice")
            given[name] = value
        except _Unclear as unclear:
            findings.append(_unreadable(line.number, str(unclear)))
    given.pop("name", None)
    try:
        return _manifest(given, tuple(findings))
    except _Unclear as unclear:
        return Manifest(findings=(*findings, _unreadable(None, str(unclear))))


def _pair(cells: tuple[str, ...]) -> tuple[str, str]:
    if len(cells) != 2:
        raise _Unclear("a line has a name and a value")
    name, value = (cell.strip() for cell in cells)
    return (" ".join(name.split()) if _TOTALS.fullmatch(name) else name.lower()), value


def _manifest(given: dict[str, str], findings: tuple[Finding, ...]) -> Manifest:
    if (form := given.pop("format", FORMAT)) != FORMAT:
        raise _Unclear(f"`format` is {FORMAT}, not {form[:40]}")
    purpose = given.pop("purpose", _REAL)
    if purpose not in (_CHECK, _REAL):
        raise _Unclear("`purpose` is check or real")
    for name in _UNREAD:
        given.pop(name, None)
    dates, lea = _dates(given.pop("date_format", Dates.ISO.value)), given.pop("lea", "")
    students = _count(given.pop("students")) if "students" in given else None
    totals = dict(_totals(given))
    return Manifest(
        dates=dates,
        check_only=purpose == _CHECK,
        lea=lea,
        rows={name: _count(value) for (kind, name), value in totals.items() if kind == "rows"},
        hashes={name: _hash(value) for (kind, name), value in totals.items() if kind == "sha256"},
        students=students,
        findings=findings,
    )


def _totals(given: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    for name, value in given.items():
        if (found := _TOTALS.fullmatch(name)) is None:
            raise _Unclear(f"it has no line `{name[:40]}`")
        yield (found[1].lower(), found[2].strip().lower()), value


def _dates(form: str) -> Dates:
    try:
        return Dates(form.upper())
    except ValueError:
        raise _Unclear(f"`date_format` is one of: {', '.join(one.value for one in Dates)}") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise _Unclear("a total is a whole number, written with digits only")
    return int(text)


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise _Unclear("a sha256 has 64 hexadecimal digits")
    return text.lower()


def _unreadable(line: int | None, problem: str) -> Finding:
    where = f"line {line}: " if line else ""
    return rules.MANIFEST_UNREADABLE.broken(problem=f"{where}{problem}")
