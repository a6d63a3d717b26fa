"""The files of a submission: a ZIP of CSV files, or one CSV file."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from contracts.errors import Finding
from intake import rules
from intake.reading.header import plain
from intake.reading.lines import Opened
from intake.record_types import RECORD_TYPES

MANIFEST = "manifest.csv"
LARGEST_BYTES = 50_000_000
_MOST_PACKED = 100
_PACKED_FREE = 1_000_000
_ZIP, _OTHERS = b"PK", {b"\xd0\xcf\x11\xe0": "it is an Excel file (XLS)", b"%PDF": "it is a PDF"}
_SPREADSHEET = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a submission: its name, its bytes, and the name of its record type."""

    name: str
    opened: Opened
    record_type: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a submission, in the order of the record types; or the findings that say why not."""

    files: tuple[Source, ...] = ()
    manifest: Source | None = None
    findings: tuple[Finding, ...] = ()


def sources_of(path: Path, record_type: str = "") -> Sources:
    """The files of a submission. `record_type`: of a single CSV whose name does not say it."""
    with path.open("rb") as file:
        begin = file.read(4)
    if begin[:2] == _ZIP:
        return _of_zip(path)
    if problem := next((what for mark, what in _OTHERS.items() if begin.startswith(mark)), ""):
        return Sources(findings=(rules.NOT_A_FILE.broken(problem=problem),))
    if path.stat().st_size > LARGEST_BYTES:
        return Sources(findings=(_too_large(),))
    name = record_type or type_of(path.name)
    if name not in RECORD_TYPES:
        return Sources(findings=(_no_type(path.name),))
    return Sources((Source(path.name, _of_path(path), name),))


def _of_zip(path: Path) -> Sources:
    try:
        with zipfile.ZipFile(path) as archive:
            if findings := tuple(_wrong(archive)):
                return Sources(findings=findings)
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as wrong:
        return Sources(findings=(rules.NOT_A_FILE.broken(problem=_words(wrong)),))
    sources = [Source(one.filename, _member(path, one.filename), type_of(one.filename)) for one in entries]
    in_order = {name: place for place, name in enumerate(RECORD_TYPES)}
    files = [source for source in sources if source.name.lower() != MANIFEST]
    return Sources(
        tuple(sorted(files, key=lambda source: in_order[source.record_type])),
        next((source for source in sources if source.name.lower() == MANIFEST), None),
    )


def _wrong(archive: zipfile.ZipFile) -> Iterator[Finding]:
    entries = archive.infolist()
    if any(one.filename == _SPREADSHEET for one in entries):
        yield rules.NOT_A_FILE.broken(problem="it is a spreadsheet, such as XLSX")
        return
    if _is_too_large(entries):
        yield _too_large()
        return
    yield from _wrong_names([one.filename for one in entries])
    if (broken := archive.testzip()) is not None:
        yield rules.NOT_A_FILE.broken(problem=f"{broken[:60]} in the ZIP is damaged")


def _is_too_large(entries: list[zipfile.ZipInfo]) -> bool:
    size, packed = sum(one.file_size for one in entries), sum(one.compress_size for one in entries)
    return size > LARGEST_BYTES or (size > _PACKED_FREE and size > _MOST_PACKED * packed)


def _wrong_names(names: list[str]) -> Iterator[Finding]:
    types: dict[str, str] = {}
    for name in names:
        if name.lower() == MANIFEST:
            continue
        record_type = type_of(name)
        if record_type not in RECORD_TYPES:
            yield _no_type(name)
        elif record_type in types:
            where = f"{types[record_type]} and {name}"
            yield rules.TWICE.broken(what=f"The record type {record_type}", where=where)
        types.setdefault(record_type, name)


def type_of(name: str) -> str:
    """The record type that a file's name says; blank if it says none."""
    stem, point, end = name.rpartition(".")
    known = {plain(one): one for one in RECORD_TYPES}
    return known.get(plain(stem), "") if point and end.lower() == "csv" and "/" not in stem else ""


def _no_type(name: str) -> Finding:
    listed = ", ".join(f"{one}.csv" for one in RECORD_TYPES)
    return rules.NO_RECORD_TYPE.broken(file=name[:100], known=listed)


def _too_large() -> Finding:
    return rules.BEYOND_LIMIT.broken(
        limit=f"{LARGEST_BYTES // 1_000_000} MB unpacked, or is packed more than {_MOST_PACKED} to 1"
    )


def _of_path(path: Path) -> Opened:
    return lambda: path.open("rb")


def _member(path: Path, name: str) -> Opened:
    """Opens a file of an archive. The archive is closed with it."""

    def opened() -> BinaryIO:
        with zipfile.ZipFile(path) as archive:
            return cast(BinaryIO, archive.open(name))

    return opened


def _words(wrong: Exception) -> str:
    return "the ZIP has a password" if "password" in str(wrong) else "the ZIP is damaged"
