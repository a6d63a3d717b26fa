"""Files have telling names and a docstring."""

from pathlib import Path

import pytest

from tests.architecture.system import ROOT, files

SAYS_NOTHING = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "data", "info", "misc"}
PYTHON = files(".py")


def test_names_say_something() -> None:
    """A file's name names its concept."""
    named = [path for path in PYTHON if SAYS_NOTHING & {path.stem, *path.parts}]
    assert not named


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_files_say_what_they_are(path: Path) -> None:
    """Every file begins with a docstring."""
    source = (ROOT / path).read_text(encoding="utf-8")
    assert not source.strip() or source.lstrip().startswith('"""'), f"{path} needs a docstring"


def test_no_registry_is_named() -> None:
    """The project names no package registry, so it installs from the machine's own."""
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "repo1.maven" + ".org")
    for path in files("", ""):
        content = (ROOT / path).read_bytes()
        assert not [host for host in hosts if host.encode() in content], path
