"""A submission, read: the findings about it, about each of its files, and about each row.

Whatever a file says, no row is lost: read = good + unread + repeated.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256
from pathlib import Path

from contracts.errors import Finding
from intake import rules
from intake.reading.damage import Dates
from intake.reading.files import Source, sources_of
from intake.reading.header import Header, header_of
from intake.reading.lines import Line, NotText, lines_of
from intake.reading.manifest import Manifest, read_manifest
from intake.reading.rows import Reader, Row
from intake.reading.survey import Survey
from intake.record_types import LEA, RECORD_TYPES, RecordType

MOST_ROWS = 100_000
_FEW_UNREAD, _FEW_PERCENT = 50, 20
_PIECE = 65_536


@dataclass(frozen=True)
class Announced:
    """What the sender says of a submission besides its files. It goes before what the manifest says.

    `lea`: the LEA of the token. `record_type`: of a single CSV. `rows`, `students`: the totals.
    """

    lea: str
    record_type: str = ""
    dates: Dates | None = None
    rows: int | None = None
    students: int | None = None
    anyway: bool = False


@dataclass(frozen=True)
class File:
    """A file of a submission. `findings` say why its rows cannot be read at all."""

    source: Source
    record_type: RecordType
    reader: Reader | None
    survey: Survey
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.name

    @property
    def columns(self) -> tuple[Finding, ...]:
        """The findings about columns most of whose values are damaged alike."""
        return tuple(self.survey.of_columns())

    def rows(self) -> Iterator[Row]:
        """The rows, one after the other. No row is left out."""
        if self.reader is not None:
            for line in _body(self.source, self.reader.header):
                if not line.blank:
                    yield self.survey.judged(self.reader.read(line))


@dataclass(frozen=True)
class Submission:
    """A submission, read. `findings`: about the whole; one that is an error refuses it."""

    manifest: Manifest
    files: tuple[File, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing of it can be sent."""
        found = (*self.findings, *(finding for file in self.files for finding in file.findings))
        return any(one.severity == "error" for one in found)

    @property
    def read(self) -> int:
        """How many rows were read."""
        return sum(file.survey.read for file in self.files)

    @property
    def unread(self) -> int:
        """How many of them cannot be read as what their columns say."""
        return sum(file.survey.unread for file in self.files)

    @property
    def students(self) -> int:
        """How many different State IDs the rows name."""
        empty: set[int] = set()
        return len(reduce(set.union, (file.survey.students for file in self.files), empty))


@dataclass(slots=True)
class _Room:
    """How many rows a submission may still have."""

    left: int = MOST_ROWS
    full: bool = False
    leas: set[str] = field(default_factory=set)


def read_submission(path: Path, announced: Announced) -> Submission:
    """Read a submission. OSError: the file cannot be read at all."""
    found = sources_of(path, announced.record_type)
    manifest = read_manifest(found.manifest.opened) if found.manifest else Manifest()
    if findings := (*found.findings, *manifest.findings):
        return Submission(manifest, findings=findings)
    room = _Room()
    dates = announced.dates or manifest.dates
    files = tuple(_file(source, dates, announced.lea, room) for source in found.files)
    read = Submission(manifest, files)
    return Submission(manifest, files, tuple(_wrong(read, announced, room)))


def _file(source: Source, dates: Dates, lea: str, room: _Room) -> File:
    """The file after the first pass over it."""
    record_type = RECORD_TYPES[source.record_type]
    survey = Survey(record_type)
    try:
        header = header_of(source.opened, record_type)
        if header.refused:
            _count(source, header, survey)
            return File(source, record_type, None, survey, header.findings)
        reader = Reader(record_type, header, dates, lea)
        _survey(source, reader, survey, room)
    except NotText as other:
        return File(source, record_type, None, Survey(record_type), (other.finding,))
    return File(source, record_type, reader, survey)


def _survey(source: Source, reader: Reader, survey: Survey, room: _Room) -> None:
    for line in _body(source, reader.header):
        if line.blank:
            survey.blank += 1
        elif room.left == 0:
            room.full = True
            break
        else:
            room.left -= 1
            row = reader.read(line)
            if (lea := row.values.get(LEA)) and lea != reader.lea:
                room.leas.add(str(lea)[:20])
            survey.add(row)
    survey.close()


def _count(source: Source, header: Header, survey: Survey) -> None:
    """Count the rows of a file whose columns are not clear: none of them is read."""
    for line in _body(source, header):
        if line.blank:
            survey.blank += 1
        else:
            survey.add_unread()


def _body(source: Source, header: Header) -> Iterator[Line]:
    """The rows after the header."""
    return (line for line in lines_of(source.opened, header.separator) if line.number > header.line)


def _wrong(read: Submission, announced: Announced, room: _Room) -> Iterator[Finding]:
    if room.full:
        yield rules.BEYOND_LIMIT.broken(limit=f"{MOST_ROWS:,} rows")
        return
    manifest, own = read.manifest, announced.lea
    if manifest.lea and manifest.lea != own:
        yield rules.OTHER_LEA.broken(where="The manifest", lea=manifest.lea[:20], own=own)
    for lea in sorted(room.leas)[:1]:
        yield rules.OTHER_LEA.broken(at=LEA, where="A row", lea=lea, own=own)
    yield from _missed_totals(read, announced)
    if not announced.anyway and _mostly_unread(read):
        yield rules.MOSTLY_UNREAD.broken(unread=f"{read.unread:,}", read=f"{read.read:,}")


def _mostly_unread(read: Submission) -> bool:
    return read.unread > _FEW_UNREAD and 100 * read.unread > _FEW_PERCENT * read.read


def _missed_totals(read: Submission, announced: Announced) -> Iterator[Finding]:
    manifest = read.manifest
    if not manifest.has_totals and announced.rows is None and announced.students is None:
        yield rules.NO_TOTALS.broken()
    if announced.rows is not None:
        yield from _compared("rows", announced.rows, read.read)
    students = announced.students if announced.students is not None else manifest.students
    if students is not None:
        yield from _compared("students", students, read.students)
    files = {file.name.lower(): file for file in read.files}
    for name, rows in manifest.rows.items():
        yield from _compared(f"rows of {name[:60]}", rows, files[name].survey.read if name in files else 0)
    for name, announced_hash in manifest.hashes.items():
        is_that = name in files and _hash(files[name].source) == announced_hash
        yield from () if is_that else _compared(f"bytes of {name[:60]}", "Other", "these")


def _compared(what: str, announced: object, read: object) -> Iterator[Finding]:
    if announced != read:
        yield rules.TOTAL_MISSED.broken(what=what, announced=announced, read=read)


def _hash(source: Source) -> str:
    with closing(source.opened()) as file:
        found = sha256()
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
