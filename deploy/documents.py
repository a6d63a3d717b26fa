"""The documents of the system: who says what to whom (AsyncAPI), what each service is asked (OpenAPI).

`python -m deploy.documents` prints the AsyncAPI document of the whole system; with a folder it writes there
that one, and both documents of each service.
"""

import argparse
import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts.catalog import SERVICES
from services.chassis.answering.documents import asyncapi
from services.chassis.answering.http import application
from services.chassis.hosting.definition import ServiceDefinition


def system() -> tuple[ServiceDefinition, ...]:
    """Every service, as its application defines it."""
    return tuple(import_module(f"services.{name}.app").SERVICE for name in SERVICES)


def documents(services: tuple[ServiceDefinition, ...]) -> Mapping[str, dict[str, Any]]:
    """Every document by the name of its file."""
    found = {"asyncapi.json": asyncapi(services)}
    for service in services:
        found[f"{service.name}.asyncapi.json"] = asyncapi([service])
        found[f"{service.name}.openapi.json"] = application(service).openapi()
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="deploy.documents", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where to write every document")
    folder = parser.parse_args().folder
    if folder is None:
        print(json.dumps(asyncapi(system()), indent=2))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents(system()).items():
        (folder / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
