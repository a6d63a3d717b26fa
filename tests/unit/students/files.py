"""Small files of every kind that SER keeps, and of kinds that it does not keep."""

import io
import zipfile
from collections.abc import Mapping

from contracts.attachments import MediaType

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
EXECUTABLE = b"MZ\x90\x00\x03" + bytes(200)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

_MAIN = {
    MediaType.WORD: "word/document.xml",
    MediaType.EXCEL: "xl/workbook.xml",
    MediaType.POWERPOINT: "ppt/presentation.xml",
}


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive with these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


def document(kind: MediaType, more: Mapping[str, str] | None = None, *, declared: str = "") -> bytes:
    """A Word, Excel or PowerPoint file. `declared`: the content type of its main part, if it is another."""
    main = _MAIN[kind]
    types = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{main}" ContentType="{declared or f"{kind.value}.main+xml"}"/></Types>'
    )
    return archive({"[Content_Types].xml": types, main: "<document/>", **(more or {})})


KEPT: Mapping[MediaType, bytes] = {
    MediaType.PDF: PDF,
    MediaType.JPEG: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40),
    MediaType.PNG: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40),
    MediaType.GIF: b"GIF89a" + bytes(40),
    MediaType.TIFF: b"II*\x00\x08\x00\x00\x00" + bytes(40),
    MediaType.HEIC: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40),
    MediaType.WEBP: b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40),
    MediaType.WORD: document(MediaType.WORD),
    MediaType.EXCEL: document(MediaType.EXCEL, {"xl/printerSettings/printerSettings1.bin": "\x00"}),
    MediaType.POWERPOINT: document(MediaType.POWERPOINT),
    MediaType.TEXT: "Notes of the meeting: Zoë reads 60 words a minute; 2 < 3.\n".encode(),
}
"""A small file of each kind that SER keeps."""

_MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
_TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"

WITH_MACROS: Mapping[str, bytes] = {
    "declared": document(MediaType.WORD, declared=_MACRO_WORD),
    "vba project": document(MediaType.EXCEL, {"xl/vbaProject.bin": "\x00"}),
    "activex": document(MediaType.POWERPOINT, {"ppt/activeX/activeX1.xml": "<x/>"}),
    "embedded object": document(MediaType.WORD, {"word/embeddings/oleObject1.bin": "\x00"}),
}
"""Documents with macros or other active content."""

NOT_KEPT: Mapping[str, bytes] = {
    "executable": EXECUTABLE,
    "elf": b"\x7fELF\x02\x01\x01" + bytes(60),
    "old word": OLD_WORD,
    "html": b"<!DOCTYPE html><html><body>Hello</body></html>",
    "html after text": b"Dear parents,\n" * 10_000 + b"<script >alert(1)</script>",
    "svg": b'\xef\xbb\xbf <svg xmlns="http://www.w3.org/2000/svg"/>',
    "xml": b'<?xml version="1.0"?><a/>',
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "postscript": b"%!PS-Adobe-3.0\n",
    "rtf is no plain text": b"{\\rtf1 \x00}",
    "latin-1": "Zoë".encode("latin-1"),
    "cut utf-8": "Zoë".encode()[:-1],
    "nul": b"plain\x00text",
    "zip": archive({"readme.txt": "Hello"}),
    "zip named like word": archive({"word/document.xml": "<document/>"}),
    "template": document(MediaType.WORD, declared=_TEMPLATE),
    "broken zip": b"PK\x03\x04" + bytes(100),
    "cut word": document(MediaType.WORD)[:-30],
    "many parts": archive({f"{n}": "" for n in range(5001)}),
    "entities": archive({"[Content_Types].xml": '<!DOCTYPE a [<!ENTITY b "c">]><Types/>'}),
    "gzip": b"\x1f\x8b\x08" + bytes(40),
    "mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(40),
}
"""Files that SER does not keep, whatever they are called."""
