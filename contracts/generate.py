"""`python -m contracts.generate`: write each message's JSON Schema, unless that breaks a running program."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from contracts.catalog import Entry
from contracts.compatibility import breaks
from contracts.schemas import ENTRIES, FOLDER, committed, generated, strays, text

_STRAY = (
    "{name} belongs to no message of the catalog.\n"
    "  If no program sends or reads the message any more, delete its schema and its examples."
)


def generate(folder: Path = FOLDER, entries: Mapping[str, Entry] = ENTRIES) -> list[str]:
    """Write the changed schemas into the folder. A schema with a problem stays; the problems are returned."""
    problems = [_STRAY.format(name=name) for name in strays(folder)]
    for schema_id, entry in entries.items():
        problems.extend(_write(folder, schema_id, entry))
    return problems


def _write(folder: Path, schema_id: str, entry: Entry) -> Iterable[str]:
    new, old = generated(entry), committed(schema_id, folder)
    if old is not None and (broken := breaks(old, new, entry.kind)):
        return [_refusal(schema_id, entry, broken)]
    if new != old:
        (folder / f"{schema_id}.json").write_text(text(new), encoding="utf-8")
        print(f"{schema_id}: {'changed' if old else 'new'}")
    return []


def _refusal(schema_id: str, entry: Entry, broken: Iterable[str]) -> str:
    reasons = "".join(f"\n  {why}" for why in broken)
    return (
        f"{schema_id} would break programs that are running:{reasons}\n"
        f"  Keep version {entry.version} and cut version {entry.version + 1}; CONTRIBUTING.md says how."
    )


def main() -> None:
    """The command line. Exit code 1 if a schema was refused."""
    problems = generate()
    sys.exit("\n".join(problems) or None)


if __name__ == "__main__":
    main()
