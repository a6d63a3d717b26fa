"""The released migrations: `python -m deploy.release` records each by a hash of what it does.

A released migration has changed databases at other sites, so nobody may change it: neither its text, nor the
tables of the chassis if it creates them. Before the first release nothing is recorded. A change of the schema
is a new migration. A migration may change only before its release, and gets a new `revision` then.
"""

import hashlib
import inspect
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from deploy.local.home import TREE
from services.chassis.keeping.migrations import create_core
from services.chassis.keeping.tables import METADATA

_RELEASED = "services/released_migrations.json"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy says no types here
_REVISION = re.compile(r'^revision(?:: str)? = "([^"]+)"$', re.MULTILINE)


def migrations(tree: Path = TREE) -> dict[str, str]:
    """The hash of what each migration does, by service and revision: `students core4`."""
    found = {}
    for path in sorted(tree.glob("services/*/migrations/versions/*.py")):
        text = path.read_text(encoding="utf-8")
        revision = _REVISION.search(text)
        if revision is None:
            raise ValueError(f"{path} has no line `revision = …`")
        does = text + (_core() if create_core.__name__ in text else "")
        found[f"{path.parents[2].name} {revision[1]}"] = hashlib.sha256(does.encode()).hexdigest()
    return found


def _core() -> str:
    """What `create_core` does: its text, and the tables and indexes of the chassis in SQL."""
    tables = METADATA.sorted_tables
    made = [CreateTable(table) for table in tables] + [
        CreateIndex(index) for table in tables for index in sorted(table.indexes, key=lambda i: str(i.name))
    ]
    sql = [str(each.compile(dialect=_DIALECT)) for each in made]
    return "\n".join([inspect.getsource(create_core), *sql])


def released(tree: Path = TREE) -> dict[str, str]:
    """The hash of each released migration, as it was recorded."""
    return dict(json.loads((tree / _RELEASED).read_text(encoding="utf-8")))


def changed(now: Mapping[str, str], recorded: Mapping[str, str]) -> list[str]:
    """A sentence for each released migration that has changed since its release."""
    return [
        f"The migration {name} is released. Its text, or a table of the chassis that it creates, has changed,"
        f" or its file is gone. Restore it, and put the change into a new file in"
        f" services/{name.split()[0]}/migrations/versions."
        for name, text in recorded.items()
        if now.get(name) != text
    ]


def record(tree: Path = TREE) -> list[str]:
    """Record every migration as released; if a released one has changed, record nothing and say which."""
    now = migrations(tree)
    problems = changed(now, released(tree))
    if not problems:
        (tree / _RELEASED).write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    return problems


if __name__ == "__main__":
    sys.exit("\n".join(record()) or None)
