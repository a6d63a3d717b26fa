"""A realistic example of every message. Old examples stay, as proof that they can still be read.

`StudentClaimed.v1.json` is the example; `StudentClaimed.v1.2.json` and so on are others of the same version.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def example(schema_id: str) -> Any:
    """The body of the example of a message; None if it has none yet."""
    path = FOLDER / f"{schema_id}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def every(schema_id: str) -> dict[str, Any]:
    """All examples of a message's version, by file name."""
    paths = sorted({FOLDER / f"{schema_id}.json", *FOLDER.glob(f"{schema_id}.*.json")})
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()}


def schema_id_of(file_name: str) -> str:
    """Of which message a file is an example: `StudentClaimed.v1.2.json` is one of `StudentClaimed.v1`."""
    return ".".join(file_name.split(".")[:2])
