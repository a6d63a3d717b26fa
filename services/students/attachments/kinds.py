"""Judges by its content what a file is. Its name says nothing.

Images and PDF begin with bytes of their own. Word, Excel and PowerPoint files are ZIP archives whose list of
content types names the main part; the list also shows macros. Everything else must be plain text.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import filetype

from contracts.attachments import MediaType
from contracts.errors import Rule
from services.students.domain import rules

_HEAD = 8192
_PIECE = 64 * 1024
_ZIP = b"PK\x03\x04"
_DIRECTORY_END = b"PK\x05\x06"
_LONGEST_DIRECTORY_END = 22 + 65_535
_MOST_PARTS = 5000
_LONGEST_DIRECTORY = 1_000_000
_LONGEST_TYPES = 1_000_000
_TYPES = "[Content_Types].xml"
_DOCUMENTS = {
    f"{kind.value}.main+xml": kind for kind in (MediaType.WORD, MediaType.EXCEL, MediaType.POWERPOINT)
}
_ACTIVE = re.compile(r"macroenabled|vbaproject|activex|oleobject", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*(<[!?a-z]|#!|%!)", re.IGNORECASE)
_SCRIPT = re.compile(rb"<(script|html|iframe|svg|body)[\s>]", re.IGNORECASE)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


class Refused(Exception):
    """SER does not keep the file."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.code)
        self.rule = rule


def kind_of(path: Path) -> MediaType:
    """What a file is. Refused: SER keeps no such files."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(_ZIP):
            return _document(file)
        known = filetype.guess_mime(head)
        if known is not None:
            return _media(known)
        _check_text(file)
        return MediaType.TEXT


def _media(known: str) -> MediaType:
    if known not in {one.value for one in MediaType}:
        raise Refused(rules.KIND_NOT_ALLOWED)
    return MediaType(known)


def _document(file: BinaryIO) -> MediaType:
    """A Word, Excel or PowerPoint file without macros. `zipfile` reads an archive's directory into memory, so
    its length is checked first."""
    _check_directory(file)
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            with archive.open(_TYPES) as listed:
                types = listed.read(_LONGEST_TYPES + 1)
    except (BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise Refused(rules.KIND_NOT_ALLOWED) from None
    declared = list(_content_types(types))
    found = {_DOCUMENTS[one] for one in declared if one in _DOCUMENTS}
    if any(map(_ACTIVE.search, (*declared, *names))):
        raise Refused(rules.HAS_MACROS)
    if len(found) != 1:
        raise Refused(rules.KIND_NOT_ALLOWED)
    return found.pop()


def _check_directory(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_DIRECTORY_END))
    tail = file.read()
    at = tail.rfind(_DIRECTORY_END)
    end = tail[at : at + 22]
    parts, length = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if at < 0 or len(end) < 22 or parts > _MOST_PARTS or length > _LONGEST_DIRECTORY:
        raise Refused(rules.KIND_NOT_ALLOWED)


def _content_types(written: bytes) -> Iterator[str]:
    """The content types of an archive's parts. No document of Office defines entities of its own."""
    if len(written) > _LONGEST_TYPES or b"<!" in written:
        raise Refused(rules.KIND_NOT_ALLOWED)
    try:
        for element in ElementTree.fromstring(written).iter():
            yield element.get("ContentType", "")
    except ElementTree.ParseError:
        raise Refused(rules.KIND_NOT_ALLOWED) from None


def _check_text(file: BinaryIO) -> None:
    """Refused: the file is not plain text in UTF-8, or it is a script or a page of markup."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for piece in _pieces(file, overlap=16):
            if _NOT_TEXT.search(piece) or _SCRIPT.search(piece) or (first and _MARKUP.match(_plain(piece))):
                raise Refused(rules.KIND_NOT_ALLOWED)
            first = False
        file.seek(0)
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refused(rules.KIND_NOT_ALLOWED) from None


def _plain(piece: bytes) -> bytes:
    return piece.removeprefix(codecs.BOM_UTF8)


def _pieces(file: BinaryIO, overlap: int) -> Iterator[bytes]:
    """The file from its beginning in pieces. Each begins with the last bytes of the one before."""
    file.seek(0)
    kept = b""
    while piece := file.read(_PIECE):
        yield kept + piece
        kept = piece[-overlap:]
