"""All five services have the same shape."""

import re
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts import catalog
from contracts.catalog import CATALOG, Kind
from contracts.message import Event
from services.chassis.answering.http import application
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import EACH_SERVICE, READ_ONLY, ROOT, SERVICES, home

FILES = {"app", "domain", "store", "queries", "http", "migrations", "README", "__init__"}
ONLY_HERE = {
    "students": {
        "search",
        "criteria",
        "words",
        "nicknames",
        "names",
        "duplicates",
        "candidates",
        "likeness",
        "placing",
        "attachments",
        "settings",
        "identity_changes",
    },
    "jurisdiction": {"conversations"},
    "provision": {"reassignments"},
    "reporting": {"pdf", "reports"},
}
LONGEST_README = 100


def test_there_are_five() -> None:
    """The services of the catalog are the folders under services, besides the runtime they share."""
    folders = {path.parent.name for path in (ROOT / "services").glob("*/app.py")}
    assert folders == set(catalog.SERVICES) == set(SERVICES)


@EACH_SERVICE
def test_same_files(service: ServiceDefinition) -> None:
    """In every service the same record is in a file of the same name; what only one has is listed here."""
    assert names(home(service)) == FILES | ONLY_HERE.get(service.name, set())
    assert "rules" in names(home(service) / "domain")
    assert list((home(service) / "migrations" / "versions").glob("0001_*.py"))


def names(folder: Path) -> set[str]:
    """The names of the files and packages in a folder."""
    return {path.stem for path in folder.iterdir() if path.stem != "__pycache__" and path.name[0] != "."}


@EACH_SERVICE
def test_same_tables(service: ServiceDefinition) -> None:
    """A service that decides has deciders, reactions and records; one that only reads has a projection."""
    tables = (service.deciders, service.reactions, service.stored)
    reads = (service.projection, service.consumes)
    if service.name in READ_ONLY:
        assert all(reads)
        assert not any(tables)
    else:
        assert all(tables)
        assert not any(reads)
    assert service.rules
    assert service.router.routes
    assert service.summary.endswith(".")


@EACH_SERVICE
def test_domain_exports_the_tables(service: ServiceDefinition) -> None:
    """Each domain exports its tables. The application uses them, and may bind its own settings."""
    domain = import_module(f"services.{service.name}.domain")
    assert domain.RULES is service.rules
    if service.name not in READ_ONLY:
        assert unbound(service.deciders) == domain.DECIDERS
        assert unbound(service.reactions) == domain.REACTIONS
        assert domain.STORED is service.stored


def unbound(table: Mapping[Any, Any]) -> dict[Any, Any]:
    """The functions of a table, without the settings that are bound to them."""
    return {message: getattr(function, "func", function) for message, function in table.items()}


@EACH_SERVICE
def test_a_decider_for_every_command(service: ServiceDefinition) -> None:
    """Each command of the catalog has one decider, in the service that owns it."""
    assert service.commands.keys() == catalog.commands(service.name).keys()


@EACH_SERVICE
def test_records_have_kinds_of_their_own(service: ServiceDefinition) -> None:
    """Within a service each kind of record has one model, and the service keeps what it publishes."""
    kinds = Counter(model.kind for model in service.stored)
    assert not [kind for kind, times in kinds.items() if times > 1]
    for entry in catalog.events(service.name).values():
        assert issubclass(entry.model, Event)
        assert entry.model.kind in kinds, f"{entry.name} is said, and its record is not kept"


@EACH_SERVICE
def test_readme_names_every_message(service: ServiceDefinition) -> None:
    """A service's README lists its commands, its events, and the events that it reads."""
    readme = (home(service) / "README.md").read_text(encoding="utf-8")
    owned = {e.name for e in CATALOG if e.owner == service.name and e.kind in (Kind.COMMAND, Kind.EVENT)}
    consumed = {e.name for e in service.consumed if e.kind is Kind.EVENT and service.name not in READ_ONLY}
    missing = [name for name in sorted(owned | consumed) if not re.search(rf"\b{name}\b", readme)]
    assert not missing, f"services/{service.name}/README.md does not mention {', '.join(missing)}"
    assert len(readme.splitlines()) <= LONGEST_README


@EACH_SERVICE
def test_every_service_says_who_looked(service: ServiceDefinition) -> None:
    """Who looked at a record, and what an LEA's users looked at, has the same addresses in every service."""
    paths = application(service).openapi()["paths"]
    assert {"/students/{subject}/views", "/views"} <= paths.keys()
