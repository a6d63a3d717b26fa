"""The rules of each service are pure functions: no input, no output, no clock."""

import ast
import re
import sys
from pathlib import Path

from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import EACH_SERVICE, home

MODELS_ARE_MADE_OF = {"contracts", "pydantic"}
READ_OR_WRITE = {"asyncio", "os", "socket", "sqlite3", "subprocess", "threading", "urllib"}
CLOCK_OR_LOT = {"random", "secrets", "time"}


@EACH_SERVICE
def test_domain_imports(service: ServiceDefinition) -> None:
    """A domain imports the standard library, the contracts and itself."""
    allowed = sys.stdlib_module_names | MODELS_ARE_MADE_OF
    own = f"services.{service.name}.domain"
    for path in (home(service) / "domain").rglob("*.py"):
        for imported in imports(path):
            is_own = imported == own or imported.startswith(f"{own}.")
            assert imported.split(".")[0] in allowed or is_own, f"{path.name} imports {imported}"


@EACH_SERVICE
def test_domain_has_no_clock_and_draws_no_lot(service: ServiceDefinition) -> None:
    """A rule reads no clock and draws no random number, so the same history gives the same decision."""
    for path in (home(service) / "domain").rglob("*.py"):
        used = {imported.split(".")[0] for imported in imports(path)}
        assert not used & (READ_OR_WRITE | CLOCK_OR_LOT), path.name
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(today|now|utcnow|uuid1|uuid4|open)\(", source), path.name


def imports(path: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found
