"""The scripts and fonts of others are the ones that the lock files name, to the byte."""

from pathlib import Path

import pytest

from deploy.vendor import FOLDER, FONTS, LOCK, Lock, Tampered, sha512, vendor
from tests.toolchains import need

LOCKED = Lock.read()


FOLDERS = {folder: Lock.read(folder / LOCK.name) for folder in (FOLDER, FONTS)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_of_others_is_locked(folder: Path) -> None:
    """The folder has the locked files and no others."""
    locked = (Path(path).name for path in FOLDERS[folder].files)
    assert {path.name for path in folder.iterdir()} == {LOCK.name, *locked}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_file_is_as_locked(folder: Path) -> None:
    """Nobody has edited a file: its SHA-512 is the locked one. `make vendor` brings it back."""
    for path, known in FOLDERS[folder].files.items():
        assert sha512((folder / Path(path).name).read_bytes()) == known


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendoring_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """npm still has the same package; the copied files are the same."""
    need("npm")
    for path in vendor(FOLDERS[folder], tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_another_package_is_refused(tmp_path: Path) -> None:
    """A package that differs from the lock is not copied."""
    need("npm")
    other = Lock(LOCKED.package, LOCKED.version, sha512(b"other"), LOCKED.files)
    with pytest.raises(Tampered, match=r"htmx\.org"):
        vendor(other, tmp_path)
    assert not list(tmp_path.iterdir())
