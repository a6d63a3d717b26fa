"""`make vendor`: copies the console's scripts and the fonts of PDF from their npm packages, as locked.

npm is needed for this alone. Neither running nor testing needs it.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.home import TREE

FOLDER = TREE / "console" / "static" / "vendor"
FONTS = TREE / "services" / "reporting" / "pdf" / "fonts"
LOCK = FOLDER / "vendor.lock"


@dataclass(frozen=True, slots=True)
class Lock:
    """The package, its exact version, its SHA-512 as npm writes it, and the files that are taken from it.

    `files`: the SHA-512 of each, by its path within the package.
    """

    package: str
    version: str
    integrity: str
    files: Mapping[str, str]

    @classmethod
    def read(cls, path: Path = LOCK) -> "Lock":
        """The lock file's contents."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class Tampered(Exception):
    """The package, or a file of it, is not the one that the lock file names."""


def sha512(content: bytes) -> str:
    """A SHA-512 as npm writes it: `sha512-` and base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def vendor(lock: Lock, folder: Path = FOLDER) -> list[Path]:
    """Downloads the package by npm, and copies its files. Tampered: something differs from the lock."""
    with TemporaryDirectory() as temporary:
        archive = _packed(lock, Path(temporary))
        _check(lock.package, archive.read_bytes(), lock.integrity)
        with tarfile.open(archive) as package:
            return [_copied(package, path, known, folder) for path, known in lock.files.items()]


def _packed(lock: Lock, temporary: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", f"{lock.package}@{lock.version}"],
        cwd=temporary,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(temporary.glob("*.tgz"))


def _copied(package: tarfile.TarFile, path: str, known: str, folder: Path) -> Path:
    found = package.extractfile(f"package/{path}")
    content = found.read() if found else b""
    _check(path, content, known)
    to = folder / Path(path).name
    to.write_bytes(content)
    return to


def _check(name: str, content: bytes, known: str) -> None:
    if sha512(content) != known:
        raise Tampered(f"{name} is {sha512(content)}; {LOCK.name} names {known}")


def main() -> None:
    """Copies the files and prints their names."""
    try:
        for folder in (FOLDER, FONTS):
            for path in vendor(Lock.read(folder / LOCK.name), folder):
                print(path.relative_to(TREE))
    except Tampered as difference:
        sys.exit(str(difference))


if __name__ == "__main__":
    main()
