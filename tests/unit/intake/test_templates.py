"""Templates: a spreadsheet for each record type, with its columns as text."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

from intake.record_types import RECORD_TYPES
from intake.templates import write_templates

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def part(path: Path, name: str) -> ElementTree.Element:
    """A part of a spreadsheet file."""
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(f"xl/{name}.xml"))


def test_a_template_for_each_record_type(tmp_path: Path) -> None:
    """Each record type has a template with its columns in order."""
    written = write_templates(tmp_path)
    assert [path.stem for path in written] == list(RECORD_TYPES)
    for path in written:
        texts = [found.text for found in part(path, "sharedStrings").iter(f"{SPREADSHEET}t")]
        cells = part(path, "worksheets/sheet1").iter(f"{SPREADSHEET}v")
        assert [texts[int(cell.text or "")] for cell in cells] == list(RECORD_TYPES[path.stem].columns)


def test_columns_are_text_and_codes_are_offered(tmp_path: Path) -> None:
    """Every column is text, so that zeros stay; a column of codes offers them as a list."""
    path = next(one for one in write_templates(tmp_path) if one.stem == "students")
    sheet, styles = part(path, "worksheets/sheet1"), part(path, "styles")
    formats = [form.get("numFmtId") for form in styles.find(f"{SPREADSHEET}cellXfs") or ()]
    style = [formats[int(column.get("style", "0"))] for column in sheet.iter(f"{SPREADSHEET}col")]
    assert style == ["49"] * len(RECORD_TYPES["students"].columns)
    lists = [formula.text or "" for formula in sheet.iter(f"{SPREADSHEET}formula1")]
    assert any('"IN,PK,KG,01,02,' in one for one in lists)
    assert '"Y,N"' in lists
