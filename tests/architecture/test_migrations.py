"""Released migrations keep their text."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Text

from deploy.release import changed, migrations, record, released
from services.chassis.keeping.tables import METADATA
from tests.architecture.system import ROOT, SERVICES


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The migrations of all services, released."""
    for path in ROOT.glob("services/*/migrations/versions/*.py"):
        copied = tmp_path / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True)
        shutil.copy(path, copied)
    (tmp_path / "services" / "released_migrations.json").write_text("{}")
    assert record(tmp_path) == []
    return tmp_path


def test_released_migrations_are_unchanged() -> None:
    """A released migration does not change, because databases have run it."""
    assert changed(migrations(), released()) == []


def test_a_release_records_every_migration(tree: Path) -> None:
    """A release records every migration of every service."""
    assert {name.split()[0] for name in released(tree)} == SERVICES.keys()
    assert released(tree) == migrations(tree)


@pytest.mark.parametrize("change", ["text", "revision", "gone"])
def test_a_change_of_a_released_migration_is_refused(tree: Path, change: str) -> None:
    """The check refuses a changed, renamed or deleted migration of a release, and says what to do."""
    path = tree / "services/students/migrations/versions/0001_core.py"
    text, before = path.read_text(), released(tree)
    match change:
        case "text":
            path.write_text(text + "\n# one more line\n")
        case "revision":
            path.write_text(text.replace('revision = "', 'revision = "other'))
        case _:
            path.unlink()
    (problem,) = record(tree)
    assert "students core" in problem
    assert "a new file in services/students/migrations/versions" in problem
    assert released(tree) == before


def test_a_change_of_the_chassis_tables_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new column in the chassis's tables needs a new migration of every service."""
    before = migrations(tree)
    changed_tables = MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(changed_tables)
    changed_tables.sorted_tables[0].append_column(Column("more", Text))
    monkeypatch.setattr("deploy.release.METADATA", changed_tables)
    assert len(changed(migrations(tree), before)) == len(SERVICES)


def test_a_new_migration_may_still_change(tree: Path) -> None:
    """A migration may change until a release records it."""
    path = tree / "services/students/migrations/versions/0002_more.py"
    path.write_text('revision = "more"\n')
    assert changed(migrations(tree), released(tree)) == []
    assert record(tree) == []
    assert "students more" in released(tree)


def test_keys_are_compared_by_their_bytes() -> None:
    """Keys have the collation "C", so their order is the same on every machine."""
    keys = [column for table in METADATA.tables.values() for column in table.primary_key]
    texts = [column.type for column in keys if isinstance(column.type, Text)]
    assert texts
    assert {kind.collation for kind in texts} == {"C"}
