"""The scripts of others are the ones that the lock file names, to the byte."""

from pathlib import Path

import pytest

from deploy.vendor import FOLDER, LOCK, Lock, Tampered, sha512, vendor
from tests.toolchains import need

LOCKED = Lock.read()


def test_every_script_of_others_is_locked() -> None:
    """The folder has the locked files and no others."""
    assert {path.name for path in FOLDER.iterdir()} == {
        LOCK.name,
        *(Path(path).name for path in LOCKED.files),
    }


@pytest.mark.parametrize(("path", "known"), LOCKED.files.items())
def test_a_script_is_as_locked(path: str, known: str) -> None:
    """Nobody has edited the file: its SHA-512 is the locked one. `make vendor` brings it back."""
    assert sha512((FOLDER / Path(path).name).read_bytes()) == known


def test_vendoring_again_changes_nothing(tmp_path: Path) -> None:
    """npm still has the same package; the copied files are the same."""
    need("npm")
    for path in vendor(LOCKED, tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_another_package_is_refused(tmp_path: Path) -> None:
    """A package that differs from the lock is not copied."""
    need("npm")
    other = Lock(LOCKED.package, LOCKED.version, sha512(b"other"), LOCKED.files)
    with pytest.raises(Tampered, match=r"htmx\.org"):
        vendor(other, tmp_path)
    assert not list(tmp_path.iterdir())
