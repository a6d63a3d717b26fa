"""Which kind of file an attachment is, by its content."""

from pathlib import Path

import pytest

from contracts.attachments import MediaType
from services.students.attachments.kinds import Refused, kind_of
from tests.unit.students.files import KEPT, NOT_KEPT, WITH_MACROS


def written(folder: Path, content: bytes) -> Path:
    """A file with this content."""
    path = folder / "plan.pdf"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", MediaType)
def test_kinds_that_are_kept(kind: MediaType, tmp_path: Path) -> None:
    """SER recognizes each kind that it keeps."""
    assert kind_of(written(tmp_path, KEPT[kind])) is kind


@pytest.mark.parametrize("what", NOT_KEPT)
def test_kinds_that_are_not_kept(what: str, tmp_path: Path) -> None:
    """SER keeps no programs, scripts, pages and archives, also under the name of a PDF file."""
    with pytest.raises(Refused) as refusal:
        kind_of(written(tmp_path, NOT_KEPT[what]))
    assert refusal.value.rule.code == "STU-059"


@pytest.mark.parametrize("what", WITH_MACROS)
def test_documents_with_macros(what: str, tmp_path: Path) -> None:
    """SER keeps no document with macros or other active content."""
    with pytest.raises(Refused) as refusal:
        kind_of(written(tmp_path, WITH_MACROS[what]))
    assert refusal.value.rule.code == "STU-060"


def test_a_letter_across_two_pieces(tmp_path: Path) -> None:
    """A letter of several bytes may lie across two of the pieces in which a text is read."""
    text = "a" * (64 * 1024 - 1) + "ë" * 100_000
    assert kind_of(written(tmp_path, text.encode())) is MediaType.TEXT
