"""How to type a `ser` command in the caller's shell."""

import shutil
import sys
from pathlib import Path


def ser(words: str) -> str:
    """A `ser` command that works if typed here: with a path, unless the shell finds `ser` by name."""
    here = Path(sys.executable).with_name("ser")
    found = shutil.which("ser")
    if not here.exists() or (found and Path(found).resolve() == here.resolve()):
        return f"ser {words}"
    near = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return f"{near} {words}"
