"""Writes the documents that other programs need into a folder: `make documents`.

`python -m deploy.documents` writes the folder `documents` of the run directory (SER_HOME); with an argument,
that folder:

- `asyncapi.json`: the messages that each service sends and receives; `<service>.asyncapi.json`: one service's
- `<service>.openapi.json`: what a service answers over HTTP
- `schemas`: one JSON Schema for each message, and no other file, so that a code generator can read them all
- `examples`: a body or more of each message
- `codes`: the code lists, with the label of each code
"""

import argparse
import json
import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts import codes, examples, schemas
from contracts.catalog import SERVICES
from deploy.local.home import Home
from services.chassis.answering.documents import asyncapi
from services.chassis.answering.http import application
from services.chassis.hosting.definition import ServiceDefinition

_COPIED = {
    "schemas": (schemas.FOLDER, "*.json"),
    "examples": (examples.FOLDER, "*.json"),
    "codes": (codes.FOLDER, "*.csv"),
}


def system() -> tuple[ServiceDefinition, ...]:
    """Every service, as its application defines it."""
    return tuple(import_module(f"services.{name}.app").SERVICE for name in SERVICES)


def documents(services: tuple[ServiceDefinition, ...]) -> Mapping[str, dict[str, Any]]:
    """Every AsyncAPI and OpenAPI document by the name of its file."""
    found = {"asyncapi.json": asyncapi(services)}
    for service in services:
        found[f"{service.name}.asyncapi.json"] = asyncapi([service])
        found[f"{service.name}.openapi.json"] = application(service).openapi()
    return found


def write(folder: Path) -> None:
    """Writes the folder anew. Files that an earlier version wrote into its sub-folders are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents(system()).items():
        (folder / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    for name, (source, pattern) in _COPIED.items():
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
        for path in source.glob(pattern):
            shutil.copyfile(path, folder / name / path.name)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="deploy.documents", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where to write; else SER_HOME/documents")
    home = Home.chosen()
    home.make()
    folder = parser.parse_args().folder or home.root / "documents"
    write(folder)
    print(folder)


if __name__ == "__main__":
    main()
